"""Trading: what acting on the forecasts of the test part would have earned, after costs, beside buy-and-hold."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.charts import equity
    from core.evaluate import trading
    from ui import frame, show, strategy, tries

    frame.page("Trading", "**This is a test on the past, not advice.**")
    run = show.current_run()
    show.verdict(run.evaluation)
    reason = trading.why_not(run)
    if reason:
        st.info(show.plain(reason), icon=":material/info:")
        return
    if not strategy.is_price(run):
        return
    step = show.step_of(run, "step")
    counted, variance = tries.traded(run)
    rules, count = strategy.rules(run, counted)
    made = trading.book(run, rules, step)
    chart = equity.compute(made, tries=count, variance=variance)
    if run.evaluation.verdict.tone != "good":
        st.caption(":orange-badge[The model shows no skill] What this curve earned, luck or the market can explain.")
    show.chart(equity.draw(chart), chart.says, "equity")
    strategy.numbers(chart, made)
    st.caption(show.plain(strategy.explained(run, made)))


if __name__ == "__main__":
    main()
