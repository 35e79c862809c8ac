"""One forecast of a run: pick it and see what drove it."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.charts.explanation import waterfall
from core.charts.forecast import forecast_history
from core.datasets.targets import TARGETS
from core.explain import explainer
from core.jobs.local import run as run_here
from core.language import message, tr
from core.storage import runs
from core.types import Explanation, Run, Times
from ui import cache, charts, names, session, verdict, widgets
from ui.explain import importance, pick_day
from ui.jobs import results

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

CHART = "day-chart"
QUICK = 0.3  # s for one forecast up to which the page explains it itself; a worker would first have to open the run
METHOD = "permutation"


def draw(run: Run, step: int, by_family: bool = False) -> tuple[str, str]:
    """The forecasts of the test split to click on beside the waterfall of the chosen one, at first the live one;
    returns its symbol and its ISO cutoff."""
    symbol = widgets.choose_symbol(run)
    if clicked := charts.new_click(CHART):
        session.choose_cutoff(clicked)
    cutoff = pick_day.draw(_cutoffs(run, symbol), f"{run.id}-{symbol}", tr("Forecast made on"))
    verdict.draw_badge(run)
    left, right = st.columns(2)
    with right:
        explanation = _explanation(run, symbol, cutoff)
        height = 0
        if explanation is not None:
            row = int(np.flatnonzero(explanation.cutoff_N == np.datetime64(cutoff))[0])
            shown = importance.of_families(run, explanation) if by_family else names.features_of(run, explanation)
            fall = waterfall.compute(shown, importance.unit(run), row, step)
            figure = waterfall.draw(fall)
            height = figure.layout.height
            charts.show(figure, fall.caption, "waterfall")
    with left:
        _draw_history(run, symbol, step, cutoff, max(height, 300))
    return symbol, cutoff


def _draw_history(run: Run, symbol: str, step: int, cutoff: str, height: int) -> None:
    """The forecasts of the test split, with a ring around the chosen one."""
    kind, model = TARGETS[run.spec.target.kind], run.spec.model.kind
    history = forecast_history.compute(
        run.forecast, model, symbol, step, unit=names.unit(run), coverage=run.spec.bands.coverage, binary=kind.binary
    )
    figure = forecast_history.draw(history, height, np.datetime64(cutoff))
    charts.select_point(figure, f"{history.caption} {tr('Click a forecast to explain it.')}", CHART)


def _cutoffs(run: Run, symbol: str) -> Times:
    """The cutoffs that can be explained, in order: those of test forecasts with an outcome, and the live one."""
    forecast = run.forecast
    explained = (forecast["part"] == "live") | ((forecast["part"] == "test") & forecast["y"].notna())
    return np.unique(forecast.loc[explained & (forecast["symbol"] == symbol), "cutoff"].to_numpy())


def _explanation(run: Run, symbol: str, cutoff: str) -> Explanation | None:
    """From the run if it holds it, else computed here if that is quick, else by a worker; None while that is busy."""
    explanation = run.explanation
    if explanation is not None and symbol in explanation.symbol_N and np.datetime64(cutoff) in explanation.cutoff_N:
        return explanation
    if explanation is not None and explanation.seconds / len(explanation.symbol_N) <= QUICK:
        with st.spinner(tr("Explaining this forecast …")):
            return _explain(run.id, runs.fingerprint(run.id, cache.RUNS), symbol, cutoff)
    return results.get(
        Explanation,
        run,
        symbol,
        cutoff,
        message("Explaining the forecast of {cutoff}", cutoff=cutoff),
        explainer.compute,
        METHOD,
        symbol,
        (cutoff,),
    )


@st.cache_resource(show_spinner=False, max_entries=256)
def _explain(run_id: str, stamp: str, symbol: str, cutoff: str) -> Explanation:
    run, prepared = cache.run(run_id), cache.prepared(run_id)
    work = explainer.explain(run.spec, prepared, _network(run_id, stamp), METHOD, symbol, (cutoff,), 1)
    return run_here(work, _ignore)


@st.cache_resource(show_spinner=False, max_entries=4)
def _network(run_id: str, stamp: str) -> "Network | Ensemble":
    from core.training import trainer

    run = cache.run(run_id)
    return trainer.restore(run.spec, run.weights, len(cache.prepared(run_id).splits.test.rows.symbols))


def _ignore(event: object) -> None:
    """The page waits for the result alone."""
