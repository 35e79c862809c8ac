"""The losses against plain loops over their formulas."""

import math

import pytest
import torch

from core.spec import QUANTILES
from core.train import losses


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_pinball_is_the_weighted_mean_over_a_loop() -> None:
    output, y = random(3, 4, 2, 7), random(3, 4, 2, seed=1)
    weight = torch.tensor([[1.0, 0, 1, 1], [1, 1, 1, 1], [0, 0, 0, 1]], dtype=torch.float64)
    total = 0.0
    for b in range(3):
        for s in range(4):
            for h in range(2):
                for q, level in enumerate(QUANTILES):
                    error = float(y[b, s, h] - output[b, s, h, q])
                    total += float(weight[b, s]) * (level * error if error >= 0 else (level - 1) * error) / (2 * 7)
    assert float(losses.pinball(output, y, weight)) == pytest.approx(total / float(weight.sum()), rel=1e-12)


def test_cross_entropy_is_the_weighted_mean_over_a_loop() -> None:
    logit, y = random(3, 2, 2, 1), (random(3, 2, 2, seed=1) > 0).double()
    weight = torch.tensor([[1.0, 0], [1, 1], [0, 1]], dtype=torch.float64)
    total = 0.0
    for b in range(3):
        for s in range(2):
            for h in range(2):
                p = 1 / (1 + math.exp(-float(logit[b, s, h, 0])))
                total -= float(weight[b, s]) * math.log(p if y[b, s, h] == 1 else 1 - p) / 2
    assert float(losses.cross_entropy(logit, y, weight)) == pytest.approx(total / float(weight.sum()), rel=1e-12)


@pytest.mark.parametrize("loss", [losses.pinball, losses.cross_entropy])
def test_a_cutoff_without_weight_moves_nothing(loss: object) -> None:
    width = 7 if loss is losses.pinball else 1
    output, y = random(2, 3, 2, width), (random(2, 3, 2, seed=1) > 0).double()
    weight = torch.tensor([[1.0, 0, 1], [1, 1, 0]], dtype=torch.float64)
    other, other_y = output.clone(), y.clone()
    other[0, 1], other[1, 2], other_y[0, 1], other_y[1, 2] = 50.0, -50.0, 0.0, 1.0
    assert float(loss(output, y, weight)) == float(loss(other, other_y, weight))  # type: ignore[operator]


def test_pinball_is_least_at_the_quantiles_of_the_outcomes() -> None:
    y = torch.linspace(0, 1, 1001, dtype=torch.float64).reshape(-1, 1, 1)
    best = torch.tensor(QUANTILES, dtype=torch.float64).expand(1001, 1, 1, 7)
    weight = torch.ones(1001, 1, dtype=torch.float64)
    least = float(losses.pinball(best, y, weight))
    assert all(least < float(losses.pinball(best + shift, y, weight)) for shift in (-0.05, 0.05))
