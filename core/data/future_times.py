"""The times that follow a series: the sessions of its exchange, or the continuation of its own pattern."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from core.data import exchanges
from core.data.calendars import DAY, RECENT, TWO_WEEKS, is_day_off, is_round_the_clock, typical_step, weekdays
from core.data.exchanges import Reading
from core.errors import DataError
from core.language import message

NO_CALENDAR = "none"  # value of data.calendar: weekdays only
MONTH_END = 31  # place in the month of its last day, whatever its length
PERIODS = 12  # rows of a semi-monthly or ten-day series that show its days of the month
FULL_DAYS = 4  # of intraday bars, with the first and the last, which may be incomplete


def next_times(
    index: pd.DatetimeIndex, count: int, calendar: str | None = None, listed: str | None = None
) -> pd.DatetimeIndex:
    """Return the `count` times that follow `index`: (count,) sorted, all later than `index[-1]`.

    A daily or intraday series continues with the sessions of `calendar`, a name that `exchange_calendars` knows; with
    None it is recognised, also by `listed`, the calendar of the ticker's suffix. With "none", or if no calendar fits,
    or several that differ on these days, daily series keep their weekdays and intraday ones their weekdays and times of
    day; days that were off in every year are left out. Weekly and monthly series keep their step. Raises DataError for
    fewer than 2 times and for times past the year 2262.
    """
    step = typical_step(index)
    if count <= 0:
        return pd.DatetimeIndex([], name="time")
    try:
        times = _continue(index, step, count, calendar, listed)
        return pd.DatetimeIndex(times, name="time").as_unit("ns")
    except (pd.errors.OutOfBoundsDatetime, OverflowError) as error:
        raise DataError(
            message(
                "{count} steps of {step} after {last} pass the year 2262, the last that a time can hold. Shorten the "
                "horizon.",
                count=count,
                step=step,
                last=f"{index[-1]:%Y-%m-%d}",
            )
        ) from error


def choose_reading(
    index: pd.DatetimeIndex, count: int, calendar: str | None = None, listed: str | None = None
) -> tuple[Reading | None, tuple[Reading, ...]]:
    """The calendar that dates the next `count` times, and all that fit: none dates them if these differ on a day."""
    if calendar == NO_CALENDAR or typical_step(index) >= 2 * DAY:
        return None, ()
    if calendar is not None:
        reading = exchanges.read(index, calendar)
        return reading, (reading,)
    readings = exchanges.find_readings(index, listed)
    per_day = 1 if typical_step(index) >= DAY else max(1, round(len(index) / index.normalize().nunique()))
    days = -(-count // per_day)
    ahead = {tuple(_sessions_after(reading.local(index[-1:])[0], days, reading.code)) for reading in readings}
    return (readings[0] if len(ahead) == 1 else None), readings


def describe_calendar(index: pd.DatetimeIndex, count: int, calendar: str | None, listed: str | None) -> str:
    """One sentence on what dates the next `count` times; empty for a weekly or slower series."""
    if len(index) < 3 or typical_step(index) >= 2 * DAY:
        return ""
    reading, fitting = choose_reading(index, count, calendar, listed)
    if reading is not None:
        return message(
            "Forecasts are dated by the sessions of {exchange}{known}{clock}.",
            exchange=reading.code,
            known="" if calendar else message(", recognised from its times"),
            clock=message(", and its times are read as UTC") if reading.utc else "",
        )
    if fitting:
        names = ", ".join(fit.code for fit in fitting[:4]) + (" …" if len(fitting) > 4 else "")
        return message(
            "{count} exchange calendars fit and differ on the next sessions ({names}), so none is used: set "
            "data.calendar to the right one.",
            count=len(fitting),
            names=names,
        )
    return message(
        "No exchange's calendar dates the forecasts: they continue the series' own weekdays and times of day."
    )


def _continue(
    index: pd.DatetimeIndex, step: pd.Timedelta, count: int, calendar: str | None, listed: str | None
) -> pd.DatetimeIndex:
    if step >= 2 * DAY:
        return _sparse(index, step, count)
    reading, fitting = choose_reading(index, count, calendar, listed)
    if step < DAY:
        return _intraday(index, step, count, fitting if reading is None else (reading,))
    if reading is None:
        return _by_weekdays(index, count, fitting)
    ahead = _daily(index, count, reading.code)
    if len(ahead) == count:
        return ahead
    known = pd.DatetimeIndex(index.append(ahead))
    return pd.DatetimeIndex(ahead.append(_by_weekdays(known, count - len(ahead), ())))


def _daily(index: pd.DatetimeIndex, count: int, code: str) -> pd.DatetimeIndex:
    """The next sessions as far as the calendar knows them, at the series' time of day."""
    ahead = _sessions_after(index[-1], count, code)
    return pd.DatetimeIndex(ahead + (index[-1] - index[-1].normalize()))


def _sessions_after(last: pd.Timestamp, count: int, code: str) -> pd.DatetimeIndex:
    span = (2 * count + 40) * DAY  # twice the days and the longest closure, at least
    return exchanges.sessions(code, last.normalize() + DAY, last + span)[:count]


def _by_weekdays(index: pd.DatetimeIndex, count: int, fitting: tuple[Reading, ...]) -> pd.DatetimeIndex:
    """The next regular weekdays, without the days off of every year and those on which all fitting calendars close."""
    allowed = weekdays(index)
    span = 8 * (count // len(allowed)) + 60  # an eighth day a week and two months are more than any year's holidays
    ahead = index[-1] + pd.to_timedelta(np.arange(1, span), unit="D")
    ahead = ahead[ahead.dayofweek.isin(allowed)]
    off = is_day_off(index, ahead)
    if fitting:
        open_A = [ahead.normalize().isin(_sessions_after(index[-1], len(ahead), reading.code)) for reading in fitting]
        off |= ~np.any(open_A, axis=0)
    return ahead[~off][:count]


def _intraday(
    index: pd.DatetimeIndex, step: pd.Timedelta, count: int, readings: tuple[Reading, ...]
) -> pd.DatetimeIndex:
    """The next times of day of the series, within the sessions of any of the readings if there are some."""
    local = readings[0].local(index) if readings else index
    slots = pd.Index([]) if is_round_the_clock(index) else _slots(local, range(7) if readings else weekdays(index))
    if readings and len(local.normalize().unique()) < FULL_DAYS:  # too few whole days to show every bar of a day
        minutes = exchanges.session_grid(readings[0].code, local, step) * pd.Timedelta(minutes=1).value
        slots = pd.Index(np.add.outer(np.arange(7) * DAY.value, minutes).ravel())
    if slots.empty:
        return _evenly(index[-1], step, count)
    monday = local[-1].normalize() - local[-1].dayofweek * DAY
    weeks = DAY.value * 7 * np.arange(int(1.2 * count / len(slots)) + 8)
    ahead = monday + pd.to_timedelta(np.add.outer(weeks, slots.to_numpy()).ravel(), unit="ns")
    ahead = ahead[ahead > local[-1]]
    if not readings:
        return ahead[~is_day_off(index, ahead)][:count]
    open_A = np.any([_in_session(reading.code, local, ahead) for reading in readings], axis=0)
    stored = readings[0].stored(ahead[open_A])
    return stored[stored > index[-1]][:count]


def _in_session(code: str, local: pd.DatetimeIndex, ahead: pd.DatetimeIndex) -> np.ndarray:
    """Which times on the exchange's clock lie in a session; on its day, if past bars went beyond its hours. (A,)"""
    recent = local[local > local[-1] - RECENT]
    share = {at_end: exchanges.is_open(code, recent, at_end).mean() for at_end in (False, True)}
    days = exchanges.sessions(code, ahead[0].normalize(), ahead[-1])
    on_session_A = ahead.normalize().isin(days)
    after_calendar_A = ahead > (days[-1] if len(days) else ahead[0]) + 20 * DAY
    if max(share.values()) >= 0.95:
        on_session_A = exchanges.is_open(code, ahead, share[True] > share[False])
    return on_session_A | after_calendar_A


def _slots(index: pd.DatetimeIndex, allowed: Iterable[int]) -> pd.Index:
    """The times since Monday, in ns, that recur in recent weeks on allowed weekdays; empty if there is no pattern."""
    recent, allowed = index[index > index[-1] - RECENT], [*allowed]
    times = recent.as_unit("ns").asi8 % DAY.value
    if recent[-1] - recent[0] < TWO_WEEKS:  # too short to judge each weekday: all share their times of day
        frequent = _frequent(pd.Series(times))
        covered = np.isin(times, frequent)
        slots = np.add.outer(np.asarray(allowed) * DAY.value, frequent).ravel()
    else:
        since_monday = times + recent.dayofweek.to_numpy(dtype=np.int64) * DAY.value
        slots = _frequent_by_weekday(since_monday, recent, allowed)
        covered = np.isin(since_monday, slots)
    return pd.Index(np.sort(slots)) if covered.mean() >= 0.5 else pd.Index([])


def _frequent_by_weekday(since_monday: np.ndarray, recent: pd.DatetimeIndex, allowed: list[int]) -> np.ndarray:
    """The times since Monday that occur on half of the days of their weekday, of those on which the series has rows."""
    days = recent.normalize().unique()
    days_D = np.bincount(days.dayofweek, minlength=7)
    slots, counts = np.unique(since_monday, return_counts=True)
    weekday_S = slots // DAY.value
    return slots[np.isin(weekday_S, allowed) & (2 * counts >= days_D[weekday_S])]


def _frequent(times: pd.Series) -> np.ndarray:
    counts = times.value_counts()
    return counts.index[2 * counts >= counts.max()].to_numpy()


def _sparse(index: pd.DatetimeIndex, step: pd.Timedelta, count: int) -> pd.DatetimeIndex:
    months = round(step / DAY / 30.44)
    if step < 27 * DAY:
        return _by_days_of_month(index, step, count)
    offset = _month_offset(index[-24:], months)
    return pd.DatetimeIndex([index[-1] + n * offset for n in range(1, count + 1)])


def _by_days_of_month(index: pd.DatetimeIndex, step: pd.Timedelta, count: int) -> pd.DatetimeIndex:
    """A series with two or three fixed days in each month keeps them; any other keeps its step."""
    recent = index[-PERIODS:]
    last_day_N = recent.day == recent.days_in_month
    place_N = np.where(last_day_N, MONTH_END, recent.day)
    if (place_N == MONTH_END).sum() < len(recent) // 4:  # February's last day may stand for any other
        place_N = np.asarray(recent.day)
    places, counts = np.unique(place_N, return_counts=True)
    if len(recent) < 6 or len(places) not in (2, 3) or counts.max() - counts.min() > 1:
        return _evenly(index[-1], step, count)
    first = index[-1].normalize().replace(day=1)
    months = pd.date_range(first, periods=count // len(places) + 2, freq="MS")
    days = [month + (min(int(place), month.days_in_month) - 1) * DAY for month in months for place in places]
    ahead = pd.DatetimeIndex(days) + (index[-1] - index[-1].normalize())
    return ahead[ahead > index[-1]][:count]


def _month_offset(recent: pd.DatetimeIndex, months: int) -> pd.tseries.offsets.BaseOffset:
    """Return the step of a monthly, quarterly or yearly series: `months` later, at month ends if that is its habit."""
    for rule in (pd.offsets.MonthEnd, pd.offsets.BMonthEnd, pd.offsets.BMonthBegin):
        if recent.day.nunique() > 1 and all(rule().is_on_offset(time) for time in recent):
            return rule(months)
    return pd.DateOffset(months=months)


def _evenly(last: pd.Timestamp, step: pd.Timedelta, count: int) -> pd.DatetimeIndex:
    return last + pd.to_timedelta(step.value * np.arange(1, count + 1), unit="ns")
