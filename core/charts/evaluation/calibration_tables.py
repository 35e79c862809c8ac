"""From the long table of a run to the numbers of its calibration charts.

Axis letter: N forecasts in time order.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.charts.evaluation import calibration as charts
from core.charts.forecast import past_forecasts
from core.charts.forecast.past_forecasts import PastForecasts
from core.evaluation import calibration, metrics
from core.forecasting.table import LEVELS, QUANTILE_COLUMNS
from core.types import Floats


def nested(forecast: pd.DataFrame, made: PastForecasts) -> charts.Promise:
    """What each of the nested bands held of the outcomes of a track."""
    table = _rows(forecast, made)
    nominal, held = [], []
    for q in range(len(LEVELS) // 2):
        low, high = QUANTILE_COLUMNS[q], QUANTILE_COLUMNS[-1 - q]
        if low in table and np.isfinite(table[low]).any():
            nominal.append(round(LEVELS[-1 - q] - LEVELS[q], 6))
            held.append(metrics.coverage(made.y_N, table[low].to_numpy(), table[high].to_numpy()))
    return charts.Promise(nominal_C=tuple(nominal), held_C=tuple(held), count=len(made.y_N))


def paths(forecast: pd.DataFrame, model: str, symbol: str) -> float:
    """The share of test windows all of whose steps lie in the band; NaN without a band."""
    here = forecast[(forecast["model"] == model) & (forecast["symbol"] == symbol) & (forecast["part"] == "test")]
    if not len(here) or not np.isfinite(here["lo"]).any():
        return float("nan")
    inside = (here["lo"] <= here["y"]) & (here["y"] <= here["hi"])
    return float(inside.groupby(here["cutoff"]).all().mean())


def by_year(made: PastForecasts) -> charts.Shares:
    """The share held in each calendar year of the outcomes."""
    years = [str(year) for year in made.time_N.astype("M8[Y]")]
    return _shares("year", made, years)


def by_regime(made: PastForecasts, level: pd.Series) -> charts.Shares:
    """The share held in calm, middle and stormy times, by the volatility of `level` known at each cutoff."""
    volatility = pd.Series(calibration.trailing_volatility(level.to_numpy(dtype=float)), index=level.index)
    names = calibration.regimes(volatility.reindex(pd.DatetimeIndex(made.cutoff_N)).to_numpy())
    return _shares("volatility before the forecast", made, names, calibration.REGIMES)


def widths(made: PastForecasts, rivals: pd.DataFrame) -> charts.Widths:
    """The width of the band and of its rivals (core.intervals.calibrate.rivals) at each outcome.

    Empty without a band.
    """
    if not made.has_interval:
        return charts.Widths(unit=made.unit, time_N=made.time_N[:0], width_N={})
    bands = {"ours": (made.lo_N, made.hi_N)} | _beside(made, rivals)
    return charts.Widths(
        unit=made.unit, time_N=made.time_N, width_N={name: high - low for name, (low, high) in bands.items()}
    )


def winkler(made: PastForecasts, rivals: pd.DataFrame) -> charts.Scores:
    """The Winkler scores of the band and of its rivals on the same cutoffs."""
    if not made.has_interval:
        return charts.Scores(score="Winkler score", values={})
    bands = {"ours": (made.lo_N, made.hi_N)} | _beside(made, rivals)
    return charts.Scores(
        score="Winkler score",
        values={name: metrics.winkler(made.y_N, low, high, made.coverage) for name, (low, high) in bands.items()},
    )


def place(forecast: pd.DataFrame, made: PastForecasts) -> charts.Pit:
    """The PIT histogram of a track by all quantiles of the table; empty without a band."""
    table = _rows(forecast, made)
    there = [
        (name, level)
        for name, level in zip(QUANTILE_COLUMNS, LEVELS, strict=True)
        if name in table and np.isfinite(table[name]).all()
    ]
    if not made.has_interval or not there:
        return charts.pit(np.array([]))
    return charts.pit(
        calibration.pit(made.y_N, table[[name for name, _ in there]].to_numpy(), tuple(level for _, level in there))
    )


def odds(forecast: pd.DataFrame, model: str, symbol: str, step: int) -> tuple[calibration.Odds, float, str]:
    """Logistic calibration of the probabilities of one step, the share of rises it saw, and the part it is fitted on.

    That is the calibration part, or the validation part where there is none.
    """
    part = "calib" if (forecast["part"] == "calib").any() else "val"
    seen = past_forecasts.select_rows(forecast, model, symbol, step, (part,))
    y_N = seen["y"].to_numpy()
    return calibration.platt(y_N, seen["yhat"].to_numpy()), float(y_N.mean()) if len(y_N) else 0.5, part


def calibrated(made: PastForecasts, found: calibration.Odds, base: float) -> tuple[PastForecasts, charts.Scores]:
    """The track with calibrated probabilities, and the Brier scores of both beside that of the constant `base`."""
    better = replace(made, yhat_N=calibration.calibrated(found, made.yhat_N))
    values: dict[str, Floats] = {
        "announced": made.yhat_N,
        "calibrated": better.yhat_N,
        "base": np.full(len(made.y_N), base),
    }
    return better, charts.Scores(
        score="Brier score",
        values={name: calibration.brier(made.y_N, probability_N) for name, probability_N in values.items()},
    )


def _rows(forecast: pd.DataFrame, made: PastForecasts) -> pd.DataFrame:
    return past_forecasts.select_rows(forecast, made.model, made.symbol, made.step, ("test",))


def _shares(what: str, made: PastForecasts, names: list[str], order: tuple[str, ...] | None = None) -> charts.Shares:
    empty = calibration.Groups(names_G=(), share_G=np.array([]), count_G=np.array([], dtype=np.int64))
    groups = calibration.by_group(made.inside_N, names, order) if made.has_interval else empty
    return charts.Shares(what=what, nominal=made.coverage, groups=groups)


def _beside(made: PastForecasts, rivals: pd.DataFrame) -> dict[str, tuple[Floats, Floats]]:
    """The bands of the rivals at the cutoffs of the track; one that lacks some of them is left out."""
    found = {}
    for name in dict.fromkeys(rivals["benchmark"]):
        here = rivals[(rivals["benchmark"] == name) & (rivals["symbol"] == made.symbol) & (rivals["step"] == made.step)]
        band = here.set_index("cutoff")[["lo", "hi"]].reindex(pd.DatetimeIndex(made.cutoff_N))
        if len(band) and np.isfinite(band.to_numpy(dtype=float)).all():
            found[str(name)] = (band["lo"].to_numpy(dtype=float), band["hi"].to_numpy(dtype=float))
    return found
