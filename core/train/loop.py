"""The training loop: epochs of steps, a look at the validation part after each, early stopping, the best weights."""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from core.errors import TrainError
from core.events import Epoch, Event, Saved
from core.features import registry as features
from core.models import registry
from core.prepare import targets, windows
from core.records import Floats, History, Run
from core.spec import Spec
from core.train import checkpoint, course, device, optimisers, steepness, trouble
from core.train.checkpoint import Progress
from core.train.course import Course, Measured
from core.train.randomness import Randomness

if TYPE_CHECKING:
    from core.models.committee import Committee
    from core.models.network import Network
    from core.prepare.windows import Prepared

CHECKPOINT_SECONDS = 5.0
REST = 20  # between two checkpoints, in times of what one costs: of a large network they are large
MEMBER = 1000  # between the seeds of two members of an ensemble


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The networks in the order in which they were trained, mostly one, and `net`, which answers for all of them."""

    nets: tuple["Network", ...]
    net: "Network | Committee"
    history: History


def train(spec: Spec, prepared: "Prepared", resume: Saved | None = None) -> Generator[Event, None, Trained]:
    """Train the model of a resolved recipe; yields an Epoch after each round and now and then a Saved.

    One seed drives the initial weights, the order of batches and dropout; the members of an ensemble have seeds 1000
    apart and are trained one after the other. From a Saved of the same recipe and data it goes on where that was, to
    the same result. When something goes wrong after the first sound epoch, training ends there with the best weights so
    far and `history.problem` says what happened. Raises SpecError for a training that cannot be, TrainError when the
    loss is not finite or memory runs out before there is anything to keep.
    """
    device.one_thread()
    where = device.choose(spec.train.device)
    try:
        progress = checkpoint.begun(spec, resume, where) if resume else Progress()
        problem = yield from _members(spec, prepared, where, progress, resume)
    except (RuntimeError, MemoryError) as error:
        if not trouble.ran_out(error):
            raise
        raise TrainError(trouble.memory(spec, where)) from None
    finally:
        device.release(where)
    history = History(epochs=tuple(progress.told), best_epoch=progress.first_best, seconds=progress.seconds,
                      device=where, problem=problem)
    each = _each(spec, prepared)
    if len(progress.finished) < each:
        raise TrainError(f"{problem} {len(progress.finished)} of {each} symbols have a network; without the others "
                         "there is no forecast. Set model.symbols to embedded or shared.")
    nets = tuple(_restored(spec, weights) for weights in progress.finished[: len(progress.finished) // each * each])
    if problem and each * spec.train.ensemble > 1:
        history = replace(history, problem=f"{problem} {len(nets)} of {each * spec.train.ensemble} networks answer.")
    return Trained(nets=nets, net=_together(nets, each), history=history)


def restore(spec: Spec, weights: dict[str, Floats], symbols: int) -> "Network | Committee":
    """The trained model of a saved run, from its weights and the number of symbols that it was trained on."""
    device.one_thread()
    if not any(name.startswith("members.") for name in weights):
        return _restored(spec, weights)
    of_member = [{name.split(".", 2)[2]: value for name, value in weights.items() if name.split(".")[1] == str(i)}
                 for i in range(registry.networks_of(weights))]
    nets = tuple(_restored(spec, member) for member in of_member)
    return _together(nets, symbols if spec.model.symbols == "separate" else 1)


def reopen(saved: Run) -> "tuple[Prepared, Network | Committee]":
    """The windows of a saved run, scaled as when it was trained, and its trained model."""
    prepared = windows.again(saved)
    return prepared, restore(saved.spec, saved.weights, len(prepared.splits.test.rows.symbols))


def _restored(spec: Spec, weights: dict[str, Floats]) -> "Network":
    device.one_thread()
    net = fresh(spec, spec.seed, registry.symbols_of(weights))
    checkpoint.put(net, weights)
    return net.eval()


def _together(nets: tuple["Network", ...], symbols: int) -> "Network | Committee":
    from core.models.committee import Committee

    return nets[0] if len(nets) == 1 else Committee(nets, symbols).eval()


def _each(spec: Spec, prepared: "Prepared") -> int:
    """How many networks answer together once: one, or one a symbol."""
    return len(prepared.splits.train.rows.symbols) if spec.model.symbols == "separate" else 1


def fresh(spec: Spec, seed: int, symbols: int | None = None) -> "Network":
    """The untrained model of a resolved recipe; `symbols` as in core.models.registry.build."""
    kind = targets.KINDS[spec.target.kind]
    known = sum(features.parse(name)[0].kind == "known" for name in spec.features)
    return registry.build(spec, features=len(spec.features), known=known, binary=kind.binary, seed=seed,
                          steps=len(targets.steps(kind, spec.target.horizon)), symbols=symbols)


def _members(spec: Spec, prepared: "Prepared", where: str, progress: Progress,
             resume: Saved | None) -> Generator[Event, None, str | None]:
    """Train one network after the other; what is on the device is gone when this is over."""
    each, problem, plan = _each(spec, prepared), None, None
    count = each * spec.train.ensemble
    # All at once: a symbol that cannot be learned is refused before the others are.
    parts = [prepared] if each == 1 else [windows.of_symbol(prepared, symbol) for symbol in range(each)]
    while problem is None and progress.member <= count:
        if plan is None or each > 1:
            plan = course.lay(spec, parts[(progress.member - 1) % each], where)
        problem = yield from _member(spec, plan, progress, resume, count)
        resume = None
    return problem


def _member(spec: Spec, plan: Course, progress: Progress, resume: Saved | None,
            count: int) -> Generator[Event, None, str | None]:
    """Train one network and lay its best weights down in `progress`; gives what ended it before its time."""
    settings, seed = spec.train, spec.seed + MEMBER * (progress.member - 1)
    net = fresh(spec, seed, len(plan.windows.rows.symbols)).to(plan.where)
    optimizer = optimisers.make(net.parameters(), settings)
    schedule = optimisers.Schedule(settings=settings)
    randomness = Randomness(seed, plan.where)
    if resume:
        checkpoint.load(resume, net, optimizer, schedule, randomness)
    began, saved_at, problem = time.perf_counter() - progress.seconds, time.perf_counter(), None
    pause = CHECKPOINT_SECONDS
    while progress.epoch < settings.epochs and progress.epoch - progress.best_epoch < settings.patience:
        number = progress.epoch + 1
        with randomness.lent():
            measured = _epoch(spec, plan, net, optimizer, schedule, number, randomness)
        problem = measured if isinstance(measured, str) else trouble.found(measured, spec, number)
        if problem is not None or isinstance(measured, str):
            break
        progress.epoch, progress.seconds = number, time.perf_counter() - began
        if measured.val_loss < progress.best_loss:
            progress.best_loss, progress.best_epoch = measured.val_loss, number
            progress.best = {name: value.detach().clone() for name, value in net.state_dict().items()}
        progress.told.append(_told(spec, progress, measured, optimizer.param_groups[0]["lr"], count))
        yield progress.told[-1]
        schedule.look(measured.val_loss)
        if time.perf_counter() - saved_at >= pause:
            starts = time.perf_counter()
            yield checkpoint.save(spec, progress, net, optimizer, schedule, randomness)
            saved_at = time.perf_counter()
            pause = max(CHECKPOINT_SECONDS, REST * (saved_at - starts))
    return _finish(progress, problem)


def _epoch(spec: Spec, plan: Course, net: torch.nn.Module, optimizer: torch.optim.Optimizer,
           schedule: optimisers.Schedule, number: int, randomness: Randomness) -> Measured | str:
    """Learn for one epoch and look at the validation part; a text when memory runs out."""
    try:
        learnt = course.learn(plan, net, optimizer, schedule, number, randomness)
        val_loss, train_loss, norm, most, first, *norms = torch.stack([course.look(plan, net), *learnt]).tolist()
    except (RuntimeError, MemoryError) as error:
        if not trouble.ran_out(error):
            raise
        return trouble.memory(spec, plan.where)
    return Measured(train_loss=train_loss, val_loss=val_loss, grad_norm=norm, grad_norm_max=most, first_loss=first,
                    layer_norms=dict(zip(steepness.layers(net), norms, strict=True)))


def _told(spec: Spec, progress: Progress, measured: Measured, lr: float, count: int) -> Epoch:
    settings, number = spec.train, progress.epoch
    left = min(settings.epochs, progress.best_epoch + settings.patience) - number
    each = progress.seconds / (len(progress.told) + 1)
    before = len(progress.told) + 1 - number
    whole = before / (progress.member - 1) if before else number + left  # epochs that a member took, or may take
    waiting = (count - progress.member) * whole
    return Epoch(epoch=number, epochs=settings.epochs, train_loss=measured.train_loss, val_loss=measured.val_loss,
                 lr=lr, seconds=progress.seconds, eta=(left + waiting) * each, grad_norm=measured.grad_norm,
                 grad_norm_max=measured.grad_norm_max, layer_norms=measured.layer_norms, member=progress.member,
                 members=count)


def _finish(progress: Progress, problem: str | None) -> str | None:
    """Lay down the best weights of the member and make ready for the next; raises TrainError when there are none."""
    if not progress.best and not progress.finished:
        raise TrainError(problem)
    if progress.best:
        progress.finished.append(checkpoint.weights(progress.best))
    progress.first_best = progress.first_best or progress.best_epoch
    kept = f" The weights of epoch {progress.best_epoch} were kept." if progress.best else \
        f" {len(progress.finished)} of the networks were kept."
    progress.member, progress.epoch = progress.member + 1, 0
    progress.best_loss, progress.best_epoch, progress.best = math.inf, 0, {}
    return problem + kept if problem else None
