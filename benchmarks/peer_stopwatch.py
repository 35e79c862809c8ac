"""What the trainings of benchmarks.peers share: a task on disk, one error measure, one stopwatch for learning alone.

Imports neither the app nor a peer, so that each interpreter can load it. Axis letters: T rows, N windows, L lookback,
H steps, F features.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
BATCH = 512  # windows per forward pass of a validation pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A scaled series, its past covariates, and the cutoff rows and true values of each split.

    `shift` is the number of steps between the cutoff and the first one forecast. Rows before `end` are for training.
    """

    series_T: Array
    past_TF: Array
    cutoff: dict[str, Array]
    truth: dict[str, Array]  # (N, H)
    lookback: int
    horizon: int
    shift: int
    end: int

    def windows(self, split: str, values: Array) -> Array:
        """The rows of `values` that each window of a split contains: (N, L, ...)."""
        return values[self.cutoff[split][:, None] + np.arange(1 - self.lookback, 1)]


def save(task: Task, folder: Path) -> None:
    """Write a task as plain arrays."""
    np.save(folder / "series.npy", task.series_T)
    np.save(folder / "past.npy", task.past_TF)
    for split in ("val", "test"):
        np.save(folder / f"{split}_cutoff.npy", task.cutoff[split])
        np.save(folder / f"{split}_truth.npy", task.truth[split])
    numbers = {name: int(getattr(task, name)) for name in ("lookback", "horizon", "shift", "end")}
    (folder / "task.json").write_text(json.dumps(numbers))


def load(folder: Path) -> Task:
    """The task that `save` wrote."""
    splits = ("val", "test")
    return Task(
        series_T=np.load(folder / "series.npy"),
        past_TF=np.load(folder / "past.npy"),
        cutoff={split: np.load(folder / f"{split}_cutoff.npy") for split in splits},
        truth={split: np.load(folder / f"{split}_truth.npy") for split in splits},
        **json.loads((folder / "task.json").read_text()),
    )


def error(forecast_NH: Array, truth_NH: Array) -> float:
    """Mean squared error, in squared standard deviations of the training split."""
    if forecast_NH.shape != truth_NH.shape:
        raise ValueError(f"forecasts {forecast_NH.shape}, true values {truth_NH.shape}")
    return float(np.mean((forecast_NH.astype(np.float64) - truth_NH) ** 2))


@dataclass(slots=True, kw_only=True)
class Stopwatch:
    """Counts wall-clock and processor seconds of learning alone, and decides when a training ends.

    A validation pass forecasts every validation window, and every test window if the validation error is the lowest so
    far.
    """

    task: Task
    cap: float
    patience: int
    passes: list[dict[str, float]] = field(default_factory=list)
    wall: float = 0.0
    processor: float = 0.0
    validating: float = 0.0
    best: float = float("inf")
    passes_since_best: int = 0
    started: tuple[float, float] = (0.0, 0.0)

    def start(self) -> None:
        """Start counting, or go on."""
        self.started = time.perf_counter(), time.process_time()

    def validate(self, forecast: Callable[[str], Array], stopping_pass: Callable[[], Any] | None = None) -> Any:
        """Stop counting, record the errors of `forecast` ("val", "test"), go on counting.

        `stopping_pass` is the training's own validation pass, if that is not a forecast of the whole validation split.
        Its seconds then count as validation, and its value is returned.
        """
        self.wall += time.perf_counter() - self.started[0]
        self.processor += time.process_time() - self.started[1]
        start = time.process_time()
        value = stopping_pass() if stopping_pass else None
        seconds, start = time.process_time() - start, time.process_time()
        val = error(forecast("val"), self.task.truth["val"])
        self.validating += seconds if stopping_pass else time.process_time() - start
        row = {
            "wall": self.wall,
            "processor": self.processor,
            "validating": self.validating,
            "val": val,
            "total": self.processor + self.validating,
        }
        self.passes_since_best += 1
        if val < self.best:
            self.best, self.passes_since_best = val, 0
            row["test"] = error(forecast("test"), self.task.truth["test"])
        self.passes.append(row)
        self.start()
        return value

    @property
    def over(self) -> bool:
        """Whether the time is up, or the latest validation passes brought no improvement."""
        return self.processor >= self.cap or self.passes_since_best >= self.patience


def run(train: Callable[[Stopwatch, dict[str, Any], int], None], argv: list[str]) -> None:
    """Train as argv says (folder, settings as JSON, seed, cap, patience, output file); write the validation passes."""
    folder, settings, seed, cap, patience, output = argv
    stopwatch = Stopwatch(task=load(Path(folder)), cap=float(cap), patience=int(patience))
    train(stopwatch, json.loads(settings), int(seed))
    Path(output).write_text(json.dumps(stopwatch.passes))
