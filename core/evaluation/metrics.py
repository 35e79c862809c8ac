"""Metrics as plain functions of outcomes and forecasts of equal shape; each gives one number."""

import numpy as np

from core.types import Floats


def mae(y: Floats, yhat: Floats) -> float:
    return float(np.mean(np.abs(y - yhat)))


def mse(y: Floats, yhat: Floats) -> float:
    return float(np.mean((y - yhat) ** 2))


def rmse(y: Floats, yhat: Floats) -> float:
    return float(np.sqrt(mse(y, yhat)))


def r2(y: Floats, yhat: Floats) -> float:
    """Share of the variance of the outcomes explained; NaN where they do not vary."""
    spread = float(np.sum((y - np.mean(y)) ** 2))
    return 1 - float(np.sum((y - yhat) ** 2)) / spread if spread > 0 else float("nan")


def mape(y: Floats, yhat: Floats) -> float:
    """Mean absolute error relative to the outcome, as a fraction; NaN where an outcome is zero."""
    return float(np.mean(np.abs((y - yhat) / y))) if np.all(y != 0) else float("nan")


def hit_rate(y: Floats, probability: Floats) -> float:
    """Share of directions named right; a probability of exactly one half counts as a half hit."""
    right = np.where(probability == 0.5, 0.5, (probability > 0.5) == (y > 0.5))
    return float(np.mean(right))


def log_loss(y: Floats, probability: Floats) -> float:
    """Mean negative log likelihood; probabilities are kept 1e-6 away from 0 and 1."""
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def qlike(volatility: Floats, forecast: Floats) -> float:
    """Mean of v/f − log(v/f) − 1 over variances v and f (Patton 2011): robust to noise in the volatility proxy."""
    ratio = (volatility / forecast) ** 2
    return float(np.mean(ratio - np.log(ratio) - 1))


def coverage(y: Floats, low: Floats, high: Floats) -> float:
    """Share of outcomes inside the band."""
    return float(np.mean((y >= low) & (y <= high)))


def winkler(y: Floats, low: Floats, high: Floats, nominal: float) -> float:
    """Interval score (Winkler 1972; Gneiting & Raftery 2007, eq. 43): width plus 2/α per unit outside."""
    outside = np.maximum(low - y, 0) + np.maximum(y - high, 0)
    return float(np.mean(high - low + 2 / (1 - nominal) * outside))
