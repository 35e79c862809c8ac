"""How often a series is observed: steps in a year and in a season."""

import math

import numpy as np
import pandas as pd


def steps_per_year(index: pd.DatetimeIndex) -> float:
    """Sessions a year by convention of the index: 252 for weekday series, 365 for every-day ones, 52, 12, or finer."""
    if len(index) < 2:
        return 252.0
    days = float(np.median(np.diff(index.to_numpy()) / np.timedelta64(1, "D")))
    if days >= 25:
        return max(1.0, float(round(365.25 / days)))
    if days >= 6:
        return 52.0
    if days >= 0.9:
        return 365.0 if (index.dayofweek >= 5).mean() > 0.1 else 252.0
    return 365.25 / days if math.isfinite(days) and days > 0 else 252.0


def season(index: pd.DatetimeIndex) -> int:
    """Steps in the most likely season: a day for intraday data, a week for daily data, else a year."""
    if len(index) < 2:
        return 1
    days = float(np.median(np.diff(index.to_numpy()) / np.timedelta64(1, "D")))
    if days >= 6:
        return max(1, round(365.25 / days))
    if days >= 0.9:
        return 7 if (index.dayofweek >= 5).mean() > 0.1 else 5
    return int(np.median(np.unique(index.normalize().to_numpy(), return_counts=True)[1]))
