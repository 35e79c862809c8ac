"""A forecast as a distribution: its mean, as the network learns it or as its quantiles imply it.

Between its quantiles a forecast is linear in the level; beyond the outermost two it has exponential tails through the
last two quantiles of each side. Every mean is then a weighted sum of the quantiles.
Axis letters: N windows, H steps, Q quantiles, O outputs (quantiles and the mean, or one probability).
"""

from functools import cache

import numpy as np

from core.datasets.targets import TargetKind
from core.spec import MEAN, QUANTILES
from core.types import Floats


@cache
def mean_weights(levels: tuple[float, ...] = QUANTILES) -> Floats:
    """The weight of each quantile in the mean of the distribution, ∫ Q(p) dp: (Q,), sum 1.

    The tail above the last level b, with a the level before it, is Q(p) = Q(b) + β · ln((1 − b) / (1 − p)) and runs
    through Q(a); its mean is Q(b) + β. Below the first level likewise. The weights of the uppermost quantiles, however
    many, sum to more than zero: the mean rises with the quantiles, and no floor of theirs lies above it.
    """
    level_Q = np.asarray(levels)
    weight_Q = np.zeros(len(level_Q))
    gap = np.diff(level_Q) / 2
    weight_Q[:-1] += gap
    weight_Q[1:] += gap
    for mass, last, inner in ((level_Q[0], 0, 1), (1 - level_Q[-1], -1, -2)):
        inside = level_Q[1] if last == 0 else 1 - level_Q[-2]
        beta = 1 / np.log(inside / mass)  # in units of the distance between the last two quantiles
        weight_Q[last] += mass * (1 + beta)
        weight_Q[inner] -= mass * beta
    weight_Q.setflags(write=False)
    return weight_Q


def mean(output_NHO: Floats, kind: TargetKind) -> Floats:
    """The mean on the scale of scores, back in the user's units: (N, H). `output_NHO` has the quantiles and the mean in
    model units, or a probability, which is its own mean.

    Of a level that is learned as its log it is the exponential of the mean, times the mean of what the quantiles say
    about the exponential of the distance from their own mean.
    """
    if output_NHO.shape[2] == 1:
        return kind.to_user(output_NHO[:, :, 0])
    mean_NH = kind.to_user(output_NHO[:, :, MEAN])
    return mean_NH * expectation(_spread(output_NHO)) if kind.in_logs else mean_NH


def integrate(quantile_NHQ: Floats, kind: TargetKind, levels: tuple[float, ...]) -> Floats:
    """The mean on the scale of scores, back in the user's units, from quantiles in model units alone: (N, H)."""
    if kind.scored_as_learned:
        return kind.to_user(expectation(quantile_NHQ, levels))
    return expectation(kind.to_user(quantile_NHQ), levels)


def expectation(quantile_NHQ: Floats, levels: tuple[float, ...] = QUANTILES) -> Floats:
    """The mean of the distribution with these quantiles, in their own unit: (N, H)."""
    # Summed one by one: a matrix product may differ in the last digit with the number of rows.
    return sum((weight * quantile_NHQ[:, :, q] for q, weight in enumerate(mean_weights(levels))), start=np.zeros(1))


def mean_slope(output_NHO: Floats, kind: TargetKind) -> Floats:
    """The derivative of `mean` with respect to each quantile and the mean: (N, H, O)."""
    slope_NHO = np.zeros_like(output_NHO)
    slope_NHO[:, :, MEAN] = kind.slope(output_NHO[:, :, MEAN])
    if kind.in_logs:
        spread_NHQ, mean_NH1 = _spread(output_NHO), kind.to_user(output_NHO[:, :, MEAN])[:, :, None]
        expected_NH1 = expectation(spread_NHQ)[:, :, None]
        slope_NHO[:, :, :MEAN] = mean_NH1 * mean_weights() * (spread_NHQ - expected_NH1)
        slope_NHO[:, :, MEAN] *= expected_NH1[:, :, 0]
    return slope_NHO


def _spread(output_NHO: Floats) -> Floats:
    """The exponential of the distance of each quantile from their mean: (N, H, Q)."""
    quantile_NHQ = output_NHO[:, :, :MEAN]
    return np.exp(quantile_NHQ - expectation(quantile_NHQ)[:, :, None])
