"""Coverage, tails and score of the default 90 % interval on six kinds of series: python -m benchmarks.bands

Index returns one and 24 steps ahead, an exchange rate, an hourly load, counts with zeros, heavy tails and a break. A
small network of quick effort forecasts each; its interval is compared with GJR-GARCH-t, quantiles of the latest labels
and quantiles of the same hour or weekday, all from the same cutoffs. The next-day index returns are the S&P 500 of 2006
to 2018, refitted at the start of each year (`--from`, `--until`), GARCH with it; every other series is split once.
Synthetic kinds pool three seeds. `--only NAME` takes some kinds, `--methods` lists every method, and `--data ETTh1.csv`
adds the oil temperature of that file. Ends with 1 if a bound is missed.

The constants of the default (half-lives of 10 and 100 outcomes, step size .03, least spread .25, a window of 500
outcomes that do not overlap) were chosen on other series: seeds 11 to 13 of the synthetic kinds, the NASDAQ and oil;
among half-lives of 5, 7, 10, 14, 15, 20, 30, 40, 70 and 100, step sizes of .004 to .1, windows of 150 to 3,000, and as
the unit the widths alone, the latest errors alone, or both.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import band_series, series
from core.baselines import garch
from core.data import frame as frames
from core.datasets.targets import TargetKind
from core.datasets.windows import prepare, resolve
from core.evaluation import metrics
from core.forecasting import forecast
from core.intervals import benchmarks, calibrate, methods
from core.jobs.local import run
from core.spec import Spec, presets, with_values
from core.threads import one_thread
from core.types import Floats, Times, Windows

NOMINAL = 0.90
COVERAGE, WORST, TAIL, RATIO, SECONDS = (0.88, 0.92), 0.80, (0.04, 0.06), 1.02, 600.0  # the bounds
BURN_IN = 2  # years of out-of-sample scores before the first year that is scored
CYCLES = 20  # of the season that seasonal quantiles look back over
COMPARED = tuple(method for method in methods.METHODS if method != "gaussian")
SMALL = {"model.hidden": 16, "train.batch_size": 128, "train.device": "cpu", "bands.coverage": NOMINAL}
ONCE = {"split.train": 0.5, "split.val": 0.1, "split.calib": 0.1, "split.test": 0.3}
RETURNS = ("return", "abs_return", "negative_return", "log_volatility:5", "log_volatility:22")
RANGES = ("return", "abs_return", "log_range", "log_range_mean:5", "log_range_mean:22", "negative_return")

Interval = tuple[Floats, Floats]  # lower and upper bounds, (N, H)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of series: its frames, what its recipe adds, and the lengths of its seasons."""

    title: str
    load: Callable[[int], pd.DataFrame]
    values: dict[str, Any]
    seeds: tuple[int, ...] = (1, 2, 3)
    seasons: tuple[int, ...] = ()
    discrete: bool = False  # an interval that ends at zero cannot be missed below: tails are bounded above only


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """The network's quantiles on the calibration and the test windows of one series, and its rivals' intervals."""

    spec: Spec
    kind: TargetKind
    past: Windows
    past_NHQ: Floats
    test: Windows
    quantile_NHQ: Floats
    rivals: dict[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one method does on one kind; `ratio` is its Winkler score over that of the best rival."""

    coverage: float
    worst: float
    worst_60: float
    below: float
    above: float
    median: float
    ratio: float
    rival: str


def path_of_returns(horizon: int) -> dict[str, Any]:
    return ONCE | {"target.kind": "log_return", "target.horizon": horizon, "features": RETURNS}


def column(name: str, horizon: int, *features: str) -> dict[str, Any]:
    target = {"target.kind": "column", "target.column": name, "target.horizon": horizon}
    return ONCE | target | {"features": (f"column:{name}", *features)}


KINDS = {
    "index": Kind(title="index returns, 1 day", load=lambda _: series.sp500(), values={}, seeds=(0,)),
    "index24": Kind(
        title="index returns, 24 days", load=lambda _: band_series.index_close(), values=path_of_returns(24), seeds=(0,)
    ),
    "rate": Kind(title="exchange rate, 1 day", load=band_series.exchange_rate, values=path_of_returns(1)),
    "load": Kind(
        title="hourly load, 24 hours",
        load=band_series.load,
        values=column("load", 24, "hour_sin", "hour_cos", "weekday") | {"window.lookback": 48},
        seeds=(1, 2),
        seasons=(24, 168),
    ),
    "counts": Kind(
        title="counts with zeros, 1 day",
        load=band_series.counts,
        values=column("count", 1, "weekday") | {"model.norm": "none"},
        seasons=(7,),
        discrete=True,
    ),
    "heavy": Kind(title="heavy tails, 24 steps", load=band_series.heavy_tails, values=path_of_returns(24)),
    "break": Kind(title="a break, 5 steps", load=band_series.broken, values=path_of_returns(5)),
}


def main() -> None:
    """Forecast every kind, calibrate, and print each figure with its bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[*KINDS, "etth1"])
    parser.add_argument("--methods", action="store_true")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--from", dest="first", type=int, default=2006)
    parser.add_argument("--until", type=int, default=2018)
    options = parser.parse_args()
    kinds = dict(KINDS)
    if options.data:
        values = column("OT", 24, "hour_sin", "hour_cos") | {"window.lookback": 48}
        kinds["etth1"] = Kind(
            title="oil temperature, 24 hours",
            load=lambda _: series.etth1(options.data),
            values=values,
            seeds=(0,),
            seasons=(24,),
        )
    start, missed = time.process_time(), 0
    print(
        f"{'':26s}{'coverage':>9s}{'worst':>7s}{'last 60':>8s}{'below':>7s}{'above':>7s}{'median':>7s}{'Winkler':>9s}"
    )
    for name in options.only or kinds:
        kind = kinds[name]
        made = (
            [refitted(kind, options.first, options.until)]
            if name == "index"
            else [forecast_once(kind, seed) for seed in kind.seeds]
        )
        figures = measure(kind, made, "auto")
        misses = missed_bounds(kind, figures)
        missed += len(misses)
        print_figures(kind.title, figures, f"MISSED: {', '.join(misses)}" if misses else "met")
        for method in COMPARED[1:] if options.methods else ():
            if kind.values.get("target.kind") != "column" or not methods.METHODS[method].needs_returns:
                print_figures(f"  {method}", measure(kind, made, method), "")
    seconds = time.process_time() - start
    missed += seconds > SECONDS
    print(f"{seconds:.0f} processor seconds, {'met' if seconds <= SECONDS else 'MISSED'} (at most {SECONDS:.0f})")
    sys.exit(1 if missed else 0)


def recipe(values: dict[str, Any]) -> Spec:
    """Quick effort and a small network with the default quantile head."""
    return with_values(presets.apply(with_values(Spec(), {"data.symbols": ("A",)}), "quick"), SMALL | values)


def forecast_once(kind: Kind, seed: int) -> Forecasts:
    """One network, trained on the first half of the series, and its rivals."""
    frame = kind.load(seed)
    spec = recipe(kind.values | {"data.symbols": tuple(frames.symbols(frame))})
    made = _trained(resolve(spec, frame), frame)
    table = benchmarks.compute(made.spec, prepare(made.spec, frame))
    shape = (len(made.test), len(made.test.rows.steps))
    rivals = {
        str(name): (rows["lo"].to_numpy().reshape(shape), rows["hi"].to_numpy().reshape(shape))
        for name, rows in table.groupby("benchmark", sort=False)
    }
    return replace(made, rivals=rivals | {f"season of {p}": seasonal(made.test, p) for p in kind.seasons})


def refitted(kind: Kind, first: int, until: int) -> Forecasts:
    """A network and GARCH for each year, fitted on everything before it; the two years before the first calibrate."""
    frame, years, intervals = kind.load(0), [], []
    for year in range(first - BURN_IN, until + 1):
        dates = {"train": f"{year - 1}-06-30", "val": f"{year - 1}-12-31", "calib": 0, "test": f"{year}-12-31"}
        values = {"data.symbols": ("SP500",), "target.kind": "log_return", "target.horizon": 1, "features": RANGES}
        split = {f"split.{part}": end for part, end in dates.items()}
        made = _trained(resolve(recipe(values | split), frame), frame)
        return_T = np.diff(np.log(made.test.rows.level_T), prepend=np.nan)
        with one_thread():
            fitted = garch.fit(return_T, np.arange(int(made.test.cutoff_row_N[0])))
        scale_N1 = np.sqrt(garch.variances(fitted, return_T, 1)[made.test.cutoff_row_N])
        half_N1 = methods.student((1 + NOMINAL) / 2, fitted.dof) * scale_N1
        years.append(made)
        intervals.append((fitted.mean - half_N1, fitted.mean + half_N1))
    test = replace(years[-1].test, cutoff_row_N=np.concatenate([made.test.cutoff_row_N for made in years]))
    quantile_NHQ = np.concatenate([made.quantile_NHQ for made in years])
    scored_N = _years(test.time_NH[:, 0]) >= first
    low_N1, high_N1 = (np.concatenate([interval[side] for interval in intervals])[scored_N] for side in (0, 1))
    made = replace(
        years[-1],
        past=test.take(np.flatnonzero(~scored_N)),
        past_NHQ=quantile_NHQ[~scored_N],
        test=test.take(np.flatnonzero(scored_N)),
        quantile_NHQ=quantile_NHQ[scored_N],
    )
    point = replace(made, past_NHQ=np.zeros_like(made.past_NHQ), quantile_NHQ=np.zeros_like(made.quantile_NHQ))
    return replace(made, rivals={"garch": (low_N1, high_N1), "historical": calibrated(point, "historical")[1]})


def _trained(spec: Spec, frame: pd.DataFrame) -> Forecasts:
    from core.training import trainer

    prepared = prepare(spec, frame)
    trained = run(trainer.train(spec, prepared, None), lambda event: None)
    by_part = forecast.outputs(forecast.network(trained.net, binary=False), prepared)
    (past, past_NHQ), (test, quantile_NHQ) = by_part[prepared.calibrated_on], by_part["test"]
    return Forecasts(spec=spec, kind=prepared.kind, past=past, past_NHQ=past_NHQ, test=test, quantile_NHQ=quantile_NHQ)


def seasonal(test: Windows, season: int) -> Interval:
    """Quantiles of the level at the same point of the latest seasons known at each cutoff."""
    target_NH = test.cutoff_row_N[:, None] + np.asarray(test.rows.steps)
    behind_H = -(-np.asarray(test.rows.steps) // season)  # whole seasons back to a row that is known
    back_HC = season * (behind_H[:, None] + np.arange(CYCLES))
    value_NHC = test.rows.level_T[np.maximum(target_NH[:, :, None] - back_HC, 0)]
    low_NH, high_NH = np.quantile(value_NHC, [(1 - NOMINAL) / 2, (1 + NOMINAL) / 2], axis=2, method="weibull")
    return low_NH, high_NH


def calibrated(made: Forecasts, method: str) -> tuple[Floats, Interval]:
    """The median and the interval of one method, (N, H) each."""
    spec = replace(made.spec, bands=replace(made.spec.bands, method=method))
    level_NHL, interval = calibrate.calibrate(spec, made.kind, made.past, made.past_NHQ, made.test, made.quantile_NHQ)
    return level_NHL[:, :, level_NHL.shape[2] // 2], interval


def measure(kind: Kind, made: list[Forecasts], method: str) -> Figures:
    """The figures of one method, each series of the kind counting alike."""
    rows, scores = [], []
    for one in made:
        median_NH, (low_NH, high_NH) = calibrated(one, method)
        y_NH = one.test.y_NH
        inside_NH = (low_NH <= y_NH) & (y_NH <= high_NH)
        periods = _periods(one.test.time_NH[:, 0])
        worst_60 = np.convolve(inside_NH.mean(axis=1), np.ones(60) / 60, mode="valid").min()
        rows.append(
            (
                inside_NH.mean(),
                min(inside_NH[period].mean() for period in periods),
                worst_60,
                (y_NH < low_NH).mean(),
                (y_NH > high_NH).mean(),
                (y_NH < median_NH).mean(),
            )
        )
        own = metrics.winkler(y_NH, low_NH, high_NH, NOMINAL)
        scores.append({n: np.log(own / metrics.winkler(y_NH, *r, NOMINAL)) for n, r in one.rivals.items()})
    coverage, worst, worst_60, below, above, median = np.mean(rows, axis=0).tolist()
    ratios = {name: float(np.exp(np.mean([score[name] for score in scores]))) for name in scores[0]}
    rival = max(ratios, key=lambda name: ratios[name])
    return Figures(
        coverage=coverage,
        worst=worst,
        worst_60=worst_60,
        below=below,
        above=above,
        median=median,
        ratio=ratios[rival],
        rival=rival,
    )


def missed_bounds(kind: Kind, figures: Figures) -> list[str]:
    """The names of the bounds that the figures miss."""
    tail = (0.0, TAIL[1]) if kind.discrete else TAIL
    met = {
        "coverage": COVERAGE[0] <= figures.coverage <= COVERAGE[1],
        "worst": figures.worst >= WORST,
        "below": tail[0] <= figures.below <= tail[1],
        "above": tail[0] <= figures.above <= tail[1],
        "Winkler": figures.ratio <= RATIO,
    }
    return [name for name, holds in met.items() if not holds]


def print_figures(title: str, figures: Figures, outcome: str) -> None:
    """One line of the table."""
    shares = (figures.below, figures.above, figures.median)
    print(
        f"{title:26s}{figures.coverage:9.3f}{figures.worst:7.3f}{figures.worst_60:8.3f}"
        + "".join(f"{share:7.3f}" for share in shares)
        + f"{figures.ratio:9.3f} x {figures.rival:14s} {outcome}".rstrip(),
        flush=True,
    )


def _periods(time_N: Times) -> list[Any]:
    """The calendar years of these times with at least 60 of them, or the two halves if there are fewer than three."""
    year_N = _years(time_N)
    years = [year_N == year for year in np.unique(year_N) if (year_N == year).sum() >= 60]
    half = len(time_N) // 2
    return years if len(years) >= 3 else [slice(None, half), slice(half, None)]


def _years(time_N: Times) -> Any:
    return time_N.astype("M8[Y]").astype(int) + 1970


if __name__ == "__main__":
    main()
