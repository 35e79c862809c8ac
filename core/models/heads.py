"""The heads of a network: how many raw numbers each outputs per step, and the seven quantiles that they stand for."""

from statistics import NormalDist
from typing import TYPE_CHECKING

from core.spec import QUANTILES, Model

if TYPE_CHECKING:
    from torch import Tensor

NORMAL = tuple(NormalDist().inv_cdf(level) for level in QUANTILES)
MAX_LOG_SCALE = 7.0  # of a Gaussian, in either direction: without it the likelihood of a constant series is unbounded
OUTPUTS = {"quantiles": len(QUANTILES), "point": 1, "gaussian": 2, "logit": 1}


def head_of(model: Model, binary: bool) -> str:
    """The head of a model; a direction has one logit, whatever `model.head` says."""
    return "logit" if binary else model.head


def output_count(model: Model, binary: bool) -> int:
    """O, the raw numbers that the head outputs per step."""
    return OUTPUTS[head_of(model, binary)]


def quantiles(head: str, raw: "Tensor") -> "Tensor":
    """(..., 7) ordered quantiles in standardised units from the raw numbers of a head; a logit stays as it is.

    A point is seven equal quantiles. A Gaussian is its mean and the log of its standard deviation.
    """
    if head == "quantiles":
        return raw.sort(dim=-1).values
    if head == "point":
        return raw.expand(*raw.shape[:-1], len(QUANTILES))
    if head == "gaussian":
        return raw[..., :1] + raw[..., 1:].clamp(-MAX_LOG_SCALE, MAX_LOG_SCALE).exp() * raw.new_tensor(NORMAL)
    return raw


def rescale(head: str, raw_BSHO: "Tensor", scale_B: "Tensor", offset_H: "Tensor") -> "Tensor":
    """The raw numbers of scale · value + offset, where `raw_BSHO` are those of value; scale is above zero."""
    import torch

    scale_B111, offset_H1 = scale_B[:, None, None, None], offset_H[:, None]
    if head == "gaussian":
        return torch.cat([raw_BSHO[..., :1] * scale_B111 + offset_H1, raw_BSHO[..., 1:] + scale_B111.log()], dim=-1)
    return raw_BSHO * scale_B111 + offset_H1
