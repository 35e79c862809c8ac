"""The state of a training as plain arrays and JSON values, and back: nothing is pickled."""

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
from core.events import Checkpoint, Epoch
from core.language import message
from core.spec import Spec
from core.training.learner import Learner
from core.types import CHECKPOINT_FORMAT, Floats

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberResult:
    """A network whose training is over: its best weights, empty if it failed before there were any, and the `problem`
    that ended it early."""

    weights: dict[str, Floats]
    epochs: tuple[Epoch, ...]
    best_epoch: int
    problem: str | None = None


@dataclass(slots=True, kw_only=True)
class MemberProgress:
    """What changes from epoch to epoch of one network; `best_weights`, of its best epoch, are on the device.

    `seconds` are since the training of all networks began, `since` is when this network began.
    """

    member: int = 1
    members: int = 1
    epoch: int = 0
    step: int = 0
    best_loss: float = float("inf")
    best_epoch: int = 0
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    epochs: list[Epoch] = field(default_factory=list)
    seconds: float = 0.0
    since: float = 0.0


NUMBERS = (
    "member",
    "members",
    "epoch",
    "step",
    "best_loss",
    "best_epoch",
    "seconds",
    "since",
)  # of MemberProgress, in JSON


def save(spec: Spec, progress: MemberProgress, learner: Learner, finished: dict[int, MemberResult]) -> Checkpoint:
    """Everything that the rest of this training depends on, the recipe and the data aside."""
    arrays = _with_prefix("net", copy_weights(learner.net.state_dict()))
    arrays |= _with_prefix("average", copy_weights(learner.average.state_dict()))
    arrays |= _with_prefix("best", copy_weights(progress.best_weights))
    for i, of_parameter in learner.optimizer.state_dict()["state"].items():
        values = {key: _to_array(value) for key, value in of_parameter.items() if value is not None}
        arrays |= _with_prefix(f"optimizer/{i}", values)
    arrays |= _with_prefix("random", learner.randomness.arrays())
    state = {"schedule": learner.schedule.state(), "random": learner.randomness.state()}
    between = save_between_members(spec, progress, finished)
    return Checkpoint(arrays=between.arrays | arrays, state=between.state | state)


def save_between_members(spec: Spec, progress: MemberProgress, finished: dict[int, MemberResult]) -> Checkpoint:
    """The same while no network is in training here: `progress` is of the next one."""
    arrays: Arrays = {}
    for number, member in finished.items():
        arrays |= _with_prefix(f"member/{number}", member.weights)
    results = [
        {"member": number, "best_epoch": member.best_epoch, "told": _to_json(member.epochs), "problem": member.problem}
        for number, member in finished.items()
    ]
    state = {"format": CHECKPOINT_FORMAT, "spec": spec.id, "told": _to_json(progress.epochs), "finished": results}
    numbers = {name: getattr(progress, name) for name in NUMBERS}
    # Before the first epoch the best loss is infinite, which JSON cannot say.
    return Checkpoint(
        arrays=arrays, state=state | {name: number for name, number in numbers.items() if number < math.inf}
    )


def is_mid_member(checkpoint: Checkpoint) -> bool:
    """Whether a network was in training, rather than about to begin."""
    return "random" in checkpoint.state


def restore_progress(spec: Spec, checkpoint: Checkpoint, device: str) -> tuple[MemberProgress, dict[int, MemberResult]]:
    """The progress of the network that was in training, and the results of those that were finished, by number.

    Raises TrainError if the checkpoint is of another recipe or version.
    """
    state = checkpoint.state
    if state.get("format") != CHECKPOINT_FORMAT or state.get("spec") != spec.id:
        raise TrainError(
            message(
                "The checkpoint is of recipe {recipe} (format {format}); this is recipe {id} (format {this_format}). "
                "Restart the training from the beginning.",
                recipe=state.get("spec"),
                format=state.get("format"),
                id=spec.id,
                this_format=CHECKPOINT_FORMAT,
            )
        )
    best = {name: _to_tensor(value).to(device) for name, value in _under_prefix("best", checkpoint.arrays).items()}
    numbers = {name: state[name] for name in NUMBERS if name in state}
    progress = MemberProgress(best_weights=best, epochs=[Epoch(**epoch) for epoch in state["told"]], **numbers)
    finished = {
        result["member"]: MemberResult(
            weights=_under_prefix(f"member/{result['member']}", checkpoint.arrays),
            epochs=tuple(Epoch(**epoch) for epoch in result["told"]),
            best_epoch=result["best_epoch"],
            problem=result["problem"],
        )
        for result in state["finished"]
    }
    return progress, finished


def restore_learner(checkpoint: Checkpoint, learner: Learner) -> None:
    """Give `learner` the state that it had when `checkpoint` was saved."""
    load_weights(learner.net, _under_prefix("net", checkpoint.arrays))
    load_weights(learner.average, _under_prefix("average", checkpoint.arrays))
    of_parameter: dict[int, dict[str, Tensor]] = {}
    for name, value in _under_prefix("optimizer", checkpoint.arrays).items():
        i, _, key = name.partition("/")
        of_parameter.setdefault(int(i), {})[key] = _to_tensor(value)
    groups = learner.optimizer.state_dict()["param_groups"]
    learner.optimizer.load_state_dict({"state": of_parameter, "param_groups": groups})
    learner.schedule.load(checkpoint.state["schedule"])
    learner.randomness.load(_under_prefix("random", checkpoint.arrays), checkpoint.state["random"])


def copy_weights(state: dict[str, Tensor]) -> dict[str, Floats]:
    """Copies of the weights as plain arrays."""
    return {name: _to_array(value) for name, value in state.items()}


def load_weights(net: nn.Module, values: dict[str, Floats]) -> None:
    """Give `net` these weights."""
    net.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in values.items()})


def _to_json(epochs: Iterable[Epoch]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(epoch) for epoch in epochs]


def _to_array(value: Tensor | float) -> NDArray[Any]:
    return value.detach().cpu().numpy().copy() if isinstance(value, Tensor) else np.array(value)


def _to_tensor(value: NDArray[Any]) -> Tensor:
    return torch.from_numpy(value.copy())


def _with_prefix(prefix: str, arrays: dict[str, Any]) -> Arrays:
    return {f"{prefix}/{name}": value for name, value in arrays.items()}


def _under_prefix(prefix: str, arrays: Arrays) -> Arrays:
    return {name[len(prefix) + 1 :]: value for name, value in arrays.items() if name.startswith(prefix + "/")}
