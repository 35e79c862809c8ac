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
    """The mean of `qlike_losses` over forecasts of a volatility."""
    return float(np.mean(qlike_losses(volatility**2, forecast**2)))


def qlike_losses(variance: Floats, forecast: Floats) -> Floats:
    """v/f − log(v/f) − 1 of each variance v and its forecast f (Patton 2011): robust to noise in the proxy of v."""
    ratio = variance / forecast
    return ratio - np.log(ratio) - 1


def brier(y: Floats, probability: Floats) -> float:
    """Mean squared error of a probability (Brier 1950)."""
    return mse(y, probability)


def base_rate(y: Floats, probability: Floats) -> float:
    """Share of rises among the outcomes, whatever was forecast."""
    return float(np.mean(y))


def auc(y: Floats, probability: Floats) -> float:
    """Area under the ROC curve: how often a rise had the higher probability than a fall, ties half (Hanley & McNeil
    1982). NaN without both."""
    from scipy.stats import rankdata

    rose = y > 0.5
    rises, falls = int(rose.sum()), int((~rose).sum())
    if not rises * falls:
        return float("nan")
    rank_sum = float(rankdata(probability)[rose].sum())
    return (rank_sum - rises * (rises + 1) / 2) / (rises * falls)


def matthews(y: Floats, probability: Floats) -> float:
    """Correlation of forecast directions with outcomes (Matthews 1975); NaN if either is always the same."""
    true_up, false_up, true_down, false_down = confusion(y, probability)
    forecasts, outcomes = (true_up + false_up, true_down + false_down), (true_up + false_down, true_down + false_up)
    spread = float(np.sqrt(np.prod(forecasts) * np.prod(outcomes)))
    return (true_up * true_down - false_up * false_down) / spread if spread else float("nan")


def f1(y: Floats, probability: Floats) -> float:
    """Harmonic mean of the precision and the recall of rises; NaN if none is forecast and none happens."""
    true_up, false_up, _, false_down = confusion(y, probability)
    total = 2 * true_up + false_up + false_down
    return 2 * true_up / total if total else float("nan")


def balanced_accuracy(y: Floats, probability: Floats) -> float:
    """Mean of the shares of rises and of falls that were forecast as such; NaN without both."""
    true_up, false_up, true_down, false_down = confusion(y, probability)
    rises, falls = true_up + false_down, true_down + false_up
    return (true_up / rises + true_down / falls) / 2 if rises and falls else float("nan")


def confusion(y: Floats, probability: Floats) -> tuple[float, float, float, float]:
    """Forecasts of rises that were right and wrong, and of falls; a probability of one half counts half as each."""
    up, rose = np.where(probability == 0.5, 0.5, probability > 0.5), y > 0.5
    return float(up[rose].sum()), float(up[~rose].sum()), float((1 - up)[~rose].sum()), float((1 - up)[rose].sum())


def coverage(y: Floats, low: Floats, high: Floats) -> float:
    """Share of outcomes inside the prediction interval."""
    return float(np.mean((y >= low) & (y <= high)))


def winkler(y: Floats, low: Floats, high: Floats, nominal: float) -> float:
    """Interval score (Winkler 1972; Gneiting & Raftery 2007, eq. 43): width plus 2/α for each unit outside."""
    outside = np.maximum(low - y, 0) + np.maximum(y - high, 0)
    return float(np.mean(high - low + 2 / (1 - nominal) * outside))


def pinball(y: Floats, quantile_Q: Floats, levels: tuple[float, ...]) -> Floats:
    """Quantile loss (Koenker & Bassett 1978), mean over quantiles (..., Q) of these levels: an array of the shape of
    `y`. Over all levels it is half the CRPS (Gneiting & Raftery 2007, sec. 4.2)."""
    error_Q = y[..., None] - quantile_Q
    return np.maximum(error_Q * np.asarray(levels), error_Q * (np.asarray(levels) - 1)).mean(axis=-1)


OF_MEDIAN = ("mape",)  # metrics of the median forecast; the others are of the mean
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
    "auc": auc,
    "matthews": matthews,
    "f1": f1,
    "balanced_accuracy": balanced_accuracy,
}
# Taken for each symbol and step and averaged, so that a difference between base rates is not taken for skill.
WITHIN = {"auc", "matthews", "f1", "balanced_accuracy"}
