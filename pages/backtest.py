"""Walk forward: the model trained anew for each of several stretches of time, and all its forecasts judged together."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from core.storage import backtests
    from ui import cache, charts, layout, session
    from ui.evaluate import backtest, backtest_result

    layout.page(
        "Walk forward",
        "One test part may have been luck. Here the model is trained anew for each of several "
        "stretches of time, and all its forecasts are judged together.",
    )
    recipe = "The recipe of the Train page"
    sound = [summary.id for summary in cache.summaries() if not summary.problem]
    chosen = st.selectbox(
        "What to train",
        [recipe, *sound],
        key="walk-source",
        help="The recipe as it stands, or that of a saved run with its data",
    )
    try:
        spec = session.recipe() if chosen == recipe else cache.run(chosen).spec
        series = cache.frame(spec.data, session.upload()) if chosen == recipe else cache.run(chosen).frame
        st.caption(
            charts.plain(
                f"{spec.model.kind.upper()} on {', '.join(spec.data.symbols)}, "
                f"{spec.target.kind.replace('_', ' ')} {spec.target.horizon} sessions ahead."
            )
        )
        asked = backtest.plan()
        backtest.picture(spec, series, asked)
        if st.button("Start", type="primary", icon=":material/play_arrow:", key="walk-start"):
            st.session_state["walk"] = backtest.start(spec, series, asked)
            st.rerun()
    except CoreError as problem:
        charts.error(problem)
    found = backtests.list_all(cache.RUNS)
    if found:
        backtest_result.draw({backtest.label(line): line for line in found}, st.session_state.get("walk"))


if __name__ == "__main__":
    main()
