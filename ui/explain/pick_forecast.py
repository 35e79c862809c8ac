"""One forecast of a run: click it and see what drove it."""

import numpy as np

from core.charts.explanation import waterfall
from core.charts.forecast import forecast_history
from core.datasets.targets import TARGETS
from core.explain import explainer
from core.types import Explanation, Run
from ui import charts, names, session, verdict, widgets
from ui.explain import importance
from ui.jobs import results


def draw(run: Run, step: int, by_family: bool = False) -> tuple[str, str]:
    """The forecasts of the test split to click on and the waterfall of the chosen one, at first the live one; returns
    its symbol and its ISO cutoff."""
    verdict.draw_badge(run)
    kind, model = TARGETS[run.spec.target.kind], run.spec.model.kind
    symbol = widgets.choose_symbol(run)
    history = forecast_history.compute(
        run.forecast, model, symbol, step, unit=names.unit(run), coverage=run.spec.bands.coverage, binary=kind.binary
    )
    clicked = charts.select_point(
        forecast_history.draw(history), f"{history.caption} Click a forecast to explain it.", "day-chart"
    )
    if clicked:
        session.choose_cutoff(clicked)  # the chart forgets its selection when its data change
    cutoff = _cutoff(run, symbol, session.cutoff())
    explanation = _explanation(run, symbol, cutoff)
    if explanation is None:
        return symbol, cutoff
    row = int(np.flatnonzero(explanation.cutoff_N == np.datetime64(cutoff))[0])
    explanation = importance.of_families(run, explanation) if by_family else names.features_of(run, explanation)
    fall = waterfall.compute(explanation, importance.unit(run), row, step)
    charts.show(waterfall.draw(fall), fall.caption, "waterfall")
    return symbol, cutoff


def _cutoff(run: Run, symbol: str, clicked: str | None) -> str:
    """The clicked cutoff if it has a forecast, else the latest one: that of the live forecast, if there is one."""
    forecast = run.forecast
    explained = (forecast["part"] == "live") | ((forecast["part"] == "test") & forecast["y"].notna())
    rows = explained & (forecast["symbol"] == symbol)
    cutoffs = forecast.loc[rows, "cutoff"]
    try:
        known = bool((cutoffs.to_numpy() == np.datetime64(clicked or "NaT")).any())
    except ValueError:
        known = False
    return clicked if clicked and known else str(cutoffs.max().isoformat())


def _explanation(run: Run, symbol: str, cutoff: str) -> Explanation | None:
    """From the run if it holds it, else from a worker; None while that one is busy."""
    explanation = run.explanation
    if explanation is not None and symbol in explanation.symbol_N and np.datetime64(cutoff) in explanation.cutoff_N:
        return explanation
    return results.get(
        Explanation,
        run,
        symbol,
        cutoff,
        f"Explaining the forecast of {cutoff}",
        explainer.compute,
        "permutation",
        symbol,
        (cutoff,),
    )
