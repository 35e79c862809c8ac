"""Losses in train-standardised target units: sums over cutoffs, so that batches of any size add up.

Axis letters: B batch, S cutoffs of a chunk, H steps, O outputs, Q quantiles.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from core.models.heads import MAX_LOG_SCALE
from core.spec import MEAN, QUANTILES

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]  # (output_BSHO, y_BSH, weight_BS) → sum over the weighted cutoffs


def build_loss(head: str, loss: str, device: str, class_weight: tuple[float, float] | None = None) -> Loss:
    """The loss of a head: quantiles, point (`loss` auto, mse, mae or huber), gaussian or logit.

    Each returns the sum over cutoffs of weight times mean over steps and outputs. `class_weight` are the weights of
    down and up.
    """
    if head == "logit":
        return _cross_entropy(class_weight)
    if head == "gaussian":
        return gaussian
    if head == "point":
        return {"auto": mse, "mse": mse, "mae": mae, "huber": huber}[loss]
    return _pinball(torch.tensor(QUANTILES, device=device))


def _pinball(level_Q: Tensor) -> Loss:
    """Quantile loss over the quantiles (Koenker & Bassett 1978): |error| / 2 + (level − 1/2) · error.

    The mean, the output after them, learns by squared error, which adds its gradient but nothing to the value.
    """
    slope_Q = level_Q - 0.5

    def pinball(output_BSHO: Tensor, y_BSH: Tensor, weight_BS: Tensor) -> Tensor:
        error = y_BSH.unsqueeze(-1) - output_BSHO
        quantile_error, mean_error = error[..., :MEAN], error[..., MEAN]
        loss = _sum((0.5 * quantile_error.abs() + slope_Q * quantile_error).mean(dim=(-1, -2)), weight_BS)
        if not loss.requires_grad:
            return loss
        squared = _sum(0.5 * mean_error.square().mean(dim=-1), weight_BS)
        return loss + (squared - squared.detach())

    return pinball


def _cross_entropy(class_weight: tuple[float, float] | None) -> Loss:
    """Log loss of one logit, each outcome weighted by its class."""
    down, up = class_weight or (1.0, 1.0)

    def cross_entropy(output_BSHO: Tensor, y_BSH: Tensor, weight_BS: Tensor) -> Tensor:
        loss = functional.binary_cross_entropy_with_logits(output_BSHO.squeeze(-1), y_BSH, reduction="none")
        return _sum((loss if class_weight is None else loss * (down + (up - down) * y_BSH)).mean(dim=-1), weight_BS)

    return cross_entropy


def mse(output_BSHO: Tensor, y_BSH: Tensor, weight_BS: Tensor) -> Tensor:
    """Squared error."""
    return _sum((output_BSHO.squeeze(-1) - y_BSH).square().mean(dim=-1), weight_BS)


def mae(output_BSHO: Tensor, y_BSH: Tensor, weight_BS: Tensor) -> Tensor:
    """Absolute error."""
    return _sum((output_BSHO.squeeze(-1) - y_BSH).abs().mean(dim=-1), weight_BS)


def huber(output_BSHO: Tensor, y_BSH: Tensor, weight_BS: Tensor) -> Tensor:
    """Half the squared error up to 1, linear beyond (Huber 1964)."""
    return _sum(functional.huber_loss(output_BSHO.squeeze(-1), y_BSH, reduction="none").mean(dim=-1), weight_BS)


def gaussian(output_BSHO: Tensor, y_BSH: Tensor, weight_BS: Tensor) -> Tensor:
    """Negative log likelihood of a normal with mean output 0 and log standard deviation output 1 (Nix & Weigend
    1994)."""
    mean_BSH, log_BSH = output_BSHO[..., 0], output_BSHO[..., 1].clamp(-MAX_LOG_SCALE, MAX_LOG_SCALE)
    z_BSH = (y_BSH - mean_BSH) * torch.exp(-log_BSH)
    return _sum((0.5 * z_BSH.square() + log_BSH).mean(dim=-1) + 0.5 * math.log(2 * math.pi), weight_BS)


def _sum(loss_BS: Tensor, weight_BS: Tensor) -> Tensor:
    return (loss_BS * weight_BS).sum()
