"""Other series beside the one that is forecast, each as of the time at which it was known.

An entry of `data.join` is written SOURCE:NAME#COLUMN@DAYS: sample:WTI@1, yahoo:^VIX, file:DIGEST#rate@30; news:DIGEST
(headlines that were brought) and news:TICKER (a ticker's feed) have neither column nor lag. A value dated d with a lag
of n days is known from d + n days on. It is carried from session to session until the next one is known, and no longer
than its own rhythm allows: what has ended is not known any more.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.frame import build, of_symbol, symbols
from core.data.sessions import DAY, typical_step
from core.errors import DataError

SOURCES = ("sample", "yahoo", "file", "news")
LAG = 1  # days: a close of one market is safely known on the next day of another
MOST_LAG = 400  # days
CARRY_STEPS, CARRY_DAYS = 3, 7  # a value is carried over three of its own steps and a week of holidays
EVERYWHERE = pd.Timedelta(hours=12)
NEWS = "news"


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """A series of the economy that Yahoo carries, by its ticker."""

    ticker: str
    title: str


MACRO = (
    Macro(ticker="^VIX", title="Volatility index (VIX)"),
    Macro(ticker="^TNX", title="10-year US yield"),
    Macro(ticker="DX-Y.NYB", title="US dollar index"),
    Macro(ticker="KRW=X", title="US dollar in Korean won"),
    Macro(ticker="GC=F", title="Gold"),
    Macro(ticker="CL=F", title="Crude oil"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """One entry of `data.join`: `column` None is the close, or the only column; `lag` in days."""

    source: str
    name: str
    column: str | None = None
    lag: int = LAG

    def __str__(self) -> str:
        column = f"#{self.column}" if self.column else ""
        return f"{self.source}:{self.name}{column}@{self.lag}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The frame with the new columns, and a sentence about each of them."""

    frame: pd.DataFrame
    notes: tuple[str, ...]


def parse(text: str) -> Join:
    """The entry that `yahoo:^VIX@1`, `sample:WTI#close` or `file:0123456789abcdef#OT@30` names.

    Raises DataError for an entry that cannot be read, with how one is written.
    """
    found = re.fullmatch(r"(\w+):([^#@]+)(?:#(.+?))?(?:@(\d{1,4}))?", text.strip(), re.DOTALL)
    if found is None or found[1] not in SOURCES:
        raise DataError(
            f"{text[:60]!r} names no series to join. Write SOURCE:NAME@DAYS with a source of "
            f"{', '.join(SOURCES)}, such as yahoo:^VIX@1."
        )
    lag = LAG if found[4] is None else int(found[4])
    if lag > MOST_LAG:
        raise DataError(f"{text[:60]!r} waits for {lag} days; a release lag is 0 to {MOST_LAG} days.")
    return Join(source=found[1], name=found[2].strip(), column=found[3], lag=lag)


def usual_lag(table: pd.DataFrame) -> int:
    """Days after its date at which a value of this table is safely known: 1, or one and a half steps of a slower series
    (a monthly figure is published in the middle of the next month)."""
    step = typical_step(pd.DatetimeIndex(table.index)) / DAY if len(table) > 1 else 1.0
    return LAG if step < 4 else min(MOST_LAG, round(1.5 * step))


def column_of(entry: Join, table: pd.DataFrame) -> "pd.Series[float]":
    """The column that the entry means, called as it is in the joined frame. Raises DataError where there is none."""
    name = entry.column or ("close" if "close" in table.columns else str(table.columns[0]))
    if name not in table.columns:
        raise DataError(f"{entry.name} has no column {name!r} to join; it has {', '.join(map(str, table.columns))}.")
    plain = name if entry.source == "file" else entry.name if name == "close" else f"{entry.name}.{name}"
    return table[name].dropna().rename(f"macro.{plain}")


def join(frame: pd.DataFrame, entries: tuple[Join, ...], fetch: Callable[[Join], pd.DataFrame]) -> Joined:
    """`frame` with one column a series, `macro.NAME`, in every symbol; `fetch` gives the plain table of an entry.

    Rows stay as they are. Raises DataError for a series that shares no time with the frame, and two of one name.
    """
    tables = {symbol: of_symbol(frame, symbol) for symbol in symbols(frame)}
    notes: list[str] = []
    for entry in entries:
        values = column_of(entry, fetch(entry))
        if entry.source == "file" and any(values.name in table.columns for table in tables.values()):
            values = values.rename(f"{values.name}.{entry.name[:4]}")  # two files may both have a column "close"
        for symbol, table in tables.items():
            if values.name in table.columns:
                raise DataError(f"{values.name} is joined twice. Leave one of them out.")
            known = as_of(pd.DatetimeIndex(table.index), values, entry.lag)
            if known.notna().sum() == 0:
                raise DataError(
                    f"{values.name} runs from {_day(values, 0)} to {_day(values, -1)} and {symbol} from "
                    f"{_day(table, 0)} to {_day(table, -1)}: they have no time in common. Leave it out."
                )
            tables[symbol] = table.assign(**{str(values.name): known})
        notes.append(_note(values, entry.lag))
    made = build(tables)
    made.attrs = dict(frame.attrs)
    return Joined(frame=made, notes=tuple(notes))


def as_of(times: pd.DatetimeIndex, values: "pd.Series[float]", lag: int) -> "pd.Series[float]":
    """The newest of `values` that was known `lag` days after its date, at each of `times`; NaN before the first and
    where the newest is too old to be carried.

    Raises DataError for daily values without a lag at times within the day: they are known only when it is over.
    """
    index = pd.DatetimeIndex(values.index)
    within = bool((times != times.normalize()).any())
    daily = bool((index == index.normalize()).all())
    if within and lag == 0 and daily:
        raise DataError(
            f"{values.name} has one value a day, known when the day is over, and the sessions lie within "
            "the day. Give it a release lag of 1 day or more."
        )
    # A day is over everywhere half a day after it is over at the westernmost exchange's wall clock.
    margin = EVERYWHERE if within and daily else pd.Timedelta(0)
    at = (index + lag * DAY + margin).searchsorted(times, side="right") - 1
    step = typical_step(index) if len(index) > 1 else DAY
    carried = CARRY_STEPS * step + (CARRY_DAYS + lag) * DAY + margin
    fresh = (at >= 0) & (times - index[np.maximum(at, 0)] <= carried)
    known = np.where(fresh, values.to_numpy(dtype=np.float64)[np.maximum(at, 0)], np.nan)
    return pd.Series(known, index=times, name=values.name)


def _note(values: "pd.Series[float]", lag: int) -> str:
    when = "on its date" if lag == 0 else f"{lag} day{'s' if lag > 1 else ''} after its date"
    return f"{values.name}, from {_day(values, 0)} to {_day(values, -1)}, counts as known {when}."


def _day(table: "pd.DataFrame | pd.Series[float]", at: int) -> str:
    return f"{table.index[at]:%Y-%m-%d}"
