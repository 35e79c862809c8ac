"""Evaluate: the verdict, skill against naive baselines, error by step, and coverage of the prediction interval."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.charts.evaluation import interval_coverage, scatter, scores
    from core.charts.forecast import past_forecasts
    from core.charts.training import loss
    from core.datasets.targets import TARGETS
    from ui import charts, layout, names, summary, verdict, widgets
    from ui.evaluate import all_scores, experiments, persistence, residuals

    run = layout.open_run("Evaluate")
    evaluation, model, kind = names.evaluation(run), run.spec.model.kind, TARGETS[run.spec.target.kind]
    verdict.draw_chip(run)
    symbol, step = widgets.choose_symbol(run), widgets.choose_step(run)
    track = past_forecasts.compute(
        run.forecast, model, symbol, step, unit=names.unit(run), coverage=run.spec.bands.coverage, binary=kind.binary
    )
    skill, (title, errors) = scores.compute_skill(evaluation, model), residuals.compute_by_step(run, symbol)
    figures = scores.draw_skill(skill), scores.draw_by_step(errors)
    charts.level(*figures)
    left, right = st.columns(2)
    with left:
        st.subheader("Skill against baselines")
        charts.show(figures[0], skill.caption, "skill")
    with right:
        st.subheader(title)
        charts.show(figures[1], errors.caption, "by-step")
    verdict.draw_metrics(run)
    verdict.draw_details(run.evaluation)
    experiments.draw_line(run)
    summary.draw_training(run)
    persistence.draw(run, symbol)
    left, right = st.columns(2)
    if evaluation.bands:
        with left:
            st.subheader("Coverage of the band")
            over_time = interval_coverage.compute_rolling(track)
            charts.show(interval_coverage.draw_rolling(over_time), over_time.caption, "coverage-time")
            if run.forecast["step"].nunique() > 1:  # else the chart above says it all
                by_step = interval_coverage.compute_by_step(evaluation)
                charts.show(interval_coverage.draw_by_step(by_step), by_step.caption, "coverage-step")
    else:
        with left:
            st.subheader("Reliability of the probabilities")
            reliability = scatter.compute_reliability(track)
            charts.show(scatter.draw_reliability(reliability, height=300), reliability.caption, "reliability")
    with right:
        st.subheader("Forecast and outcome" if evaluation.bands else "Learning curve")
        if evaluation.bands:
            points = scatter.compute(track)
            charts.show(scatter.draw(points, height=300), points.caption, "scatter")
        curve = loss.compute(run.history, run.spec.train.unit)
        charts.show(loss.draw(curve), curve.caption, "training")
    residuals.draw(run, symbol, step)
    all_scores.draw(evaluation)


if __name__ == "__main__":
    main()
