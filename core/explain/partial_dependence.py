"""Partial dependence: how the forecast of each window moves with one feature, the others as they were.

Axis letters: N windows, L lookback, F features, H steps, M values.
"""

from dataclasses import dataclass

import numpy as np

from core.explain.shapley import Predict, ask
from core.types import Floats

VALUES = 15
TAILS = (0.02, 0.98)  # quantiles of the training values between which the grid lies


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """The forecast of each window (curve_NMH, target units) with the newest `rows` values of a feature set to each of
    value_M (its own units)."""

    feature: str
    steps: tuple[int, ...]
    rows: int
    value_M: Floats
    curve_NMH: Floats


def grid(value_T: Floats, count: int = VALUES) -> Floats:
    """At most `count` different quantiles of the finite values, ascending: (M,). One alone where they do not vary."""
    return np.unique(np.quantile(value_T[np.isfinite(value_T)], np.linspace(*TAILS, count)))


def curves(predict: Predict, x_NLF: Floats, known_NHK: Floats, column: int, value_M: Floats, rows: int = 1) -> Floats:
    """The forecast of every window with the newest `rows` rows of a column set to each scaled value: (N, M, H).

    These are the curves of individual conditional expectation (Goldstein, Kapelner, Bleich & Pitkin 2015); their mean
    over the windows is the partial dependence (Friedman 2001).
    """
    x_NLF, made = x_NLF.copy(), []
    for value in value_M:
        x_NLF[:, -rows:, column] = value
        made.append(ask(predict, x_NLF, known_NHK))
    return np.stack(made, axis=1)
