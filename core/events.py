"""What a job tells while it works: small, frozen, picklable."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a job; small, frozen, picklable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Event):
    """The job entered the stage called `name` ("features", "train", …); `text` is one plain sentence about it."""

    name: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch(Event):
    """One round of training ended. Losses are in train-standardised target units; seconds since training began.

    `grad_norm` and `grad_norm_max` are the mean and the largest norm of the gradient before it was clipped,
    `layer_norms` the means layer by layer, from the input to the head. `member` counts the networks of an ensemble from
    1 to `members`; each has epochs of its own, of which one is `final`, and several may be under way.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """`done` of `total` equal pieces of the current stage are finished."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved(Event):
    """A training as it stands after an epoch: plain arrays and JSON values, enough to go on as if never stopped."""

    arrays: dict[str, NDArray[Any]]
    state: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold(Event):
    """Fold number `fold` of `folds` of a walk forward is trained and has forecast its test part, in so many seconds.

    `skill` is 1 − error / error of the baseline that did best on the fold's own validation part.
    """

    fold: int
    folds: int
    skill: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SubtaskReturned(Event):
    """What a helper told of piece `number` of a job is void: it left the piece, or was lost with it."""

    number: int


class Subtasks(Protocol):
    """The numbered pieces of a job that are still to be done, shared out between the job itself and its helpers.

    `left` is how many nobody was given, `hands` how many may work at a time.
    """

    hands: int

    @property
    def left(self) -> int: ...

    def take(self) -> int | None:
        """A piece that is the caller's now; None where there is none, or helpers have all that are left."""

    def wait(self) -> bool:
        """Wait until a helper has finished a piece or given it back; False where no piece is left with anybody."""

    def found(self) -> dict[int, Any]:
        """What helpers have finished and was not given before."""

    def drop(self, beyond: int) -> None:
        """Forget the pieces whose numbers are greater: they are not wanted any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelRequest(Event):
    """The job has pieces, `work(*args, number)` each, which are generators as the job is: whoever runs it may answer
    with Pieces that others help with. None for an answer: the job does them all."""

    work: Callable[..., Generator[Event, Any, Any]]
    args: tuple[Any, ...]
    numbers: tuple[int, ...]
