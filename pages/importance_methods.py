"""Importance methods: several measures of which features matter, and what it means if they disagree."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from core.language import tr
    from ui import layout, messages, verdict
    from ui.explain import importance, methods, reliability

    run = layout.open_run("Importance methods")
    verdict.draw_chip(run)
    try:
        methods.draw(run, importance.choose_families(run))
    except CoreError as problem:
        messages.error(problem)
    st.caption(
        tr(
            "Each method measures importance in its own way. Features that all methods rank high matter; where methods "
            "differ, the difference is informative."
        )
    )
    reliability.draw_line(run)


if __name__ == "__main__":
    main()
