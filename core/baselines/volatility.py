"""Forecasts of realised volatility, as its log, from squared returns up to each cutoff.

Axis letters: T rows of one symbol, H steps (one, the horizon).
"""

import numpy as np
import pandas as pd

from core.baselines import garch as process
from core.baselines.baseline import Baseline, from_rule
from core.baselines.series import Series
from core.datasets.labels import VOLATILITY_FLOOR
from core.datasets.targets import TargetKind
from core.types import Floats

DECAY = 0.94  # RiskMetrics Technical Document (J.P. Morgan 1996), daily data
SPANS = (1, 5, 22)  # steps: Corsi's day, week and month


def ewma(series: Series) -> Floats:
    """Exponentially weighted variance (RiskMetrics, decay 0.94), as log volatility; (T, 1)."""
    square_T = np.diff(np.log(series.level_T), prepend=np.nan) ** 2
    variance_T = np.empty_like(square_T)
    running, count = 0.0, 0
    for t, value in enumerate(square_T):
        if np.isfinite(value):
            count += 1
            running += max(1 - DECAY, 1 / count) * (value - running)  # a plain mean until the decay takes over
        variance_T[t] = running
    return _without_bias(series, _log_volatility(series, variance_T))


def har(series: Series) -> Floats:
    """Least squares of log volatility on its means over the last 1, 5 and 22 steps (Corsi 2009): (T, H).

    One fit for each step ahead, on training rows.
    """
    x_TD = inputs(series)
    row_N = series.train_T[np.isfinite(series.y_TH[series.train_T]).all(axis=1)]
    weight_DH = np.linalg.lstsq(x_TD[row_N], series.y_TH[row_N], rcond=None)[0]
    return x_TD @ weight_DH


def garch(series: Series) -> Floats:
    """Mean variance over the horizon by GJR-GARCH-t, as log volatility; (T, 1). Fitted on training rows.

    Raises DataError if it cannot be fitted.
    """
    return_T = np.diff(np.log(series.level_T), prepend=np.nan)
    variance_TK = process.variances(process.fit(return_T, series.train_T), return_T, series.horizon)
    return _without_bias(series, _log_volatility(series, variance_TK.mean(axis=1)))


def inputs(series: Series) -> Floats:
    """A constant and the log volatility (% a year) over the last 1, 5 and 22 steps, fewer at the start: (T, 4).

    The log of a nearly flat day would outweigh all others, so no span counts for less than a tenth of the mean
    volatility of the training rows.
    """
    square_T = series.square_T
    floor = 0.01 * float(square_T[series.train_T].mean())
    spans = [np.maximum(pd.Series(square_T).rolling(span, min_periods=1).mean(), floor) for span in SPANS]
    return np.stack([np.ones_like(square_T), *(_log_volatility(series, span_T) for span_T in spans)], axis=1)


def _log_volatility(series: Series, variance_T: Floats) -> Floats:
    """Log of the volatility in % a year from the variance per step."""
    return 0.5 * np.log(np.maximum(np.asarray(variance_T) * series.per_year * 1e4, VOLATILITY_FLOOR**2))


def _without_bias(series: Series, log_T: Floats) -> Floats:
    """The log forecasts less their mean bias over training rows, for the log of a variance forecast is biased upwards.

    This is the strongest form of such a baseline.
    """
    bias = np.nanmean(series.y_TH[series.train_T, 0] - log_T[series.train_T])
    return (log_T + bias)[:, None]


def _is_volatility(kind: TargetKind) -> bool:
    return kind.volatility


EWMA = Baseline(
    name="ewma", title="EWMA volatility", phrase="EWMA volatility", fit=from_rule(ewma), applies=_is_volatility
)
HAR = Baseline(
    name="har", title="HAR volatility", phrase="HAR", fit=from_rule(har), applies=_is_volatility, naive=False
)
GARCH = Baseline(
    name="garch", title="GARCH volatility", phrase="GARCH", fit=from_rule(garch), applies=_is_volatility, naive=False
)
