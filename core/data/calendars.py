"""The pattern of the times of a series: its step, its weekdays, and the days that it leaves out."""

import numpy as np
import pandas as pd

from core.data.wording import plural
from core.errors import DataError
from core.language import message

DAY = pd.Timedelta(days=1)
RECENT = pd.Timedelta(weeks=10)  # long enough for a weekly pattern, short enough to follow a change of hours
TWO_WEEKS = pd.Timedelta(weeks=2)  # below this a missing weekday means little
MONDAY = pd.Timestamp("1970-01-05")


def typical_step(index: pd.DatetimeIndex) -> pd.Timedelta:
    """Return the median distance between neighbouring times. Raises DataError for fewer than 2 times."""
    if len(index) < 2:
        raise DataError(
            message(
                "{rows} cannot show the time step of a series; at least 2 are needed. Load more rows.",
                rows=plural(len(index), "row"),
            )
        )
    return pd.Timedelta(int(np.median(np.diff(_nanoseconds(index)))))


def weekdays(index: pd.DatetimeIndex) -> tuple[int, ...]:
    """Return the weekdays (0 is Monday) on which the series regularly has rows, judged by its last ten weeks."""
    return weekdays_of(np.unique(days_after(_recent(index), MONDAY)))


def weekdays_of(day_D: np.ndarray) -> tuple[int, ...]:
    """The weekdays that are usual among these days, counted from a Monday, in order and without repeats."""
    counts = np.bincount(day_D % 7, minlength=7)
    if day_D[-1] - day_D[0] < TWO_WEEKS.days:
        return tuple(range(7)) if counts[5:].any() else tuple(range(5))
    return tuple(int(day) for day in np.flatnonzero(2 * counts >= counts.max()))


def days_after(index: pd.DatetimeIndex, first: pd.Timestamp) -> np.ndarray:
    """The day of each time, counted from the day `first`: (T,)."""
    return (index.to_numpy().astype("datetime64[D]") - first.to_datetime64().astype("datetime64[D]")).astype(np.int64)


def is_round_the_clock(index: pd.DatetimeIndex) -> bool:
    """Return whether an intraday series has rows at every hour of every weekday, without a pause at night."""
    recent = _recent(index)
    bucket = max(typical_step(index), pd.Timedelta(hours=1))
    slots = _time_of_day(recent) // bucket.value
    per_day = -(-DAY.value // bucket.value)
    if recent[-1] - recent[0] < TWO_WEEKS:
        return len(weekdays(index)) == 7 and len(np.unique(slots)) >= 0.9 * per_day
    slots_of_week = np.unique(recent.dayofweek.to_numpy(dtype=np.int64) * per_day + slots)
    return len(slots_of_week) >= 0.9 * 7 * per_day


def is_day_off(index: pd.DatetimeIndex, ahead: pd.DatetimeIndex) -> np.ndarray:
    """Return which of `ahead` are holidays, judged by the past of the series itself: (len(ahead),) booleans.

    A day is off if at least 3 earlier days with the same date, the same n-th weekday of the month or the same distance
    from Easter were regular weekdays of the last ten years, and the series had no row on any of them.
    """
    first = max(index[0], index[-1] - pd.DateOffset(years=10)).normalize()
    past = pd.date_range(first, index[-1].normalize(), freq="D")
    past = past[past.dayofweek.isin(weekdays(index))]
    open_T = past.isin(index.normalize())
    off = np.zeros(len(ahead), dtype=bool)
    if open_T.mean() < 0.9:  # a series that misses this many days has gaps rather than holidays
        return off
    for before, after in zip(_day_keys(past), _day_keys(ahead), strict=True):
        counts = pd.Series(open_T).groupby(before).agg(["size", "sum"])
        closed = counts.index[(counts["size"] >= 3) & (counts["sum"] == 0)]
        off |= np.isin(after, closed[closed >= 0])
    return off


def _day_keys(days: pd.DatetimeIndex) -> tuple[np.ndarray, ...]:
    """Return four whole numbers for each day: date, n-th weekday, n-th last weekday, days from Maundy Thursday.

    The last is −1 for days that are far from Easter.
    """
    month, day, weekday = (np.asarray(x, dtype=np.int64) for x in (days.month, days.day, days.dayofweek))
    left = np.asarray(days.days_in_month, dtype=np.int64) - day
    easters = {year: pd.Timestamp(year, 1, 1) + pd.offsets.Easter() for year in days.year.unique()}
    thursdays = pd.DatetimeIndex(days.year.map(easters)) - 3 * DAY
    from_easter = np.asarray((days.normalize() - thursdays).days, dtype=np.int64)
    far = (from_easter < 0) | (from_easter > 63)  # Corpus Christi, 60 days later, is the last feast that moves with it
    weekday_of_month = 100 * month + 10 * weekday
    return (
        100 * month + day,
        weekday_of_month + (day - 1) // 7,
        weekday_of_month + left // 7,
        np.where(far, -1, from_easter),
    )


def _recent(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return index[index > index[-1] - RECENT]


def _time_of_day(index: pd.DatetimeIndex) -> np.ndarray:
    return _nanoseconds(index) % DAY.value


def _nanoseconds(index: pd.DatetimeIndex) -> np.ndarray:
    return index.as_unit("ns").asi8
