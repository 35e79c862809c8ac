"""The heads of a network: how many raw numbers each outputs per step, and the quantiles and mean that they stand for.

Outputs are seven quantiles and the mean (O = 8), or one logit.
"""

from statistics import NormalDist
from typing import TYPE_CHECKING

from core.spec import MEAN, MEDIAN, QUANTILES, Model

if TYPE_CHECKING:
    from torch import Tensor

NORMAL = tuple(NormalDist().inv_cdf(level) for level in QUANTILES)
MAX_LOG_SCALE = 7.0  # of a Gaussian, in either direction: without it the likelihood of a constant series is unbounded
RAW = {"quantiles": MEAN + 1, "point": 1, "gaussian": 2, "logit": 1}


def head_of(model: Model, binary: bool) -> str:
    """The head of a model; a direction has one logit, whatever `model.head` says."""
    return "logit" if binary else model.head


def output_count(model: Model, binary: bool) -> int:
    """The raw numbers that the head outputs per step."""
    return RAW[head_of(model, binary)]


def distribution(head: str, raw: "Tensor") -> "Tensor":
    """(..., 8) ordered quantiles and the mean in standardised units from the raw numbers of a head; a logit stays.

    A point is seven equal quantiles and the mean. A Gaussian is its mean and the log of its standard deviation.
    """
    import torch

    if head == "quantiles":
        ordered = raw[..., :MEAN].sort(dim=-1).values
        has_mean = raw.shape[-1] > MEAN  # a network of version 0.1 has none
        return torch.cat([ordered, raw[..., MEAN:] if has_mean else ordered[..., MEDIAN : MEDIAN + 1]], dim=-1)
    if head == "point":
        return raw.expand(*raw.shape[:-1], MEAN + 1)
    if head == "gaussian":
        return raw[..., :1] + raw[..., 1:].clamp(-MAX_LOG_SCALE, MAX_LOG_SCALE).exp() * raw.new_tensor((*NORMAL, 0.0))
    return raw


def rescale(head: str, raw_BSHR: "Tensor", scale_B: "Tensor", offset_H: "Tensor") -> "Tensor":
    """The raw numbers of scale · value + offset, where `raw_BSHR` are those of value; scale is above zero."""
    import torch

    scale_B111, offset_H1 = scale_B[:, None, None, None], offset_H[:, None]
    if head == "gaussian":
        return torch.cat([raw_BSHR[..., :1] * scale_B111 + offset_H1, raw_BSHR[..., 1:] + scale_B111.log()], dim=-1)
    return raw_BSHR * scale_B111 + offset_H1
