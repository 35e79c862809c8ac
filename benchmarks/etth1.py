"""Accuracy on a table that everybody publishes: python -m benchmarks.etth1 --data ETTh1.csv [--search]

Univariate `OT` of ETTh1 (Zhou et al. 2021) by the convention of the published tables: 8,640 rows of training, 2,880 of
validation and 2,880 of test, z-scores by the training rows, every test window, lookback 336. Labels lie inside their
part, inputs may reach back into the part before, and rows after the first 14,400 are not used.

Without --search it reads the test part, once, with the settings in CHOSEN. With it, it prints the validation errors of
the settings that were tried, and reads no test part.
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

from core.baselines import linear, naive
from core.data import frame as frames
from core.datasets import windows
from core.datasets.windows import Prepared
from core.evaluation import metrics
from core.forecasting import forecast
from core.jobs.local import run
from core.models.registry import MODELS
from core.spec import MEDIAN, Spec, with_values
from core.training import trainer
from core.types import Floats, Windows

PARTS = {"split.train": 8640, "split.val": 2880, "split.calib": 0, "split.test": 2880}
TASK = {
    "data.source": "file",
    "data.symbols": ["ETTH1"],
    "target.kind": "column",
    "target.column": "OT",
    "features": ["column:OT"],
    "window.lookback": 336,
    **PARTS,
}
HORIZONS, SEARCHED = (96, 192, 336, 720), (96, 336)
SEEDS = 3
PUBLISHED = {96: (0.053, 0.177), 192: (0.069, 0.204), 336: (0.081, 0.226), 720: (0.080, 0.226)}  # NLinear, Zeng et al.
WITHIN, GOAL = 0.001, 0.0708
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
LARGE, SQUARE = LONGER | {"train.batch_size": 256}, LONGER | {"train.loss": "mse", "model.segment": 48}
TRIED: tuple[dict[str, Any], ...] = (  # in this order, each beside FIRST
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
    LARGE | {"train.loss": "mse"},
    LARGE | {"model.hidden": 32},
    LARGE | {"model.segment": 48},
    LARGE | {"train.loss": "mse", "model.segment": 48, "model.hidden": 32},
    LARGE | {"train.weight_decay": 0.3, "train.learning_rate": 5e-4},
    SQUARE,
    SQUARE | {"model.dropout": 0.7},
    SQUARE | {"model.hidden": 128, "train.learning_rate": 3e-4},
    SQUARE | {"model.segment": 24, "train.learning_rate": 3e-4},
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="ETTh1.csv")
    parser.add_argument("--horizons", type=int, nargs="+", default=HORIZONS)
    parser.add_argument("--search", action="store_true", help="validation errors of the settings that were tried")
    wanted = parser.parse_args()
    table = pd.read_csv(wanted.data, index_col=0, parse_dates=True)[["OT"]].iloc[: sum(PARTS.values())]
    frame = frames.build({"ETTH1": table})
    if wanted.search:
        _search(frame)
    else:
        _report({horizon: _rows(frame, horizon) for horizon in wanted.horizons})


def prepared(frame: pd.DataFrame, horizon: int, settings: dict[str, Any]) -> tuple[Spec, Prepared]:
    """The resolved recipe and its windows, the test part checked against the convention."""
    spec = windows.resolve(with_values(Spec(), TASK | settings | {"target.horizon": horizon}), frame)
    made = windows.prepare(spec, frame)
    first = PARTS["split.train"] + PARTS["split.val"] - 1  # the first label is that of the next row
    expected = np.arange(first, first + PARTS["split.test"] - horizon + 1)
    if not np.array_equal(made.splits.test.cutoff_row_N, expected):
        raise SystemExit(
            f"The test part has {len(made.splits.test)} windows; the convention has {len(expected)}, one "
            f"for each cutoff from row {expected[0]} to row {expected[-1]}."
        )
    return spec, made


def train(spec: Spec, made: Prepared, part: Windows) -> tuple[list[Floats], float]:
    """The forecasts of each network of an ensemble for `part`, model units, and the seconds that training took."""
    trained = run(trainer.train(spec, made), lambda event: None)
    middle = [forecast.quantiles(forecast.network(net, False), part, made)[:, :, MEDIAN] for net in trained.nets]
    return middle, trained.history.seconds


def score(model: str, forecast_NH: Floats, part: Windows, made: Prepared, seconds: float = 0.0) -> Row:
    """Scaled errors, the mean over windows and steps."""
    unit = made.score_SC[0, 0]
    return Row(
        model=model,
        mse=metrics.mse(part.y_NH / unit, forecast_NH / unit),
        mae=metrics.mae(part.y_NH / unit, forecast_NH / unit),
        seconds=seconds,
    )


def _rows(frame: pd.DataFrame, horizon: int) -> list[Row]:
    spec, made = prepared(frame, horizon, CHOSEN | {"train.ensemble": SEEDS})
    parts, test = made.splits, made.splits.test
    last_TH = naive.forecasts(test.rows, made.kind, horizon, parts.train)["last_value"]
    rows = [score("last value", last_TH[test.cutoff_row_N], test, made)]
    for name, title in linear.TITLES.items():
        began = time.perf_counter()
        fitted = linear.fit(name, parts.train, parts.val, made.kind)
        rows.append(
            score(f"{title}, closed form", linear.predict(fitted, test), test, made, time.perf_counter() - began)
        )
    each, seconds = train(spec, made, test)
    title = MODELS[spec.model.kind].title
    rows += [score(f"{title}, seed {seed + 1}", one, test, made, seconds / SEEDS) for seed, one in enumerate(each)]
    rows.append(score(f"{title}, {SEEDS} seeds averaged", np.mean(each, axis=0), test, made, seconds))
    return rows


def _search(frame: pd.DataFrame) -> None:
    """Validation errors, one seed; the columns are the settings in which the trials differ."""
    names = [name for name in FIRST if any(name in tried for tried in TRIED)]
    print(
        "| "
        + " | ".join([name.split(".")[1].replace("_", " ") for name in names] + [f"{horizon}" for horizon in SEARCHED])
        + " |"
    )
    print("|---" * (len(names) + len(SEARCHED)) + "|")
    for tried in TRIED:
        settings, errors = FIRST | tried, []
        for horizon in SEARCHED:
            spec, made = prepared(frame, horizon, settings)
            (middle_NH,), _ = train(spec, made, made.splits.val)
            errors.append(score("", middle_NH, made.splits.val, made).mse)
        print(
            "| " + " | ".join([f"{settings[name]}" for name in names] + [f"{error:.4f}" for error in errors]) + " |",
            flush=True,
        )


def _report(found: dict[int, list[Row]]) -> None:
    print("| MSE / MAE | " + " | ".join(map(str, found)) + " | mean MSE | seconds |")
    print("|---" * (len(found) + 3) + "|")
    told = [PUBLISHED[horizon] for horizon in found]
    _line("NLinear as published", told, "")
    for rows in zip(*found.values(), strict=True):
        _line(rows[0].model, [(row.mse, row.mae) for row in rows], f"{sum(row.seconds for row in rows):.1f}")
    off = max(
        abs(a - b)
        for horizon, rows in found.items()
        for row in rows
        if row.model.startswith("NLinear")
        for a, b in zip((row.mse, row.mae), PUBLISHED[horizon], strict=True)
    )
    mean = float(np.mean([rows[-1].mse for rows in found.values()]))
    print(f"\nNLinear is at most {off:.4f} from what was published (goal {WITHIN}).")
    print(f"{next(iter(found.values()))[-1].model}: mean MSE {mean:.4f} (goal {GOAL} over all four horizons).")


def _line(model: str, errors: list[tuple[float, float]], seconds: str) -> None:
    cells = " | ".join(f"{mse:.3f} / {mae:.3f}" for mse, mae in errors)
    print(f"| {model} | {cells} | {np.mean([mse for mse, _ in errors]):.4f} | {seconds} |")


if __name__ == "__main__":
    main()
