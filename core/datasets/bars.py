"""The variance of each step from its bar: open, high, low and close.

Axis letters: T rows of one symbol.
"""

import numpy as np
import pandas as pd

from core.types import Floats

COLUMNS = ("open", "high", "low", "close")
ROUNDING = 1e-6  # share of the price by which an adjusted open or close may lie outside its bar


def range_variance(table: pd.DataFrame) -> Floats:
    """Garman & Klass's (1980) variance of the log price from open to close, their practical estimator: (T,).

    ½ log(high / low)² − (2 log 2 − 1) log(close / open)². NaN where a price is missing or not above zero, where high
    lies below low, or where open or close lies outside the bar; NaN throughout if a column is missing.
    """
    if not set(COLUMNS) <= set(table.columns):
        return np.full(len(table), np.nan)
    open_T, high_T, low_T, close_T = (np.log(table[name].where(table[name] > 0).to_numpy(float)) for name in COLUMNS)
    upper_T, lower_T = np.maximum(open_T, close_T), np.minimum(open_T, close_T)
    possible_T = (high_T >= low_T) & (upper_T <= high_T + ROUNDING) & (lower_T >= low_T - ROUNDING)
    range_T = np.maximum(high_T, upper_T) - np.minimum(low_T, lower_T)
    variance_T = 0.5 * range_T**2 - (2 * np.log(2) - 1) * (close_T - open_T) ** 2
    return np.where(possible_T & np.isfinite(variance_T), variance_T, np.nan)
