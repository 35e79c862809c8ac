"""How Streamlit's frame is trimmed, so that the first chart of a page is whole on a small screen.

The rules know containers by the keys that the pages give them and by Streamlit's test ids; where one of those changes
its name, the page has its former margins again and nothing else happens.
"""

import streamlit as st

HEAD = "page-head"  # key of the container with the heading and the line beside it
BAR = "sticky-bar"  # key of a container that stays in sight at the top

CSS = f"""<style>
[data-testid="stMainBlockContainer"] {{ padding: 1rem 2rem 3rem; }}
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] {{ gap: 0.75rem; }}
[data-testid="stHeader"] {{ background: transparent; pointer-events: none; }}
[data-testid="stHeader"] button {{ pointer-events: auto; }}
.stApp:has([data-testid="stExpandSidebarButton"]) [data-testid="stMainBlockContainer"] {{ padding-top: 3.5rem; }}
[data-testid="stMain"] h1 {{ font-size: 1.75rem; padding: 0; }}
[data-testid="stMain"] h3 {{ font-size: 1.15rem; padding: 0; }}
[data-testid="stSidebarHeader"] {{ height: 2.25rem; margin-bottom: 0; padding-top: 0.5rem; padding-bottom: 0; }}
[data-testid="stSidebarUserContent"] {{ padding-top: 0; }}
[data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"] {{ gap: 0.35rem; }}
[data-testid="stMain"], [data-testid="stMainBlockContainer"],
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] {{ background: inherit; }}
[data-testid="stLayoutWrapper"]:has(> .st-key-{BAR}) {{
  position: sticky; top: 0; z-index: 90; background: inherit; padding: 0.4rem 0;
}}
.stApp:has([data-testid="stExpandSidebarButton"]) [data-testid="stLayoutWrapper"]:has(> .st-key-{BAR}) {{
  top: 3rem;
}}
[data-testid="stMain"] [data-testid="stPageLink"] * {{ white-space: normal; text-overflow: clip; }}
@media (max-width: 640px) {{
  [data-testid="stMainBlockContainer"] {{ padding-left: 1rem; padding-right: 1rem; }}
  .st-key-{HEAD} {{ flex-direction: column; align-items: stretch; gap: 0.25rem; }}
}}
</style>"""


def draw() -> None:
    """Trim the frame of this page."""
    st.html(CSS)
