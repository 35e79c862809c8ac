"""Inside: what happens in the cells of the trained network, window by window and step by step."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from core.explain.gates import why_no_gates
    from ui import charts, layout
    from ui.explain import cell
    from ui.explain.reliability import draw_line

    layout.page("Inside")
    run = charts.current_run()
    charts.verdict(run.evaluation)
    draw_line(run)
    if problem := why_no_gates(run.spec.model.kind):
        st.info(problem, icon=":material/info:")
        return
    try:
        opened, layer = cell.choose(run)
    except CoreError as problem:
        charts.error(problem)
        return
    cell.heat_maps(run, opened, layer)
    cell.forgotten(run, opened, layer)
    cell.walk(run, opened, layer)
    cell.memory(run, opened.symbol)
    cell.steepness(run)


if __name__ == "__main__":
    main()
