"""Evaluate: the verdict, scores against simple rules, error by step, and whether the band holds."""


def main() -> None:
    """Draw the page."""
    import pandas as pd
    import streamlit as st

    from core.charts.evaluation import interval_coverage, scatter, scores
    from core.charts.forecast import past_forecasts
    from core.charts.training import loss
    from core.datasets.targets import TARGETS
    from ui import charts, jobs, layout
    from ui.evaluate import experiments, persistence, residuals

    layout.page("Evaluate")
    run = charts.current_run()
    evaluation, model, kind = run.evaluation, run.spec.model.kind, TARGETS[run.spec.target.kind]
    charts.verdict(evaluation)
    experiments.line(run)
    charts.numbers(run)
    jobs.told(run)
    symbol, step = charts.symbol_of(run, "symbol"), charts.step_of(run, "step")
    persistence.panel(run, symbol)
    made = past_forecasts.compute(
        run.forecast, model, symbol, step, unit=kind.unit, coverage=run.spec.bands.coverage, binary=kind.binary
    )
    left, right = st.columns(2)
    with left:
        st.subheader("Against simple rules")
        skill = scores.compute_skill(evaluation, model)
        charts.chart(scores.draw_skill(skill), skill.caption, "skill")
    with right:
        st.subheader("Error by step")
        errors = scores.compute_by_step(evaluation, model)
        charts.chart(scores.draw_by_step(errors), errors.caption, "by-step")
    left, right = st.columns(2)
    if evaluation.bands:
        with left:
            st.subheader("Does the band hold?")
            through = interval_coverage.compute_rolling(made)
            charts.chart(interval_coverage.draw_rolling(through), through.caption, "coverage-time")
            by_step = interval_coverage.compute_by_step(evaluation)
            charts.chart(interval_coverage.draw_by_step(by_step), by_step.caption, "coverage-step")
    else:
        with left:
            st.subheader("Do the probabilities hold?")
            reliability = scatter.compute_reliability(made)
            charts.chart(scatter.draw_reliability(reliability), reliability.caption, "reliability")
    with right:
        st.subheader("Forecast and outcome" if evaluation.bands else "How it learned")
        if evaluation.bands:
            points = scatter.compute(made)
            charts.chart(scatter.draw(points), points.caption, "scatter")
        curve = loss.compute(run.history)
        charts.chart(loss.draw(curve), curve.caption, "training")
    residuals.draw(run, symbol, step)
    with st.expander("All scores"):
        st.caption(
            f"On the test part; mae and rmse in {evaluation.unit}, scaled errors in standard deviations of the "
            "training labels."
        )
        st.dataframe(pd.DataFrame(evaluation.scores).T.style.format("{:.4g}"))


if __name__ == "__main__":
    main()
