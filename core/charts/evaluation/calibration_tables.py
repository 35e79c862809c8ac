"""The numbers of the calibration charts, computed from the long forecast table of a run.

Axis letter: N forecasts in time order.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.charts.evaluation import calibration as charts
from core.charts.evaluation import regimes
from core.charts.forecast import past_forecasts
from core.charts.forecast.past_forecasts import PastForecasts
from core.evaluation import calibration, metrics, years
from core.forecasting.table import QUANTILE_COLUMNS, QUANTILE_LEVELS
from core.language import tr
from core.types import Floats


def compute_nested(forecast: pd.DataFrame, track: PastForecasts) -> charts.NestedCoverage:
    """The coverage of each of the nested intervals of a track."""
    table = _rows(forecast, track)
    nominal, coverage = [], []
    for q in range(len(QUANTILE_LEVELS) // 2):
        low, high = QUANTILE_COLUMNS[q], QUANTILE_COLUMNS[-1 - q]
        if low in table and np.isfinite(table[low]).any():
            nominal.append(round(QUANTILE_LEVELS[-1 - q] - QUANTILE_LEVELS[q], 6))
            coverage.append(metrics.coverage(track.y_N, table[low].to_numpy(), table[high].to_numpy()))
    return charts.NestedCoverage(nominal_C=tuple(nominal), coverage_C=tuple(coverage), count=len(track.y_N))


def path_coverage(forecast: pd.DataFrame, model: str, symbol: str) -> float:
    """The share of test windows with every step inside the interval; NaN without an interval."""
    table = forecast[(forecast["model"] == model) & (forecast["symbol"] == symbol) & (forecast["part"] == "test")]
    if not len(table) or not np.isfinite(table["lo"]).any():
        return float("nan")
    inside = (table["lo"] <= table["y"]) & (table["y"] <= table["hi"])
    return float(inside.groupby(table["cutoff"]).all().mean())


def compute_by_year(track: PastForecasts) -> charts.GroupCoverage:
    """The coverage in each calendar year of the outcomes, or in spans of years if a year holds too few of them."""
    if not track.has_interval:
        return _group_coverage(tr("year"), track, [])
    _, start_N, names = years.group(track.time_N)
    return _group_coverage(tr("year"), track, [names[start] for start in start_N.tolist()])


def compute_by_regime(track: PastForecasts, level: pd.Series) -> charts.GroupCoverage:
    """The coverage at low, medium and high volatility, by the volatility of `level` known at each cutoff."""
    volatility = pd.Series(calibration.trailing_volatility(level.to_numpy(dtype=float)), index=level.index)
    names = calibration.assign_regimes(volatility.reindex(pd.DatetimeIndex(track.cutoff_N)).to_numpy())
    titles = [regimes.title(name) for name in names]
    return _group_coverage(tr("volatility regime"), track, titles, tuple(map(regimes.title, calibration.REGIMES)))


def compute_widths(track: PastForecasts, benchmarks: pd.DataFrame) -> charts.Widths:
    """The width of the interval and of its benchmarks (from core.intervals.calibrate) at each outcome.

    Empty without an interval.
    """
    if not track.has_interval:
        return charts.Widths(unit=track.unit, time_N=track.time_N[:0], width_N={})
    intervals = {"ours": (track.lo_N, track.hi_N)} | _benchmark_intervals(track, benchmarks)
    return charts.Widths(
        unit=track.unit, time_N=track.time_N, width_N={name: high - low for name, (low, high) in intervals.items()}
    )


def compute_winkler(track: PastForecasts, benchmarks: pd.DataFrame) -> charts.Scores:
    """The Winkler scores of the interval and of its benchmarks on the same cutoffs."""
    if not track.has_interval:
        return charts.Scores(score=tr("Winkler score"), values={})
    intervals = {"ours": (track.lo_N, track.hi_N)} | _benchmark_intervals(track, benchmarks)
    return charts.Scores(
        score=tr("Winkler score"),
        values={name: metrics.winkler(track.y_N, low, high, track.coverage) for name, (low, high) in intervals.items()},
    )


def compute_pit(forecast: pd.DataFrame, track: PastForecasts) -> charts.Pit:
    """The PIT histogram of a track from all quantiles of the table; empty without an interval."""
    table = _rows(forecast, track)
    columns = [
        (name, level)
        for name, level in zip(QUANTILE_COLUMNS, QUANTILE_LEVELS, strict=True)
        if name in table and np.isfinite(table[name]).all()
    ]
    if not track.has_interval or not columns:
        return charts.compute_pit(np.array([]))
    quantile_NQ = table[[name for name, _ in columns]].to_numpy()
    return charts.compute_pit(calibration.pit(track.y_N, quantile_NQ, tuple(level for _, level in columns)))


def fit_platt(
    forecast: pd.DataFrame, model: str, symbol: str, step: int
) -> tuple[calibration.PlattScaling, float, str]:
    """Platt scaling of the probabilities at one step, the base rate of its outcomes, and the split it is fitted on.

    That is the calibration split, or the validation split if there is none.
    """
    split = "calib" if (forecast["part"] == "calib").any() else "val"
    table = past_forecasts.select_rows(forecast, model, symbol, step, (split,))
    y_N = table["y"].to_numpy()
    return calibration.fit_platt(y_N, table["yhat"].to_numpy()), float(y_N.mean()) if len(y_N) else 0.5, split


def calibrate(track: PastForecasts, odds: calibration.PlattScaling, base: float) -> tuple[PastForecasts, charts.Scores]:
    """The track with calibrated probabilities, and the Brier scores before, after and of the constant `base`."""
    calibrated = replace(track, yhat_N=calibration.apply_platt(odds, track.yhat_N))
    values: dict[str, Floats] = {
        "announced": track.yhat_N,
        "calibrated": calibrated.yhat_N,
        "base": np.full(len(track.y_N), base),
    }
    return calibrated, charts.Scores(
        score=tr("Brier score"),
        values={name: calibration.brier(track.y_N, probability_N) for name, probability_N in values.items()},
    )


def _rows(forecast: pd.DataFrame, track: PastForecasts) -> pd.DataFrame:
    return past_forecasts.select_rows(forecast, track.model, track.symbol, track.step, ("test",))


def _group_coverage(
    by: str, track: PastForecasts, names: list[str], order: tuple[str, ...] | None = None
) -> charts.GroupCoverage:
    empty = calibration.CoverageGroups(names_G=(), share_G=np.array([]), count_G=np.array([], dtype=np.int64))
    groups = calibration.coverage_by_group(track.inside_N, names, order) if track.has_interval else empty
    return charts.GroupCoverage(by=by, nominal=track.coverage, groups=groups)


def _benchmark_intervals(track: PastForecasts, benchmarks: pd.DataFrame) -> dict[str, tuple[Floats, Floats]]:
    """The benchmark intervals at the cutoffs of the track; a benchmark that lacks one of them is left out."""
    intervals = {}
    for name in dict.fromkeys(benchmarks["benchmark"]):
        rows = benchmarks[benchmarks["benchmark"] == name]
        rows = rows[(rows["symbol"] == track.symbol) & (rows["step"] == track.step)]
        interval = rows.set_index("cutoff")[["lo", "hi"]].reindex(pd.DatetimeIndex(track.cutoff_N))
        if len(interval) and np.isfinite(interval.to_numpy(dtype=float)).all():
            intervals[str(name)] = (interval["lo"].to_numpy(dtype=float), interval["hi"].to_numpy(dtype=float))
    return intervals
