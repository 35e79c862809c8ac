"""Stories: where there is skill and where there is an illusion, with numbers computed on the spot."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.language import mark, tr
    from ui import layout
    from ui.home.about import STORIES
    from ui.stories import illusion, skill

    layout.open_page(
        "Stories", mark("Two stories on bundled data. Every number on this page is computed now, on this machine.")
    )
    titles = {name: tr(title) for name, title, _, _ in STORIES}
    named = st.query_params.get("story")
    chosen = st.segmented_control(
        tr("Story"),
        [*titles],
        default=named if named in titles else "skill",
        required=True,
        format_func=titles.__getitem__,
        key="story",
        label_visibility="collapsed",
    )
    st.query_params["story"] = chosen  # a binding would put the title into the address
    {"skill": skill, "illusion": illusion}[chosen].draw()


if __name__ == "__main__":
    main()
