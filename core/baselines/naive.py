"""Naive forecasts of every target from its own history up to each cutoff; model units.

Axis letters: T rows of one symbol, H steps.
"""

import numpy as np

from core.baselines.baseline import Baseline, from_rule
from core.baselines.series import Series
from core.types import Floats

# Of the newest value in simple exponential smoothing; of equally good ones the first.
WEIGHTS = tuple(percent / 100 for percent in range(100, 0, -1))


def last_value(series: Series) -> Floats:
    """The level itself; no change for returns; the latest known label for all other targets: (T, H)."""
    if series.kind.origin == "zero":
        return np.zeros_like(series.known_TH)
    if series.kind.origin == "level":
        return np.repeat(series.level_T[:, None], len(series.steps), axis=1)
    return series.known_TH


def drift(series: Series) -> Floats:
    """Last value plus the mean change per step since the first row (Hyndman & Athanasopoulos 2021, 5.2): (T, H).

    In model units: of the logs if levels are learned as logs.
    """
    start, ahead_H = last_value(series), series.steps.astype(float)
    path_T = np.log(series.level_T) if series.kind.origin == "zero" else series.level_T
    if series.kind.origin == "label":
        path_T = series.known_TH[:, 0]
    if series.kind.averaged:
        ahead_H = (ahead_H + 1) / 2  # the mean of a straight line over 1 … h is its value half-way
    row_T = np.flatnonzero(np.isfinite(path_T))
    age_T = np.maximum(np.arange(len(path_T)) - row_T[0], 1)
    slope_T = (path_T - path_T[row_T[0]]) / age_T
    return start + slope_T[:, None] * ahead_H[None, :]


def seasonal(series: Series) -> Floats:
    """The label one season ago, or as many seasons as it takes for it to be known: (T, H).

    (Hyndman & Athanasopoulos 2021, 5.2.) For a level that is the level at the same place of the latest complete season.
    Before the first season it is the last value.
    """
    forecast_TH = last_value(series).copy()
    for h, step in enumerate(series.steps):
        back = series.season * -(-int(step) // series.season)
        past_T = series.y_TH[: len(forecast_TH) - back, h] if back < len(forecast_TH) else np.empty(0)
        forecast_TH[len(forecast_TH) - len(past_T) :, h] = np.where(np.isfinite(past_T), past_T, forecast_TH[back:, h])
    return forecast_TH


def exponential_smoothing(series: Series) -> Floats:
    """The level as a mean of all values so far whose weights fall geometrically (Brown 1959): (T, H), for every step.

    The weight of the newest value is the one of WEIGHTS with the least squared error one step ahead on training rows;
    with 1 it is the last value. To a noisy level without a season it is what EWMA is to volatility: without it the
    naive baselines there are the newest value and the mean of all. AutoETS contains it, but is a fitted model and so
    never the reference (docs/decisions/0004).
    """
    history_T, row_N = series.history_T, series.train_T[:-1]

    def error(weight: float) -> float:
        return float(np.sum((history_T[row_N + 1] - smooth(history_T, weight)[row_N]) ** 2))

    level_T = smooth(history_T, min(WEIGHTS, key=error))
    return series.from_path(np.repeat(level_T[:, None], series.horizon, axis=1))


def smooth(value_T: Floats, weight: float) -> Floats:
    """Simple exponential smoothing from the first value on: (T,)."""
    from scipy.signal import lfilter

    return lfilter([weight], [1.0, weight - 1], value_T, zi=[(1 - weight) * value_T[0]])[0]


def mean(series: Series) -> Floats:
    """Mean of every known label: (T, H)."""
    known = np.isfinite(series.seen_TH)
    total_TH = np.cumsum(np.where(known, series.seen_TH, 0.0), axis=0)
    return total_TH / np.maximum(np.cumsum(known, axis=0), 1)


def even_odds(series: Series) -> Floats:
    """Probability ½: (T, H)."""
    return np.full_like(series.known_TH, 0.5)


def train_share(series: Series) -> Floats:
    """The share of rises in the training split, for each step: (T, H)."""
    return np.tile(np.nanmean(series.y_TH[series.train_T], axis=0), (len(series.level_T), 1))


def majority(series: Series) -> Floats:
    """Probability 1 for the more frequent direction of the training split, for each step: (T, H)."""
    return (train_share(series) > 0.5).astype(float)


EVEN_ODDS = Baseline(
    name="even_odds", title="Even odds", phrase="even odds", fit=from_rule(even_odds), applies=lambda kind: kind.binary
)
TRAIN_SHARE = Baseline(
    name="train_share",
    title="Training share",
    phrase="the training share of rises",
    fit=from_rule(train_share),
    applies=lambda kind: kind.binary,
)
LAST_VALUE = Baseline(
    name="last_value",
    title="Last value",
    phrase="the last value",
    equation="tomorrow = today",
    fit=from_rule(last_value),
    rule=True,
)
DRIFT = Baseline(
    name="drift",
    title="Drift",
    phrase="the drift",
    fit=from_rule(drift),
    applies=lambda kind: not kind.binary,
    rule=True,
)
SEASONAL = Baseline(
    name="seasonal", title="Seasonal naive", phrase="the seasonal naive forecast", fit=from_rule(seasonal), rule=True
)
EXPONENTIAL_SMOOTHING = Baseline(
    name="ses",
    title="Exponential smoothing",
    phrase="exponential smoothing",
    fit=from_rule(exponential_smoothing),
    applies=lambda kind: kind.level,
)
MEAN = Baseline(name="mean", title="Historical mean", phrase="the historical mean", fit=from_rule(mean))
MAJORITY = Baseline(
    name="majority",
    title="Majority class",
    phrase="the majority class",
    fit=from_rule(majority),
    applies=lambda kind: kind.binary,
)
