"""How often a series is observed: steps per year and per season."""

import math

import numpy as np
import pandas as pd


def steps_per_year(index: pd.DatetimeIndex) -> float:
    """Steps per year: by convention 252 for weekdays, 365 for daily, 52 for weekly data; else from the median step."""
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
    """Steps per season: a day of intraday data, a week of daily data, a year of anything slower."""
    if len(index) < 2:
        return 1
    days = float(np.median(np.diff(index.to_numpy()) / np.timedelta64(1, "D")))
    if days >= 6:
        return max(1, round(365.25 / days))
    if days >= 0.9:
        return 7 if (index.dayofweek >= 5).mean() > 0.1 else 5
    return int(np.median(np.unique(index.normalize().to_numpy(), return_counts=True)[1]))
