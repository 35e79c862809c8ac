"""Which other feature changes what a feature's value does to the forecast: one simple rule.

Axis letters: N windows, F features.
"""

import numpy as np

from core.types import Flags, Floats

STRETCHES = 10
LEAST = 8  # windows of a stretch


def strength(value_N: Floats, contribution_N: Floats, other_N: Floats) -> float:
    """How much `other_N` has to do with a feature's contribution where the feature's own value is much the same.

    The windows in order of the feature's value are cut into at most 10 stretches of at least 8. In each a straight line
    in that value is taken out of contribution and other value, and what is left of both is correlated; the mean |r|
    over the stretches is returned, 0 to 1. After the approximate interactions of the shap package, which take no line
    out. NaN for fewer than 8 windows that have both values.
    """
    known = np.isfinite(value_N) & np.isfinite(other_N)
    if known.sum() < LEAST:
        return float("nan")
    order = np.flatnonzero(known)[np.argsort(value_N[known], kind="stable")]
    parts = np.array_split(order, max(1, min(STRETCHES, len(order) // LEAST)))
    return float(np.mean([_alike(value_N[p], contribution_N[p], other_N[p]) for p in parts]))


def strengths(data_NF: Floats, contribution_N: Floats, feature: int) -> Floats:
    """The strength of every feature's interaction with one (a position): (F,), NaN for itself and where unknown."""
    made = [strength(data_NF[:, feature], contribution_N, other_N) for other_N in data_NF.T]
    return np.array([np.nan if f == feature else value for f, value in enumerate(made)])


def chance(count: int) -> float:
    """The mean strength between numbers that have nothing to do with each other, normal ones, of so many windows."""
    length = count / max(1, min(STRETCHES, count // LEAST))
    return float(np.sqrt(2 / (np.pi * max(length - 2, 1.0))))


def _alike(value_N: Floats, a_N: Floats, b_N: Floats) -> float:
    left, right = (_off_line(value_N, y_N) for y_N in (a_N, b_N))
    size = float(np.sqrt((left @ left) * (right @ right)))
    return abs(float(left @ right)) / size if size > 0 else 0.0


def _off_line(x_N: Floats, y_N: Floats) -> Floats:
    """What a straight line in x leaves of y; exact zeros where it leaves rounding alone."""
    x_N, y_N = x_N - x_N.mean(), y_N - y_N.mean()
    power = float(x_N @ x_N)
    left_N = y_N - x_N * (float(x_N @ y_N) / power) if power > 0 else y_N
    rounding: Flags = np.abs(left_N) <= 1e-9 * float(np.abs(y_N).max(initial=0.0))
    return np.zeros(len(y_N)) if rounding.all() else left_N
