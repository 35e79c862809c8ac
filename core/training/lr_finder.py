"""The learning-rate finder: one short training whose rate grows at every step, and where its loss falls fastest."""

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from core.errors import TrainError
from core.events import Progress
from core.language import message
from core.models import timing
from core.spec import Spec
from core.training import batches, device, epoch, optimizers, trainer
from core.training.rng import Randomness
from core.types import Floats

if TYPE_CHECKING:
    from core.datasets.windows import Prepared
    from core.models.network import Network

LOWEST, HIGHEST = 1e-5, 1.0
MIN_STEPS, MAX_STEPS, SECONDS = 24, 120, 2.5
MOMENTUM = 0.8  # of the running loss
DIVERGED = 4.0  # times the least running loss: the test ends
KERNEL_WIDTH = 0.06  # of the kernel that smooths the losses, as a share of the curve
MIN_LOSSES = 8  # of a curve


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCurve:
    """Smoothed losses by learning rate, and the rate at which the loss falls fastest."""

    lr_N: Floats
    loss_N: Floats
    suggestion: float


def find_rate(spec: Spec, prepared: "Prepared") -> Generator[Progress, None, RateCurve]:
    """The learning-rate range test (Smith 2017) of a resolved recipe, in about 3 s of one core unless it is large.

    An untrained network of the recipe takes steps with rates from 1e-5 to 1, evenly on a log scale, until its loss is
    four times the least; fewer steps of large networks, by their operations, so that every machine suggests the same.
    Under linear scaling the suggestion is the rate for batches of 64. Raises TrainError if the loss is not finite
    before it can fall.
    """
    device.use_one_thread()
    where = device.choose(spec.train.device)
    plan = epoch.build_plan(spec, prepared, where)
    net = trainer.build_untrained(spec, spec.seed, len(plan.windows.rows.symbols)).to(where)
    optimizer = optimizers.build_optimizer(net.parameters(), spec.train)
    randomness = Randomness(spec.seed, where)
    steps = _count_steps(spec, plan, net)
    lr: list[float] = []
    losses: list[float] = []
    running, least = 0.0, math.inf
    while len(lr) < steps:
        at = LOWEST * (HIGHEST / LOWEST) ** (len(lr) / (steps - 1))
        with randomness.active():
            loss = _step(plan, net, optimizer, at, randomness)
        lr.append(at)
        losses.append(loss)
        running = loss if len(lr) == 1 else MOMENTUM * running + (1 - MOMENTUM) * loss
        least = min(least, running)
        if not math.isfinite(loss) or running > DIVERGED * abs(least):
            break
        yield Progress(done=len(lr), total=steps)
    finite = np.isfinite(losses)
    return _curve(np.array(lr)[finite], np.array(losses)[finite], spec)


def _count_steps(spec: Spec, plan: epoch.TrainingPlan, net: "Network") -> int:
    """As many steps as one core takes in about SECONDS, by their operations and not by the clock."""
    rows = plan.windows.rows
    operations = timing.count_step_operations(
        spec,
        features=len(rows.features),
        known=len(rows.known),
        steps=len(rows.steps),
        binary=net.binary,
        size=plan.size,
        count=plan.count,
    )
    return int(np.clip(SECONDS * timing.OPERATIONS_PER_SECOND / operations, MIN_STEPS, MAX_STEPS))


def _step(
    plan: epoch.TrainingPlan, net: nn.Module, optimizer: torch.optim.Optimizer, lr: float, randomness: Randomness
) -> float:
    """Take one step at this rate; returns the loss before it."""
    net.train()
    last_B = batches.draw_epoch(plan.windows, plan.count, plan.size, randomness.order, plan.where)[0]
    batch = batches.gather(plan.train, last_B, plan.count)
    loss = plan.loss(epoch.forward(plan, net, batch), batch.y_BSH, batch.weight_BS) / batch.weight
    for group in optimizer.param_groups:
        group["lr"] = lr
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), plan.clip_norm)
    optimizer.step()
    return float(loss.detach())


def _curve(lr_N: Floats, loss_N: Floats, spec: Spec) -> RateCurve:
    """The smoothed curve with its suggestion: the steepest descent before the least loss."""
    if len(lr_N) < MIN_LOSSES:
        raise TrainError(
            message(
                "The loss stopped being a number after {count} steps at a learning rate below {rate}. Look for "
                "extreme values in the inputs.",
                count=len(lr_N),
                rate=f"{lr_N[-1] if len(lr_N) else LOWEST:.1g}",
            )
        )
    smooth_N = _smooth(loss_N)
    slope_N = np.gradient(smooth_N, np.log(lr_N))
    edge = len(lr_N) // 10  # where the kernel is cut off the slope is noise
    end = max(edge + 1, int(np.argmin(smooth_N)))
    steepest = edge + int(np.argmin(slope_N[edge:end]))
    scaling = optimizers.learning_rate(spec.train) / spec.train.learning_rate
    return RateCurve(lr_N=lr_N, loss_N=smooth_N, suggestion=float(lr_N[steepest]) / scaling)


def _smooth(loss_N: Floats) -> Floats:
    """Each loss averaged with its neighbours under a Gaussian kernel."""
    at_N = np.arange(len(loss_N)) / (KERNEL_WIDTH * len(loss_N))
    weight_NN = np.exp(-0.5 * (at_N[:, None] - at_N[None, :]) ** 2)
    return (weight_NN @ loss_N) / weight_NN.sum(axis=1)
