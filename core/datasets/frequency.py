"""How often a series is observed: steps per year and per season."""

import numpy as np
import pandas as pd

from core.data.calendars import weekdays

DAYS_PER_YEAR = 365.25
BY_WEEKDAYS = {5: 252.0, 7: 365.0}  # daily series, by convention; any other number of weekdays is counted
LONGEST_PAUSE = 10.0  # days without a row that still belong to the calendar of a series; longer ones are holes
SHORTEST_SPAN = 14.0  # days from which the rows of a year can be counted


def steps_per_year(index: pd.DatetimeIndex) -> float:
    """Steps per year: 252 for a series of five weekdays, 365 for one of seven, 52 for weekly data, by convention.

    Intraday rows are counted: their number over the years that they span, without holes of more than ten days; in less
    than two weeks, their number on a day times the days of a year.
    """
    if len(index) < 2:
        return BY_WEEKDAYS[5]
    step_T = _steps(index)
    days = float(np.median(step_T))
    if days >= 25:
        return max(1.0, float(round(DAYS_PER_YEAR / days)))
    if days >= 6:
        return 52.0
    regular = len(weekdays(index))
    days_per_year = BY_WEEKDAYS.get(regular, DAYS_PER_YEAR / 7 * regular)
    if days >= 0.9:
        return days_per_year
    if step_T.sum() < SHORTEST_SPAN:
        return _steps_per_day(index) * days_per_year
    return float(len(step_T) / np.minimum(step_T, LONGEST_PAUSE).sum() * DAYS_PER_YEAR)


def season(index: pd.DatetimeIndex) -> int:
    """Steps per season: a day of intraday data, a week of daily data, a year of anything slower."""
    if len(index) < 2:
        return 1
    days = float(np.median(_steps(index)))
    if days >= 6:
        return max(1, round(DAYS_PER_YEAR / days))
    return len(weekdays(index)) if days >= 0.9 else int(_steps_per_day(index))


def _steps(index: pd.DatetimeIndex) -> np.ndarray:
    return np.diff(index.to_numpy()) / np.timedelta64(1, "D")


def _steps_per_day(index: pd.DatetimeIndex) -> float:
    return float(np.median(np.unique(index.normalize().to_numpy(), return_counts=True)[1]))
