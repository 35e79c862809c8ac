"""Evaluate: the verdict, skill against naive baselines, error by step, and coverage of the prediction interval."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.charts.evaluation import interval_coverage, scatter, scores
    from core.charts.forecast import past_forecasts
    from core.charts.training import loss
    from core.language import message, shown, tr
    from ui import charts, layout, names, summary, verdict, widgets
    from ui.evaluate import all_scores, experiments, persistence, residuals

    run = layout.open_run("Evaluate")
    evaluation, model = names.evaluation(run), run.spec.model.kind
    verdict.draw_chip(run)
    symbol, step = widgets.choose_symbol(run), widgets.choose_step(run)
    track = past_forecasts.of_run(run, symbol, step, names.unit(run))
    skill, (title, errors) = scores.compute_skill(evaluation, model), residuals.compute_by_step(run, symbol)
    figures = scores.draw_skill(skill), scores.draw_by_step(errors)
    charts.level(*figures)
    left, right = st.columns(2)
    with left:
        st.subheader(tr("Skill against baselines"))
        charts.show(figures[0], skill.caption, "skill")
    with right:
        st.subheader(shown(title))
        charts.show(figures[1], errors.caption, "by-step")
    verdict.draw_metrics(run)
    verdict.draw_details(run.evaluation)
    experiments.draw_line(run)
    summary.draw_training(run)
    persistence.draw(run, symbol)
    grid = []
    if evaluation.bands:
        over_time, points = interval_coverage.compute_rolling(track), scatter.compute(track)
        grid.append((message("Coverage of the band"), interval_coverage.draw_rolling(over_time), over_time.caption))
        grid.append((message("Forecast and outcome"), scatter.draw(points, height=300), points.caption))
        if run.forecast["step"].nunique() > 1:  # else the coverage through time says it all
            by_step = interval_coverage.compute_by_step(evaluation)
            grid.append((message("Coverage by step"), interval_coverage.draw_by_step(by_step), by_step.caption))
    else:
        reliability = scatter.compute_reliability(track)
        figure = scatter.draw_reliability(reliability, height=300)
        grid.append((message("Reliability of the probabilities"), figure, reliability.caption))
    curve = loss.compute(run.history, run.spec.train.unit)
    grid.append((message("Learning curve"), loss.draw(curve), curve.caption))
    charts.show_titled(grid, "evaluate")
    residuals.draw(run, symbol, step)
    all_scores.draw(evaluation)


if __name__ == "__main__":
    main()
