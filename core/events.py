"""The events that a job yields while it works: small, frozen, picklable."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Event):
    """The job entered the stage `name` ("features", "train", …); `text` is one plain sentence about it.

    `unit` is what the budget of a training counts: see `Train.unit`.
    """

    name: str
    text: str = ""
    unit: str = "step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost(Event):
    """What the coming stages cost, by name and in order: seconds on a typical processor core, counted from the work.

    A training counts with its whole budget; it may stop earlier.
    """

    seconds: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch(Event):
    """An epoch of training ended. Losses are in train-standardised target units; seconds since training began.

    `step` are the optimizer steps so far, of `steps` at most; both are 0 in runs of versions that counted none.
    `grad_norm` and `grad_norm_max` are the mean and the largest norm of the gradient before clipping, `layer_norms` the
    means layer by layer, from the input to the head. `member` counts the networks of an ensemble from 1 to `members`;
    each has its own epochs, of which the last is `final`, and several may train in parallel.
    """

    epoch: int
    epochs: int
    train_loss: float
    val_loss: float
    lr: float
    seconds: float
    eta: float
    grad_norm: float | None = None
    grad_norm_max: float | None = None
    layer_norms: dict[str, float] | None = None
    member: int = 1
    members: int = 1
    final: bool = False
    step: int = 0
    steps: int = 0

    def count(self, unit: str) -> tuple[str, int, int]:
        """How much of the budget is used, and how much there is at most: in steps or epochs, as `unit` says, but in
        epochs if no steps were counted."""
        counted = self.step and unit == "step"
        return ("step", self.step, self.steps) if counted else ("epoch", self.epoch, self.epochs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """`done` of `total` equal parts of the current stage are finished."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint(Event):
    """The state of a training after an epoch: plain arrays and JSON values, enough to go on as if never stopped."""

    arrays: dict[str, NDArray[Any]]
    state: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold(Event):
    """Fold number `fold` of `folds` of a backtest is trained and has forecast its test split, in so many seconds.

    `skill` is 1 − RMSE / RMSE of `reference`, the naive baseline of the fold's own validation split.
    """

    fold: int
    folds: int
    skill: float
    reference: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SubtaskReturned(Event):
    """A helper gave subtask `number` back or was lost with it: the events that it sent about the subtask are void."""

    number: int


class Subtasks:
    """The numbered subtasks of a job, which the job does alone and in order; core.jobs.parallel shares them with
    helpers. `waiting` are assigned to nobody yet, `slots` is how many can run in parallel."""

    def __init__(self, numbers: Iterable[int], slots: int = 1) -> None:
        self.waiting, self.slots = list(numbers), slots

    def take(self) -> int | None:
        """A subtask for the job itself; None if there is none, or helpers have all that are left."""
        return self.waiting.pop(0) if self.waiting else None

    def wait(self) -> bool:
        """Wait until a helper has finished a subtask or given it back; False if no subtask is left with anybody."""
        return False

    def collect(self) -> dict[int, Any]:
        """The results of helpers that were not collected before, by number."""
        return {}

    def drop(self, beyond: int) -> None:
        """Drop the subtasks with greater numbers: they are not needed any more."""
        self.waiting = [number for number in self.waiting if number < beyond]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelRequest(Event):
    """The job has independent subtasks, `work(*args, number)` for each of `numbers`, which are generators like the job.

    Whoever runs the job may send back Subtasks that helpers share; sent None, the job does them all.
    """

    work: Callable[..., Generator[Event, Any, Any]]
    args: tuple[Any, ...]
    numbers: tuple[int, ...]
