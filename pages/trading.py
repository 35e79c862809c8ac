"""Trading: what trading the forecasts of the test split would have earned, after costs, against buy-and-hold."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.charts.evaluation import equity
    from core.evaluation.trading import positions
    from ui import charts, layout, markdown, messages, verdict, widgets
    from ui.evaluate import experiments, strategy

    run = layout.open_run("Trading", "**This is a test on the past, not advice.**")
    verdict.draw(run.evaluation)
    if reason := positions.explain_no_signal(run):
        messages.info(reason)
        return
    if not strategy.confirm_price(run):
        return
    step = widgets.choose_step(run)
    traded = experiments.count_traded(run)
    rules, tried = strategy.choose_rules(run, traded.count)
    book = positions.build_book(run, rules, step)
    independent = traded.independent + tried - traded.count  # what was tried elsewhere may be like nothing here
    chart = equity.compute(book, experiments=independent, variance=traded.variance or None)
    if run.evaluation.verdict.tone != "good":
        st.caption(":orange-badge[The model shows no skill] Luck or the market can explain what this curve earned.")
    charts.show(equity.draw(chart), chart.caption, "equity")
    strategy.draw_metrics(chart, book)
    st.caption(markdown.escape(strategy.describe(run, book)))


if __name__ == "__main__":
    main()
