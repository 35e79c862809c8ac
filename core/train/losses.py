"""Losses in train-standardised target units."""

import torch
from torch import Tensor
from torch.nn import functional

from core.spec import QUANTILES


def pinball(output_BSHQ: Tensor, y_BSH: Tensor, weight_BS: Tensor) -> Tensor:
    """Mean quantile loss over the seven quantiles (Koenker & Bassett 1978), cutoffs weighted by `weight_BS`."""
    level_Q = torch.tensor(QUANTILES, dtype=output_BSHQ.dtype, device=output_BSHQ.device)
    error = y_BSH.unsqueeze(-1) - output_BSHQ
    return _mean(torch.maximum(level_Q * error, (level_Q - 1) * error).mean(dim=(-1, -2)), weight_BS)


def cross_entropy(output_BSHO: Tensor, y_BSH: Tensor, weight_BS: Tensor) -> Tensor:
    """Mean log loss of the logits, cutoffs weighted by `weight_BS`."""
    loss = functional.binary_cross_entropy_with_logits(output_BSHO.squeeze(-1), y_BSH, reduction="none")
    return _mean(loss.mean(dim=-1), weight_BS)


def _mean(loss_BS: Tensor, weight_BS: Tensor) -> Tensor:
    return (loss_BS * weight_BS).sum() / weight_BS.sum()
