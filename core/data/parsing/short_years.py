"""Years of two digits: the century in which a column of dates lies."""

import numpy as np
import pandas as pd

from core.data.parsing.sampling import sample_rows

PLANS = 10  # years from now that a file may look ahead
EARLIEST = 1999  # last year of the earliest hundred years
SAMPLE = 1000
IN_ORDER = 0.9  # share of the steps in one direction in a file that has an order


def settle(times: pd.Series, year: int | None = None) -> pd.Series:
    """Return times whose years were read from two digits, each in the hundred years in which the column lies.

    These end at most ten years after `year` (this one): 55 is 1955, not 2055. Earlier hundred years are taken if some
    rows would lie in the future, and the earlier ones put the rows in order better: 20, 40, 60 are 1920 to 1960.
    """
    now = pd.Timestamp.now().year if year is None else year
    last = now + PLANS
    sample = sample_rows(times.dropna(), SAMPLE)
    if sample.empty or _within(sample, last).max().year <= now:
        return _within(times, last)
    order = {end: _order(_within(sample, end)) for end in sorted({last, *_ends(sample, last)}, reverse=True)}
    best = max(order, key=lambda end: order[end])  # the latest of equals
    return _within(times, best if order[best] >= IN_ORDER else last)


def _ends(times: pd.Series, last: int) -> set[int]:
    """Return the last years of the hundred years between which the column is read differently: before each of its."""
    years = {int(year) % 100 for year in times.dt.year.unique()}
    return {end for end in range(EARLIEST, last) if (end + 1) % 100 in years}


def _within(times: pd.Series, end: int) -> pd.Series:
    """Return the times with their year moved by centuries into the hundred years that end with `end`."""
    centuries = np.ceil((times.dt.year - end) / 100)
    moved = times
    for century in centuries.dropna().unique():
        if century:
            moved = moved.where(centuries != century, times - pd.DateOffset(years=int(100 * century)))
    return moved


def _order(times: pd.Series) -> float:
    """Return the share of the steps in the more frequent direction."""
    steps = np.diff(times.to_numpy()).astype(np.int64)
    return max(float((steps >= 0).mean()), float((steps <= 0).mean())) if len(steps) else 1.0
