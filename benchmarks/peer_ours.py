"""Trains the product's LSTM for benchmarks.peers as the product does, and builds the tasks that all three share."""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import peer_stopwatch, series
from benchmarks.peer_stopwatch import Array, Stopwatch, Task
from benchmarks.series import ETTH1_DAY, etth1
from core.data import load
from core.datasets.windows import Prepared
from core.models.inference import compute_distribution, compute_outputs
from core.spec import Spec, with_values
from core.training import epoch, trainer
from core.types import Windows

if TYPE_CHECKING:
    import torch
    from torch import nn

DEMAND_DAY = {  # the next day of half-hourly electricity demand (Taylor 2003) from the last two
    "data.symbols": ["ELECTRICITY"],
    "target.kind": "column",
    "target.column": "demand",
    "features": ["column:demand"],
    "target.horizon": 48,
    "window.lookback": 96,
    "window.log": False,
}

SAME = {
    "model.kind": "lstm",
    "model.hidden": 64,
    "model.layers": 2,
    "model.head": "point",
    "model.combine": False,  # networks are compared
    "train.loss": "mse",
    "train.device": "cpu",
}


def prepare(name: str, data: Path | None, settings: dict[str, Any]) -> tuple[Spec, Prepared]:
    """The resolved recipe of a task of benchmarks.peers and its windows; `settings` are values of the recipe."""
    spec = with_values(Spec(), SAME | {"etth1": ETTH1_DAY, "demand": DEMAND_DAY}.get(name, {}) | settings)
    if name == "etth1":
        assert data is not None
        return series.prepare(spec, etth1(data))
    return series.prepare(spec, load.load(spec.data, Path()))


def build_task(spec: Spec, prepared: Prepared) -> Task:
    """The task as the peers see it: the target as a series, standardised on the training split, with past covariates.

    The value of realised volatility at a row is over the rows up to it.
    """
    rows, splits = prepared.splits.train.rows, {"val": prepared.splits.val, "test": prepared.splits.test}
    horizon, labels = spec.target.horizon, rows.y_TH.shape[1]
    shift, level = horizon - labels, prepared.kind.level
    if level:
        series_T, past_TF = _standardise(prepared, rows.level_T), rows.x_TF[:, :0]
    else:
        series_T = np.full(len(rows.time_T), np.nan)
        series_T[horizon:] = _standardise(prepared, rows.y_TH[:-horizon, 0])
        past_TF = rows.x_TF
    complete_T = np.isfinite(series_T) & np.isfinite(past_TF).all(axis=1)
    first, train_N = int(np.argmax(complete_T)), prepared.splits.train.cutoff_row_N
    if not complete_T[first : splits["test"].cutoff_row_N[-1] + 1].all():
        raise ValueError("The series has missing values: the peers would not see the same windows.")
    end, lookback = int(train_N[-1]) + horizon + 1 - first, prepared.splits.train.lookback
    if len(train_N) != end - lookback - horizon + 1:
        raise ValueError(f"{len(train_N)} training windows; the peers would see {end - lookback - horizon + 1}.")
    return Task(
        series_T=series_T[first:],
        past_TF=past_TF[first:],
        lookback=lookback,
        horizon=labels,
        shift=shift,
        end=end,
        cutoff={name: split.cutoff_row_N - first for name, split in splits.items()},
        truth={name: _standardise(prepared, split.y_NH) for name, split in splits.items()},
    )


def trainer_of(name: str, data: Path | None) -> Callable[[Stopwatch, dict[str, Any], int], None]:
    """A function that trains with the product's loop.

    The validation pass by which the product stops is timed separately; the windows are then forecast once more for an
    error that is measured as the peers' is.
    """

    def train(stopwatch: Stopwatch, settings: dict[str, Any], seed: int) -> None:
        spec, prepared = prepare(name, data, settings | {"seed": seed})
        inputs = {"val": _inputs(prepared.splits.val), "test": _inputs(prepared.splits.test)}
        stopping_pass = epoch.validate

        def timed_pass(plan: epoch.TrainingPlan, net: "nn.Module") -> "torch.Tensor":
            return stopwatch.validate(
                lambda split: _forecast(prepared, net, split, *inputs[split]), lambda: stopping_pass(plan, net)
            )

        epoch.validate = timed_pass
        try:
            import_module("torch._dynamo")  # as a worker does before its first training
            stopwatch.start()
            for _ in trainer.train(spec, prepared):
                if stopwatch.processor >= stopwatch.cap:
                    break
        finally:
            epoch.validate = stopping_pass

    return train


def _inputs(windows: Windows) -> tuple[Array, Array]:
    return windows.x_NLF, windows.known_NHK


def _forecast(prepared: Prepared, net: Any, split: str, x_NLF: Array, known_NHK: Array) -> Array:
    """Forecasts (N, H) of a split, standardised as the true values are; the median of a quantile head."""
    windows = getattr(prepared.splits, split)
    median_NH = compute_distribution(net, compute_outputs(net, x_NLF, known_NHK))[..., 3]
    value_NH = prepared.y_scaler.invert(median_NH, windows.symbol_N)
    return _standardise(prepared, value_NH + windows.anchor_N[:, None] if prepared.anchored else value_NH)


def _standardise(prepared: Prepared, value: Array) -> Array:
    """Labels in standard deviations of the training split: of its rows for a level, else of its labels."""
    level_T = prepared.splits.train.rows.level_T[prepared.bounds.start["train"] : prepared.bounds.end["train"]]
    center = np.nanmean(level_T) if prepared.kind.level else prepared.y_scaler.center_SC[0, 0]
    return (value - center) / prepared.score_SC[0, 0]


if __name__ == "__main__":
    task_name, data_file, *rest = sys.argv[1:]
    peer_stopwatch.run(trainer_of(task_name, Path(data_file) if data_file else None), rest)
