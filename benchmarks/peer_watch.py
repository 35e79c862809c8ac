"""What the three trainings of benchmarks.peers share: a task on disk, one error, one clock that stops while looking.

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
BATCH = 512  # windows that go through a network at once where nothing is learnt


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A scaled series, what is known beside it, and the cutoff rows and true values of each part.

    `shift` is how many steps lie between the cutoff and the first one forecast. Rows before `end` are for learning.
    """

    series_T: Array
    past_TF: Array
    cutoff: dict[str, Array]
    truth: dict[str, Array]  # (N, H)
    lookback: int
    horizon: int
    shift: int
    end: int

    def windows(self, part: str, values: Array) -> Array:
        """The rows of `values` that each window of a part sees: (N, L, ...)."""
        return values[self.cutoff[part][:, None] + np.arange(1 - self.lookback, 1)]


def save(task: Task, folder: Path) -> None:
    """Lay a task down as plain arrays."""
    np.save(folder / "series.npy", task.series_T)
    np.save(folder / "past.npy", task.past_TF)
    for part in ("val", "test"):
        np.save(folder / f"{part}_cutoff.npy", task.cutoff[part])
        np.save(folder / f"{part}_truth.npy", task.truth[part])
    numbers = {name: int(getattr(task, name)) for name in ("lookback", "horizon", "shift", "end")}
    (folder / "task.json").write_text(json.dumps(numbers))


def load(folder: Path) -> Task:
    """The task that `save` laid down."""
    parts = ("val", "test")
    return Task(
        series_T=np.load(folder / "series.npy"),
        past_TF=np.load(folder / "past.npy"),
        cutoff={part: np.load(folder / f"{part}_cutoff.npy") for part in parts},
        truth={part: np.load(folder / f"{part}_truth.npy") for part in parts},
        **json.loads((folder / "task.json").read_text()),
    )


def error(forecast_NH: Array, truth_NH: Array) -> float:
    """Mean squared error, in squared standard deviations of the training part."""
    if forecast_NH.shape != truth_NH.shape:
        raise ValueError(f"forecasts {forecast_NH.shape}, true values {truth_NH.shape}")
    return float(np.mean((forecast_NH.astype(np.float64) - truth_NH) ** 2))


@dataclass(slots=True, kw_only=True)
class Watch:
    """Counts wall and processor seconds of learning alone, and says when a training is to end.

    A look forecasts every validation window, and every test window where the validation error is the lowest so far.
    """

    task: Task
    cap: float
    patience: int
    looks: list[dict[str, float]] = field(default_factory=list)
    wall: float = 0.0
    processor: float = 0.0
    looking: float = 0.0
    best: float = float("inf")
    waited: int = 0
    since: tuple[float, float] = (0.0, 0.0)

    def start(self) -> None:
        """Begin, or go on, counting."""
        self.since = time.perf_counter(), time.process_time()

    def look(self, forecast: Callable[[str], Array], own: Callable[[], Any] | None = None) -> Any:
        """Stop counting, ask for the forecasts of a part ("val", "test"), note the errors, go on counting.

        `own` is the look by which a training stops, where it is another than forecasting the validation part: its
        seconds count as looking then, and what it gives is given back.
        """
        self.wall += time.perf_counter() - self.since[0]
        self.processor += time.process_time() - self.since[1]
        began = time.process_time()
        found = own() if own else None
        spent, began = time.process_time() - began, time.process_time()
        val = error(forecast("val"), self.task.truth["val"])
        self.looking += spent if own else time.process_time() - began
        row = {
            "wall": self.wall,
            "processor": self.processor,
            "looking": self.looking,
            "val": val,
            "whole": self.processor + self.looking,
        }
        self.waited += 1
        if val < self.best:
            self.best, self.waited = val, 0
            row["test"] = error(forecast("test"), self.task.truth["test"])
        self.looks.append(row)
        self.start()
        return found

    @property
    def over(self) -> bool:
        """Whether the time is up, or the last looks brought nothing."""
        return self.processor >= self.cap or self.waited >= self.patience


def run(train: Callable[[Watch, dict[str, Any], int], None], argv: list[str]) -> None:
    """Train as argv says (folder, settings as JSON, seed, cap, patience, file of the answer) and write the looks."""
    folder, settings, seed, cap, patience, answer = argv
    watch = Watch(task=load(Path(folder)), cap=float(cap), patience=int(patience))
    train(watch, json.loads(settings), int(seed))
    Path(answer).write_text(json.dumps(watch.looks))
