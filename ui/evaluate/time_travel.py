"""Time travel: a slider over every past cutoff of a run; it reads the forecast table and runs no model."""

import streamlit as st

from core.charts import text
from core.charts.forecast import time_travel
from core.datasets.targets import TARGETS
from core.language import tr
from core.types import Run
from ui import charts, names


@st.fragment
def draw(run: Run, symbol: str, step: int) -> None:
    """The slider and the forecast made at its cutoff; moving it redraws this alone."""
    kind, model = TARGETS[run.spec.target.kind], run.spec.model.kind
    cutoffs = time_travel.cutoffs(run.forecast, model, symbol)
    if len(cutoffs) < 2:
        st.caption(tr("This run has too few past forecasts to go back to."))
        return
    by_label = dict(zip(text.iso(cutoffs), cutoffs, strict=True))
    label = st.select_slider(tr("Go back to"), list(by_label), value=list(by_label)[-1], key="travel")
    chart = time_travel.compute(
        run.forecast,
        model,
        symbol,
        step,
        by_label[label],
        unit=names.unit(run),
        binary=kind.binary,
        coverage=run.spec.bands.coverage,
        level=kind.level,
    )
    charts.show(time_travel.draw(chart), chart.caption, "travel-chart")
