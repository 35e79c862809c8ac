"""The sessions of all exchanges in one small file, since building their calendars takes seconds.

`python -m core.data.exchange_table` rewrites the file from the installed `exchange_calendars`. Axis letters: E
calendars, D days from 1 January 1900, R days from 1 January 2000, whose hours are known as well.
"""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.types import Flags, Ints

FILE = Path(__file__).with_name("exchange_table.npz")
FIRST_DAY, LAST_DAY = pd.Timestamp("1900-01-01"), pd.Timestamp("2035-12-31")
FIRST_HOURS = pd.Timestamp("2000-01-01")
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeTable:
    """Every calendar of `exchange_calendars`; another name of a calendar is a key of `alias`."""

    codes: tuple[str, ...]
    zones: tuple[str, ...]  # IANA names
    alias: dict[str, str]
    open_ED: Flags  # the day is a session
    first_E: Ints  # the days, counted from FIRST_DAY, that the calendar covers
    last_E: Ints
    hours_ER2: Ints  # open and close in minutes of the exchange's clock from midnight of the session; 0, 0 if closed
    breaks_E2: Ints  # begin and end of the break of trade, likewise; 0, 0 if there is none


@lru_cache(maxsize=1)
def table() -> ExchangeTable:
    """The stored table; read once, in some hundredths of a second."""
    with np.load(FILE, allow_pickle=False) as stored:
        days = (LAST_DAY - FIRST_DAY).days + 1
        return ExchangeTable(
            codes=tuple(map(str, stored["codes"])),
            zones=tuple(map(str, stored["zones"])),
            alias=dict(zip(map(str, stored["alias"]), map(str, stored["alias_of"]), strict=True)),
            open_ED=np.unpackbits(stored["open"], axis=1, count=days).astype(bool),
            first_E=stored["first"].astype(np.int64),
            last_E=stored["last"].astype(np.int64),
            hours_ER2=stored["hours"],
            breaks_E2=stored["breaks"],
        )


def build(codes: tuple[str, ...] | None = None) -> dict[str, np.ndarray]:
    """The arrays of the file, for some calendars or all, from `exchange_calendars`."""
    import exchange_calendars  # type: ignore[import-untyped]

    codes = codes or tuple(exchange_calendars.get_calendar_names(include_aliases=False))
    days, recent = (LAST_DAY - FIRST_DAY).days + 1, (LAST_DAY - FIRST_HOURS).days + 1
    open_ED = np.zeros((len(codes), days), dtype=bool)
    hours_ER2 = np.zeros((len(codes), recent, 2), dtype=np.int16)
    breaks_E2 = np.zeros((len(codes), 2), dtype=np.int16)
    zones, first_E, last_E = [], np.zeros(len(codes), dtype=np.int32), np.zeros(len(codes), dtype=np.int32)
    for e, code in enumerate(codes):
        calendar, first, last = _calendar(code)
        sessions = pd.DatetimeIndex(calendar.sessions).tz_localize(None)
        open_ED[e, (sessions - FIRST_DAY).days] = True
        zones.append(str(calendar.tz))
        first_E[e], last_E[e] = (first - FIRST_DAY).days, (last - FIRST_DAY).days
        for side, times in enumerate((calendar.break_start_times, calendar.break_end_times)):
            if times and times[-1][1] is not None:  # the latest ones
                breaks_E2[e, side] = 60 * times[-1][1].hour + times[-1][1].minute
        with_hours = sessions >= FIRST_HOURS
        at = (sessions[with_hours] - FIRST_HOURS).days
        for side, times in enumerate((calendar.opens, calendar.closes)):
            clock = pd.DatetimeIndex(times[with_hours]).tz_convert(calendar.tz).tz_localize(None)
            hours_ER2[e, at, side] = (clock - sessions[with_hours]) // pd.Timedelta(minutes=1)
    alias = {
        name: str(exchange_calendars.resolve_alias(name))
        for name in exchange_calendars.get_calendar_names(include_aliases=True)
        if exchange_calendars.resolve_alias(name) != name
    }
    return {
        "codes": np.array(codes),
        "zones": np.array(zones),
        "alias": np.array(list(alias)),
        "alias_of": np.array(list(alias.values())),
        "open": np.packbits(open_ED, axis=1),
        "first": first_E,
        "last": last_E,
        "hours": hours_ER2,
        "breaks": breaks_E2,
    }


def _calendar(code: str) -> tuple[Any, pd.Timestamp, pd.Timestamp]:
    """A calendar over all days of the table that it covers, with the first and the last of them."""
    import exchange_calendars

    factory = exchange_calendars.calendar_utils._default_calendar_factories[code]
    first, last = max(factory.bound_min() or FIRST_DAY, FIRST_DAY), min(factory.bound_max() or LAST_DAY, LAST_DAY)
    with warnings.catch_warnings():  # the library warns about its own use of pandas
        warnings.simplefilter("ignore")
        return exchange_calendars.get_calendar(code, start=first, end=last), first, last


if __name__ == "__main__":
    np.savez_compressed(FILE, **build())  # type: ignore[arg-type]
