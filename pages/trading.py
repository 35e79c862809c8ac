"""Trading: what trading the forecasts of the test split would have earned, after costs, against buy-and-hold."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.charts.evaluation import equity
    from core.evaluation.trading import comparison, positions
    from core.language import mark
    from ui import charts, layout, markdown, messages, verdict, widgets
    from ui.evaluate import experiments, strategy

    run = layout.open_run("Trading", mark("**This is a test on the past, not advice.**"))
    if reason := positions.explain_no_signal(run):
        messages.info(reason)
        return
    if not strategy.confirm_price(run):
        return
    place = st.container()  # the verdict leads, and what is set below decides it
    step = widgets.choose_step(run)
    traded = experiments.count_traded(run)
    rules, tried = strategy.choose_rules(run, traded.count)
    book = positions.build_book(run, rules, step)
    independent = traded.independent + tried - traded.count  # what was tried elsewhere may be like nothing here
    chart = equity.compute(book, experiments=independent, variance=traded.variance or None)
    with place:
        strategy.draw_verdict(run, comparison.compare(book))
        charts.show(equity.draw(chart, height=480), chart.caption, "equity")
        strategy.draw_table(chart)
    strategy.draw_metrics(chart, book)
    st.caption(markdown.escape(strategy.describe(run, book)))
    verdict.draw_details(run.evaluation)


if __name__ == "__main__":
    main()
