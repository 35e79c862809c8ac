"""A network and everything that changes with it while it trains, the moving average of its weights among it."""

import copy
from dataclasses import dataclass

import torch
from torch import nn

from core.spec import Train
from core.training import optimizers
from core.training.optimizers import Schedule
from core.training.rng import Randomness

FIRST_STEPS = 10  # the average of so few weights forgets the initial ones quickly


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """The network that learns, and `average`, a network with averaged weights, which validates and forecasts."""

    net: nn.Module
    average: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    randomness: Randomness

    @property
    def lr(self) -> float:
        """The learning rate of the last step."""
        return self.optimizer.param_groups[0]["lr"]


def build(net: nn.Module, settings: Train, schedule: Schedule, seed: int, where: str) -> Learner:
    """What trains `net`, which is on the device `where`, from its first step on."""
    return Learner(
        net=net,
        average=copy.deepcopy(net).requires_grad_(False),
        optimizer=optimizers.build_optimizer(net.parameters(), settings),
        schedule=schedule,
        randomness=Randomness(seed, where),
    )


@torch.no_grad()
def update_average(learner: Learner, decay: float, step: int) -> None:
    """Move the averaged weights towards those after optimizer step `step`: average = d · average + (1 − d) · weights.

    An exponential moving average (Polyak & Juditsky 1992; Tarvainen & Valpola 2017). d is `decay`, but at first at most
    (step + 1) / (step + 10), so that a short training is no average with its random start. Zero keeps the last weights.
    """
    now = min(decay, (step + 1) / (step + FIRST_STEPS))
    averages, weights = ([weight.detach() for weight in net.parameters()] for net in (learner.average, learner.net))
    torch._foreach_lerp_(averages, weights, 1 - now)
    for average, value in zip(learner.average.buffers(), learner.net.buffers(), strict=True):
        average.copy_(value)
