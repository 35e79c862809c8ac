"""A forecast that copies yesterday, drawn beside its target so that anyone sees it."""

import streamlit as st

from core.charts.evaluation import persistence
from core.charts.forecast import past_forecasts
from core.datasets.targets import TARGETS
from core.evaluation import alarms
from core.types import Run
from ui import charts


def panel(run: Run, symbol: str) -> None:
    """Forecast, target and the target one session late, and at which lag their moves agree; nothing for a run without
    the alarm."""
    if all(alarm.name != "copies yesterday" for alarm in run.evaluation.alarms):
        return
    first = int(run.forecast["step"].min())
    made = past_forecasts.compute(
        run.forecast, run.spec.model.kind, symbol, first, unit=TARGETS[run.spec.target.kind].unit
    )
    chart = persistence.compute(made, alarms.cross_correlation(made.yhat_N, made.y_N))
    st.subheader("It copies yesterday")
    left, right = st.columns([2, 1])
    with left:
        charts.chart(persistence.draw(chart), chart.caption, "copies")
    with right:
        charts.chart(persistence.draw_lags(chart), chart.lag_caption, "copies-lags")
