"""When the model errs: the lower part of the Evaluate page."""

import streamlit as st

from core.charts.evaluation import errors_by_group as charts
from core.evaluation import residuals
from core.evaluation.residuals import ErrorGroups
from core.types import Run
from ui import charts as show


def draw(run: Run, symbol: str, step: int) -> None:
    """Errors of one symbol and step by regime, weekday or hour, and year, and their autocorrelation."""
    errors = residuals.compute(run, symbol, step)
    st.subheader("When it errs")
    left, right = st.columns(2)
    with left:
        _bars(errors, residuals.group_by_regime(errors), "errors-regime")
        _bars(errors, residuals.group_by_year(errors), "errors-year")
    with right:
        _bars(errors, residuals.group_by_weekday(errors), "errors-weekday")
        lags = charts.compute_autocorrelation(errors, residuals.autocorrelation(errors.error_N, step))
        show.chart(charts.draw_autocorrelation(lags), lags.caption, "errors-lags")
    st.caption(
        "The percentage above a bar is the skill in that group: 1 − error / error of the reference. Calm and "
        "stormy are thirds by the volatility of the 22 sessions before each forecast."
    )


def _bars(errors: residuals.Residuals, found: ErrorGroups, key: str) -> None:
    made = charts.compute(errors, found)
    show.chart(charts.draw(made), made.caption, key)
