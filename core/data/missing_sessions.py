"""Where a series has no rows though it should: gaps between neighbours, and sessions that are not there."""

import numpy as np
import pandas as pd

from core.data.sessions import DAY, SESSIONS, days_off, exchange, open_days, round_the_clock, typical_step, weekdays

GAP_STEPS = 5  # a gap is longer than this many typical steps
FEW = 20  # rows below which no pattern shows
YOUNG = 60  # sessions from which a short series is held against New York's calendar
AT_HOME = 0.98  # share of New York's sessions that it has to have

Times = pd.DatetimeIndex


def gaps(index: Times) -> tuple[Times, Times]:
    """The last row before each gap and the first after it: two indexes of one length.

    A gap is longer than 5 typical steps. A night or a weekend is none: series that rest are judged by whole days.
    Days on which the exchange of the series was closed make no gap either.
    """
    if len(index) < 2:
        return index[:0], index[:0]
    rests = typical_step(index) < DAY and not round_the_clock(index)
    judged = index.normalize().unique() if rests else index
    if len(judged) < 2:
        return index[:0], index[:0]
    at = np.flatnonzero(judged[1:] - judged[:-1] > GAP_STEPS * typical_step(judged))
    if len(at) and (code := _home(index)):
        lost = _lost(index, code)
        at = at[lost.searchsorted(judged[at]) < lost.searchsorted(judged[at + 1])]
    before = index.searchsorted(judged[at] + DAY) - 1 if rests else at
    return index[before], index[index.searchsorted(judged[at + 1])]


def absent(index: Times) -> tuple[Times, int, str | None]:
    """Days without a row of a daily series that is seldom without one; the days expected in all; its exchange, or None.

    Where the exchange is known its calendar tells which days were sessions. Otherwise the weekdays of the series do,
    less the days that were off every year.
    """
    none = index[:0]
    if len(index) < FEW or not 0.9 * DAY <= typical_step(index) <= 1.5 * DAY:
        return none, 0, None
    if code := _home(index):
        return _lost(index, code), len(open_days(code, index[0], index[-1])), code
    expected = pd.date_range(index[0].normalize(), index[-1].normalize(), freq="D")
    expected = expected[expected.dayofweek.isin(weekdays(index))]
    lost = expected.difference(index.normalize())
    return lost[~days_off(index, lost)] if len(lost) else none, len(expected), None


def _lost(index: Times, code: str) -> Times:
    return open_days(code, index[0], index[-1]).difference(index)


def _home(index: Times) -> str | None:
    """The exchange of a daily series whose calendar reaches back to its first row; None where there is none.

    A series too short to be recognised is held against New York's calendar alone: to load all of them takes seconds.
    """
    if len(index) >= SESSIONS:
        code = exchange(index)
        return code if code and len(open_days(code, index[0], index[-1])) else None
    if len(index) < YOUNG or not (index == index.normalize()).all() or index.dayofweek.max() > 4:
        return None
    days = open_days("XNYS", index[0], index[-1])
    return "XNYS" if index.isin(days).all() and len(index) >= AT_HOME * len(days) else None
