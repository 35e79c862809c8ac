"""Metrics as plain functions of outcomes and forecasts of equal shape; each returns one number."""

from collections.abc import Callable

import numpy as np

from core.types import Floats


def mae(y: Floats, yhat: Floats) -> float:
    """Mean absolute error."""
    return float(np.mean(np.abs(y - yhat)))


def mse(y: Floats, yhat: Floats) -> float:
    """Mean squared error."""
    return float(np.mean((y - yhat) ** 2))


def rmse(y: Floats, yhat: Floats) -> float:
    """Root mean squared error."""
    return float(np.sqrt(mse(y, yhat)))


def r2(y: Floats, yhat: Floats) -> float:
    """Share of the variance of the outcomes explained; NaN if they do not vary."""
    spread = float(np.sum((y - np.mean(y)) ** 2))
    return 1 - float(np.sum((y - yhat) ** 2)) / spread if spread > 0 else float("nan")


def mape(y: Floats, yhat: Floats) -> float:
    """Mean absolute error relative to the outcome, as a fraction; NaN if an outcome is zero."""
    return float(np.mean(np.abs((y - yhat) / y))) if np.all(y != 0) else float("nan")


def hit_rate(y: Floats, probability: Floats) -> float:
    """Share of correct directions; a probability of exactly one half counts as a half hit."""
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


def brier(y: Floats, probability: Floats) -> float:
    """Mean squared error of a probability (Brier 1950)."""
    return mse(y, probability)


def base_rate(y: Floats, probability: Floats) -> float:
    """Share of rises among the outcomes, whatever was forecast."""
    return float(np.mean(y))


def coverage(y: Floats, low: Floats, high: Floats) -> float:
    """Share of outcomes inside the prediction interval."""
    return float(np.mean((y >= low) & (y <= high)))


def winkler(y: Floats, low: Floats, high: Floats, nominal: float) -> float:
    """Interval score (Winkler 1972; Gneiting & Raftery 2007, eq. 43): width plus 2/α for each unit outside."""
    outside = np.maximum(low - y, 0) + np.maximum(y - high, 0)
    return float(np.mean(high - low + 2 / (1 - nominal) * outside))


# Metrics that only some targets have, by the ids in TargetKind.scores; r2 is taken on the scale of scores, the others
# in the user's units.
FURTHER: dict[str, Callable[[Floats, Floats], float]] = {
    "r2": r2,
    "mape": mape,
    "qlike": qlike,
    "brier": brier,
    "hit_rate": hit_rate,
    "log_loss": log_loss,
    "base_rate": base_rate,
}
