"""Partial dependence: how the forecast of each window moves with one feature while the others stay unchanged.

Axis letters: N windows, L lookback, F features, H steps, M values.
"""

from dataclasses import dataclass

import numpy as np

from core.explain.game import Predict, predict_float64
from core.types import Floats

VALUES = 15
TAILS = (0.02, 0.98)  # quantiles of the training values that bound the grid


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDependence:
    """The forecast of each window (curve_NMH, target units) with the newest `rows` values of a feature set to each
    value in value_M (the feature's own units)."""

    feature: str
    steps: tuple[int, ...]
    rows: int
    value_M: Floats
    curve_NMH: Floats


def choose_grid(value_T: Floats, count: int = VALUES) -> Floats:
    """At most `count` distinct quantiles of the finite values, ascending: (M,). A single one if they do not vary."""
    return np.unique(np.quantile(value_T[np.isfinite(value_T)], np.linspace(*TAILS, count)))


def compute_curves(
    predict: Predict, x_NLF: Floats, known_NHK: Floats, column: int, value_M: Floats, rows: int = 1
) -> Floats:
    """The forecast of every window with the newest `rows` rows of a column set to each scaled value: (N, M, H).

    These are individual conditional expectation curves (Goldstein, Kapelner, Bleich & Pitkin 2015); their mean over the
    windows is the partial dependence (Friedman 2001).
    """
    x_NLF, forecasts = x_NLF.copy(), []
    for value in value_M:
        x_NLF[:, -rows:, column] = value
        forecasts.append(predict_float64(predict, x_NLF, known_NHK))
    return np.stack(forecasts, axis=1)
