"""Forecasts of realised volatility from squared returns up to each cutoff, as its log.

Axis letters: T rows of one symbol, H steps (one, the horizon).
"""

import numpy as np
import pandas as pd

from core.baselines import garch as process
from core.baselines.series import Series
from core.datasets.targets import VOLATILITY_FLOOR
from core.types import Floats

DECAY = 0.94  # RiskMetrics Technical Document (J.P. Morgan 1996), daily data
SPANS = (1, 5, 22)  # sessions: the day, the week and the month of Corsi


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
    return _without_gap(series, _log_volatility(series, variance_T))


def har(series: Series) -> Floats:
    """Least squares of log volatility on that of the last 1, 5 and 22 sessions, one for each step (Corsi 2009); (T, H).

    Fitted on training rows.
    """
    x_TD = inputs(series)
    row_N = series.train_T[np.isfinite(series.y_TH[series.train_T]).all(axis=1)]
    weight_DH = np.linalg.lstsq(x_TD[row_N], series.y_TH[row_N], rcond=None)[0]
    return x_TD @ weight_DH


def garch(series: Series) -> Floats:
    """Mean variance over the horizon by GJR-GARCH-t, as log volatility; (T, 1). Fitted on training rows.

    Raises DataError where it cannot be fitted.
    """
    return_T = np.diff(np.log(series.level_T), prepend=np.nan)
    variance_TK = process.variances(process.fit(return_T, series.train_T), return_T, series.horizon)
    return _without_gap(series, _log_volatility(series, variance_TK.mean(axis=1)))


def inputs(series: Series) -> Floats:
    """One and the log volatility over the last 1, 5 and 22 sessions (fewer at the start), % a year: (T, 4).

    The log of a day that hardly moved would outweigh all others: no span counts for less than a tenth of the mean
    volatility of the training rows.
    """
    square_T = series.square_T
    floor = 0.01 * float(square_T[series.train_T].mean())
    spans = [np.maximum(pd.Series(square_T).rolling(span, min_periods=1).mean(), floor) for span in SPANS]
    return np.stack([np.ones_like(square_T), *(_log_volatility(series, span_T) for span_T in spans)], axis=1)


def _log_volatility(series: Series, variance_T: Floats) -> Floats:
    """Log of the volatility in % a year of a variance a session."""
    return 0.5 * np.log(np.maximum(np.asarray(variance_T) * series.per_year * 1e4, VOLATILITY_FLOOR**2))


def _without_gap(series: Series, log_T: Floats) -> Floats:
    """The log of a variance forecast lies above the mean of the log, so the mean gap over training rows is taken off:
    the strongest form of such a baseline."""
    gap = np.nanmean(series.y_TH[series.train_T, 0] - log_T[series.train_T])
    return (log_T + gap)[:, None]
