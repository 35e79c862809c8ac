"""A closer look at one forecast: why it differs from the one before, its window by cell and stretch, similar ones."""

import numpy as np
import streamlit as st

from core.charts.explanation import forecast_revision, similar_windows, time_segments, window_attribution
from core.charts.text import percent
from core.datasets.targets import TARGETS
from core.errors import CoreError
from core.explain import local as days
from core.explain import time_segments as parted
from core.explain.explainer import BACKGROUNDS
from core.explain.local import LocalExplanation, TimeSegments
from core.types import Run
from ui import cache, charts, job_artifacts
from ui.explain import pick_forecast

VIEWS = {
    "since": "Why did it change since the day before?",
    "window": "Inside its window",
    "stretches": "By stretch of time",
    "similar": "Similar windows",
}


@st.fragment
def one_day(run: Run, step: int, by_family: bool) -> None:
    """The day to click on, its waterfall and the closer looks: a click draws these anew and nothing else."""
    _closer(run, step, *pick_forecast.draw(run, step, by_family))


def _closer(run: Run, step: int, symbol: str, cutoff: str) -> None:
    """The views to choose from; none is worked out before it is asked for."""
    chosen = st.segmented_control(
        "A closer look at this forecast", list(VIEWS), format_func=_title, key="closer", bind="query-params"
    )
    if chosen == "similar":
        _similar(run, step, symbol, cutoff)
    if chosen == "stretches":
        _stretches(run, step, symbol, cutoff)
    found = _day(run, symbol, cutoff) if chosen in ("since", "window") else None
    if found is None:
        return
    charts.label(run)
    if chosen == "window":
        cells = window_attribution.compute(found, charts.explained_unit(run))
        charts.chart(window_attribution.draw(cells), cells.caption, "window-cells")
        several = ", summed over its steps" if len(run.forecast["step"].unique()) > 1 else ""
        st.caption(
            f"Expected gradients{several}: against {BACKGROUNDS} training windows the cells add up to within "
            f"{percent(found.additivity_error)} of the forecast's distance from their average."
        )
    elif found.revision is None:
        st.info(found.reason, icon=":material/info:")
    else:
        change = forecast_revision.compute(found.revision, TARGETS[run.spec.target.kind].unit, step)
        charts.chart(forecast_revision.draw(change), change.caption, "since")


def _stretches(run: Run, step: int, symbol: str, cutoff: str) -> None:
    """When in the window the forecast came from, and which feature did it then; from a worker."""
    found = job_artifacts.ask(
        TimeSegments, run, symbol, cutoff, f"The window of {cutoff} by stretches", parted.compute, symbol, cutoff
    )
    if found is None:
        return
    charts.label(run)
    left, right = st.columns(2)
    with left:
        bars = time_segments.compute(found, charts.explained_unit(run), step)
        charts.chart(time_segments.draw(bars), bars.caption, "stretches")
    with right:
        cells = time_segments.compute_map(found, charts.explained_unit(run), step)
        charts.chart(time_segments.draw_map(cells), cells.caption, "stretch-cells")
    how = "families" if set(found.features) != set(run.spec.features) else "features"
    st.caption(
        f"Shapley values of {len(found.segments.features)} stretches over all their coalitions, against "
        f"{BACKGROUNDS} training windows; they add up to the forecast to within "
        f"{found.segments.additivity_error:.0e} of its distance from the average, the {how} in them to within "
        f"{found.segment_features.additivity_error:.0e}. Each column of the map adds up to its bar."
    )


def _similar(run: Run, step: int, symbol: str, cutoff: str) -> None:
    try:
        prepared = cache.prepared(run.id)
    except CoreError as problem:
        charts.error(problem)
        return
    charts.label(run)
    made = similar_windows.compute(prepared, symbol, np.datetime64(cutoff), step)
    charts.chart(similar_windows.draw(made), made.caption, "similar")


def _title(view: str) -> str:
    return VIEWS[view]


def _day(run: Run, symbol: str, cutoff: str) -> LocalExplanation | None:
    return job_artifacts.ask(
        LocalExplanation, run, symbol, cutoff, f"A closer look at {cutoff}", days.compute, symbol, cutoff
    )
