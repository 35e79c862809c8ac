"""A training: one network, one after the other of an ensemble, or several at a time where other workers help."""

import time
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from core.datasets import targets, windows
from core.errors import TrainError
from core.events import Event, ParallelRequest, Saved, Subtasks
from core.features import registry as features
from core.models import registry
from core.spec import Spec
from core.training import checkpoint, device, failures
from core.training import epoch as course
from core.training.checkpoint import Member, Progress
from core.training.epoch import Course
from core.training.member import learn
from core.types import Floats, History, Run

if TYPE_CHECKING:
    from core.datasets.windows import Prepared
    from core.models.ensemble import Ensemble
    from core.models.network import Network

MEMBER = 1000  # between the seeds of two members of an ensemble


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The networks in the order in which they were trained, mostly one, and `net`, which answers for all of them."""

    nets: tuple["Network", ...]
    net: "Network | Ensemble"
    history: History


@dataclass(slots=True, kw_only=True)
class Alone:
    """Pieces that nobody helps with, in order."""

    numbers: list[int]
    hands: int = field(default=1, init=False)

    @property
    def left(self) -> int:
        return len(self.numbers)

    def take(self) -> int | None:
        return self.numbers.pop(0) if self.numbers else None

    def wait(self) -> bool:
        return False

    def found(self) -> dict[int, Member]:
        return {}

    def drop(self, beyond: int) -> None:
        self.numbers = [number for number in self.numbers if number < beyond]


def train(spec: Spec, prepared: "Prepared", resume: Saved | None = None) -> Generator[Event, Any, Trained]:
    """Train the model of a resolved recipe; yields an Epoch after each round and now and then a Saved.

    One seed drives the initial weights, the order of batches and dropout; the members of an ensemble have seeds 1000
    apart and know nothing of each other, so that they are the same whether one comes after the other or, on processors,
    whoever runs this answers its Split with workers that train some of them meanwhile. From a Saved of the same recipe
    and data it goes on where that was, to the same result. When something goes wrong after the first sound epoch,
    training ends there with the best weights so far and `history.problem` says what happened. Raises SpecError for a
    training that cannot be, TrainError when the loss is not finite or memory runs out before there is anything to keep.
    """
    device.one_thread()
    where = device.choose(spec.train.device)
    try:
        finished, seconds = yield from _members(spec, prepared, where, resume)
    except (RuntimeError, MemoryError) as error:
        if not failures.ran_out(error):
            raise
        raise TrainError(failures.memory(spec, where)) from None
    finally:
        device.release(where)
    each, kept, problem = _each(spec, prepared), [one.weights for one in finished if one.weights], finished[-1].problem
    if not kept:
        raise TrainError(problem)
    if problem:
        problem += (
            f" The weights of epoch {finished[-1].best_epoch} were kept."
            if finished[-1].weights
            else f" {len(kept)} of the networks were kept."
        )
    if len(kept) < each:
        raise TrainError(
            f"{problem} {len(kept)} of {each} symbols have a network; without the others "
            "there is no forecast. Set model.symbols to embedded or shared."
        )
    nets = tuple(_restored(spec, weights) for weights in kept[: len(kept) // each * each])
    if problem and each * spec.train.ensemble > 1:
        problem = f"{problem} {len(nets)} of {each * spec.train.ensemble} networks answer."
    history = History(
        epochs=tuple(epoch for one in finished for epoch in one.epochs),
        seconds=seconds,
        best_epoch=finished[0].best_epoch,
        device=where,
        problem=problem,
    )
    return Trained(nets=nets, net=_together(nets, each), history=history)


def train_member(
    spec: Spec, prepared: "Prepared", seconds: float, began: float, number: int
) -> Generator[Event, None, Member]:
    """One network of a training that is under way elsewhere, and was for `seconds` at the time `began`.

    Raises TrainError for whatever goes wrong: that is for the training itself to meet.
    """
    device.one_thread()
    each = _each(spec, prepared)
    part = prepared if each == 1 else windows.of_symbol(prepared, (number - 1) % each)
    plan = course.lay(spec, part, "cpu")
    now = seconds + time.time() - began
    progress = Progress(member=number, members=each * spec.train.ensemble, seconds=now, since=now)
    made = yield from _learn(spec, plan, progress, Alone(numbers=[]), None)
    if made.problem:
        raise TrainError(made.problem)
    return made


def restore(spec: Spec, weights: dict[str, Floats], symbols: int) -> "Network | Ensemble":
    """The trained model of a saved run, from its weights and the number of symbols that it was trained on."""
    device.one_thread()
    if not any(name.startswith("members.") for name in weights):
        return _restored(spec, weights)
    of_member = [
        {name.split(".", 2)[2]: value for name, value in weights.items() if name.split(".")[1] == str(i)}
        for i in range(registry.networks_of(weights))
    ]
    nets = tuple(_restored(spec, member) for member in of_member)
    return _together(nets, symbols if spec.model.symbols == "separate" else 1)


def reopen(saved: Run) -> "tuple[Prepared, Network | Ensemble]":
    """The windows of a saved run, scaled as when it was trained, and its trained model."""
    prepared = windows.again(saved)
    return prepared, restore(saved.spec, saved.weights, len(prepared.splits.test.rows.symbols))


def _restored(spec: Spec, weights: dict[str, Floats]) -> "Network":
    device.one_thread()
    net = fresh(spec, spec.seed, registry.symbols_of(weights))
    checkpoint.put(net, weights)
    return net.eval()


def _together(nets: tuple["Network", ...], symbols: int) -> "Network | Ensemble":
    from core.models.ensemble import Ensemble

    return nets[0] if len(nets) == 1 else Ensemble(nets, symbols).eval()


def _each(spec: Spec, prepared: "Prepared") -> int:
    """How many networks answer together once: one, or one a symbol."""
    return len(prepared.splits.train.rows.symbols) if spec.model.symbols == "separate" else 1


def fresh(spec: Spec, seed: int, symbols: int | None = None) -> "Network":
    """The untrained model of a resolved recipe; `symbols` as in core.models.registry.build."""
    kind = targets.TARGETS[spec.target.kind]
    known = sum(features.parse(name)[0].kind == "known" for name in spec.features)
    return registry.build(
        spec,
        features=len(spec.features),
        known=known,
        binary=kind.binary,
        seed=seed,
        steps=len(targets.steps(kind, spec.target.horizon)),
        symbols=symbols,
    )


def _members(
    spec: Spec, prepared: "Prepared", where: str, resume: Saved | None
) -> Generator[Event, Any, tuple[list[Member], float]]:
    """All networks in their order, up to the first that went wrong, and the seconds that this took."""
    each, plan = _each(spec, prepared), None
    count = each * spec.train.ensemble
    progress, finished = checkpoint.begun(spec, resume, where) if resume else (Progress(members=count), {})
    # All at once: a symbol that cannot be learned is refused before the others are.
    parts = [prepared] if each == 1 else [windows.of_symbol(prepared, symbol) for symbol in range(each)]
    number: int | None = progress.member
    todo = [other for other in range(1, _wrong(finished, count)) if other != number and other not in finished]
    before, began = progress.seconds, time.perf_counter()
    pieces: Subtasks | None = (
        (yield ParallelRequest(work=train_member, args=(spec, prepared, before, time.time()), numbers=tuple(todo)))
        if todo and where == "cpu"
        else None
    )
    pieces = pieces or Alone(numbers=todo)
    while True:
        if number is not None:
            if plan is None or each > 1:
                plan = course.lay(spec, parts[(number - 1) % each], where)
            finished[number] = yield from _learn(spec, plan, progress, pieces, finished, resume)
            if finished[number].problem:
                pieces.drop(number)
        number, resume = pieces.take(), None
        finished |= pieces.found()
        now = before + time.perf_counter() - began
        progress = Progress(member=number or 0, members=count, seconds=now, since=now)
        if number is None:
            yield from _between(spec, progress, finished, count)
            if not pieces.wait():
                break
    wrong = _wrong(finished, count)
    return [finished[at] for at in range(1, min(wrong, count) + 1)], progress.seconds


def _between(spec: Spec, progress: Progress, finished: dict[int, Member], count: int) -> Generator[Event, None, None]:
    """A Saved while helpers have all networks that are left."""
    left = [number for number in range(1, _wrong(finished, count)) if number not in finished]
    if left:
        yield checkpoint.between(spec, replace(progress, member=left[0]), finished)


def _wrong(finished: dict[int, Member], count: int) -> int:
    """The number of the first network that went wrong, one more than there are where none did."""
    return min((number for number, one in finished.items() if one.problem), default=count + 1)


def _learn(
    spec: Spec,
    plan: Course,
    progress: Progress,
    pieces: Subtasks,
    finished: dict[int, Member] | None,
    resume: Saved | None = None,
) -> Generator[Event, None, Member]:
    seed = spec.seed + MEMBER * (progress.member - 1)
    net = fresh(spec, seed, len(plan.windows.rows.symbols)).to(plan.where)
    return learn(spec, plan, net, seed, progress, pieces, finished, resume)
