"""The cycles of the calendar in steps of a series: its day, week and month, or its month, quarter and year."""

import pandas as pd

from core.data.calendars import weekdays
from core.datasets.frequency import steps_per_year

WEEKS_PER_YEAR = 365.25 / 7
MOST_SLOW = 60.0  # steps a year of a series that is slower than daily


def cycles(index: pd.DatetimeIndex) -> tuple[int, ...]:
    """One step, and the steps of the day, week and month that are longer: 1, 5, 22 for business days, 1, 7, 30 for all
    days, 1, 7, 35, 152 for US hours. Slower series have 1, 4, 13 (weeks) or 1, 3, 12 (months)."""
    if len(index) < 2:
        return (1,)
    per_year = steps_per_year(index)
    if per_year < MOST_SLOW:
        lengths = {1, *(round(per_year / parts) for parts in (12, 4, 1))}
        return tuple(sorted(lengths - {0}))[:3]
    days = len(weekdays(index))
    day = max(1, round(per_year / (WEEKS_PER_YEAR * days)))
    return tuple(sorted({1, day, day * days, round(day * days * WEEKS_PER_YEAR / 12)}))
