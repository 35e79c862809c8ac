"""When the model errs: by step, and by group in the lower part of the Evaluate page."""

from dataclasses import replace

import streamlit as st

from core.charts.evaluation import errors_by_group, scores
from core.charts.evaluation.scores import StepErrors
from core.charts.text import Unit, steps
from core.datasets.targets import TARGETS
from core.evaluation import residuals
from core.evaluation.calibration import VOLATILITY_WINDOW
from core.evaluation.residuals import ErrorGroups, Residuals
from core.evaluation.score import errors_by_step
from core.forecasting.table import to_matrix
from core.language import tr
from core.types import Run
from ui import charts, markdown, names


def compute_by_step(run: Run, symbol: str) -> tuple[str, StepErrors]:
    """The title, and the error of every model at each step; of several symbols, that of this one."""
    evaluation, title = names.evaluation(run), tr("Error by lead time")
    if len(run.forecast["symbol"].cat.categories) > 1:
        own = run.forecast[run.forecast["symbol"] == symbol]
        mean, median = (to_matrix(own, "test", median=of_median) for of_median in (False, True))
        evaluation = replace(evaluation, by_step=errors_by_step(mean, median, TARGETS[run.spec.target.kind]))
        title = tr("Error by lead time, {symbol}", symbol=markdown.escape(symbol))
    return title, scores.compute_by_step(evaluation, run.spec.model.kind)


def draw(run: Run, symbol: str, step: int) -> None:
    """Errors of one symbol and step by regime, weekday or hour, and year, and their autocorrelation."""
    errors = residuals.compute(run, symbol, step)
    errors = replace(errors, unit=Unit(errors.unit, names.step(run)))
    st.subheader(tr("When it errs"))
    left, right = st.columns(2)
    with left:
        _draw_groups(errors, residuals.group_by_regime(errors), "errors-regime")
        _draw_groups(errors, residuals.group_by_year(errors), "errors-year")
    with right:
        _draw_groups(errors, residuals.group_by_weekday(errors), "errors-weekday")
        lags = errors_by_group.compute_autocorrelation(errors, residuals.autocorrelation(errors.error_N, step))
        charts.show(errors_by_group.draw_autocorrelation(lags), lags.caption, "errors-lags")
    st.caption(
        tr(
            "The percentage above a bar is the skill in that group. Low, medium and high volatility are thirds by the "
            "volatility of the {steps} before each forecast.",
            steps=steps(VOLATILITY_WINDOW, errors.unit),
        )
    )


def _draw_groups(errors: Residuals, groups: ErrorGroups, key: str) -> None:
    chart = errors_by_group.compute(errors, groups)
    charts.show(errors_by_group.draw(chart), chart.caption, key)
