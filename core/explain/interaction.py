"""Which other feature modifies the effect of a feature's value on the forecast, by an approximate interaction rule.

Axis letters: N windows, F features.
"""

import numpy as np

from core.types import Flags, Floats

BINS = 10
MIN_WINDOWS = 8  # per bin


def strength(value_N: Floats, contribution_N: Floats, other_N: Floats) -> float:
    """How strongly `other_N` is related to a feature's contribution among windows with similar values of the feature.

    The windows, sorted by the feature's value, are cut into at most 10 bins of at least 8. In each bin, contribution
    and other value are detrended linearly in the feature's value and the residuals are correlated; the mean |r| over
    the bins is returned, 0 to 1. After the approximate interactions of the shap package, which do not detrend. NaN for
    fewer than 8 windows with both values.
    """
    known = np.isfinite(value_N) & np.isfinite(other_N)
    if known.sum() < MIN_WINDOWS:
        return float("nan")
    order = np.flatnonzero(known)[np.argsort(value_N[known], kind="stable")]
    bins = np.array_split(order, _count_bins(len(order)))
    return float(np.mean([_residual_correlation(value_N[b], contribution_N[b], other_N[b]) for b in bins]))


def strengths(data_NF: Floats, contribution_N: Floats, feature: int) -> Floats:
    """The strength of every interaction of one feature (a position): (F,), NaN with itself and if unknown."""
    strength_F = [strength(data_NF[:, feature], contribution_N, other_N) for other_N in data_NF.T]
    return np.array([np.nan if f == feature else value for f, value in enumerate(strength_F)])


def chance_strength(count: int) -> float:
    """The mean strength between independent normal numbers over `count` windows."""
    length = count / _count_bins(count)
    return float(np.sqrt(2 / (np.pi * max(length - 2, 1.0))))


def _count_bins(count: int) -> int:
    return max(1, min(BINS, count // MIN_WINDOWS))


def _residual_correlation(value_N: Floats, a_N: Floats, b_N: Floats) -> float:
    """|r| of a and b after detrending both linearly in `value_N`."""
    left, right = (_detrend(value_N, y_N) for y_N in (a_N, b_N))
    size = float(np.sqrt((left @ left) * (right @ right)))
    return abs(float(left @ right)) / size if size > 0 else 0.0


def _detrend(x_N: Floats, y_N: Floats) -> Floats:
    """The residuals of y after a linear fit in x; exact zeros if only rounding error is left."""
    x_N, y_N = x_N - x_N.mean(), y_N - y_N.mean()
    power = float(x_N @ x_N)
    residual_N = y_N - x_N * (float(x_N @ y_N) / power) if power > 0 else y_N
    rounding: Flags = np.abs(residual_N) <= 1e-9 * float(np.abs(y_N).max(initial=0.0))
    return np.zeros(len(y_N)) if rounding.all() else residual_N
