"""One day of a run: click a forecast and see what drove it."""

import numpy as np
import streamlit as st

from core import pipeline
from core.charts.explanation import waterfall
from core.charts.forecast import forecast_history
from core.datasets.targets import TARGETS
from core.types import Explanation, Run
from ui import charts, job_artifacts


def draw(run: Run, step: int, by_family: bool = False) -> tuple[str, str]:
    """The forecasts of the test part to click on, and the waterfall of the chosen one (the live one at first); gives
    its symbol and its ISO cutoff."""
    charts.label(run)
    kind, model = TARGETS[run.spec.target.kind], run.spec.model.kind
    symbol = charts.symbol_of(run, "day-symbol")
    made = forecast_history.compute(
        run.forecast, model, symbol, step, unit=kind.unit, coverage=run.spec.bands.coverage, binary=kind.binary
    )
    picked = charts.pick(
        forecast_history.draw(made), f"{made.caption} Click a point to see what drove that forecast.", "day-chart"
    )
    if picked:
        st.session_state["day"] = picked  # new data in the chart would forget the selection
    cutoff = _cutoff(run, symbol, st.session_state.get("day") or st.query_params.get("day"))
    explanation = _explanation(run, symbol, cutoff)
    if explanation is None:
        return symbol, cutoff
    at = int(np.flatnonzero(explanation.cutoff_N == np.datetime64(cutoff))[0])
    explanation = charts.in_families(run, explanation) if by_family else explanation
    fall = waterfall.compute(explanation, charts.explained_unit(run), at, step)
    charts.chart(waterfall.draw(fall), fall.caption, "waterfall")
    return symbol, cutoff


def _cutoff(run: Run, symbol: str, wanted: str | None) -> str:
    """`wanted` where there is a forecast from then, else the latest: the live one, where there is one."""
    here = run.forecast[run.forecast["part"].isin(["test", "live"]) & (run.forecast["symbol"] == symbol)]["cutoff"]
    try:
        known = bool((here.to_numpy() == np.datetime64(wanted or "NaT")).any())
    except ValueError:
        known = False
    return wanted if wanted and known else str(here.max().isoformat())


def _explanation(run: Run, symbol: str, cutoff: str) -> Explanation | None:
    """From the run where it was explained already, else from a worker; None while that one is still at it."""
    kept = run.explanation
    if kept is not None and symbol in kept.symbol_N and np.datetime64(cutoff) in kept.cutoff_N:
        return kept
    return job_artifacts.ask(
        Explanation,
        run,
        symbol,
        cutoff,
        f"Explaining the forecast of {cutoff}",
        pipeline.explain,
        "permutation",
        symbol,
        (cutoff,),
    )
