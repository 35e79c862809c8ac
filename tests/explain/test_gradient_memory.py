"""Gradient norms by lag: a closed form, finite differences, and the memory length."""

import numpy as np
import pytest
import torch
from torch import nn

from core.explain.gradient_memory import gradient_norms, memory_length


def test_a_linear_recurrence_decays_geometrically():
    """h ← 0.8 h + w · x gives ∂h / ∂x at lag k = 0.8^(k − 1) w."""
    weight_F = np.array([3.0, 4.0])

    def gradient(x_NLF, known_NHK):
        slope_L = 0.8 ** np.arange(x_NLF.shape[1])[::-1]
        return np.broadcast_to(slope_L[:, None] * weight_F, x_NLF.shape), known_NHK

    norm_L = gradient_norms(gradient, np.zeros((5, 12, 2), np.float32), np.zeros((5, 1, 0), np.float32))
    np.testing.assert_allclose(norm_L, 5.0 * 0.8 ** np.arange(12), rtol=1e-12)


def test_a_torch_cell_agrees_with_finite_differences():
    torch.manual_seed(0)
    cell = nn.LSTM(2, 5, batch_first=True).double()

    def forecast(x_NLF):
        return cell(x_NLF)[0][:, -1].sum(dim=1)

    def gradient(x_NLF, known_NHK):
        x = torch.from_numpy(x_NLF).requires_grad_()
        return torch.autograd.grad(forecast(x).sum(), x)[0].numpy(), known_NHK

    x_NLF = np.random.default_rng(0).normal(size=(1, 6, 2))
    moved = np.repeat(x_NLF, 24, axis=0)
    for lag in range(6):
        for f in range(2):
            at = 4 * lag + 2 * f
            moved[at, 5 - lag, f] += 1e-5
            moved[at + 1, 5 - lag, f] -= 1e-5
    with torch.no_grad():
        up_down = forecast(torch.from_numpy(moved)).numpy().reshape(6, 2, 2)
    norm_L = np.linalg.norm((up_down[:, :, 0] - up_down[:, :, 1]) / 2e-5, axis=1)
    np.testing.assert_allclose(gradient_norms(gradient, x_NLF, np.zeros((1, 1, 0))), norm_L, rtol=1e-6)


@pytest.mark.parametrize(
    ("norm", "far"),
    [([4.0, 1.0, 0.04, 0.039], 3), ([0.001, 1.0], 2), ([5.0], 1), ([0.0, 0.0], 0), ([1.0, 0.0, 0.0], 1)],
)
def test_the_memory_length_is_the_farthest_lag_above_a_hundredth(norm, far):
    assert memory_length(np.array(norm)) == far
