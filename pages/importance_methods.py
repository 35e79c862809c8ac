"""Agreement: several ways to say which features matter, side by side, and what it means where they disagree."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from ui import charts, layout
    from ui.explain import methods
    from ui.explain.reliability import draw_line

    layout.page(
        "Agreement",
        "Each method answers another question. Where all of them name the same features, those "
        "matter; where they differ, the difference says something too.",
    )
    run = charts.current_run()
    charts.verdict(run.evaluation)
    draw_line(run)
    by_family = len(run.spec.features) > 1 and st.toggle("By family of features", key="by-family", bind="query-params")
    try:
        methods.draw(run, by_family)
    except CoreError as problem:
        charts.error(problem)


if __name__ == "__main__":
    main()
