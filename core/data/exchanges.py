"""Which exchange a series follows, recognised by its days and hours, and when that exchange is open.

Axis letters as in `core.data.exchange_table`: E calendars, D days; T rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.calendars import DAY, RECENT, days_after, typical_step, weekdays_of
from core.data.exchange_table import FIRST_DAY, FIRST_HOURS, table
from core.types import Flags, Floats, Ints

RECENT_DAYS = 500  # rows that decide which exchange a series follows
LONG_HISTORY = 2500  # rows that tell apart exchanges whose recent holidays are the same
MAX_MISSING = 0.02  # share of the sessions on which a series may lack a row
MAX_HOLIDAYS = 0.10  # rows on holidays of the exchange, per holiday without a row
SAMPLE = 2000  # bars whose hours are compared
SLACK = 35.0  # minutes between an exchange's hours and the first and last bar: auctions
ALWAYS = ("24/5", "24/7")  # calendars without a holiday: nothing to recognise
# Of calendars with the same sessions the first of these gives its name.
WELL_KNOWN = ("XNYS", "XLON", "XETR", "XPAR", "XTKS", "XHKG", "XSHG", "XTSE", "XASX", "XSWX", "XMIL", "XMAD", "XSTO")
# Yahoo's suffix of a ticker → the calendar.
LISTINGS = {
    "AS": "XAMS", "AT": "ASEX", "AX": "XASX", "BA": "XBUE", "BD": "XBUD", "BK": "XBKK", "BO": "XBOM", "BR": "XBRU",
    "CO": "XCSE", "DE": "XETR", "F": "XFRA", "HE": "XHEL", "HK": "XHKG", "HM": "XHAM", "IC": "XICE", "IR": "XDUB",
    "IS": "XIST", "JK": "XIDX", "JO": "XJSE", "KL": "XKLS", "KQ": "XKRX", "KS": "XKRX", "L": "XLON", "LS": "XLIS",
    "MC": "XMAD", "MI": "XMIL", "MX": "XMEX", "NS": "XBOM", "NZ": "XNZE", "OL": "XOSL", "PA": "XPAR", "PR": "XPRA",
    "RO": "XBSE", "SA": "BVMF", "SG": "XSTU", "SI": "XSES", "SN": "XSGO", "SR": "XSAU", "SS": "XSHG", "ST": "XSTO",
    "SW": "XSWX", "SZ": "XSHG", "T": "XTKS", "TA": "XTAE", "TL": "XTAL", "TO": "XTSE", "TW": "XTAI", "TWO": "XTAI",
    "V": "XTSE", "VI": "XWBO", "VS": "XLIT", "WA": "XWAR",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A calendar, and whether the times of the series are in UTC rather than on the clock of the exchange."""

    code: str
    utc: bool = False

    def local(self, index: pd.DatetimeIndex) -> pd.DatetimeIndex:
        """These times of the series on the clock of the exchange, without a time zone."""
        return index.tz_localize("UTC").tz_convert(_zone(self.code)).tz_localize(None) if self.utc else index

    def stored(self, local: pd.DatetimeIndex) -> pd.DatetimeIndex:
        """These times on the exchange's clock as the series writes them; times that the clock skips are left out."""
        zoned = local.tz_localize(_zone(self.code), nonexistent="NaT", ambiguous=np.ones(len(local), dtype=bool))
        exists_T = np.asarray(zoned.notna())
        return zoned[exists_T].tz_convert("UTC").tz_localize(None) if self.utc else local[exists_T]


def listing(symbol: str) -> str | None:
    """The calendar that the suffix of a ticker names: XKRX for 005930.KS; None without a known suffix."""
    plain, dot, suffix = symbol.strip().upper().rpartition(".")
    return LISTINGS.get(suffix) if dot and plain else None


def sessions(code: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """The sessions from `first` to `last` inclusive, at midnight; empty if the calendar begins later."""
    known, e = table(), _position(code)
    start, end = (first - FIRST_DAY).days, min((last - FIRST_DAY).days, int(known.last_E[e]))
    if start < known.first_E[e] or end < start:
        return pd.DatetimeIndex([])
    return FIRST_DAY + pd.to_timedelta(start + np.flatnonzero(known.open_ED[e, start : end + 1]), unit="D")


def is_open(code: str, local: pd.DatetimeIndex, at_end: bool) -> Flags:
    """Whether each time on the exchange's clock lies in a session: (T,).

    The close counts as open, and the opening does not, if bars are named by their ends (`at_end`). Where hours are
    unknown, before 2000 and after the calendar, no time does.
    """
    hours_R2 = table().hours_ER2[_position(code)]
    day_T = np.asarray((local.normalize() - FIRST_HOURS).days, dtype=np.int64)
    minute_T = _minutes(local)
    open_T = np.zeros(len(local), dtype=bool)
    for shift in (0, 1):  # the session of the next day may open on the evening before
        known_T = (day_T + shift >= 0) & (day_T + shift < len(hours_R2))
        opens_T, closes_T = hours_R2[np.where(known_T, day_T + shift, 0)].astype(float).T
        at_T = minute_T - 1440 * shift
        inside_T = (at_T > opens_T) & (at_T <= closes_T) if at_end else (at_T >= opens_T) & (at_T < closes_T)
        open_T |= known_T & inside_T
    return open_T


def session_grid(code: str, local: pd.DatetimeIndex, step: pd.Timedelta) -> Ints:
    """The minutes from midnight at which bars of a usual session begin, in step with the last bar, without a break."""
    known, e = table(), _position(code)
    day = min((local[-1].normalize() - FIRST_HOURS).days, known.hours_ER2.shape[1] - 1)
    hours_R2 = known.hours_ER2[e, max(0, day - 60) : day + 1]
    hours_R2 = hours_R2[hours_R2[:, 1] > 0]
    if not len(hours_R2):
        return np.array([], dtype=np.int64)
    (opens, closes), minutes = np.median(hours_R2, axis=0).astype(int), max(1, int(step / pd.Timedelta(minutes=1)))
    phase = (int(_minutes(local[-1:])[0]) - opens) % minutes
    grid = np.arange(opens + phase, closes, minutes)
    begin, end = known.breaks_E2[e]
    return grid[(grid < begin) | (grid >= end)]


def read(index: pd.DatetimeIndex, calendar: str) -> Reading:
    """The reading of a series whose calendar is given: in UTC if more of its bars then lie within the sessions."""
    code = table().alias.get(calendar, calendar)
    if typical_step(index) >= DAY:
        return Reading(code=code)
    recent = index[-SAMPLE:]
    share = {utc: is_open(code, Reading(code=code, utc=utc).local(recent), False).mean() for utc in (False, True)}
    return Reading(code=code, utc=bool(share[True] > share[False]))


def find_exchange(index: pd.DatetimeIndex, listed: str | None = None) -> str | None:
    """The calendar that fits a series best, or None; the first of several that fit equally."""
    readings = find_readings(index, listed)
    return readings[0].code if readings else None


def find_readings(index: pd.DatetimeIndex, listed: str | None = None) -> tuple[Reading, ...]:
    """All calendars that fit a daily or intraday series equally well and best; empty if none fits.

    A calendar fits if the series has no row on its holidays (at most one for ten holidays without a row), a row on 98 %
    of its sessions, and at least one holiday. Intraday bars have to begin and end with the sessions. The last 500 days
    decide, then the last 2,500, then the hours. `listed`, the calendar that the ticker's suffix names, needs no holiday
    in the series and is preferred among equals.
    """
    if len(index) < 3 or typical_step(index) >= 2 * DAY:
        return ()
    misfit: dict[Reading, float] = {}
    if typical_step(index) < DAY:
        misfit = _misfit_of_hours(index)
        readings = tuple(misfit)
    elif (index - index.normalize()).nunique() == 1:
        readings = tuple(Reading(code=code) for code in table().codes if code not in ALWAYS)
    else:
        return ()
    days_of = {clock: days_after(local, FIRST_DAY) for clock, local in _by_clock(readings, index).items()}
    recent_of = {clock: _Rows.of(day_T, RECENT_DAYS) for clock, day_T in days_of.items()}
    long_of = {clock: _Rows.of(day_T, LONG_HISTORY) for clock, day_T in days_of.items()}
    errors = {
        reading: (recent, _errors(long_of[_clock(reading)], reading.code, needs_holiday=False))
        for reading in readings
        if (recent := _errors(recent_of[_clock(reading)], reading.code, needs_holiday=reading.code != listed))
        is not None
    }
    if not errors:
        return ()
    least = min(_rank(error) for error in errors.values())
    best = [reading for reading, error in errors.items() if _rank(error) == least]
    closest = min(misfit.get(reading, 0.0) for reading in best)
    best = [reading for reading in best if misfit.get(reading, 0.0) == closest]
    if named := [reading for reading in best if reading.code == listed]:
        return (named[0],)
    order = {code: place for place, code in enumerate(WELL_KNOWN)}
    return tuple(sorted(best, key=lambda reading: (reading.utc, order.get(reading.code, len(order)))))


def _rank(error: tuple[int, int | None]) -> tuple[float, float]:
    return error[0], np.inf if error[1] is None else error[1]


def _clock(reading: Reading) -> str | None:
    """What decides the local times of a series: the zone of the exchange if it is written in UTC."""
    return _zone(reading.code) if reading.utc else None


def _by_clock(readings: Iterable[Reading], index: pd.DatetimeIndex) -> dict[str | None, pd.DatetimeIndex]:
    """The local times of the series by each of the clocks; many exchanges share one, and converting takes long."""
    first_of = {_clock(reading): reading for reading in readings}
    return {clock: reading.local(index) for clock, reading in first_of.items()}


@dataclass(frozen=True, slots=True)
class _Rows:
    """The days with rows: how many, from which day on, which of those, and which of those are usual weekdays."""

    count: int
    first: int
    row_D: Flags
    regular_D: Flags

    @classmethod
    def of(cls, day_T: Ints, most: int) -> "_Rows":
        """Of the last days of these rows, counted from FIRST_DAY, which was a Monday."""
        day_T = np.unique(day_T)[-most:]
        day_D = np.arange(day_T[0], day_T[-1] + 1)
        usual = weekdays_of(day_T[day_T > day_T[-1] - RECENT.days])
        return cls(len(day_T), int(day_T[0]), np.isin(day_D, day_T), np.isin(day_D % 7, usual))


def _errors(rows: _Rows, code: str, needs_holiday: bool) -> int | None:
    """The days on which series and calendar disagree; None if the calendar does not fit."""
    known, e, end = table(), _position(code), rows.first + len(rows.row_D)
    if rows.first < known.first_E[e] or end > known.last_E[e]:
        return None
    session_D = known.open_ED[e, rows.first : end]
    off = int((rows.regular_D & ~rows.row_D & ~session_D).sum())
    on_holidays, missing = int((rows.row_D & ~session_D).sum()), int((session_D & ~rows.row_D).sum())
    if on_holidays > MAX_HOLIDAYS * off or missing > MAX_MISSING * rows.count or (needs_holiday and not off):
        return None
    return on_holidays + missing


def _misfit_of_hours(index: pd.DatetimeIndex) -> dict[Reading, float]:
    """The calendars with whose sessions the recent bars begin and end, on the exchange's clock or in UTC.

    With each, the minutes by which a usual day begins after the open or ends before the close, beyond one bar.
    """
    recent = index[-SAMPLE:]
    step = typical_step(index) / pd.Timedelta(minutes=1)
    readings = [Reading(code=code, utc=utc) for code in table().codes if code not in ALWAYS for utc in (False, True)]
    local_of = _by_clock(readings, recent)
    bars_of = {clock: (days_after(local, FIRST_HOURS), _minutes(local)) for clock, local in local_of.items()}
    misfit = {reading: _misfit(reading.code, *bars_of[_clock(reading)], step) for reading in readings}
    return {reading: minutes for reading, minutes in misfit.items() if minutes is not None}


def _misfit(code: str, day_T: Ints, minute_T: Floats, step: float) -> float | None:
    """The minutes for one calendar, from the local day and minute of each bar; None if the bars do not begin and end
    with its sessions."""
    hours_R2 = table().hours_ER2[_position(code)]
    first_D = np.flatnonzero(np.diff(day_T, prepend=-1))
    last_D = np.append(first_D[1:], len(day_T)) - 1
    first_D, last_D = first_D[1:-1], last_D[1:-1]  # the first and the last day may be incomplete
    if len(first_D) < 2 or day_T[0] < 0 or day_T[-1] >= len(hours_R2):
        return None
    opens_D, closes_D = hours_R2[day_T[first_D]].astype(float).T
    late_D, early_D = (minute_T[first_D] - opens_D)[closes_D > 0], (closes_D - minute_T[last_D])[closes_D > 0]
    if not len(late_D):
        return None
    fits = (late_D >= 0) & (late_D <= max(SLACK, step)), (early_D >= -10) & (early_D <= step + SLACK)
    if min(fit_D.mean() for fit_D in fits) < 0.9:
        return None
    late, early = float(np.median(late_D)), float(np.median(early_D))
    named_by_start = late + (1 - early if early <= 0 else max(0.0, early - step))
    named_by_end = abs(early) + (1 if late <= 0 else max(0.0, late - step))
    return min(named_by_start, named_by_end)


def _position(code: str) -> int:
    return table().codes.index(code)


def _zone(code: str) -> str:
    return table().zones[_position(code)]


def _minutes(local: pd.DatetimeIndex) -> Floats:
    return np.asarray((local - local.normalize()) / pd.Timedelta(minutes=1), dtype=float)
