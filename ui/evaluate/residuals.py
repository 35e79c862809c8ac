"""When the model errs: the lower part of the Evaluate page."""

import streamlit as st

from core.charts.evaluation import errors_by_group
from core.evaluation import residuals
from core.evaluation.residuals import ErrorGroups, Residuals
from core.types import Run
from ui import charts


def draw(run: Run, symbol: str, step: int) -> None:
    """Errors of one symbol and step by regime, weekday or hour, and year, and their autocorrelation."""
    errors = residuals.compute(run, symbol, step)
    st.subheader("When it errs")
    left, right = st.columns(2)
    with left:
        _draw_groups(errors, residuals.group_by_regime(errors), "errors-regime")
        _draw_groups(errors, residuals.group_by_year(errors), "errors-year")
    with right:
        _draw_groups(errors, residuals.group_by_weekday(errors), "errors-weekday")
        lags = errors_by_group.compute_autocorrelation(errors, residuals.autocorrelation(errors.error_N, step))
        charts.show(errors_by_group.draw_autocorrelation(lags), lags.caption, "errors-lags")
    st.caption(
        "The percentage above a bar is the skill in that group. Low, medium and high volatility are thirds by the "
        "volatility of the 22 steps before each forecast."
    )


def _draw_groups(errors: Residuals, groups: ErrorGroups, key: str) -> None:
    chart = errors_by_group.compute(errors, groups)
    charts.show(errors_by_group.draw(chart), chart.caption, key)
