"""What the product will not tell, and the two stories that show why."""

import streamlit as st

from core.language import mark, tr

LIMITS = (
    mark("**Whether to buy or sell.** Nothing here is financial advice."),
    mark("**What holds for ever.** A verdict holds for the test period it was measured on."),
    mark("**That the best of many attempts is good.** Every attempt on the same test period counts, and is counted."),
    mark("**Anything from a handful of rows.** With few test windows neither skill nor its absence can be shown."),
    mark("**Why the world moves.** Explanations describe the model, not causes."),
)
STORIES = (
    (
        "skill",
        mark("Here is skill"),
        mark("Sunspots: where skill comes from, and how it goes away."),
        ":material/lightbulb:",
    ),
    (
        "illusion",
        mark("Here is an illusion"),
        mark("The S&P 500: an R² of .99 that knows nothing. Make three mistakes yourself."),
        ":material/visibility_off:",
    ),
)


def draw() -> None:
    """The stories next to the limits."""
    left, right = st.columns([2, 3])
    with left, st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"**{tr('Two stories with real numbers')}**")
        for story, title, text, icon in STORIES:
            st.page_link("pages/stories.py", label=tr(title), icon=icon, query_params={"story": story})
            st.caption(tr(text))
    with right, st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"**{tr('What it will not tell you')}**")
        _draw_limits()


def draw_compact() -> None:
    """The same as links and a box that opens."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for story, title, _, icon in STORIES:
            st.page_link("pages/stories.py", label=tr(title), icon=icon, query_params={"story": story})
        with st.popover(tr("What it will not tell you"), icon=":material/do_not_disturb_on:", type="tertiary"):
            _draw_limits()


def _draw_limits() -> None:
    st.markdown("\n".join(f"- :small[{tr(limit)}]" for limit in LIMITS))
