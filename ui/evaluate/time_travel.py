"""Time travel on the screen: a slider over every past cutoff of a run; no model is run for it."""

import streamlit as st

from core.charts import text
from core.charts.forecast import time_travel
from core.datasets.targets import TARGETS
from core.types import Run
from ui import charts


@st.fragment
def draw(run: Run, symbol: str, step: int) -> None:
    """The slider and the forecast made at its cutoff; moving it redraws this alone."""
    kind, model = TARGETS[run.spec.target.kind], run.spec.model.kind
    at = time_travel.cutoffs(run.forecast, model, symbol)
    if len(at) < 2:
        st.caption("The run has too few past forecasts to travel through.")
        return
    named = dict(zip(text.iso(at), at, strict=True))
    chosen = st.select_slider("Go back to", list(named), value=list(named)[-1], key="travel")
    made = time_travel.compute(
        run.forecast,
        model,
        symbol,
        step,
        named[chosen],
        unit=kind.unit,
        binary=kind.binary,
        coverage=run.spec.bands.coverage,
        level=kind.level,
    )
    charts.chart(time_travel.draw(made), made.caption, "travel-chart")
