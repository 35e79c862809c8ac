"""The ways in which files write dates, each with its name in words and its parser."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

DATES = (
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%B %d %Y",
    "%b %Y",
    "%B %Y",
    "%b-%Y",
    "%Y %b",
    "%Y-%b",
    "%m/%Y",
    "%Y/%m",
    "%Y%m%d",
    "%YM%m",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%d-%b-%y",
    "%d %b %y",
)
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
EXCEL_EPOCH = 25569  # the day number that Excel gives to 1970-01-01
MAX_SECONDS = 9e9  # beyond lie times that 64 bits of nanoseconds cannot represent

_EXAMPLE = pd.Timestamp("2017-07-31 21:45:30.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFormat:
    """One way to write dates. `name` says it in words; `parse` turns a column of texts into times, NaT if none fits.

    `shape` is that of a date in this format (see `shape_of`), which tells whether it is worth a try.
    """

    name: str
    parse: Callable[[pd.Series], pd.Series]
    shape: str = ""


def shape_of(text: str) -> str:
    """Return a text with every run of digits as 9, of letters as a, of blanks as one: Jul 31, 2017 is "a 9, 9"."""
    return re.sub(r"\s+", " ", re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text)))


def _parse_with(form: str, texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts, format=form, errors="coerce", utc=True).dt.tz_localize(None)


def _parse_quarters(texts: pd.Series) -> pd.Series:
    turned = texts.str.replace(r"^[Qq]([1-4])[-/\s]*(\d{4})$", r"\2Q\1", regex=True)  # Q1 1988
    parts = turned.str.extract(r"^(\d{4})[-\s]?[Qq]([1-4])$")
    return _parse_with("ISO8601", parts[0] + "-" + (pd.to_numeric(parts[1]) * 3 - 2).map("{:02.0f}".format))


def _parse_weeks(texts: pd.Series) -> pd.Series:
    parts = texts.str.extract(r"^(\d{4})-?[Ww](\d{2})$")
    return pd.to_datetime(parts[0] + "-" + parts[1] + "-1", format="%G-%V-%u", errors="coerce")


def _parse_digits(form: str, texts: pd.Series) -> pd.Series:
    return _parse_with(form, texts.str.replace(r"\.0*$", "", regex=True))


def parse_epochs(texts: pd.Series) -> pd.Series:
    """Return the times of numbers of seconds, milli-, micro- or nanoseconds since 1970; which, each row's size says."""
    values = _numeric(texts)
    size = values.abs()
    units = np.select([size < 1e11, size < 1e14, size < 1e17], [1.0, 1e3, 1e6], 1e9)
    return _from_seconds(values / units, texts.index)


def _parse_excel_days(texts: pd.Series) -> pd.Series:
    return _from_seconds((_numeric(texts) - EXCEL_EPOCH) * 86400, texts.index)


def _numeric(texts: pd.Series) -> pd.Series:
    return pd.to_numeric(texts, errors="coerce").astype(np.float64)


def _from_seconds(seconds: pd.Series, index: pd.Index) -> pd.Series:
    valid = seconds.where(seconds.abs() < MAX_SECONDS)
    return pd.Series(pd.to_datetime((valid * 1e3).round(), unit="ms"), index=index)


def _from_strptime(form: str) -> DateFormat:
    """Return a format of strptime under a name such as: day first, like 31.07.2017."""
    first = min(re.findall("%[mbBdYy]", form), key=form.index)
    part = {"%m": "month", "%b": "month", "%B": "month", "%d": "day"}.get(first, "year")
    example = _EXAMPLE.strftime(form)
    return DateFormat(name=f"{part} first, like {example}", parse=partial(_parse_with, form), shape=shape_of(example))


ISO = DateFormat(name="year first, like 2017-07-31", parse=partial(_parse_with, "ISO8601"))
QUARTERS = DateFormat(name="year and quarter, like 2017Q3", parse=_parse_quarters)
WEEKS = DateFormat(name="year and week, like 2017-W31, by its Monday", parse=_parse_weeks)
WRITTEN = tuple(_from_strptime(date + clock) for date in DATES for clock in CLOCKS)

_SECONDS = DateFormat(name="seconds since 1970", parse=parse_epochs)
_MILLISECONDS = DateFormat(name="milliseconds since 1970", parse=parse_epochs)
DIGITS: dict[int, DateFormat] = {  # formats of plain numbers, by how many digits they have
    4: DateFormat(name="years, like 2017", parse=partial(_parse_digits, "%Y")),
    5: DateFormat(name="day numbers of Excel, like 42947", parse=_parse_excel_days),
    6: DateFormat(name="year and month, like 201707", parse=partial(_parse_digits, "%Y%m")),
    8: DateFormat(name="year, month, day, like 20170731", parse=partial(_parse_digits, "%Y%m%d")),
    9: _SECONDS,
    10: _SECONDS,
    12: _MILLISECONDS,
    13: _MILLISECONDS,
    16: DateFormat(name="microseconds since 1970", parse=parse_epochs),
    19: DateFormat(name="nanoseconds since 1970", parse=parse_epochs),
}
EPOCH_DIGITS = (10, 13, 16, 19)  # of times of this century
FORMATS: dict[str, DateFormat] = {each.name: each for each in (ISO, QUARTERS, WEEKS, *WRITTEN, *DIGITS.values())}
