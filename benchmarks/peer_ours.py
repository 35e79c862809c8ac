"""Trains the product's LSTM for benchmarks.peers as the product does, and makes the tasks that all three are given."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks import peer_watch
from benchmarks.peer_watch import Array, Task, Watch
from core.data import frame as frames
from core.data import load
from core.datasets import windows
from core.models.inference import compute_outputs, compute_quantiles
from core.spec import Spec, with_values
from core.training import device, epoch, trainer
from core.types import Windows

if TYPE_CHECKING:
    import torch
    from torch import nn

SAME = {
    "model.kind": "lstm",
    "model.hidden": 64,
    "model.layers": 2,
    "model.head": "point",
    "train.loss": "mse",
    "train.epochs": 2000,
    "train.device": "cpu",
}
ETT = {
    "data.source": "file",
    "data.symbols": ["ETT"],
    "target.kind": "column",
    "target.column": "OT",
    "target.horizon": 24,
    "window.lookback": 96,
    "split.train": 8640,
    "split.val": 2880,
    "split.calib": 0,
    "split.test": 2880,
    "features": ["column:OT"],
}
ROWS = 14400  # of ETTh1; those after them are unused in the published tables


def prepared(name: str, data: Path | None, settings: dict[str, Any]) -> tuple[Spec, windows.Prepared]:
    """The resolved recipe of a task ("etth1", "sp500") and its windows; `settings` are values of the recipe."""
    spec = with_values(Spec(), SAME | (ETT if name == "etth1" else {}) | settings)
    if name == "etth1":
        assert data is not None
        table = pd.read_csv(data, index_col=0, parse_dates=True)[["OT"]].iloc[:ROWS]
        frame = frames.build({"ETT": table})
    else:
        frame = load.load(spec.data, Path())
    spec = windows.resolve(spec, frame)
    return spec, windows.prepare(spec, frame)


def task(spec: Spec, made: windows.Prepared) -> Task:
    """What the peers are given: the target as a series, standardised on the training part, the other features beside.

    A realised volatility is forecast as its own past values are counted: its value at a row is over the rows up to it.
    """
    rows, parts = made.splits.train.rows, {"val": made.splits.val, "test": made.splits.test}
    horizon, labels = spec.target.horizon, rows.y_TH.shape[1]
    shift, level = horizon - labels, made.kind.level
    if level:
        series_T, past_TF = _standard(made, rows.level_T), rows.x_TF[:, :0]
    else:
        series_T = np.full(len(rows.time_T), np.nan)
        series_T[horizon:] = _standard(made, rows.y_TH[:-horizon, 0])
        past_TF = rows.x_TF
    known_T = np.isfinite(series_T) & np.isfinite(past_TF).all(axis=1)
    first, train = int(np.argmax(known_T)), made.splits.train.cutoff_row_N
    if not known_T[first : parts["test"].cutoff_row_N[-1] + 1].all():
        raise ValueError("The series has holes: the peers would not see the same windows.")
    end, count = int(train[-1]) + horizon + 1 - first, made.splits.train.lookback
    if len(train) != end - count - horizon + 1:
        raise ValueError(f"{len(train)} windows for learning; the peers would see {end - count - horizon + 1}.")
    return Task(
        series_T=series_T[first:],
        past_TF=past_TF[first:],
        lookback=count,
        horizon=labels,
        shift=shift,
        end=end,
        cutoff={name: part.cutoff_row_N - first for name, part in parts.items()},
        truth={name: _standard(made, part.y_NH) for name, part in parts.items()},
    )


def train(name: str, data: Path | None) -> Callable[[Watch, dict[str, Any], int], None]:
    """Learning with the product's loop. Its look at the validation part, by which it stops, is timed by itself; the
    windows are forecast once more for an error that is counted as the peers' is."""

    def learn(watch: Watch, settings: dict[str, Any], seed: int) -> None:
        spec, made = prepared(name, data, settings | {"seed": seed, "train.patience": watch.patience})
        seen = {"val": _inputs(made.splits.val), "test": _inputs(made.splits.test)}
        look = epoch.validate

        def stopped(plan: epoch.TrainingPlan, net: "nn.Module") -> "torch.Tensor":
            return watch.look(lambda part: _forecast(made, net, part, *seen[part]), lambda: look(plan, net))

        epoch.validate = stopped
        device.warm()  # as a worker is before a training comes
        watch.start()
        for _ in trainer.train(spec, made):
            if watch.processor >= watch.cap:
                break

    return learn


def _inputs(part: Windows) -> tuple[Array, Array]:
    return part.x_NLF, part.known_NHK


def _forecast(made: windows.Prepared, net: Any, part: str, x_NLF: Array, known_NHK: Array) -> Array:
    """Forecasts of a part, standardised as the true values are; of a head of quantiles the median."""
    of = getattr(made.splits, part)
    median_NH = compute_quantiles(net, compute_outputs(net, x_NLF, known_NHK))[..., 3]
    value_NH = made.y_scaler.invert(median_NH, of.symbol_N)
    return _standard(made, value_NH + of.anchor_N[:, None] if made.anchored else value_NH)


def _standard(made: windows.Prepared, value: Array) -> Array:
    """Labels in standard deviations of the training part: of its rows for a level, else of its labels."""
    level_T = made.splits.train.rows.level_T[made.bounds.start["train"] : made.bounds.end["train"]]
    center = np.nanmean(level_T) if made.kind.level else made.y_scaler.center_SC[0, 0]
    return (value - center) / made.score_SC[0, 0]


if __name__ == "__main__":
    name, data, *rest = sys.argv[1:]
    peer_watch.run(train(name, Path(data) if data else None), rest)
