"""Trading: what acting on the forecasts of the test part would have earned, after costs, beside buy-and-hold."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.charts.evaluation import equity
    from core.evaluation.trading import positions
    from ui import charts, layout
    from ui.evaluate import experiments, strategy

    layout.page("Trading", "**This is a test on the past, not advice.**")
    run = charts.current_run()
    charts.verdict(run.evaluation)
    reason = positions.explain_no_signal(run)
    if reason:
        st.info(charts.plain(reason), icon=":material/info:")
        return
    if not strategy.is_price(run):
        return
    step = charts.step_of(run, "step")
    counted, variance = experiments.traded(run)
    rules, count = strategy.rules(run, counted)
    made = positions.build_book(run, rules, step)
    chart = equity.compute(made, experiments=count, variance=variance)
    if run.evaluation.verdict.tone != "good":
        st.caption(":orange-badge[The model shows no skill] What this curve earned, luck or the market can explain.")
    charts.chart(equity.draw(chart), chart.caption, "equity")
    strategy.numbers(chart, made)
    st.caption(charts.plain(strategy.explained(run, made)))


if __name__ == "__main__":
    main()
