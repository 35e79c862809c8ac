"""Whether the default band keeps its promise through 2008: python -m benchmarks.bands

S&P 500 next-day log returns, 2006 to 2018, a network refitted at the start of each year on all that came before, and
its band of 90 % beside that of GJR-GARCH-t, refitted on the same days. `--from 2008 --until 2009` for a part,
`--networks` for an ensemble. Data of arch.data; two years before the first serve to calibrate.
"""

import argparse
import time
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.baselines import garch
from core.data import frame as frames
from core.data.sources import samples
from core.datasets.windows import Prepared, prepare, resolve
from core.evaluation import metrics
from core.forecasting import forecast
from core.intervals import calibrate, methods
from core.intervals.methods import METHODS
from core.jobs.local import run
from core.spec import Spec, presets, with_values
from core.types import Floats, Ints, Windows

NOMINAL = 0.90
GOAL_OVERALL, GOAL_2008, GOAL_RATIO, GOAL_SECONDS = (0.88, 0.92), 0.82, 1.03, 600.0
BURN_IN = 2  # years of out-of-sample scores before the first year that is judged
FEATURES = ("return", "abs_return", "log_range", "log_range_mean:5", "log_range_mean:22", "negative_return")
COMPARED = tuple(method for method in METHODS if method != "gaussian")


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What one refit said of its year: cutoff rows, raw quantiles (N, 1, Q), and GARCH's mean and spread (N,)."""

    row_N: Ints
    made_NHQ: Floats
    mean: float
    scale_N: Floats
    dof: float


def main() -> None:
    """Refit year by year, calibrate over all of them, and print each figure with its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="first", type=int, default=2006)
    parser.add_argument("--until", type=int, default=2018)
    parser.add_argument("--networks", type=int, default=1)
    parser.add_argument("--hidden", type=int, default=32)
    options = parser.parse_args()
    began = time.perf_counter(), time.process_time()
    frame = frames.build({"SP500": samples.load("SP500")})
    spec = recipe(options.hidden, options.networks)
    made, years = None, []
    for year in range(options.first - BURN_IN, options.until + 1):
        started = time.perf_counter()
        made, said = refit(resolve(dated(spec, year), frame), frame)
        years.append(said)
        print(f"{year}: {len(said.row_N)} days, {time.perf_counter() - started:.1f} s", flush=True)
    assert made is not None
    report(spec, made, years, options.first)
    wall, worked = time.perf_counter() - began[0], time.process_time() - began[1]
    said = "met" if worked <= GOAL_SECONDS else "MISSED"
    print(f"{'processor seconds':20s}{worked:9.1f}   {said} (goal at most {GOAL_SECONDS:.0f}), {wall:.0f} by the clock")


def recipe(hidden: int, networks: int) -> Spec:
    """Quick effort with a small network, the loss of the default quantile head, and plain features of volatility."""
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
    """The recipe for one year: the six months before it decide when to stop, all before them are learned from."""
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
    """Train on what came before the year, and forecast every day of it."""
    from core.training import trainer

    prepared = prepare(spec, frame)
    trained = run(trainer.train(spec, prepared, None), lambda event: None)
    test = prepared.splits.test
    made_NHQ = forecast.quantiles(forecast.network(trained.net, binary=False), test, prepared)
    return_T = np.diff(np.log(test.rows.level_T), prepend=np.nan)
    fitted = garch.fit(return_T, np.arange(int(test.cutoff_row_N[0])))
    scale_N = np.sqrt(garch.variances(fitted, return_T, 1)[test.cutoff_row_N, 0])
    return prepared, Year(row_N=test.cutoff_row_N, made_NHQ=made_NHQ, mean=fitted.mean, scale_N=scale_N, dof=fitted.dof)


def report(spec: Spec, prepared: Prepared, years: list[Year], first: int) -> None:
    """Coverage, Winkler score and width of the default band, of GARCH's, and of every other method."""
    row_N = np.concatenate([year.row_N for year in years])
    every = Windows(rows=prepared.splits.test.rows, lookback=spec.window.lookback, cutoff_row_N=row_N)
    made_NHQ = np.concatenate([year.made_NHQ for year in years])
    judged_N = every.time_NH[:, 0].astype("M8[Y]").astype(int) + 1970 >= first
    before, after = every.take(np.flatnonzero(~judged_N)), every.take(np.flatnonzero(judged_N))
    y_N, year_N = after.y_NH[:, 0], after.time_NH[:, 0].astype("M8[Y]").astype(int) + 1970
    half_N = np.concatenate([methods.student(NOMINAL, year.dof) * year.scale_N for year in years])[judged_N]
    mean_N = np.concatenate([np.full(len(year.row_N), year.mean) for year in years])[judged_N]
    bands = {"GJR-GARCH-t, refitted": (mean_N - half_N, mean_N + half_N)}
    raw_NQ = made_NHQ[judged_N, 0]
    bands["quantiles, raw"] = (raw_NQ[:, 0], raw_NQ[:, -1])
    for method in COMPARED:
        asked = replace(spec, bands=replace(spec.bands, method=method))
        _, (low_NH, high_NH) = calibrate.calibrate(
            asked, prepared.kind, before, made_NHQ[~judged_N], after, made_NHQ[judged_N]
        )
        bands[method] = (low_NH[:, 0], high_NH[:, 0])
    print(f"\n{'band of 90 %, % a day':24s}{'coverage':>10s}{'2008':>8s}{'worst 60':>10s}{'width':>8s}{'Winkler':>9s}")
    for name, (low_N, high_N) in bands.items():
        inside_N = (low_N <= y_N) & (y_N <= high_N)
        worst = np.convolve(inside_N, np.ones(60) / 60, mode="valid").min()
        in_2008 = inside_N[year_N == 2008].mean() if (year_N == 2008).any() else float("nan")
        print(
            f"{name:24s}{inside_N.mean():10.3f}{in_2008:8.3f}{worst:10.3f}{100 * np.mean(high_N - low_N):8.2f}"
            f"{100 * metrics.winkler(y_N, low_N, high_N, NOMINAL):9.3f}"
        )
    goals(bands["auto"], bands["GJR-GARCH-t, refitted"], y_N, year_N)


def goals(ours: tuple[Floats, Floats], rival: tuple[Floats, Floats], y_N: Floats, year_N: Ints) -> None:
    """Each figure beside its goal."""
    inside_N = (ours[0] <= y_N) & (y_N <= ours[1])
    ratio = metrics.winkler(y_N, *ours, NOMINAL) / metrics.winkler(y_N, *rival, NOMINAL)
    low, high = GOAL_OVERALL
    lines = [
        ("coverage", inside_N.mean(), low <= inside_N.mean() <= high, f"{low} to {high}"),
        ("Winkler / GARCH's", ratio, ratio <= GOAL_RATIO, f"at most {GOAL_RATIO}"),
    ]
    if (year_N == 2008).any():
        in_2008 = inside_N[year_N == 2008].mean()
        lines.insert(1, ("coverage in 2008", in_2008, in_2008 >= GOAL_2008, f"at least {GOAL_2008}"))
    print(f"\n{len(y_N)} days")
    for name, value, met, goal in lines:
        print(f"{name:20s}{value:9.3f}   {'met' if met else 'MISSED'} (goal {goal})")


if __name__ == "__main__":
    main()
