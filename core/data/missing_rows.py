"""Where a series lacks rows that it should have: gaps between neighbouring rows, and days without a row."""

import numpy as np
import pandas as pd

from core.data import exchanges
from core.data.calendars import DAY, is_day_off, is_round_the_clock, typical_step, weekdays

GAP_STEPS = 5  # a gap is longer than this many typical steps
MIN_ROWS = 20  # below which a series shows no pattern

Times = pd.DatetimeIndex


def find_gaps(index: Times) -> tuple[Times, Times]:
    """Return the last row before each gap and the first row after it: two indexes of the same length.

    A gap is longer than 5 typical steps. Nights and weekends are no gaps: an intraday series that pauses is judged by
    whole days. Nor are days on which the exchange of the series was closed.
    """
    if len(index) < 2:
        return index[:0], index[:0]
    pauses = typical_step(index) < DAY and not is_round_the_clock(index)
    times = index.normalize().unique() if pauses else index
    if len(times) < 2:
        return index[:0], index[:0]
    at = np.flatnonzero(times[1:] - times[:-1] > GAP_STEPS * typical_step(times))
    if len(at) and (code := _exchange(index)):
        missing = _missing_sessions(index, code)
        at = at[missing.searchsorted(times[at]) < missing.searchsorted(times[at + 1])]
    before = index.searchsorted(times[at] + DAY) - 1 if pauses else at
    return index[before], index[index.searchsorted(times[at + 1])]


def find_missing_days(index: Times) -> tuple[Times, int, str | None]:
    """Return the days on which a daily series lacks a row, how many days it should have, and its exchange or None.

    The calendar of the exchange says which days should have a row. Without an exchange the weekdays of the series do,
    except for days that were off in every year.
    """
    none = index[:0]
    if len(index) < MIN_ROWS or not 0.9 * DAY <= typical_step(index) <= 1.5 * DAY:
        return none, 0, None
    if code := _exchange(index):
        return _missing_sessions(index, code), len(exchanges.sessions(code, index[0], index[-1])), code
    expected = pd.date_range(index[0].normalize(), index[-1].normalize(), freq="D")
    expected = expected[expected.dayofweek.isin(weekdays(index))]
    missing = expected.difference(index.normalize())
    return missing[~is_day_off(index, missing)] if len(missing) else none, len(expected), None


def _missing_sessions(index: Times, code: str) -> Times:
    return exchanges.sessions(code, index[0], index[-1]).difference(index)


def _exchange(index: Times) -> str | None:
    """Return the exchange of a daily series if its calendar reaches back to the first row, else None."""
    if typical_step(index) < DAY or not (index == index.normalize()).all():
        return None
    code = exchanges.find_exchange(index)
    return code if code and len(exchanges.sessions(code, index[0], index[-1])) else None
