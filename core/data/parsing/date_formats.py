"""The ways in which files write dates, each with its name in words and its parser."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from core.data.parsing import short_years
from core.language import Message, message

DATES = (
    *("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%d%b%Y", "%d %B %Y", "%d-%B-%Y", "%Y %b %d", "%Y-%b-%d"),
    *("%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y", "%b-%d-%Y", "%d %b, %Y"),
    *("%b %Y", "%B %Y", "%b-%Y", "%B-%Y", "%b/%Y", "%b, %Y", "%b%Y", "%Y %b", "%Y-%b", "%Y/%b", "%Y%b"),
    *("%m/%Y", "%m-%Y", "%m.%Y", "%Y/%m", "%Y.%m", "%Y%m%d", "%YM%m"),
    *("%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d-%b-%y", "%d %b %y", "%d/%b/%y", "%d%b%y", "%b %d, %y", "%d-%m-%y"),
    *("%m-%d-%y", "%y/%m/%d", "%y.%m.%d", "%y-%m-%d", "%b-%y", "%b %y", "%b/%y", "%m/%y"),
)
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
EXCEL_EPOCH = 25569  # the day number that Excel gives to 1970-01-01
MAX_SECONDS = 9e9  # beyond lie times that 64 bits of nanoseconds cannot represent

YEAR_FIRST = message("year first")
_EXAMPLE = pd.Timestamp("2017-07-31 21:45:30.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFormat:
    """One way to write dates. `name` says it in words; `parse` turns a column of texts into times, NaT if none fits.

    `shape` is that of a date in this format (see `shape_of`; two with a bar between), which tells whether it is worth a
    try.
    """

    name: Message
    parse: Callable[[pd.Series], pd.Series]
    shape: str = ""


def shape_of(text: str) -> str:
    """Return a text with every run of digits as 9, of letters as a, of blanks as one: Jul 31, 2017 is "a 9, 9"."""
    return re.sub(r"\s+", " ", re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text)))


def _parse_with(form: str, texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts, format=form, errors="coerce", utc=True).dt.tz_localize(None)


def _parse_short_years(form: str, texts: pd.Series) -> pd.Series:
    return short_years.settle(_parse_with(form, texts))


def _parse_parts(letters: str, months: int, texts: pd.Series) -> pd.Series:
    """Return the first day of the quarters (or halves) of texts like 2017Q3, Q3 2017, 3Q17 and 2017/3분기."""
    turned = texts.str.replace(rf"^(\d{{4}})[-/.\s]*{letters}\s*([1-4])$", r"\1Q\2", regex=True)
    turned = turned.str.replace(rf"^{letters}\s*([1-4])(?:[-/.\s']*(\d{{4}})|[-/.\s']+(\d\d))$", r"\2\3Q\1", regex=True)
    turned = turned.str.replace(rf"^([1-4])[-.\s]*{letters}[-/.\s']*(\d{{4}}|\d\d)$", r"\2Q\1", regex=True)
    if months == 3:
        turned = turned.str.replace(r"^(\d{4})/\s*第?([1-4])(?:/4)?\s*(?:분기|季度|季|四半期)$", r"\1Q\2", regex=True)
    parts = turned.str.extract(r"^(\d{2}|\d{4})Q([1-4])$")
    month = pd.to_numeric(parts[1]) * months - months + 1
    text = parts[0] + "-" + month.where(month <= 12).map("{:02.0f}".format, na_action="ignore")
    long = parts[0].str.len() == 4
    return _parse_with("%Y-%m", text.where(long)).fillna(_parse_short_years("%y-%m", text.mask(long)))


def _parse_fiscal_years(texts: pd.Series) -> pd.Series:
    parts = texts.str.extract(r"(?i)^FY[-\s']*(\d{2}|\d{4})$")[0]
    long = parts.str.len() == 4
    return _parse_with("%Y", parts.where(long)).fillna(_parse_short_years("%y", parts.mask(long)))


def _parse_seasons(texts: pd.Series) -> pd.Series:
    """Return the first of January of the first year of texts like 2016/17; none for 2016/12, a month."""
    parts = texts.str.extract(r"^(\d{4})[-/](\d{2}|\d{4})$")
    first, last = pd.to_numeric(parts[0]), pd.to_numeric(parts[1])
    follows = ((first + 1) % 100 == last % 100) & ((last < 100) | (last == first + 1))
    are_seasons = follows.mean() > 0.9 and (last % 100 > 12).any()
    return _parse_with("%Y", parts[0] if are_seasons else parts[0].where(parts[0].isna()))


def _parse_minguo(texts: pd.Series) -> pd.Series:
    """Return the times of texts like 113/01/02 and 113/01, whose first year is 1912."""
    parts = texts.str.extract(r"^(\d{3})([-/.])(\d{1,2})(?:\2(\d{1,2}))?$")
    year = (pd.to_numeric(parts[0]) + 1911).map("{:04.0f}".format, na_action="ignore").astype(object)
    return _parse_with("%Y-%m-%d", year + "-" + parts[2] + "-" + parts[3].fillna("1"))


def _parse_weeks(texts: pd.Series) -> pd.Series:
    parts = texts.str.extract(r"^(\d{4})-?[Ww](\d{2})$")
    return pd.to_datetime(parts[0] + "-" + parts[1] + "-1", format="%G-%V-%u", errors="coerce")


def _parse_digits(form: str, texts: pd.Series) -> pd.Series:
    whole = texts.str.replace(r"\.0*$", "", regex=True)
    if form.startswith(("%d", "%m")):  # 1022024 lost its leading zero
        whole = whole.mask(whole.str.len() % 2 == 1, "0" + whole)
    return _parse_short_years(form, whole) if "%y" in form else _parse_with(form, whole)


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
    order = {**dict.fromkeys(("%m", "%b", "%B"), message("month first")), "%d": message("day first")}.get(
        first, YEAR_FIRST
    )
    order = message("year and day first") if form.startswith("%Y-%d") else order
    example = _EXAMPLE.strftime(form)
    parse = partial(_parse_short_years if "%y" in form else _parse_with, form)
    return DateFormat(
        name=message("{order}, like {example}", order=order, example=example), parse=parse, shape=shape_of(example)
    )


def _parse_either(first: DateFormat, second: DateFormat, texts: pd.Series) -> pd.Series:
    return first.parse(texts).fillna(second.parse(texts))


def either(first: DateFormat, second: DateFormat) -> DateFormat:
    """Return the format of a column in which some dates are written in one way and others in another.

    Dates that fit both are in the first.
    """
    name = message("{first}, or {second} where it is no such date", first=first.name, second=second.name)
    parse = partial(_parse_either, first, second)
    return DateFormat(name=name, parse=parse, shape="|".join(sorted({first.shape, second.shape})))


ISO = DateFormat(
    name=message("{order}, like {example}", order=YEAR_FIRST, example="2017-07-31"),
    parse=partial(_parse_with, "ISO8601"),
)
QUARTERS = DateFormat(
    name=message("year and quarter, like 2017Q3"),
    parse=partial(_parse_parts, r"\.?\s*(?:[QqTt]|Quartal|[Qq]uarter|[Tt]rimest(?:re|er))", 3),
)
HALVES = DateFormat(
    name=message("year and half, like 2017H2"), parse=partial(_parse_parts, r"\.?\s*(?:[HhSs]|Halbjahr|[Ss]emestre)", 6)
)
MINGUO = DateFormat(name=message("years of the Republic of China, like 106/07/31"), parse=_parse_minguo)
FISCAL_YEARS = DateFormat(
    name=message("fiscal years, like FY2017, each by its first of January"), parse=_parse_fiscal_years
)
SEASONS = DateFormat(name=message("seasons, like 2016/17, each by its first of January"), parse=_parse_seasons)
WEEKS = DateFormat(name=message("year and week, like 2017-W31, by its Monday"), parse=_parse_weeks)
PERIODS = (QUARTERS, HALVES, WEEKS, FISCAL_YEARS, SEASONS, MINGUO)
WRITTEN = tuple(_from_strptime(date + clock) for date in DATES for clock in CLOCKS)
WRITTEN_BY_SHAPE = {
    shape: tuple(each for each in WRITTEN if each.shape == shape) for shape in {each.shape for each in WRITTEN}
}

_SECONDS = DateFormat(name=message("seconds since 1970"), parse=parse_epochs)
_MILLISECONDS = DateFormat(name=message("milliseconds since 1970"), parse=parse_epochs)


def _digits(name: Message, form: str) -> DateFormat:
    return DateFormat(name=name, parse=partial(_parse_digits, form))


DIGITS: dict[int, tuple[DateFormat, ...]] = {  # formats of plain numbers, by how many digits they have
    4: (_digits(message("years, like 2017"), "%Y"),),
    5: (DateFormat(name=message("day numbers of Excel, like 42947"), parse=_parse_excel_days),),
    6: (
        _digits(message("year and month, like 201707"), "%Y%m"),
        _digits(message("year, month, day, like 170731"), "%y%m%d"),
        _digits(message("day, month, year, like 310717"), "%d%m%y"),
        _digits(message("month, day, year, like 073117"), "%m%d%y"),
    ),
    8: (
        _digits(message("year, month, day, like 20170731"), "%Y%m%d"),
        _digits(message("day, month, year, like 31072017"), "%d%m%Y"),
        _digits(message("month, day, year, like 07312017"), "%m%d%Y"),
    ),
    9: (_SECONDS,),
    10: (_digits(message("year, month, day, hour, like 2017073121"), "%Y%m%d%H"), _SECONDS),
    12: (_digits(message("year to minute, like 201707312145"), "%Y%m%d%H%M"), _MILLISECONDS),
    13: (_MILLISECONDS,),
    14: (_digits(message("year to second, like 20170731214530"), "%Y%m%d%H%M%S"),),
    16: (DateFormat(name=message("microseconds since 1970"), parse=parse_epochs),),
    19: (DateFormat(name=message("nanoseconds since 1970"), parse=parse_epochs),),
}
EPOCH_DIGITS = (10, 13, 16, 19)  # of times of this century
FORMATS: dict[str, DateFormat] = {
    each.name: each for each in (ISO, *PERIODS, *WRITTEN, *(form for forms in DIGITS.values() for form in forms))
}

_ORDERS = (("%m/%d/%Y", "%d/%m/%Y"), ("%m-%d-%Y", "%d-%m-%Y"), ("%m/%d/%y", "%d/%m/%y"))
# A workbook takes what it can for dates, and leaves 31/07/2017 as a text: the others have day and month exchanged.
_HALF_TYPED = tuple((form, text) for form in ("%Y-%m-%d", "%Y-%d-%m") for text in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"))
MIXED = tuple(
    either(_from_strptime(one + clock), _from_strptime(other + clock))
    for one, other in (*_ORDERS, *(pair[::-1] for pair in _ORDERS), *_HALF_TYPED)
    for clock in CLOCKS
)
FORMATS |= {each.name: each for each in MIXED}
