"""One network of a training: epochs of steps, a look at the validation part after each, early stopping, the best
weights."""

import time
from collections.abc import Generator
from typing import TYPE_CHECKING

import torch

from core.events import Epoch, Event, Saved, Subtasks
from core.spec import Spec
from core.training import checkpoint, epoch, failures, gradient_norms, optimizers
from core.training.checkpoint import Member, Progress
from core.training.epoch import Course, Measured
from core.training.rng import Randomness

if TYPE_CHECKING:
    from core.models.network import Network

CHECKPOINT_SECONDS = 5.0
REST = 20  # between two checkpoints, in times of what one costs: of a large network they are large


def learn(
    spec: Spec,
    plan: Course,
    net: "Network",
    seed: int,
    progress: Progress,
    pieces: Subtasks,
    finished: dict[int, Member] | None,
    resume: Saved | None = None,
) -> Generator[Event, None, Member]:
    """Train `net`, which is on the device of `plan`, from where `progress` and `resume` stand; yields its Epochs.

    `pieces` are the networks besides, and `finished` those that are there, which a Saved of now and then holds too;
    without `finished` there is none. What ends it before its time is the `problem` of what it gives.
    """
    settings, clock = spec.train, time.perf_counter() - progress.seconds
    optimizer = optimizers.make(net.parameters(), settings)
    schedule = optimizers.Schedule(settings=settings)
    randomness = Randomness(seed, plan.where)
    if resume and checkpoint.under_way(resume):
        checkpoint.load(resume, net, optimizer, schedule, randomness)
    saved_at, pause, problem = time.perf_counter(), CHECKPOINT_SECONDS, None
    while progress.epoch < settings.epochs and progress.epoch - progress.best_epoch < settings.patience:
        number = progress.epoch + 1
        with randomness.lent():
            measured = _epoch(spec, plan, net, optimizer, schedule, number, randomness)
        problem = measured if isinstance(measured, str) else failures.found(measured, spec, number)
        if problem is not None or isinstance(measured, str):
            break
        progress.epoch, progress.seconds = number, time.perf_counter() - clock
        if measured.val_loss < progress.best_loss:
            progress.best_loss, progress.best_epoch = measured.val_loss, number
            progress.best = {name: value.detach().clone() for name, value in net.state_dict().items()}
        progress.told.append(_told(spec, progress, measured, optimizer.param_groups[0]["lr"], pieces))
        yield progress.told[-1]
        schedule.look(measured.val_loss)
        if finished is None:
            continue
        finished |= pieces.found()  # and whoever found it is given the next
        if time.perf_counter() - saved_at >= pause:
            starts = time.perf_counter()
            yield checkpoint.save(spec, progress, net, optimizer, schedule, randomness, finished)
            saved_at = time.perf_counter()
            pause = max(CHECKPOINT_SECONDS, REST * (saved_at - starts))
    return Member(
        weights=checkpoint.weights(progress.best),
        epochs=tuple(progress.told),
        best_epoch=progress.best_epoch,
        problem=problem,
    )


def _epoch(
    spec: Spec,
    plan: Course,
    net: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    schedule: optimizers.Schedule,
    number: int,
    randomness: Randomness,
) -> Measured | str:
    """Learn for one epoch and look at the validation part; a text when memory runs out."""
    try:
        learnt = epoch.learn(plan, net, optimizer, schedule, number, randomness)
        val_loss, train_loss, norm, most, first, *norms = torch.stack([epoch.look(plan, net), *learnt]).tolist()
    except (RuntimeError, MemoryError) as error:
        if not failures.ran_out(error):
            raise
        return failures.memory(spec, plan.where)
    return Measured(
        train_loss=train_loss,
        val_loss=val_loss,
        grad_norm=norm,
        grad_norm_max=most,
        first_loss=first,
        layer_norms=dict(zip(gradient_norms.layers(net), norms, strict=True)),
    )


def _told(spec: Spec, progress: Progress, measured: Measured, lr: float, pieces: Subtasks) -> Epoch:
    settings, number = spec.train, progress.epoch
    left = min(settings.epochs, progress.best_epoch + settings.patience) - number
    each = (progress.seconds - progress.since) / number
    # Others may take as many epochs as this one, and as many networks learn at a time as there are hands.
    waiting = pieces.left * (number + left) / pieces.hands
    return Epoch(
        epoch=number,
        epochs=settings.epochs,
        train_loss=measured.train_loss,
        val_loss=measured.val_loss,
        lr=lr,
        seconds=progress.seconds,
        eta=(left + waiting) * each,
        grad_norm=measured.grad_norm,
        grad_norm_max=measured.grad_norm_max,
        layer_norms=measured.layer_norms,
        member=progress.member,
        members=progress.members,
        final=left == 0,
    )
