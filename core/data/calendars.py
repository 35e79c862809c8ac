"""The step of a series, the weekdays and exchange calendar it follows, and the times that come next."""

import warnings
from functools import lru_cache

import numpy as np
import pandas as pd

from core.data.wording import plural
from core.errors import DataError

DAY = pd.Timedelta(days=1)
RECENT = pd.Timedelta(weeks=10)  # long enough for a weekly pattern, short enough to follow a change of hours
RECENT_SESSIONS = 500  # the sessions that decide which exchange a series follows
MIN_AGREEMENT = 0.98  # share of them on which the exchange has to agree
LONG_HISTORY = 2500  # sessions that tell apart exchanges whose recent holidays are the same
# Each exchange with a day of the year on which it is always closed: a series with a row on that day need not be
# compared with it. Paris stands for all of Euronext.
EXCHANGES = {
    "XNYS": "07-04",
    "XLON": "12-26",
    "XETR": "05-01",
    "XPAR": "05-01",
    "XTKS": "01-02",
    "XHKG": "07-01",
    "XSHG": "10-01",
    "XTSE": "07-01",
    "XASX": "01-26",
    "XSWX": "08-01",
    "XBOM": "08-15",
    "XTAI": "02-28",
    "XSES": "08-09",
    "XSTO": "06-06",
    "XMAD": "05-01",
    "XMIL": "08-15",
    "BVMF": "09-07",
    "XJSE": "09-24",
    "XKRX": "03-01",
}
TWO_WEEKS = pd.Timedelta(weeks=2)  # below this a missing weekday means little


def typical_step(index: pd.DatetimeIndex) -> pd.Timedelta:
    """Return the median distance between neighbouring times. Raises DataError for fewer than 2 times."""
    if len(index) < 2:
        raise DataError(
            f"{plural(len(index), 'row')} cannot show the time step of a series; at least 2 are needed. Load more rows."
        )
    return pd.Timedelta(int(np.median(np.diff(_nanoseconds(index)))))


def next_times(index: pd.DatetimeIndex, count: int) -> pd.DatetimeIndex:
    """Return the `count` times that follow `index`: (count,) sorted, all later than `index[-1]`.

    A daily series that follows an exchange continues with the exchange's calendar. Other daily series keep their
    weekdays, intraday series their weekdays and times of day, weekly and monthly ones their step; days that were off in
    every year are left out. Raises DataError for fewer than 2 times and for times past the year 2262.
    """
    step = typical_step(index)
    if count <= 0:
        return pd.DatetimeIndex([], name="time")
    try:
        times = _continue(index, step, count)
        return pd.DatetimeIndex(times, name="time").as_unit("ns")
    except (pd.errors.OutOfBoundsDatetime, OverflowError) as error:
        raise DataError(
            f"{count} steps of {step} after {index[-1]:%Y-%m-%d} pass the year 2262, the last that a time "
            "can hold. Shorten the horizon."
        ) from error


def weekdays(index: pd.DatetimeIndex) -> tuple[int, ...]:
    """Return the weekdays (0 is Monday) on which the series regularly has rows, judged by its last ten weeks."""
    days = _recent(index).normalize().unique()
    counts = np.bincount(days.dayofweek, minlength=7)
    if days[-1] - days[0] < TWO_WEEKS:
        return tuple(range(7)) if counts[5:].any() else tuple(range(5))
    return tuple(int(day) for day in np.flatnonzero(2 * counts >= counts.max()))


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


def find_exchange(index: pd.DatetimeIndex) -> str | None:
    """Return the exchange (ISO 10383) whose sessions fit the last 500 rows of a daily series best, or None.

    The fit is the share of days on which both were open among those on which either was; it has to be at least 98 %.
    A series follows no exchange if it has fewer than 500 rows, no holiday, or other weekdays than Monday to Friday.
    """
    recent = index[-RECENT_SESSIONS:]
    if len(recent) < RECENT_SESSIONS or not (recent == recent.normalize()).all() or weekdays(index) != (0, 1, 2, 3, 4):
        return None
    expected = len(pd.bdate_range(recent[0], recent[-1]))
    if not 0.92 * expected <= len(recent) <= 0.995 * expected:  # no exchange opens every day or closes for a month
        return None
    dates, best, agreement = set(recent.strftime("%m-%d")), None, (MIN_AGREEMENT, 0.0)
    for code in [code for code, closed in EXCHANGES.items() if closed not in dates]:
        sessions = _calendar(code, index[-LONG_HISTORY:][0].year, recent[-1].year)
        shares = _agreement(recent, sessions), _agreement(index[-LONG_HISTORY:], sessions)
        if shares > agreement:
            best, agreement = code, shares
        if shares == (1.0, 1.0):
            break
    return best


def exchange_sessions(code: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Return the sessions of an exchange (ISO 10383) from `first` to `last` inclusive, at midnight without a time zone.

    Empty if its calendar does not reach that far back.
    """
    sessions = _calendar(code, first.year, last.year)
    return sessions[(sessions >= first.normalize()) & (sessions <= last)]


def _continue(index: pd.DatetimeIndex, step: pd.Timedelta, count: int) -> pd.DatetimeIndex:
    if step < DAY:
        return _intraday(index, step, count)
    return _daily(index, count) if step < 2 * DAY else _sparse(index, step, count)


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


def _agreement(index: pd.DatetimeIndex, sessions: pd.DatetimeIndex) -> float:
    sessions = sessions[(sessions >= index[0]) & (sessions <= index[-1])]
    both = int(index.isin(sessions).sum())
    return both / (len(index) + len(sessions) - both)


@lru_cache(maxsize=128)
def _calendar(code: str, first: int, last: int) -> pd.DatetimeIndex:
    """Return the sessions of an exchange from the year `first` to `last`; empty if its calendar lacks these years."""
    import exchange_calendars  # type: ignore[import-untyped]

    with warnings.catch_warnings():  # the library warns about its own use of pandas
        warnings.simplefilter("ignore")
        try:
            calendar = exchange_calendars.get_calendar(code, start=f"{first}-01-01", end=f"{last}-12-31")
        except ValueError:  # the years lie outside the calendar
            return pd.DatetimeIndex([])
    return pd.DatetimeIndex(calendar.sessions).tz_localize(None).as_unit("ns")


def _daily(index: pd.DatetimeIndex, count: int) -> pd.DatetimeIndex:
    code = find_exchange(index)
    if code is not None:
        years = 1 + count // 200
        sessions = _calendar(code, index[-1].year, index[-1].year + years)
        ahead = sessions[sessions > index[-1]][:count]
        if len(ahead) == count:
            return ahead
    return _by_weekdays(index, count)


def _by_weekdays(index: pd.DatetimeIndex, count: int) -> pd.DatetimeIndex:
    allowed = weekdays(index)
    span = 8 * (count // len(allowed)) + 60  # an eighth day a week and two months are more than any year's holidays
    ahead = index[-1] + pd.to_timedelta(np.arange(1, span), unit="D")
    ahead = ahead[ahead.dayofweek.isin(allowed)]
    return ahead[~is_day_off(index, ahead)][:count]


def _intraday(index: pd.DatetimeIndex, step: pd.Timedelta, count: int) -> pd.DatetimeIndex:
    slots = pd.Index([]) if is_round_the_clock(index) else _slots(index)
    if slots.empty:
        return _evenly(index[-1], step, count)
    monday = index[-1].normalize() - index[-1].dayofweek * DAY
    weeks = DAY.value * 7 * np.arange(int(1.2 * count / len(slots)) + 6)
    ahead = monday + pd.to_timedelta(np.add.outer(weeks, slots.to_numpy()).ravel(), unit="ns")
    ahead = ahead[ahead > index[-1]]
    return ahead[~is_day_off(index, ahead)][:count]


def _slots(index: pd.DatetimeIndex) -> pd.Index:
    """Return the times since Monday, in ns, that recur in recent weeks; empty if the times of day have no pattern."""
    recent, allowed = _recent(index), weekdays(index)
    times = _time_of_day(recent)
    if recent[-1] - recent[0] < TWO_WEEKS:  # too short to judge each weekday: all share their times of day
        frequent = _frequent(pd.Series(times))
        covered = np.isin(times, frequent)
        slots = np.add.outer(np.asarray(allowed) * DAY.value, frequent).ravel()
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
    offset = _month_offset(index[-24:], months)
    return pd.DatetimeIndex([index[-1] + n * offset for n in range(1, count + 1)])


def _month_offset(recent: pd.DatetimeIndex, months: int) -> pd.tseries.offsets.BaseOffset:
    """Return the step of a monthly, quarterly or yearly series: `months` later, at month ends if that is its habit."""
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
