"""Backtest: the model is retrained on each of several periods, and all its forecasts are judged together."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.errors import CoreError
    from core.language import mark, tr
    from core.storage import backtests
    from ui import cache, layout, markdown, messages, names, session
    from ui.evaluate import backtest, backtest_result

    layout.open_page(
        "Backtest", mark("One test split may be luck: train again for each of several periods, and judge all.")
    )
    recipe = mark("The recipe of the Train page")
    source = st.selectbox(
        tr("What to train"),
        [recipe, *(summary.id for summary in cache.summaries() if not summary.problem)],
        format_func=tr,  # an id stays as it is
        key="backtest-source",
        help=tr("The current recipe, or a saved run's recipe and data"),
    )
    try:
        spec = session.recipe() if source == recipe else cache.run(source).spec
        series = cache.frame(spec.data, session.upload()) if source == recipe else cache.run(source).frame
        st.caption(markdown.escape(names.recipe(spec, names.step_of(series))))
        plan = backtest.choose_plan()
        backtest.draw_timeline(spec, series, plan)
        left, right = st.columns([1, 5], vertical_alignment="center")
        right.caption(markdown.escape(backtest.describe_cost(spec, series, plan)))
        if left.button(
            tr("Start"), type="primary", icon=":material/play_arrow:", key="backtest-start", width="stretch"
        ):
            st.session_state[backtest_result.CHOSEN] = backtest.start(spec, series, plan)
            st.rerun()
    except CoreError as problem:
        messages.error(problem)
    lines = backtests.list_all(cache.RUNS)
    if lines:
        backtest_result.draw({backtest.label(line): line for line in lines})


if __name__ == "__main__":
    main()
