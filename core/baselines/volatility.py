"""Forecasts of realised volatility, as its log, from the variance of each step up to each cutoff.

That variance is the squared return or, with a known open, high and low, the range within the step. Axis letters: T rows
of one symbol, H steps (one, the horizon), D inputs.
"""

import numpy as np
import pandas as pd

from core.baselines import garch as process
from core.baselines.baseline import Baseline, from_rule
from core.baselines.series import Series
from core.datasets.labels import VOLATILITY_FLOOR
from core.datasets.targets import TargetKind
from core.errors import DataError
from core.language import message
from core.types import Floats

DECAYS = (0.5, 0.67, 0.75, 0.8, 0.85, 0.88, 0.91, 0.94, 0.96, 0.97, 0.98, 0.99, 0.995, 0.998)
LEAST_BARS = 0.5  # share of the training rows that need an open, high and low


def ewma(series: Series) -> Floats:
    """Exponentially weighted mean of squared returns (RiskMetrics, J.P. Morgan 1996), as log volatility: (T, 1)."""
    return _smooth(series, series.square_T)


def range_ewma(series: Series) -> Floats:
    """Exponentially weighted mean of the range variance, as log volatility: (T, 1). Raises DataError without bars."""
    return _smooth(series, range_variance(series))


def har(series: Series) -> Floats:
    """Least squares of log volatility on its means over the cycles of the calendar (Corsi 2009): (T, H).

    One fit for each step ahead, on training rows.
    """
    return _least_squares(series, _cascade(series, series.square_T))


def har_range(series: Series) -> Floats:
    """HAR on the range variance: (T, H). Raises DataError without bars."""
    return _least_squares(series, _cascade(series, range_variance(series)))


def har_leverage(series: Series) -> Floats:
    """HAR with the mean return of each cycle, where negative, as further inputs (Corsi & Renò 2012): (T, H).

    On the range variance, or on squared returns without bars.
    """
    variance_T = range_variance(series) if has_bars(series) else series.square_T
    return_T = pd.Series(np.diff(np.log(series.level_T), prepend=np.nan)).fillna(0.0)
    fall_TD = [np.minimum(return_T.rolling(span, min_periods=1).mean(), 0.0) for span in series.cycles]
    return _least_squares(series, np.column_stack([_cascade(series, variance_T), *fall_TD]))


def garch(series: Series) -> Floats:
    """Mean variance over the horizon by GJR-GARCH-t, as log volatility; (T, 1). Fitted on training rows.

    Raises DataError if it cannot be fitted.
    """
    return_T = np.diff(np.log(series.level_T), prepend=np.nan)
    variance_TK = process.variances(process.fit(return_T, series.train_T), return_T, series.horizon)
    return _without_bias(series, _log_volatility(series, variance_TK.mean(axis=1)))


def has_bars(series: Series) -> bool:
    """Whether enough training rows have a bar, and the bars have ranges."""
    bar_T = series.range_T[series.train_T]
    return bool(np.isfinite(bar_T).mean() >= LEAST_BARS and np.nanmean(bar_T) > 0)


def range_variance(series: Series) -> Floats:
    """The variance of each step from close to close by its range (Garman & Klass 1980): (T,).

    The range ends at the open, so it is scaled by mean squared return over mean range variance of the training rows
    (Hansen & Lunde 2005); to add the squared gap before the open would add its noise. A step without a bar has its
    squared return, one without a close the value before. Raises DataError without bars.
    """
    if not has_bars(series):
        raise DataError(
            message(
                "It needs bars: an open, a high and a low that enclose the close, on at least half of the training "
                "rows. Load them along with the close, and choose the close as the column to forecast."
            )
        )
    square_T = np.diff(np.log(series.level_T), prepend=np.nan) ** 2
    both_T = series.train_T[np.isfinite(series.range_T + square_T)[series.train_T]]
    scale = square_T[both_T].mean() / series.range_T[both_T].mean()
    variance_T = np.where(np.isfinite(series.range_T), scale * series.range_T, square_T)
    return pd.Series(variance_T).ffill().fillna(0.0).to_numpy()


def _smooth(series: Series, variance_T: Floats) -> Floats:
    """The exponentially weighted mean of the variances, weights normalised, as log volatility: (T, 1).

    Of DECAYS the one with the least squared error on the validation cutoffs; the first of equal ones.
    """
    row_N = series.val_T if len(series.val_T) else series.train_T
    forecasts = [_without_bias(series, _log_volatility(series, _weighted_mean(variance_T, decay))) for decay in DECAYS]
    errors = [np.nanmean((series.y_TH[row_N] - log_TH[row_N]) ** 2) for log_TH in forecasts]
    return forecasts[int(np.argmin(errors))]


def _weighted_mean(value_T: Floats, decay: float) -> Floats:
    return pd.Series(value_T).ewm(alpha=1 - decay).mean().to_numpy()


def _cascade(series: Series, variance_T: Floats) -> Floats:
    """A constant and the log volatility over each cycle of the calendar, over fewer steps at the start: (T, D).

    As for the labels, no span counts for less than the target's floor: the log of a nearly flat day would outweigh all
    others.
    """
    spans = [pd.Series(variance_T).rolling(span, min_periods=1).mean() for span in series.cycles]
    return np.column_stack(
        [np.ones(len(variance_T)), *(_log_volatility(series, span_T.to_numpy()) for span_T in spans)]
    )


def _least_squares(series: Series, x_TD: Floats) -> Floats:
    """The forecast at every row, fitted on the training rows: (T, H)."""
    row_N = series.train_T[np.isfinite(series.y_TH[series.train_T]).all(axis=1)]
    weight_DH = np.linalg.lstsq(x_TD[row_N], series.y_TH[row_N], rcond=None)[0]
    return x_TD @ weight_DH


def _log_volatility(series: Series, variance_T: Floats) -> Floats:
    """Log of the volatility in % a year from the variance per step; not below the least label."""
    log_T = 0.5 * np.log(np.maximum(variance_T * series.per_year * 1e4, VOLATILITY_FLOOR**2))
    return np.maximum(log_T, series.least_H[-1])


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
RANGE_EWMA = Baseline(
    name="range_ewma",
    title="Range-based EWMA",
    phrase="range-based EWMA volatility",
    fit=from_rule(range_ewma),
    applies=_is_volatility,
)
HAR = Baseline(
    name="har", title="HAR volatility", phrase="HAR", fit=from_rule(har), applies=_is_volatility, naive=False
)
HAR_RANGE = Baseline(
    name="har_range",
    title="HAR on ranges",
    phrase="HAR on ranges",
    fit=from_rule(har_range),
    applies=_is_volatility,
    naive=False,
)
HAR_LEVERAGE = Baseline(
    name="har_leverage",
    title="HAR with leverage",
    phrase="HAR with leverage",
    fit=from_rule(har_leverage),
    applies=_is_volatility,
    naive=False,
)
GARCH = Baseline(
    name="garch", title="GARCH volatility", phrase="GARCH", fit=from_rule(garch), applies=_is_volatility, naive=False
)
