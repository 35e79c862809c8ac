"""Forecasts of every target without training, from its own history up to each cutoff; model units.

Axis letters: T rows of one symbol, H steps.
"""

import numpy as np

from core.baselines.series import Series
from core.types import Floats


def last_value(series: Series) -> Floats:
    """(T, H): the level itself; no change, of returns; of all else the latest label that has been seen whole."""
    if series.kind.name == "log_return":
        return np.zeros_like(series.known_TH)  # tomorrow = today
    if series.kind.level:
        return np.repeat(series.level_T[:, None], len(series.steps), axis=1)
    return series.known_TH


def drift(series: Series) -> Floats:
    """Last value plus the mean change per session since the first row (Hyndman & Athanasopoulos 2021, 5.2); (T, H).

    In model units: of the logs where levels are learned as logs.
    """
    start, ahead_H = last_value(series), series.steps.astype(float)
    path_T = np.log(series.level_T) if series.kind.name == "log_return" else series.level_T
    if series.kind.name in ("volatility", "max_drawdown"):
        path_T = series.known_TH[:, 0]
    if series.kind.name == "mean_close":
        ahead_H = (ahead_H + 1) / 2  # a straight line's mean over 1 … h is its value half-way
    seen = np.flatnonzero(np.isfinite(path_T))
    age_T = np.maximum(np.arange(len(path_T)) - seen[0], 1)
    slope_T = (path_T - path_T[seen[0]]) / age_T
    return start + slope_T[:, None] * ahead_H[None, :]


def seasonal(series: Series) -> Floats:
    """The label one season ago, or as many as it takes for its end to be known (Hyndman & Athanasopoulos 2021, 5.2).

    (T, H). Of a level that is the level at the same place of the latest whole season. The last value stands in where
    there was none yet.
    """
    made_TH = last_value(series).copy()
    for h, step in enumerate(series.steps):
        back = series.season * -(-int(step) // series.season)
        ago_T = series.y_TH[: len(made_TH) - back, h] if back < len(made_TH) else np.empty(0)
        made_TH[len(made_TH) - len(ago_T) :, h] = np.where(np.isfinite(ago_T), ago_T, made_TH[back:, h])
    return made_TH


def mean(series: Series) -> Floats:
    """Mean of every label whose end has been seen, (T, H)."""
    seen = np.isfinite(series.seen_TH)
    total_TH = np.cumsum(np.where(seen, series.seen_TH, 0.0), axis=0)
    return total_TH / np.maximum(np.cumsum(seen, axis=0), 1)


def majority(series: Series) -> Floats:
    """Certainty of the direction that was the more frequent one in the training part, for each step; (T, H)."""
    share_H = np.nanmean(series.y_TH[series.train_T], axis=0)
    return np.tile((share_H > 0.5).astype(float), (len(series.level_T), 1))
