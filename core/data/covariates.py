"""Past covariates: other series joined to the one that is forecast, each as of the time at which it was known.

An entry of `data.join` is written SOURCE:NAME#COLUMN@DAYS: sample:WTI@1, yahoo:^VIX, file:DIGEST#rate@30. News has
neither column nor lag: news:DIGEST (uploaded headlines), news:TICKER (a ticker's feed). A value dated d with a release
lag of n days is known from d + n days on. It is carried forward until the next value is known, but no longer than the
step of its series allows: a series that has ended is no longer known.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.calendars import DAY, typical_step
from core.data.frame import build, select_symbol, symbols
from core.data.sources import fred
from core.data.sources.registry import SOURCES
from core.data.wording import plural
from core.errors import DataError
from core.language import message

NEWS = "news"
JOINABLE = (*(name for name, source in SOURCES.items() if source.load_covariate is not None), NEWS)
DEFAULT_LAG = 1  # days: the close of one market is safely known on the next day of another
MAX_LAG = 400  # days
NAMELESS = ("close", "value")  # the columns that a joined series is called after its own name for
CARRY_STEPS, CARRY_DAYS = 3, 7  # a value is carried over three steps of its own series and a week of holidays
ALL_TIME_ZONES = pd.Timedelta(hours=12)  # after this a day is over on the wall clock of every exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroSeries:
    """An economic series for lists; `lag` is in days, from the date of a value to when it is published."""

    source: str
    name: str
    title: str
    lag: int = DEFAULT_LAG

    def __str__(self) -> str:
        return f"{self.source}:{self.name}"


MACRO_SERIES = (
    MacroSeries(source="yahoo", name="^VIX", title="Volatility index (VIX)"),
    MacroSeries(source="yahoo", name="^TNX", title="10-year US yield"),
    MacroSeries(source="yahoo", name="DX-Y.NYB", title="US dollar index"),
    MacroSeries(source="yahoo", name="KRW=X", title="US dollar in Korean won"),
    MacroSeries(source="yahoo", name="GC=F", title="Gold"),
    MacroSeries(source="yahoo", name="CL=F", title="Crude oil"),
    *(
        MacroSeries(source="fred", name=name, title=f"{title} (FRED)", lag=lag)
        for name, (title, lag) in fred.WELL_KNOWN.items()
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariate:
    """One entry of `data.join`: `column` None means the close, or else the first column; `lag` in days."""

    source: str
    name: str
    column: str | None = None
    lag: int = DEFAULT_LAG

    def __str__(self) -> str:
        column = f"#{self.column}" if self.column else ""
        return f"{self.source}:{self.name}{column}@{self.lag}"


def parse(text: str) -> Covariate:
    """Return the covariate that `yahoo:^VIX@1`, `sample:WTI#close` or `file:0123456789abcdef#OT@30` names.

    Raises DataError, with an example, for an entry that cannot be read.
    """
    match = re.fullmatch(r"(\w+):([^#@]+)(?:#(.+?))?(?:@(\d{1,4}))?", text.strip(), re.DOTALL)
    if match is None or match[1] not in JOINABLE:
        raise DataError(
            message(
                "{text} names no series to join. Write SOURCE:NAME@DAYS, where SOURCE is one of {joinable}, such as "
                "yahoo:^VIX@1.",
                text=repr(text[:60]),
                joinable=", ".join(JOINABLE),
            )
        )
    lag = DEFAULT_LAG if match[4] is None else int(match[4])
    if lag > MAX_LAG:
        raise DataError(
            message(
                "{text} has a release lag of {lag} days; it can be 0 to {most} days. Shorten it.",
                text=repr(text[:60]),
                lag=lag,
                most=MAX_LAG,
            )
        )
    return Covariate(source=match[1], name=match[2].strip(), column=match[3], lag=lag)


def suggest_lag(table: pd.DataFrame) -> int:
    """Return the days after its date at which a value of this table is safely known.

    1 for a daily series; one and a half steps for a slower one, since monthly figures appear in the middle of the next
    month.
    """
    step = typical_step(pd.DatetimeIndex(table.index)) / DAY if len(table) > 1 else 1.0
    return DEFAULT_LAG if step < 4 else min(MAX_LAG, round(1.5 * step))


def select_column(covariate: Covariate, table: pd.DataFrame) -> "pd.Series[float]":
    """Return the column that a covariate means, under its name in the joined frame. Raises DataError if missing."""
    column = covariate.column or ("close" if "close" in table.columns else str(table.columns[0]))
    if column not in table.columns:
        raise DataError(
            message(
                "{name} has no column {column} to join; it has {columns}.",
                name=covariate.name,
                column=repr(column),
                columns=", ".join(map(str, table.columns)),
            )
        )
    if SOURCES[covariate.source].named_by_digest:
        name = column
    else:
        name = covariate.name if column in NAMELESS else f"{covariate.name}.{column}"
    return table[column].dropna().rename(f"macro.{name}")


def join(
    frame: pd.DataFrame, covariates: tuple[Covariate, ...], fetch: Callable[[Covariate], pd.DataFrame]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return `frame` with one more column `macro.NAME` per covariate in every symbol, and a sentence about each.

    `fetch` returns the plain table of a covariate. The rows of the frame stay as they are. Raises DataError for a
    series that has no time in common with the frame, and for two of the same name.
    """
    tables = {symbol: select_symbol(frame, symbol) for symbol in symbols(frame)}
    notes: list[str] = []
    for covariate in covariates:
        values = select_column(covariate, fetch(covariate))
        named_by_digest = SOURCES[covariate.source].named_by_digest
        if named_by_digest and any(values.name in table.columns for table in tables.values()):
            values = values.rename(f"{values.name}.{covariate.name[:4]}")  # two files may both have a column "close"
        for symbol, table in tables.items():
            if values.name in table.columns:
                raise DataError(message("{name} is joined twice. Leave one of the two out.", name=values.name))
            known = as_of(pd.DatetimeIndex(table.index), values, covariate.lag)
            if known.notna().sum() == 0:
                raise DataError(
                    message(
                        "{name} runs from {first} to {last} and {symbol} from {other_first} to {other_last}: they "
                        "have no time in common. Leave it out.",
                        name=values.name,
                        first=_day(values, 0),
                        last=_day(values, -1),
                        symbol=symbol,
                        other_first=_day(table, 0),
                        other_last=_day(table, -1),
                    )
                )
            tables[symbol] = table.assign(**{str(values.name): known})
        notes.append(_note(values, covariate.lag))
        usual = suggest_lag(values.to_frame())
        if covariate.lag < usual != DEFAULT_LAG:
            notes.append(
                message(
                    "{name} may be known too early: figures of its frequency appear about {days} after their date, "
                    "and its lag is {lag}.",
                    name=values.name,
                    days=plural(usual, "day"),
                    lag=plural(covariate.lag, "day"),
                )
            )
    joined = build(tables)
    joined.attrs = dict(frame.attrs)
    return joined, tuple(notes)


def as_of(times: pd.DatetimeIndex, values: "pd.Series[float]", lag: int) -> "pd.Series[float]":
    """Return the newest of `values` known at each of `times`, where each is known `lag` days after its date.

    NaN before the first value, and where the newest is too old to be carried forward. Raises DataError for daily values
    without a lag at intraday times: they are known only once the day is over.
    """
    index = pd.DatetimeIndex(values.index)
    intraday = bool((times != times.normalize()).any())
    daily = bool((index == index.normalize()).all())
    if intraday and lag == 0 and daily:
        raise DataError(
            message(
                "{name} has one value a day, known when the day is over, and the series has several rows a day. Give "
                "it a release lag of 1 day or more.",
                name=values.name,
            )
        )
    margin = ALL_TIME_ZONES if intraday and daily else pd.Timedelta(0)
    at = (index + lag * DAY + margin).searchsorted(times, side="right") - 1
    step = typical_step(index) if len(index) > 1 else DAY
    carried = CARRY_STEPS * step + (CARRY_DAYS + lag) * DAY + margin
    fresh = (at >= 0) & (times - index[np.maximum(at, 0)] <= carried)
    known = np.where(fresh, values.to_numpy(dtype=np.float64)[np.maximum(at, 0)], np.nan)
    return pd.Series(known, index=times, name=values.name)


def _note(values: "pd.Series[float]", lag: int) -> str:
    name, first, last, days = values.name, _day(values, 0), _day(values, -1), plural(lag, "day")
    if lag == 0:
        return message(
            "{name}, from {first} to {last}, counts as known on its date.", name=name, first=first, last=last
        )
    return message(
        "{name}, from {first} to {last}, counts as known {days} after its date.",
        name=name,
        first=first,
        last=last,
        days=days,
    )


def _day(table: "pd.DataFrame | pd.Series[float]", position: int) -> str:
    return f"{table.index[position]:%Y-%m-%d}"
