"""Labels of each kind of target from the levels of one symbol, and the maps from model units to the user's units.

A label function is (level_T, horizon, steps per year) → y_TH in model units; row t depends on rows t … t + horizon and
is NaN if one that it needs is missing. The formulas are those of core.datasets.targets.
Axis letters: T rows of one symbol, H steps, K steps from the cutoff on.
"""

import numpy as np

from core.types import Floats

VOLATILITY_FLOOR = 1e-3  # % a year: keeps the log finite if the level does not move over the horizon
FULL_LOSS = float(np.log1p(100.0))  # a drawdown of 100 % in model units, the most that a positive level can fall


def future_levels(level_T: Floats, horizon: int) -> Floats:
    """level_{t+1} … level_{t+horizon} for every row t, NaN beyond the end: (T, horizon)."""
    padded = np.concatenate([level_T, np.full(horizon, np.nan)])
    return np.stack([padded[k : k + len(level_T)] for k in range(1, horizon + 1)], axis=1)


def level(level_T: Floats, horizon: int, per_year: float) -> Floats:
    """The level at each step: (T, horizon)."""
    return future_levels(level_T, horizon)


def mean_level(level_T: Floats, horizon: int, per_year: float) -> Floats:
    """The mean level over the horizon: (T, 1)."""
    return future_levels(level_T, horizon).mean(axis=1, keepdims=True)


def log_return(level_T: Floats, horizon: int, per_year: float) -> Floats:
    """The log return from the cutoff to each step: (T, horizon)."""
    return np.log(future_levels(level_T, horizon)) - np.log(level_T)[:, None]


def direction(level_T: Floats, horizon: int, per_year: float) -> Floats:
    """1 at each step whose level is above that of the cutoff, else 0: (T, horizon)."""
    future_TH = future_levels(level_T, horizon)
    rise_TH = (future_TH > level_T[:, None]).astype(float)
    return np.where(np.isnan(future_TH) | np.isnan(level_T)[:, None], np.nan, rise_TH)


def max_drawdown(level_T: Floats, horizon: int, per_year: float) -> Floats:
    """log(1 + largest fall from a peak in %) from the cutoff to the horizon: (T, 1)."""
    path_TK = np.concatenate([level_T[:, None], future_levels(level_T, horizon)], axis=1)
    drawdown_TK = 1 - path_TK / np.maximum.accumulate(path_TK, axis=1)
    return np.log1p(100 * drawdown_TK.max(axis=1, keepdims=True))


def volatility(level_T: Floats, horizon: int, per_year: float) -> Floats:
    """The log of the realised volatility over the horizon in % a year: (T, 1)."""
    return_T = np.diff(np.log(level_T), prepend=np.nan)
    mean_square_T = (future_levels(return_T, horizon) ** 2).mean(axis=1)
    percent_T = 100 * np.sqrt(mean_square_T * per_year)
    return np.log(np.maximum(percent_T, VOLATILITY_FLOOR))[:, None]


def identity(y: Floats) -> Floats:
    return y


def percent(y: Floats) -> Floats:
    """A drawdown in %, from 0 to 100, out of its model units."""
    return np.expm1(np.clip(y, 0.0, FULL_LOSS))


def percent_slope(y: Floats) -> Floats:
    """The derivative of `percent`; 0 outside its range."""
    return np.where((y >= 0.0) & (y <= FULL_LOSS), np.exp(np.clip(y, 0.0, FULL_LOSS)), 0.0)
