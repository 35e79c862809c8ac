"""A small model, windows and players shared by the explanation tests."""

from collections.abc import Generator
from typing import Any

import numpy as np
import torch
from torch import nn

from core.explain.game import Player
from core.jobs.local import run
from core.types import Floats

LOOKBACK, STEPS = 5, 2
PLAYERS = (Player(name="a", past=(0,)), Player(name="b", past=(1,)), Player(name="day", past=(2,), known=(0,)))


def finish(job: Generator[Any, None, Any]) -> tuple[Any, list[Any]]:
    """The result of a job, and its events."""
    events: list[Any] = []
    return run(job, events.append), events


def windows(count: int, *, features: int = 3, known: int = 1, seed: int = 0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    x_NLF = rng.normal(size=(count, LOOKBACK, features)).astype(np.float32)
    return x_NLF, rng.normal(size=(count, STEPS, known)).astype(np.float32)


class Net(nn.Module):
    """A small LSTM in double precision with a hidden layer, so that the features interact."""

    def __init__(self) -> None:
        super().__init__()
        torch.set_num_threads(1)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.cell = nn.LSTM(3, 4, batch_first=True).double()
            self.head = nn.Linear(4 + STEPS, STEPS).double()
        with torch.no_grad():
            for weights in self.parameters():
                weights.mul_(2.0)

    def forward(self, x_NLF: torch.Tensor, known_NHK: torch.Tensor) -> torch.Tensor:
        last_ND = self.cell(x_NLF)[0][:, -1]
        joined = torch.cat([last_ND, torch.tanh(known_NHK.flatten(1) * last_ND[:, :1])], dim=1)
        return 10 * self.head(joined)

    @torch.no_grad()
    def predict(self, x_NLF: Floats, known_NHK: Floats) -> Floats:
        return self(torch.from_numpy(x_NLF).double(), torch.from_numpy(known_NHK).double()).numpy()

    def gradient(self, x_NLF: Floats, known_NHK: Floats) -> tuple[Floats, Floats]:
        x, known = (torch.from_numpy(a).double().requires_grad_() for a in (x_NLF, known_NHK))
        by_x, by_known = torch.autograd.grad(self(x, known).sum(), (x, known))
        return by_x.numpy(), by_known.numpy()
