"""Trains one network: epochs, early stopping, the best weights, and checkpoints on the way."""

import time
from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np

from core.events import Checkpoint, Epoch, Event, Subtasks
from core.spec import Spec
from core.training import checkpoint, epoch, failures
from core.training.checkpoint import MemberProgress, MemberResult
from core.training.epoch import EpochMetrics, TrainingPlan
from core.training.learner import Learner, build
from core.training.optimizers import Schedule

if TYPE_CHECKING:
    from core.models.network import Network

CHECKPOINT_SECONDS = 5.0
LEAST_SHARE = 1 / 4  # of the budget, from which on patience counts
CHECKPOINT_PAUSE = 20  # between two checkpoints, in times of what one costs: those of a large network are large


def train_network(
    spec: Spec,
    own: Spec,
    plan: TrainingPlan,
    net: "Network",
    seed: int,
    progress: MemberProgress,
    subtasks: Subtasks,
    finished: dict[int, MemberResult] | None,
    resume: Checkpoint | None = None,
) -> Generator[Event, None, MemberResult]:
    """Train `net`, which is on the device of `plan`, from the state of `progress` and `resume`; yields its Epochs.

    `spec` is the recipe of the run, `own` that of this network, which may have settings of its own.
    `subtasks` are the other networks of the training. With `finished`, the results so far, it collects the results of
    helpers there and yields a Checkpoint now and then; None in a helper. A failure ends the training and is the
    `problem` of the result. Class weights shape the training alone: the logit of the result is corrected for them.
    """
    settings, clock = own.train, time.perf_counter() - progress.seconds
    schedule = Schedule(settings=settings, epochs=plan.epochs, steps=plan.steps)
    learner = build(net, settings, schedule, seed, plan.where)
    if resume and checkpoint.is_mid_member(resume):
        checkpoint.restore_learner(resume, learner)
    saved_at, pause, problem = time.perf_counter(), CHECKPOINT_SECONDS, None
    while progress.epoch < _last_epoch(plan, progress.best_epoch, settings.patience):
        number = progress.epoch + 1
        metrics, problem = _run_epoch(own, plan, learner, progress)
        if metrics is None or problem is not None:
            break
        progress.epoch, progress.seconds = number, time.perf_counter() - clock
        progress.step += metrics.steps
        if metrics.val_loss < progress.best_loss:
            progress.best_loss, progress.best_epoch = metrics.val_loss, number
            progress.best_weights = {
                name: value.detach().clone() for name, value in learner.average.state_dict().items()
            }
        progress.epochs.append(_epoch_event(own, plan, progress, metrics, learner.lr, subtasks))
        yield progress.epochs[-1]
        learner.schedule.update(metrics.val_loss)
        if finished is None:
            continue
        finished |= subtasks.collect()  # which assigns the next subtask to a free helper
        if time.perf_counter() - saved_at >= pause:
            began = time.perf_counter()
            yield checkpoint.save(spec, progress, learner, finished)
            saved_at = time.perf_counter()
            pause = max(CHECKPOINT_SECONDS, CHECKPOINT_PAUSE * (saved_at - began))
    weights = checkpoint.copy_weights(progress.best_weights)
    if weights and plan.log_odds_shift:  # Elkan (2001): weighted classes multiply the odds that are learned
        weights["head.bias"] = weights["head.bias"] - np.float32(plan.log_odds_shift)
    return MemberResult(weights=weights, epochs=tuple(progress.epochs), best_epoch=progress.best_epoch, problem=problem)


def _last_epoch(plan: TrainingPlan, best: int, patience: int) -> int:
    """The epoch after which a training ends if none is better than epoch `best`.

    Patience counts from a share of the budget on: on the way to a product of inputs the loss stands still at first.
    (Returns that follow the sign of the product of the last two: found in 4 of 5 draws, without this in 1.)
    """
    return min(plan.epochs, max(best, int(LEAST_SHARE * plan.epochs)) + patience)


def _run_epoch(
    spec: Spec, plan: TrainingPlan, learner: Learner, progress: MemberProgress
) -> tuple[EpochMetrics | None, str | None]:
    """The metrics of the next epoch, None if memory ran out, and what is wrong with them."""
    number = progress.epoch + 1
    try:
        with learner.randomness.active():
            metrics = epoch.run_epoch(plan, learner, number, progress.step)
    except (RuntimeError, MemoryError) as error:
        if not failures.is_out_of_memory(error):
            raise
        return None, failures.out_of_memory(spec, plan.where)
    return metrics, failures.find_problem(metrics, spec, number)


def _epoch_event(
    spec: Spec, plan: TrainingPlan, progress: MemberProgress, metrics: EpochMetrics, lr: float, subtasks: Subtasks
) -> Epoch:
    settings, number = spec.train, progress.epoch
    epochs_left = _last_epoch(plan, progress.best_epoch, settings.patience) - number
    seconds_per_epoch = (progress.seconds - progress.since) / number
    # The others may take as many epochs as this one, and as many networks train in parallel as there are slots.
    others_left = len(subtasks.waiting) * (number + epochs_left) / subtasks.slots
    return Epoch(
        epoch=number,
        epochs=plan.epochs,
        step=progress.step,
        steps=max(progress.step, plan.epochs * plan.steps),
        train_loss=metrics.train_loss,
        val_loss=metrics.val_loss,
        lr=lr,
        seconds=progress.seconds,
        eta=(epochs_left + others_left) * seconds_per_epoch,
        grad_norm=metrics.grad_norm,
        grad_norm_max=metrics.grad_norm_max,
        layer_norms=metrics.layer_norms,
        member=progress.member,
        members=progress.members,
        final=epochs_left == 0,
    )
