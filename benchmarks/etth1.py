"""Accuracy on a published table: python -m benchmarks.etth1 --data ETTh1.csv [--search | --default KIND]

Univariate `OT` of ETTh1 (Zhou et al. 2021) by the convention of the published tables: 8,640 rows of training, 2,880 of
validation and 2,880 of test, z-scores by the training rows, every test window, lookback 336. Labels lie inside their
split, inputs may reach back into the split before, and rows after the first 14,400 are not used.

Without --search the settings in CHOSEN are scored on the test split, once. With it, the validation errors of all
settings that were tried are printed, and the test split is not read. With --default nothing is set but the task and the
kind of model: what a person gets who touches nothing else, the window of 336 rows aside.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file

import numpy as np
import pandas as pd

from benchmarks import series
from benchmarks.series import ETTH1, ETTH1_ROWS, etth1
from core.baselines import registry
from core.baselines.registry import BASELINES
from core.datasets.windows import Prepared
from core.evaluation import metrics
from core.forecasting import distribution, forecast
from core.jobs.local import run
from core.models.registry import MODELS
from core.spec import MEDIAN, Spec, with_values
from core.training import trainer
from core.types import Floats, Windows

TASK = ETTH1 | {"window.lookback": 336}
HORIZONS, SEARCHED = (96, 192, 336, 720), (96, 336)
SEEDS = 3
# MSE and MAE of NLinear, Zeng et al. (2023)
PUBLISHED = {96: (0.053, 0.177), 192: (0.069, 0.204), 336: (0.081, 0.226), 720: (0.080, 0.226)}
TOLERANCE, GOAL = 0.001, 0.0708
FIRST = {
    "model.kind": "segment",
    "model.segment": 24,
    "model.hidden": 64,
    "model.dropout": 0.5,
    "model.norm": "last",
    "model.head": "point",
    "train.loss": "mae",
    "train.learning_rate": 1e-3,
    "train.batch_size": 64,
    "train.weight_decay": 0.01,
    "train.epochs": 20,
    "train.patience": 4,
}
LONGER = {"train.epochs": 30, "train.patience": 5}
LARGE_BATCH, SQUARED = LONGER | {"train.batch_size": 256}, LONGER | {"train.loss": "mse", "model.segment": 48}
TRIED: tuple[dict[str, Any], ...] = (  # in this order, each a change of FIRST
    {},
    {"train.loss": "mse"},
    {"model.norm": "reversible"},
    {"model.hidden": 128},
    {"model.hidden": 32},
    {"model.segment": 48},
    {"model.dropout": 0.2},
    {"train.learning_rate": 3e-4},
    {"train.batch_size": 256},
    {"train.weight_decay": 0.3},
    LARGE_BATCH | {"train.loss": "mse"},
    LARGE_BATCH | {"model.hidden": 32},
    LARGE_BATCH | {"model.segment": 48},
    LARGE_BATCH | {"train.loss": "mse", "model.segment": 48, "model.hidden": 32},
    LARGE_BATCH | {"train.weight_decay": 0.3, "train.learning_rate": 5e-4},
    SQUARED,
    SQUARED | {"model.dropout": 0.7},
    SQUARED | {"model.hidden": 128, "train.learning_rate": 3e-4},
    SQUARED | {"model.segment": 24, "train.learning_rate": 3e-4},
)
CHOSEN: dict[str, Any] = FIRST | {"train.loss": "mse"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The errors of one model at one horizon, in units of the training rows' standard deviation."""

    model: str
    mse: float
    mae: float
    seconds: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="ETTh1.csv")
    parser.add_argument("--horizons", type=int, nargs="+", default=HORIZONS)
    parser.add_argument("--search", action="store_true", help="validation errors of the settings that were tried")
    parser.add_argument("--default", choices=MODELS, metavar="KIND", help="the default recipe of a kind of model")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--lookback", type=int, default=TASK["window.lookback"], help="of --default; 0: from the data")
    options = parser.parse_args()
    frame = etth1(options.data)
    if options.search:
        _print_search(frame)
    else:
        default = {"model.kind": options.default, "features": [], "window.lookback": options.lookback}
        settings = (default if options.default else CHOSEN) | {"train.ensemble": options.seeds}
        _print_table({horizon: score_models(frame, horizon, settings) for horizon in options.horizons})


def prepare(frame: pd.DataFrame, horizon: int, settings: dict[str, Any]) -> tuple[Spec, Prepared]:
    """The resolved recipe and its windows, after checking that the test split follows the convention."""
    spec, prepared = series.prepare(with_values(Spec(), TASK | settings | {"target.horizon": horizon}), frame)
    first = ETTH1_ROWS["train"] + ETTH1_ROWS["val"] - 1  # the first label is that of the next row
    expected = np.arange(first, first + ETTH1_ROWS["test"] - horizon + 1)
    if not np.array_equal(prepared.splits.test.cutoff_row_N, expected):
        raise SystemExit(
            f"The test split has {len(prepared.splits.test)} windows; the convention has {len(expected)}, one "
            f"for each cutoff from row {expected[0]} to row {expected[-1]}."
        )
    return spec, prepared


def train(spec: Spec, prepared: Prepared, windows: Windows) -> tuple[list[Floats], float]:
    """The quantiles and the mean (N, H, O) of each network of an ensemble for `windows`, model units, and the seconds
    that training took."""
    trained = run(trainer.train(spec, prepared), lambda event: None)
    outputs = [forecast.predict(forecast.network(net, False), windows, prepared) for net in trained.nets]
    return outputs, trained.history.seconds


def score(
    model: str, mean_NH: Floats, median_NH: Floats, windows: Windows, prepared: Prepared, seconds: float = 0.0
) -> Row:
    """Scaled errors, the mean over windows and steps: squared ones of the mean, absolute ones of the median."""
    unit, to_user = prepared.score_SC[0, 0], prepared.kind.to_user
    y_NH = to_user(windows.y_NH) / unit
    return Row(
        model=model, mse=metrics.mse(y_NH, mean_NH / unit), mae=metrics.mae(y_NH, median_NH / unit), seconds=seconds
    )


def score_models(frame: pd.DataFrame, horizon: int, settings: dict[str, Any]) -> list[Row]:
    """Test errors of the last value, the closed-form linear models, each network of the ensemble, and their mean."""
    spec, prepared = prepare(frame, horizon, settings)
    test, kind, rows = prepared.splits.test, prepared.kind, []
    for name in ("last_value", "ridge", "nlinear"):
        start = time.perf_counter()
        forecast_NH = kind.to_user(registry.fit(BASELINES[name], prepared)(test))
        title = BASELINES[name].title + ("" if BASELINES[name].naive else ", closed form")
        rows.append(score(title, forecast_NH, forecast_NH, test, prepared, time.perf_counter() - start))
    outputs, seconds = train(spec, prepared, test)
    title = MODELS[spec.model.kind].title
    means = [distribution.mean(output_NHO, kind) for output_NHO in outputs]
    medians = [kind.to_user(output_NHO[..., MEDIAN]) for output_NHO in outputs]
    rows += [
        score(f"{title}, seed {seed}", mean_NH, median_NH, test, prepared, seconds / len(outputs))
        for seed, (mean_NH, median_NH) in enumerate(zip(means, medians, strict=True), start=1)
    ]
    averaged = np.mean(means, axis=0), np.mean(medians, axis=0)
    rows.append(score(f"{title}, {len(outputs)} seeds averaged", *averaged, test, prepared, seconds))
    return rows


def _print_search(frame: pd.DataFrame) -> None:
    """Validation errors of one seed; the columns are the settings in which the experiments differ."""
    names = [name for name in FIRST if any(name in settings for settings in TRIED)]
    titles = [name.split(".")[1].replace("_", " ") for name in names] + [f"{horizon}" for horizon in SEARCHED]
    print("| " + " | ".join(titles) + " |")
    print("|---" * len(titles) + "|")
    for changes in TRIED:
        settings, errors = FIRST | changes, []
        for horizon in SEARCHED:
            spec, prepared = prepare(frame, horizon, settings)
            (output_NHO,), _ = train(spec, prepared, prepared.splits.val)
            median_NH = output_NHO[..., MEDIAN]
            errors.append(score("", median_NH, median_NH, prepared.splits.val, prepared).mse)
        cells = [f"{settings[name]}" for name in names] + [f"{error:.4f}" for error in errors]
        print("| " + " | ".join(cells) + " |", flush=True)


def _print_table(rows_by_horizon: dict[int, list[Row]]) -> None:
    print("| MSE / MAE | " + " | ".join(map(str, rows_by_horizon)) + " | mean MSE | seconds |")
    print("|---" * (len(rows_by_horizon) + 3) + "|")
    _print_row("NLinear as published", [PUBLISHED[horizon] for horizon in rows_by_horizon], "")
    for rows in zip(*rows_by_horizon.values(), strict=True):
        _print_row(rows[0].model, [(row.mse, row.mae) for row in rows], f"{sum(row.seconds for row in rows):.1f}")
    gap = max(
        abs(measured - published)
        for horizon, rows in rows_by_horizon.items()
        for row in rows
        if row.model.startswith("NLinear")
        for measured, published in zip((row.mse, row.mae), PUBLISHED[horizon], strict=True)
    )
    last = [rows[-1] for rows in rows_by_horizon.values()]
    mean = float(np.mean([row.mse for row in last]))
    print(f"\nNLinear differs by at most {gap:.4f} from the published figures (goal {TOLERANCE}).")
    print(f"{last[0].model}: mean MSE {mean:.4f} (goal {GOAL} over all four horizons).")


def _print_row(model: str, errors: list[tuple[float, float]], seconds: str) -> None:
    cells = " | ".join(f"{mse:.3f} / {mae:.3f}" for mse, mae in errors)
    print(f"| {model} | {cells} | {np.mean([mse for mse, _ in errors]):.4f} | {seconds} |")


if __name__ == "__main__":
    main()
