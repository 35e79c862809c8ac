"""Optimisers by name, and schedules: the learning rate at every step as a function of the epochs so far."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from core.spec import Train

SCALING_BATCH = 64  # the batch size at which linear scaling leaves the learning rate of the recipe as it is
MOMENTUM = 0.9
PLATEAU_FACTOR = 0.5  # by which a plateau lowers the learning rate
MIN_IMPROVEMENT = 1e-4  # of the validation loss, as a share: less does not end a plateau
RISE = 0.3  # share of the epochs in which the one-cycle schedule rises
MAX_WARMUP = 0.2  # share of the epochs: a short training has a shorter warm-up
START, END = 1 / 25, 1e-4  # of the peak: where the one cycle starts and ends


def learning_rate(settings: Train) -> float:
    """The learning rate of the recipe, times batch size / 64 under linear scaling (Goyal et al. 2017)."""
    batch_size = settings.batch_size if settings.scale_learning_rate else None
    return settings.learning_rate * (batch_size or SCALING_BATCH) / SCALING_BATCH


def build_optimizer(parameters: Iterable[nn.Parameter], settings: Train) -> torch.optim.Optimizer:
    """The optimiser of the recipe: AdamW (Loshchilov & Hutter 2019), Adam, SGD with Nesterov momentum or RMSprop.

    Uses the fused kernel if there is one: on a CPU it makes a step of a 1×64 LSTM 3 to 13 % shorter.
    """
    groups, lr = decay_groups(parameters, settings.weight_decay), learning_rate(settings)
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=lr, momentum=MOMENTUM, nesterov=True, fused=True)
    if settings.optimizer == "rmsprop":
        return torch.optim.RMSprop(groups, lr=lr)
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.Adam
    return kind(groups, lr=lr, fused=True)


def decay_groups(parameters: Iterable[nn.Parameter], weight_decay: float) -> list[dict[str, Any]]:
    """The parameters as groups of an optimiser: only matrices decay, biases and the vectors of normalisation layers do
    not, for shrinking an offset or a scale makes no function simpler (Goodfellow, Bengio & Courville 2016, 7.1)."""
    every = list(parameters)
    matrices, vectors = [p for p in every if p.ndim > 1], [p for p in every if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]


@dataclass(slots=True, kw_only=True)
class Schedule:
    """Sets the learning rate before each step; `best`, `waited` and `factor` are the state of the plateau schedule.

    `epochs` are those of the whole training, of `steps` optimizer steps each: warm-ups are given in steps.
    plateau: halves after a third of the patience without improvement. cosine: falls to zero over the planned epochs
    (Loshchilov & Hutter 2017). one_cycle: rises and falls once (Smith & Topin 2018). The others start with the warm-up.
    """

    settings: Train
    epochs: int
    steps: int = 1
    best: float = math.inf
    waited: int = 0
    factor: float = 1.0
    peak: float = field(init=False)

    def __post_init__(self) -> None:
        self.peak = learning_rate(self.settings)

    def at(self, epochs: float) -> float:
        """The learning rate after `epochs` epochs, not necessarily a whole number."""
        schedule, total = self.settings.schedule, self.epochs
        warmup = min(self.settings.warmup / self.steps, MAX_WARMUP * total)
        if schedule == "one_cycle":
            return self.peak * _one_cycle(epochs, RISE * total, total)
        if epochs < warmup:
            return self.peak * max(epochs / warmup, 1e-3)
        if schedule == "cosine":
            return self.peak * (1 + math.cos(math.pi * min(1.0, (epochs - warmup) / (total - warmup)))) / 2
        return self.peak * self.factor

    def set(self, optimizer: torch.optim.Optimizer, epochs: float) -> None:
        """Give `optimizer` the learning rate after `epochs` epochs."""
        lr = self.at(epochs)
        for group in optimizer.param_groups:
            group["lr"] = lr

    def update(self, val_loss: float) -> None:
        """Record the validation loss of an epoch."""
        if val_loss < self.best * (1 - MIN_IMPROVEMENT):
            self.best, self.waited = val_loss, 0
            return
        self.waited += 1
        if self.settings.schedule == "plateau" and self.waited > max(1, self.settings.patience // 3):
            self.factor, self.waited = self.factor * PLATEAU_FACTOR, 0

    def state(self) -> dict[str, Any]:
        """The state of the plateau as JSON values."""
        return {"best": self.best, "waited": self.waited, "factor": self.factor}

    def load(self, state: dict[str, Any]) -> None:
        """Restore what `state` returned."""
        self.best, self.waited, self.factor = float(state["best"]), int(state["waited"]), float(state["factor"])


def _one_cycle(epochs: float, rise: float, total: float) -> float:
    """Share of the peak: a cosine up from START over `rise` epochs, then one down to END until `total`."""
    if epochs < rise:
        return _interpolate(START, 1.0, epochs / rise)
    return _interpolate(1.0, END, min(1.0, (epochs - rise) / max(total - rise, 1e-9)))


def _interpolate(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
