"""Coverage of the default prediction interval through 2008: python -m benchmarks.bands

S&P 500 next-day log returns, 2006 to 2018. The network is refitted at the start of each year on everything before it;
its 90 % interval is compared with that of GJR-GARCH-t, refitted on the same days. `--from 2008 --until 2009` takes a
part of the years, `--networks` an ensemble. Data of arch.data; the two years before the first serve as calibration.
"""

import argparse
import time
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from benchmarks.series import sp500
from core.baselines import garch
from core.datasets.windows import Prepared, prepare, resolve
from core.evaluation import metrics
from core.forecasting import forecast
from core.intervals import calibrate, methods
from core.intervals.methods import METHODS
from core.jobs.local import run
from core.spec import Spec, presets, with_values
from core.threads import one_thread
from core.types import Floats, Ints, Windows

NOMINAL = 0.90
GOAL_OVERALL, GOAL_2008, GOAL_RATIO, GOAL_SECONDS = (0.88, 0.92), 0.82, 1.03, 600.0
BURN_IN = 2  # years of out-of-sample scores before the first year that is scored
FEATURES = ("return", "abs_return", "log_range", "log_range_mean:5", "log_range_mean:22", "negative_return")
COMPARED = tuple(method for method in METHODS if method != "gaussian")


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One refit's forecasts of its year: cutoff rows, raw quantiles (N, 1, Q), GARCH's mean, scale (N,) and dof."""

    row_N: Ints
    quantile_NHQ: Floats
    mean: float
    scale_N: Floats
    dof: float


def main() -> None:
    """Refit year by year, calibrate over all years, and print each figure with its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="first", type=int, default=2006)
    parser.add_argument("--until", type=int, default=2018)
    parser.add_argument("--networks", type=int, default=1)
    parser.add_argument("--hidden", type=int, default=32)
    options = parser.parse_args()
    start_wall, start_cpu = time.perf_counter(), time.process_time()
    frame = sp500()
    spec = recipe(options.hidden, options.networks)
    prepared, years = None, []
    for calendar_year in range(options.first - BURN_IN, options.until + 1):
        start = time.perf_counter()
        prepared, year = refit(resolve(dated(spec, calendar_year), frame), frame)
        years.append(year)
        print(f"{calendar_year}: {len(year.row_N)} days, {time.perf_counter() - start:.1f} s", flush=True)
    assert prepared is not None
    report(spec, prepared, years, options.first)
    wall, cpu = time.perf_counter() - start_wall, time.process_time() - start_cpu
    outcome = "met" if cpu <= GOAL_SECONDS else "MISSED"
    print(f"{'processor seconds':20s}{cpu:9.1f}   {outcome} (goal at most {GOAL_SECONDS:.0f}), {wall:.0f} wall-clock")


def recipe(hidden: int, networks: int) -> Spec:
    """Quick effort, a small network with the default quantile head, and plain volatility features."""
    spec = presets.apply(Spec(), "quick")
    return with_values(
        spec,
        {
            "data.symbols": ("SP500",),
            "target.kind": "log_return",
            "target.horizon": 1,
            "features": FEATURES,
            "model.hidden": hidden,
            "train.ensemble": networks,
            "train.device": "cpu",
            "bands.coverage": NOMINAL,
        },
    )


def dated(spec: Spec, year: int) -> Spec:
    """The recipe for one year: the six months before it are the validation split, everything earlier trains."""
    return with_values(
        spec,
        {
            "split.train": f"{year - 1}-06-30",
            "split.val": f"{year - 1}-12-31",
            "split.calib": 0,
            "split.test": f"{year}-12-31",
        },
    )


def refit(spec: Spec, frame: pd.DataFrame) -> tuple[Prepared, Year]:
    """Train on the rows before the year, and forecast every day of it."""
    from core.training import trainer

    prepared = prepare(spec, frame)
    trained = run(trainer.train(spec, prepared, None), lambda event: None)
    test = prepared.splits.test
    quantile_NHQ = forecast.quantiles(forecast.network(trained.net, binary=False), test, prepared)
    return_T = np.diff(np.log(test.rows.level_T), prepend=np.nan)
    with one_thread():
        fitted = garch.fit(return_T, np.arange(int(test.cutoff_row_N[0])))
    scale_N = np.sqrt(garch.variances(fitted, return_T, 1)[test.cutoff_row_N, 0])
    return prepared, Year(
        row_N=test.cutoff_row_N, quantile_NHQ=quantile_NHQ, mean=fitted.mean, scale_N=scale_N, dof=fitted.dof
    )


def report(spec: Spec, prepared: Prepared, years: list[Year], first: int) -> None:
    """Print coverage, width and Winkler score of the default interval, of GARCH's, and of every other method."""
    row_N = np.concatenate([year.row_N for year in years])
    windows = Windows(rows=prepared.splits.test.rows, lookback=spec.window.lookback, cutoff_row_N=row_N)
    quantile_NHQ = np.concatenate([year.quantile_NHQ for year in years])
    scored_N = _years(windows) >= first
    calib, test = windows.take(np.flatnonzero(~scored_N)), windows.take(np.flatnonzero(scored_N))
    y_N, year_N = test.y_NH[:, 0], _years(test)
    half_N = np.concatenate([methods.student(NOMINAL, year.dof) * year.scale_N for year in years])[scored_N]
    mean_N = np.concatenate([np.full(len(year.row_N), year.mean) for year in years])[scored_N]
    raw_NQ = quantile_NHQ[scored_N, 0]
    intervals = {
        "GJR-GARCH-t, refitted": (mean_N - half_N, mean_N + half_N),
        "quantiles, raw": (raw_NQ[:, 0], raw_NQ[:, -1]),
    }
    for method in COMPARED:
        variant = replace(spec, bands=replace(spec.bands, method=method))
        _, (low_NH, high_NH) = calibrate.calibrate(
            variant, prepared.kind, calib, quantile_NHQ[~scored_N], test, quantile_NHQ[scored_N]
        )
        intervals[method] = (low_NH[:, 0], high_NH[:, 0])
    title = f"{NOMINAL:.0%} interval, % a day"
    print(f"\n{title:24s}{'coverage':>10s}{'2008':>8s}{'worst 60':>10s}{'width':>8s}{'Winkler':>9s}")
    for name, (low_N, high_N) in intervals.items():
        covered_N = (low_N <= y_N) & (y_N <= high_N)
        worst = np.convolve(covered_N, np.ones(60) / 60, mode="valid").min()
        in_2008 = covered_N[year_N == 2008].mean() if (year_N == 2008).any() else float("nan")
        print(
            f"{name:24s}{covered_N.mean():10.3f}{in_2008:8.3f}{worst:10.3f}{100 * np.mean(high_N - low_N):8.2f}"
            f"{100 * metrics.winkler(y_N, low_N, high_N, NOMINAL):9.3f}"
        )
    check_goals(intervals["auto"], intervals["GJR-GARCH-t, refitted"], y_N, year_N)


def check_goals(default: tuple[Floats, Floats], benchmark: tuple[Floats, Floats], y_N: Floats, year_N: Ints) -> None:
    """Print each figure of the default interval next to its goal; `benchmark` is GARCH's."""
    covered_N = (default[0] <= y_N) & (y_N <= default[1])
    ratio = metrics.winkler(y_N, *default, NOMINAL) / metrics.winkler(y_N, *benchmark, NOMINAL)
    low, high = GOAL_OVERALL
    lines = [
        ("coverage", covered_N.mean(), low <= covered_N.mean() <= high, f"{low} to {high}"),
        ("Winkler / GARCH's", ratio, ratio <= GOAL_RATIO, f"at most {GOAL_RATIO}"),
    ]
    if (year_N == 2008).any():
        in_2008 = covered_N[year_N == 2008].mean()
        lines.insert(1, ("coverage in 2008", in_2008, in_2008 >= GOAL_2008, f"at least {GOAL_2008}"))
    print(f"\n{len(y_N)} days")
    for name, value, met, goal in lines:
        print(f"{name:20s}{value:9.3f}   {'met' if met else 'MISSED'} (goal {goal})")


def _years(windows: Windows) -> Ints:
    """The calendar year of each window's first forecast step."""
    return windows.time_NH[:, 0].astype("M8[Y]").astype(int) + 1970


if __name__ == "__main__":
    main()
