"""When the next sessions are: the pattern of past times carried on, never a day on which the series does not trade."""

import numpy as np
import pandas as pd

from core.errors import DataError

DAY = pd.Timedelta(days=1)
RECENT = pd.Timedelta(weeks=10)  # long enough for a weekly pattern, short enough to follow a change of hours
WHOLE_WEEK = pd.Timedelta(weeks=2)  # below this a missing weekday says little


def typical_step(index: pd.DatetimeIndex) -> pd.Timedelta:
    """The median distance between neighbouring times. Raises DataError for fewer than 2 times."""
    if len(index) < 2:
        raise DataError(f"{len(index)} rows do not tell the step of the series; at least 2 are needed. Load more rows.")
    return pd.Timedelta(int(np.median(np.diff(_nanoseconds(index)))))


def next_sessions(index: pd.DatetimeIndex, count: int) -> pd.DatetimeIndex:
    """The `count` sessions after the last of `index`: (count,) sorted times, all later than `index[-1]`.

    Daily series keep their weekdays, intraday series their weekdays and times of day, weekly and monthly ones their
    step; days that were off every year are left out. Raises DataError for fewer than 2 times.
    """
    step = typical_step(index)
    if count <= 0:
        return pd.DatetimeIndex([], name="time")
    try:
        times = _carry_on(index, step, count)
        return pd.DatetimeIndex(times, name="time").as_unit("ns")
    except (pd.errors.OutOfBoundsDatetime, OverflowError) as error:
        raise DataError(f"{count} steps of {step} after {index[-1]:%Y-%m-%d} pass the year 2262, the last that a time "
                        "can hold. Shorten the horizon.") from error


def weekdays(index: pd.DatetimeIndex) -> tuple[int, ...]:
    """The weekdays (0 is Monday) on which the series regularly has sessions, judged on its last ten weeks."""
    days = _recent(index).normalize().unique()
    counts = np.bincount(days.dayofweek, minlength=7)
    if days[-1] - days[0] < WHOLE_WEEK:
        return tuple(range(7)) if counts[5:].any() else tuple(range(5))
    return tuple(int(day) for day in np.flatnonzero(2 * counts >= counts.max()))


def round_the_clock(index: pd.DatetimeIndex) -> bool:
    """Whether an intraday series runs at every hour of every weekday, so that no night or weekend interrupts it."""
    recent = _recent(index)
    bucket = max(typical_step(index), pd.Timedelta(hours=1))
    slots = _time_of_day(recent) // bucket.value
    per_day = -(-DAY.value // bucket.value)
    if recent[-1] - recent[0] < WHOLE_WEEK:
        return len(weekdays(index)) == 7 and len(np.unique(slots)) >= 0.9 * per_day
    seen = np.unique(recent.dayofweek.to_numpy(dtype=np.int64) * per_day + slots)
    return len(seen) >= 0.9 * 7 * per_day


def days_off(index: pd.DatetimeIndex, ahead: pd.DatetimeIndex) -> np.ndarray:
    """Which of `ahead` fall on a holiday by the series' own past: (len(ahead),) booleans.

    A day is off when at least 3 earlier days with the same date, the same n-th weekday of the month or the same
    distance from Easter were regular weekdays of the last ten years, and none of them had a session.
    """
    first = max(index[0], index[-1] - pd.DateOffset(years=10)).normalize()
    past = pd.date_range(first, index[-1].normalize(), freq="D")
    past = past[past.dayofweek.isin(weekdays(index))]
    open_T = past.isin(index.normalize())
    off = np.zeros(len(ahead), dtype=bool)
    if open_T.mean() < 0.9:  # a series with many holes has no holidays, it has holes
        return off
    for before, after in zip(_day_keys(past), _day_keys(ahead), strict=True):
        counts = pd.Series(open_T).groupby(before).agg(["size", "sum"])
        closed = counts.index[(counts["size"] >= 3) & (counts["sum"] == 0)]
        off |= np.isin(after, closed[closed >= 0])
    return off


def _carry_on(index: pd.DatetimeIndex, step: pd.Timedelta, count: int) -> pd.DatetimeIndex:
    if step < DAY:
        return _intraday(index, step, count)
    return _daily(index, count) if step < 2 * DAY else _sparse(index, step, count)


def _day_keys(days: pd.DatetimeIndex) -> tuple[np.ndarray, ...]:
    """Four names of each day as whole numbers: date, n-th weekday, n-th last weekday, days from Easter's Thursday.

    The last is −1 for days that are far from Easter.
    """
    month, day, weekday = (np.asarray(x, dtype=np.int64) for x in (days.month, days.day, days.dayofweek))
    left = np.asarray(days.days_in_month, dtype=np.int64) - day
    easters = {year: pd.Timestamp(year, 1, 1) + pd.offsets.Easter() for year in days.year.unique()}
    thursdays = pd.DatetimeIndex(days.year.map(easters)) - 3 * DAY
    from_easter = np.asarray((days.normalize() - thursdays).days, dtype=np.int64)
    far = (from_easter < 0) | (from_easter > 63)  # Corpus Christi, 60 days on, is the last feast that moves with it
    named = 100 * month + 10 * weekday
    return 100 * month + day, named + (day - 1) // 7, named + left // 7, np.where(far, -1, from_easter)


def _daily(index: pd.DatetimeIndex, count: int) -> pd.DatetimeIndex:
    allowed = weekdays(index)
    span = 8 * (count // len(allowed)) + 60  # an eighth day a week and two months are more than any year's holidays
    ahead = index[-1] + pd.to_timedelta(np.arange(1, span), unit="D")
    ahead = ahead[ahead.dayofweek.isin(allowed)]
    return ahead[~days_off(index, ahead)][:count]


def _intraday(index: pd.DatetimeIndex, step: pd.Timedelta, count: int) -> pd.DatetimeIndex:
    slots = pd.Index([]) if round_the_clock(index) else _slots(index)
    if slots.empty:
        return _evenly(index[-1], step, count)
    monday = index[-1].normalize() - index[-1].dayofweek * DAY
    weeks = DAY.value * 7 * np.arange(int(1.2 * count / len(slots)) + 6)
    ahead = monday + pd.to_timedelta(np.add.outer(weeks, slots.to_numpy()).ravel(), unit="ns")
    ahead = ahead[ahead > index[-1]]
    return ahead[~days_off(index, ahead)][:count]


def _slots(index: pd.DatetimeIndex) -> pd.Index:
    """Times since Monday, ns, that recur in recent weeks; empty where the times of day follow no pattern."""
    recent, allowed = _recent(index), weekdays(index)
    times = _time_of_day(recent)
    if recent[-1] - recent[0] < WHOLE_WEEK:  # too short to know each weekday: all share their times of day
        kept = _frequent(pd.Series(times))
        covered = np.isin(times, kept)
        slots = np.add.outer(np.asarray(allowed) * DAY.value, kept).ravel()
    else:
        since_monday = times + recent.dayofweek.to_numpy(dtype=np.int64) * DAY.value
        slots = _frequent(pd.Series(since_monday))
        covered = np.isin(since_monday, slots)
    return pd.Index(np.sort(slots)) if covered.mean() >= 0.5 else pd.Index([])


def _frequent(times: pd.Series) -> np.ndarray:
    counts = times.value_counts()
    return counts.index[2 * counts >= counts.max()].to_numpy()


def _sparse(index: pd.DatetimeIndex, step: pd.Timedelta, count: int) -> pd.DatetimeIndex:
    months = round(step / DAY / 30.44)
    if step < 27 * DAY:
        return _evenly(index[-1], step, count)
    offset = _month_anchor(index[-24:], months)
    return pd.DatetimeIndex([index[-1] + at * offset for at in range(1, count + 1)])


def _month_anchor(recent: pd.DatetimeIndex, months: int) -> pd.tseries.offsets.BaseOffset:
    """The calendar rule of a monthly, quarterly or yearly series: `months` on, by month end where that is the habit."""
    for rule in (pd.offsets.MonthEnd, pd.offsets.BMonthEnd, pd.offsets.BMonthBegin):
        if recent.day.nunique() > 1 and all(rule().is_on_offset(time) for time in recent):
            return rule(months)
    return pd.DateOffset(months=months)


def _evenly(last: pd.Timestamp, step: pd.Timedelta, count: int) -> pd.DatetimeIndex:
    return last + pd.to_timedelta(step.value * np.arange(1, count + 1), unit="ns")


def _recent(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return index[index > index[-1] - RECENT]


def _time_of_day(index: pd.DatetimeIndex) -> np.ndarray:
    return _nanoseconds(index) % DAY.value


def _nanoseconds(index: pd.DatetimeIndex) -> np.ndarray:
    return index.as_unit("ns").asi8
