"""What the product will not tell, and the two stories that show why."""

import streamlit as st

LIMITS = (
    "**Whether to buy or sell.** Nothing here is financial advice.",
    "**What holds for ever.** A verdict holds for the test period it was measured on.",
    "**That the best of many attempts is good.** Every attempt on the same test period counts, and is counted.",
    "**Anything from a handful of rows.** With few test windows neither skill nor its absence can be shown.",
    "**Why the world moves.** Explanations describe the model, not causes.",
)
STORIES = (
    ("skill", "Here is skill", "Sunspots: where skill comes from, and how it goes away.", ":material/lightbulb:"),
    (
        "illusion",
        "Here is an illusion",
        "The S&P 500: an R² of .99 that knows nothing. Make three mistakes yourself.",
        ":material/visibility_off:",
    ),
)


def draw() -> None:
    """The stories next to the limits."""
    left, right = st.columns([2, 3])
    with left, st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown("**Two stories with real numbers**")
        for story, title, text, icon in STORIES:
            st.page_link("pages/stories.py", label=title, icon=icon, query_params={"story": story})
            st.caption(text)
    with right, st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown("**What it will not tell you**")
        st.markdown("\n".join(f"- :small[{limit}]" for limit in LIMITS))


def draw_compact() -> None:
    """The same as links and a box that opens."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for story, title, _, icon in STORIES:
            st.page_link("pages/stories.py", label=title, icon=icon, query_params={"story": story})
        with st.popover("What it will not tell you", icon=":material/do_not_disturb_on:", type="tertiary"):
            st.markdown("\n".join(f"- :small[{limit}]" for limit in LIMITS))
