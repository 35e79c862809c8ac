"""A forecast that copies yesterday, drawn beside its target so that anyone sees it."""

import streamlit as st

from core.charts import copies, track
from core.evaluate import alarms
from core.prepare.targets import KINDS
from core.records import Run
from ui import show


def panel(run: Run, symbol: str) -> None:
    """Forecast, target and the target one session late, and at which lag their moves agree; nothing for a run without
    the alarm."""
    if all(alarm.name != "copies yesterday" for alarm in run.evaluation.alarms):
        return
    first = int(run.forecast["step"].min())
    made = track.compute(run.forecast, run.spec.model.kind, symbol, first, unit=KINDS[run.spec.target.kind].unit)
    chart = copies.compute(made, alarms.lags(made.yhat_N, made.y_N))
    st.subheader("It copies yesterday")
    left, right = st.columns([2, 1])
    with left:
        show.chart(copies.draw(chart), chart.says, "copies")
    with right:
        show.chart(copies.draw_lags(chart), chart.lags_say, "copies-lags")
