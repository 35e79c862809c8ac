"""The default recipe on public series: python -m benchmarks.accuracy [--half development|reporting]

Trains the default recipe for each series of one half (benchmarks.public_series) and each seed, and prints its root mean
squared errors on the validation and the test split next to those of every baseline, the slow ones included, on the same
windows, then geometric means over the series against the better linear model, and against the best of all baselines,
which validation chooses. Settings are chosen by validation error on the development half; the reporting half is read
once. `--set path=value` tries other settings, `--save FILE` keeps the figures as JSON.
"""

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.public_series import HALVES, PublicSeries
from core.datasets.windows import Prepared
from core.errors import CoreError
from core.spec import Spec, assign, with_values
from core.types import Floats

LINEAR = ("ridge", "nlinear")
SPLITS = ("val", "test")
MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The root mean squared errors of one training and its baselines by model and split, units of the series.

    `seconds` are processor seconds of the training, `passes` its validation passes, `best` the best of them. A series
    that the product refuses has a `refusal` and no errors, and `left_out` has the reason for each baseline
    without a forecast.
    """

    series: str
    seed: int
    rows: int
    windows: int = 0
    lookback: int = 0
    errors: dict[str, dict[str, float]]
    left_out: dict[str, str] = field(default_factory=dict)
    seconds: float = math.nan
    passes: int = 0
    best: int = 0
    refusal: str = ""

    def ratio(self, split: str, model: str = MODEL) -> float:
        """The error of a model by that of the better linear one."""
        return self.errors[model][split] / min(self.errors[name][split] for name in LINEAR)

    @property
    def best_baseline(self) -> str:
        """The baseline with the least error on the validation split."""
        return min(self.errors.keys() - {MODEL}, key=lambda name: (self.errors[name]["val"], name))

    def ratio_to_best(self, split: str) -> float:
        """The error of the trained model by that of the best baseline."""
        return self.errors[MODEL][split] / self.errors[self.best_baseline][split]


def prepare(series: PublicSeries, seed: int, changes: tuple[str, ...] = ()) -> tuple[Spec, Prepared]:
    """The resolved default recipe of one series and its windows. Raises CoreError for a series that is refused."""
    from core.data import frame as frames
    from core.datasets import windows

    recipe = {
        "data.source": "file",
        "data.symbols": ["A"],
        "target.kind": "column",
        "target.column": "value",
        "target.horizon": series.horizon,
        "train.device": "cpu",
        "baselines.slow": True,
        "seed": seed,
    }
    spec = assign(with_values(Spec(), recipe), list(changes))
    frame = frames.build({"A": series.load().rename("value").to_frame().rename_axis("time")})
    spec = windows.resolve(spec, frame)
    return spec, windows.prepare(spec, frame)


def measure(series: PublicSeries, seed: int, changes: tuple[str, ...] = ()) -> Result:
    """Train the default recipe on one series and score it."""
    from core.baselines import registry
    from core.forecasting import distribution, forecast
    from core.jobs.local import run
    from core.training import trainer

    rows = len(series.load())
    try:
        spec, prepared = prepare(series, seed, changes)
        start = time.process_time()
        trained = run(trainer.train(spec, prepared), lambda event: None)
        seconds = time.process_time() - start
    except CoreError as error:
        return Result(series=series.name, seed=seed, rows=rows, errors={}, refusal=str(error))
    net = forecast.network(trained.net, prepared.kind.binary)
    baselines = registry.forecasts(spec, prepared, SPLITS)
    errors: dict[str, dict[str, float]] = {}
    for split in SPLITS:
        part = getattr(prepared.splits, split)
        y_NH = prepared.kind.to_user(part.y_NH)
        mean_NH = distribution.mean(forecast.predict(net, part, prepared), prepared.kind)
        forecasts = {MODEL: mean_NH} | {
            name: prepared.kind.to_user(by_split[split]) for name, by_split in baselines.by_baseline.items()
        }
        for name, yhat_NH in forecasts.items():
            errors.setdefault(name, {})[split] = rmse(yhat_NH, y_NH)
    return Result(
        series=series.name,
        seed=seed,
        rows=rows,
        windows=len(prepared.splits.train),
        lookback=spec.window.lookback,
        errors=errors,
        left_out=baselines.left_out,
        seconds=seconds,
        passes=len(trained.history.epochs),
        best=trained.history.best_epoch,
    )


def rmse(yhat_NH: Floats, y_NH: Floats) -> float:
    """Root mean squared error over windows and steps."""
    return float(np.sqrt(np.mean(np.square(yhat_NH - y_NH))))


def pair(errors: dict[str, float]) -> str:
    """The errors on validation and test."""
    return f"{errors['val']:.4g} / {errors['test']:.4g}"


def geometric_mean(results: list[Result], split: str, ratio: Callable[[Result, str], float] = Result.ratio) -> float:
    """Of the ratios of errors over all results that are no refusals; NaN if there are none."""
    ratios = [ratio(result, split) for result in results if not result.refusal]
    return float(np.exp(np.mean(np.log(ratios)))) if ratios else math.nan


def describe(result: Result) -> str:
    """One line of the table."""
    if result.refusal:
        return f"{result.series:22s} {result.rows:6d}  refused: {result.refusal}"
    cells = "  ".join(f"{name} {pair(errors)}" for name, errors in result.errors.items())
    return (
        f"{result.series:22s} {result.rows:6d}  {result.ratio('val'):.3f} / {result.ratio('test'):.3f} of linear, "
        f"{result.ratio_to_best('val'):.3f} / {result.ratio_to_best('test'):.3f} of {result.best_baseline}, the best  "
        f"{cells}  lookback {result.lookback}, {result.windows} windows, {result.best} of {result.passes} passes, "
        f"{result.seconds:.1f} s"
    )


def main() -> None:
    """Measure one half and print a line for each training, then the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=HALVES, default="development")
    parser.add_argument("--only", nargs="+", help="names of series")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--set", nargs="*", default=(), help="path=value of the recipe, to try other settings")
    parser.add_argument("--save", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    chosen = [series for series in HALVES[options.half] if not options.only or series.name in options.only]
    print("series, rows: root mean squared error on validation / test")
    results = []
    for series in chosen:
        for seed in range(options.seeds):
            results.append(measure(series, seed, tuple(options.set)))
            print(describe(results[-1]), flush=True)
    trained = [result for result in results if not result.refusal]
    print(f"{options.half}, {len(trained)} of {len(results)} trained: geometric means on validation / test")
    for against, ratio in (("the better linear model", Result.ratio), ("the best baseline", Result.ratio_to_best)):
        means = [f"{geometric_mean(results, split, ratio):.3f}" for split in SPLITS]
        print(f"against {against}: {' / '.join(means)}")
    print(f"{sum(result.seconds for result in trained):.1f} s of processor time in training")
    if options.save:
        options.save.write_text(json.dumps([asdict(result) for result in results], indent=1))


if __name__ == "__main__":
    main()
