"""Forecasts without training, from the target's own history up to each cutoff; model units, (N, H)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.prepare.targets import Kind, sessions_per_year
from core.records import Floats, Ints, Rows, Windows

DECAY = 0.94  # RiskMetrics Technical Document (J.P. Morgan 1996), daily data


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """`forecast` takes one symbol's Series and returns (T, H): row t uses nothing after t."""

    name: str
    title: str
    forecast: Callable[["Series"], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One symbol's target history: row t holds what is known at cutoff t."""

    level_T: Floats
    seen_TH: Floats  # the label of each step that ended at t, model units
    known_TH: Floats  # the latest label of each step that ended by t
    steps: Ints
    horizon: int
    per_year: float
    kind: Kind
    train_T: Ints  # rows of training cutoffs, in this block
    y_TH: Floats  # labels by cutoff, for what is fitted on training rows


def _last_value(series: Series) -> Floats:
    if series.kind.name == "log_return":
        return np.zeros_like(series.known_TH)  # tomorrow = today
    if series.kind.level:
        return np.repeat(series.level_T[:, None], len(series.steps), axis=1)
    return series.known_TH  # the latest direction, volatility or drawdown that has been seen whole


def _drift(series: Series) -> Floats:
    """Last value plus the mean change per session since the first row (Hyndman & Athanasopoulos 2021, 5.2).

    In model units: of the logs where levels are learned as logs.
    """
    start, ahead_H = _last_value(series), series.steps.astype(float)
    path_T = np.log(series.level_T) if series.kind.name == "log_return" else series.level_T
    if series.kind.name in ("volatility", "max_drawdown"):
        path_T = series.known_TH[:, 0]
    if series.kind.name == "mean_close":
        ahead_H = (ahead_H + 1) / 2  # a straight line's mean over 1 … h is its value half-way
    seen = np.flatnonzero(np.isfinite(path_T))
    age_T = np.maximum(np.arange(len(path_T)) - seen[0], 1)
    slope_T = (path_T - path_T[seen[0]]) / age_T
    return start + slope_T[:, None] * ahead_H[None, :]


def _mean(series: Series) -> Floats:
    """Mean of every label whose end has been seen."""
    seen = np.isfinite(series.seen_TH)
    total_TH = np.cumsum(np.where(seen, series.seen_TH, 0.0), axis=0)
    return total_TH / np.maximum(np.cumsum(seen, axis=0), 1)


def _ewma(series: Series) -> Floats:
    """Exponentially weighted variance (RiskMetrics, decay 0.94), as log volatility.

    The log of a variance forecast lies above the mean of the log, so the mean gap over training rows is taken off: the
    strongest form of this baseline.
    """
    square_T = np.diff(np.log(series.level_T), prepend=np.nan) ** 2
    variance_T = np.empty_like(square_T)
    running, count = 0.0, 0
    for t, value in enumerate(square_T):
        if np.isfinite(value):
            count += 1
            running += max(1 - DECAY, 1 / count) * (value - running)  # a plain mean until the decay takes over
        variance_T[t] = running
    log_T = 0.5 * np.log(np.maximum(variance_T * series.per_year * 1e4, 1e-6))
    gap = np.nanmean(series.y_TH[series.train_T, 0] - log_T[series.train_T])
    return (log_T + gap)[:, None]


def _majority(series: Series) -> Floats:
    """Certainty of the direction that was the more frequent one in the training part, for each step."""
    share_H = np.nanmean(series.y_TH[series.train_T], axis=0)
    return np.tile((share_H > 0.5).astype(float), (len(series.level_T), 1))


ALWAYS = (
    Baseline(name="last_value", title="Last value", forecast=_last_value),
    Baseline(name="drift", title="Drift", forecast=_drift),
    Baseline(name="mean", title="Historical mean", forecast=_mean),
)
BY_KIND = {
    "volatility": (Baseline(name="ewma", title="EWMA volatility", forecast=_ewma),),
    "direction": (Baseline(name="majority", title="Majority class", forecast=_majority),),
}


def for_kind(kind: Kind) -> tuple[Baseline, ...]:
    """The baselines that always stand beside a model of this target; a drift says nothing of a direction."""
    return (*(b for b in ALWAYS if not (kind.binary and b.name == "drift")), *BY_KIND.get(kind.name, ()))


def forecasts(rows: Rows, kind: Kind, horizon: int, train: Windows) -> dict[str, Floats]:
    """Each baseline's forecast at every row, (T, H) in model units; future rows are NaN."""
    made = {b.name: np.full_like(rows.y_TH, np.nan) for b in for_kind(kind)}
    for s in range(len(rows.symbols)):
        block = np.flatnonzero(rows.symbol_T == s)[:-horizon]
        series = _series(rows, kind, horizon, train, block)
        for baseline in for_kind(kind):
            made[baseline.name][block] = baseline.forecast(series)
    return made


def _series(rows: Rows, kind: Kind, horizon: int, train: Windows, block: Ints) -> Series:
    y_TH, steps = rows.y_TH[block], np.asarray(rows.steps)
    seen_TH = np.full_like(y_TH, np.nan)
    for h, step in enumerate(steps):
        seen_TH[step:, h] = y_TH[:-step, h]
    known_TH = pd.DataFrame(seen_TH).ffill().to_numpy()  # across a hole, the latest one seen
    inside = (train.cutoff_row_N >= block[0]) & (train.cutoff_row_N <= block[-1])
    return Series(level_T=rows.level_T[block], seen_TH=seen_TH, known_TH=known_TH, steps=steps, horizon=horizon,
                  kind=kind, per_year=sessions_per_year(pd.DatetimeIndex(rows.time_T[block])), y_TH=y_TH,
                  train_T=train.cutoff_row_N[inside] - block[0])
