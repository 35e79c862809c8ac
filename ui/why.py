"""A closer look at one forecast: why it differs from the one before, its window cell by cell, and similar windows."""

import numpy as np
import streamlit as st

from core import day as days
from core.charts import similar, since, window
from core.charts.text import percent
from core.errors import CoreError
from core.explain.close import Day
from core.prepare.targets import KINDS
from core.records import Run
from ui import cache, show
from ui.day import answer

VIEWS = {"since": "Why did it change since the day before?", "window": "Inside its window",
         "similar": "Similar windows"}


def draw(run: Run, step: int, symbol: str, cutoff: str) -> None:
    """The views to choose from; none is worked out before it is asked for."""
    chosen = st.segmented_control("A closer look at this forecast", list(VIEWS), format_func=_title, key="closer")
    if chosen == "similar":
        _similar(run, step, symbol, cutoff)
    found = _day(run, symbol, cutoff) if chosen in ("since", "window") else None
    if found is None:
        return
    show.label(run)
    if chosen == "window":
        cells = window.compute(found, show.explained_unit(run))
        show.chart(window.draw(cells), cells.says, "window-cells")
        several = ", summed over its steps" if len(run.forecast["step"].unique()) > 1 else ""
        st.caption(f"Expected gradients{several}: against 16 training windows the cells add up to within "
                   f"{percent(found.additivity_error)} of the forecast's distance from their average.")
    elif found.since is None:
        st.info(found.why, icon=":material/info:")
    else:
        change = since.compute(found.since, KINDS[run.spec.target.kind].unit, step)
        show.chart(since.draw(change), change.says, "since")


def _similar(run: Run, step: int, symbol: str, cutoff: str) -> None:
    try:
        prepared = cache.prepared(run.id)
    except CoreError as problem:
        show.error(problem)
        return
    show.label(run)
    made = similar.compute(prepared, symbol, np.datetime64(cutoff), step)
    show.chart(similar.draw(made), made.says, "similar")


def _title(view: str) -> str:
    return VIEWS[view]


def _day(run: Run, symbol: str, cutoff: str) -> Day | None:
    """From a worker; None while that one is still at it."""
    found: Day | None = answer(
        "closer-jobs", f"{run.id} {symbol} {cutoff}", "Looking into the window …",
        lambda: cache.queue().submit(days.look, days.light(run), symbol, cutoff, title=f"A closer look at {cutoff}"))
    return found
