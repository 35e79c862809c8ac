"""Inside: what happens in the cells of the trained network, window by window and step by step."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from core.explain.gates import why_not
    from ui import frame, inside, show
    from ui.trust import draw_line

    frame.page("Inside")
    run = show.current_run()
    show.verdict(run.evaluation)
    draw_line(run)
    if problem := why_not(run.spec.model.kind):
        st.info(problem, icon=":material/info:")
        return
    try:
        opened, layer = inside.choose(run)
    except CoreError as problem:
        show.error(problem)
        return
    inside.heat_maps(run, opened, layer)
    inside.forgotten(run, opened, layer)
    inside.walk(run, opened, layer)
    inside.memory(run, opened.symbol)
    inside.steepness(run)


if __name__ == "__main__":
    main()
