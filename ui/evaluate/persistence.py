"""A forecast that just repeats the last value, drawn next to its target so that everybody sees it."""

import streamlit as st

from core.charts.evaluation import persistence
from core.charts.forecast import past_forecasts
from core.evaluation import alarms
from core.language import tr
from core.types import Run
from ui import charts, names

ALARM = "copies yesterday"


def draw(run: Run, symbol: str) -> None:
    """Forecast, target and the target one step late, and at which lag their moves agree; nothing without the alarm."""
    if all(alarm.name != ALARM for alarm in run.evaluation.alarms):
        return
    first = int(run.forecast["step"].min())
    track = past_forecasts.compute(run.forecast, run.spec.model.kind, symbol, first, unit=names.unit(run))
    chart = persistence.compute(track, alarms.cross_correlation(track.yhat_N, track.y_N))
    st.subheader(tr("It just repeats the last value"))
    left, right = st.columns([2, 1])
    with left:
        charts.show(persistence.draw(chart), chart.caption, "persistence")
    with right:
        charts.show(persistence.draw_lags(chart), chart.lag_caption, "persistence-lags")
