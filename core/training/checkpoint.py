"""A training in the middle, flattened to plain arrays and JSON values and put together again: nothing is pickled."""

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import TrainError
from core.events import Epoch, Saved
from core.spec import Spec
from core.training.optimizers import Schedule
from core.training.rng import Randomness
from core.types import FORMAT, Floats

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A network whose training is over: its best weights, none where it went wrong before there were any, and `problem`
    where it ended before its time."""

    weights: dict[str, Floats]
    epochs: tuple[Epoch, ...]
    best_epoch: int
    problem: str | None = None


@dataclass(slots=True, kw_only=True)
class Progress:
    """What changes from epoch to epoch of one network; `best` holds the weights of its best epoch, on the device.

    `seconds` are since the training of all began, `since` is where this network began.
    """

    member: int = 1
    members: int = 1
    epoch: int = 0
    best_loss: float = float("inf")
    best_epoch: int = 0
    best: dict[str, Tensor] = field(default_factory=dict)
    told: list[Epoch] = field(default_factory=list)
    seconds: float = 0.0
    since: float = 0.0


NUMBERS = ("member", "members", "epoch", "best_loss", "best_epoch", "seconds", "since")  # of Progress


def save(
    spec: Spec,
    progress: Progress,
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    schedule: Schedule,
    randomness: Randomness,
    finished: dict[int, Member],
) -> Saved:
    """Everything that the rest of this training depends on, beside the recipe and the data."""
    arrays = _prefixed("net", weights(net.state_dict())) | _prefixed("best", weights(progress.best))
    for i, of_parameter in optimizer.state_dict()["state"].items():
        arrays |= _prefixed(f"optimizer/{i}", {k: _array(v) for k, v in of_parameter.items() if v is not None})
    arrays |= _prefixed("random", randomness.arrays())
    made = between(spec, progress, finished)
    return Saved(
        arrays=made.arrays | arrays, state=made.state | {"schedule": schedule.state(), "random": randomness.state()}
    )


def between(spec: Spec, progress: Progress, finished: dict[int, Member]) -> Saved:
    """The same where no network is being trained here: `progress` is of one that is to begin."""
    arrays: Arrays = {}
    for number, member in finished.items():
        arrays |= _prefixed(f"member/{number}", member.weights)
    over = [
        {"member": number, "best_epoch": member.best_epoch, "told": _plain(member.epochs), "problem": member.problem}
        for number, member in finished.items()
    ]
    state = {"format": FORMAT, "spec": spec.id, "told": _plain(progress.told), "finished": over}
    numbers = {name: getattr(progress, name) for name in NUMBERS}
    # Before the first epoch the best loss is infinite, which JSON does not know.
    return Saved(arrays=arrays, state=state | {name: number for name, number in numbers.items() if number < math.inf})


def under_way(saved: Saved) -> bool:
    """Whether a network was being trained, and not the next one to begin."""
    return "random" in saved.state


def begun(spec: Spec, saved: Saved, where: str) -> tuple[Progress, dict[int, Member]]:
    """How far the training of `saved` had come: the network that was being trained, and those that were finished.

    Raises TrainError when it is of another recipe or version.
    """
    state = saved.state
    if state.get("format") != FORMAT or state.get("spec") != spec.id:
        raise TrainError(
            f"The checkpoint is of recipe {state.get('spec')} (format {state.get('format')}); this is "
            f"recipe {spec.id} (format {FORMAT}). Start the training anew."
        )
    best = {name: torch.from_numpy(value.copy()).to(where) for name, value in _under("best", saved.arrays).items()}
    numbers = {name: state[name] for name in NUMBERS if name in state}
    progress = Progress(best=best, told=[Epoch(**e) for e in state["told"]], **numbers)
    return progress, {
        one["member"]: Member(
            weights=_under(f"member/{one['member']}", saved.arrays),
            epochs=tuple(Epoch(**e) for e in one["told"]),
            best_epoch=one["best_epoch"],
            problem=one["problem"],
        )
        for one in state["finished"]
    }


def load(
    saved: Saved, net: nn.Module, optimizer: torch.optim.Optimizer, schedule: Schedule, randomness: Randomness
) -> None:
    """Give all of them the state that they had when `saved` was made."""
    put(net, _under("net", saved.arrays))
    of_parameter: dict[int, dict[str, Tensor]] = {}
    for name, value in _under("optimizer", saved.arrays).items():
        i, _, key = name.partition("/")
        of_parameter.setdefault(int(i), {})[key] = torch.from_numpy(value.copy())
    optimizer.load_state_dict({"state": of_parameter, "param_groups": optimizer.state_dict()["param_groups"]})
    schedule.load(saved.state["schedule"])
    randomness.load(_under("random", saved.arrays), saved.state["random"])


def weights(state: dict[str, Tensor]) -> dict[str, Floats]:
    """Copies of the weights as plain arrays."""
    return {name: _array(value) for name, value in state.items()}


def put(net: nn.Module, values: dict[str, Floats]) -> None:
    """Give `net` these weights."""
    net.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in values.items()})


def _plain(epochs: Iterable[Epoch]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(epoch) for epoch in epochs]


def _array(value: Tensor | float) -> NDArray[Any]:
    return value.detach().cpu().numpy().copy() if isinstance(value, Tensor) else np.array(value)


def _prefixed(prefix: str, arrays: dict[str, Any]) -> Arrays:
    return {f"{prefix}/{name}": value for name, value in arrays.items()}


def _under(prefix: str, arrays: Arrays) -> Arrays:
    return {name[len(prefix) + 1 :]: value for name, value in arrays.items() if name.startswith(prefix + "/")}
