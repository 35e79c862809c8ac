"""Evaluate: the verdict, scores against simple rules, error by step, and whether the band holds."""


def main() -> None:
    """Draw the page."""
    import pandas as pd
    import streamlit as st

    from core.charts import coverage, scatter, scores, track, training
    from core.prepare.targets import KINDS
    from ui import copied, frame, live, show, tries
    from ui import errors as residuals

    frame.page("Evaluate")
    run = show.current_run()
    evaluation, model, kind = run.evaluation, run.spec.model.kind, KINDS[run.spec.target.kind]
    show.verdict(evaluation)
    tries.line(run)
    show.numbers(run)
    live.told(run)
    symbol, step = show.symbol_of(run, "symbol"), show.step_of(run, "step")
    copied.panel(run, symbol)
    made = track.compute(run.forecast, model, symbol, step, unit=kind.unit, coverage=run.spec.bands.coverage,
                         binary=kind.binary)
    left, right = st.columns(2)
    with left:
        st.subheader("Against simple rules")
        skill = scores.skill(evaluation, model)
        show.chart(scores.draw_skill(skill), skill.says, "skill")
    with right:
        st.subheader("Error by step")
        errors = scores.by_step(evaluation, model)
        show.chart(scores.draw_by_step(errors), errors.says, "by-step")
    left, right = st.columns(2)
    if evaluation.bands:
        with left:
            st.subheader("Does the band hold?")
            through = coverage.through_time(made)
            show.chart(coverage.draw_through_time(through), through.says, "coverage-time")
            by_step = coverage.by_step(evaluation)
            show.chart(coverage.draw_by_step(by_step), by_step.says, "coverage-step")
    else:
        with left:
            st.subheader("Do the probabilities hold?")
            reliability = scatter.reliability(made)
            show.chart(scatter.draw_reliability(reliability), reliability.says, "reliability")
    with right:
        st.subheader("Forecast and outcome" if evaluation.bands else "How it learned")
        if evaluation.bands:
            points = scatter.compute(made)
            show.chart(scatter.draw(points), points.says, "scatter")
        curve = training.compute(run.history)
        show.chart(training.draw(curve), curve.says, "training")
    residuals.draw(run, symbol, step)
    with st.expander("All scores"):
        st.caption(f"On the test part; mae and rmse in {evaluation.unit}, scaled errors in standard deviations of the "
                   "training labels.")
        st.dataframe(pd.DataFrame(evaluation.scores).T.style.format("{:.4g}"))


if __name__ == "__main__":
    main()
