"""The losses against plain loops over their formulas."""

import math

import pytest
import torch

from core.spec import QUANTILES
from core.training import losses


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def pinball() -> losses.Loss:
    """In float64, levels too."""
    return losses._pinball(torch.tensor(QUANTILES, dtype=torch.float64))


def test_pinball_equals_the_weighted_sum_over_a_loop() -> None:
    output, y = random(3, 4, 2, 8), random(3, 4, 2, seed=1)
    weight = torch.tensor([[1.0, 0, 1, 1], [1, 1, 1, 1], [0, 0, 0, 1]], dtype=torch.float64)
    total = 0.0
    for b in range(3):
        for s in range(4):
            for h in range(2):
                for q, level in enumerate(QUANTILES):
                    error = float(y[b, s, h] - output[b, s, h, q])
                    total += float(weight[b, s]) * (level * error if error >= 0 else (level - 1) * error) / (2 * 7)
    assert float(pinball()(output, y, weight)) == pytest.approx(total, rel=1e-12)


def test_cross_entropy_equals_the_weighted_sum_over_a_loop() -> None:
    logit, y = random(3, 2, 2, 1), (random(3, 2, 2, seed=1) > 0).double()
    weight = torch.tensor([[1.0, 0], [1, 1], [0, 1]], dtype=torch.float64)
    total = 0.0
    for b in range(3):
        for s in range(2):
            for h in range(2):
                p = 1 / (1 + math.exp(-float(logit[b, s, h, 0])))
                total -= float(weight[b, s]) * math.log(p if y[b, s, h] == 1 else 1 - p) / 2
    assert float(losses.build_loss("logit", "auto", "cpu")(logit, y, weight)) == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize(
    ("head", "loss", "width"),
    [
        ("quantiles", "auto", 8),
        ("logit", "auto", 1),
        ("point", "mse", 1),
        ("point", "mae", 1),
        ("point", "huber", 1),
        ("gaussian", "auto", 2),
    ],
)
def test_a_cutoff_without_weight_has_no_influence(head: str, loss: str, width: int) -> None:
    loss_of = losses.build_loss(head, loss, "cpu")
    output, y = random(2, 3, 2, width), (random(2, 3, 2, seed=1) > 0).double()
    weight = torch.tensor([[1.0, 0, 1], [1, 1, 0]], dtype=torch.float64)
    other, other_y = output.clone(), y.clone()
    other[0, 1], other[1, 2], other_y[0, 1], other_y[1, 2] = 5.0, -5.0, 0.0, 1.0
    assert float(loss_of(output, y, weight)) == float(loss_of(other, other_y, weight))


def test_the_losses_of_the_point_head() -> None:
    output, y, weight = random(5, 1, 3, 1), 2 * random(5, 1, 3, seed=1), torch.ones(5, 1, dtype=torch.float64)
    error = (output.squeeze(-1) - y).abs()
    huber = torch.where(error < 1, error**2 / 2, error - 0.5)
    expected = {"auto": error**2, "mse": error**2, "mae": error, "huber": huber}
    for name, each in expected.items():
        total = float(losses.build_loss("point", name, "cpu")(output, y, weight))
        assert total == pytest.approx(float(each.mean(dim=-1).sum()), rel=1e-12), name


def test_the_gaussian_loss_is_the_likelihood_of_a_normal() -> None:
    output, y, weight = random(4, 2, 3, 2), random(4, 2, 3, seed=1), torch.ones(4, 2, dtype=torch.float64)
    normal = torch.distributions.Normal(output[..., 0], output[..., 1].exp())
    expected = -normal.log_prob(y).mean(dim=-1).sum()
    assert float(losses.build_loss("gaussian", "auto", "cpu")(output, y, weight)) == pytest.approx(
        float(expected), rel=1e-12
    )


def test_class_weights_balance_a_rare_class() -> None:
    logit, y = torch.zeros(4, 1, 1, 1), torch.tensor([0.0, 0, 0, 1]).reshape(4, 1, 1)
    logit.requires_grad_()
    losses.build_loss("logit", "auto", "cpu", (2 / 3, 2.0))(logit, y, torch.ones(4, 1)).backward()
    assert logit.grad is not None
    pull = logit.grad.flatten()
    assert float(pull[:3].sum()) == pytest.approx(1.0) and float(pull[3]) == pytest.approx(-1.0)


def test_pinball_is_least_at_the_quantiles_of_the_outcomes() -> None:
    y = torch.linspace(0, 1, 1001, dtype=torch.float64).reshape(-1, 1, 1)
    best = torch.tensor((*QUANTILES, 0.5), dtype=torch.float64).expand(1001, 1, 1, 8)
    weight = torch.ones(1001, 1, dtype=torch.float64)
    least = float(pinball()(best, y, weight))
    assert all(least < float(pinball()(best + shift, y, weight)) for shift in (-0.05, 0.05))


def test_the_mean_learns_by_squared_error_and_adds_nothing_to_the_loss() -> None:
    output, y, weight = random(4, 2, 3, 8).requires_grad_(), random(4, 2, 3, seed=1), random(4, 2, seed=2).abs()
    loss = pinball()(output, y, weight)
    assert loss.item() == pinball()(output.detach(), y, weight).item()
    loss.backward()
    assert output.grad is not None
    expected = (output[..., 7] - y).detach() * weight[:, :, None] / 3
    torch.testing.assert_close(output.grad[..., 7], expected)
