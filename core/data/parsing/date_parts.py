"""Dates whose parts lie apart: a month in words next to its year, or a column for each month, quarter or hour."""

import re
from functools import cache, partial

import numpy as np
import pandas as pd

from core.data.parsing import headings, month_names
from core.data.wording import quote
from core.language import message
from core.types import Ints

MAX_TOTALS = 4  # columns of totals and averages next to those of the months
YEARS = {"year", "yr", "jahr", "année", "annee", "año", "ano", "anno", "rok", "yıl", "год", "년", "연도", "年"}
PERIODS = {  # the headings of quarters and weeks
    "Q": {"quarter", "qtr", "quartal", "trimestre", "분기", "季度", "四半期"},
    "W": {"week", "wk", "woche", "semaine", "semana", "iso week", "주", "주차", "周", "週"},
}
NOTES = {
    "month": message("Each row has a column for every month; they were put below each other as one series."),
    "quarter": message("Each row has a column for every quarter; they were put below each other as one series."),
    "hour": message("Each row has a column for every hour; they were put below each other as one series."),
}
_YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d")
_MONTH_NUMBER = re.compile(r"[Mm]?(0?[1-9]|1[0-2])\s*[월月]?")
_QUARTER = re.compile(r"[QqTt]\s?([1-4])|([1-4])\s?(?:[QqTt]|분기|季度|四半期)|(?:Qtr|Quarter)\.? ?([1-4])")
_HOUR = re.compile(r"(?:h|hr|he|hour)?[\s_]*(\d{1,2})(?:\s*[시時时h]|:00)?", re.IGNORECASE)


def turn(table: pd.DataFrame, row_T: Ints) -> tuple[pd.DataFrame, Ints, str] | None:
    """Return a table of years by months or quarters, or of days by hours, as rows of a date and a value.

    None for other tables. Such a table has a column for every month, quarter or hour, in order, and besides them and
    the years or days in its first column at most MAX_TOTALS, which are left out. Hours may be 0 to 23 or 1 to 24.
    """
    for kind, number, count, starts in (
        ("month", month_number, 12, (1,)),
        ("quarter", _quarter, 4, (1,)),
        ("hour", _hour, 24, (0, 1)),
    ):
        if not count <= len(table.columns) - 1 <= count + MAX_TOTALS:
            continue
        number_C = {at: number(str(name)) for at, name in enumerate(table.columns) if at}
        place = {at: value for at, value in number_C.items() if value is not None}
        numbers = list(place.values())
        if numbers not in [[*range(start, start + count)] for start in starts]:
            continue
        first = table.iloc[:, 0].map(lambda cell: _year(cell) or str(cell))
        are_years = first.map(_YEAR.fullmatch).notna().mean() > 0.9
        if are_years == (kind == "hour"):
            continue
        step = 12 // count if are_years else 0
        parts = [f"-{step * (each - 1) + 1:02d}" if are_years else f" {each:02d}:00" for each in numbers]
        texts = [date + part for date in first for part in parts]
        value_T = table.iloc[:, [*place]].to_numpy().ravel()
        note = NOTES[kind]
        long = pd.DataFrame({"date": pd.Series(texts, dtype=object), "value": value_T})
        return long, np.repeat(row_T, count), note
    return None


def is_header(row: list[str]) -> bool:
    """Return whether a row names dates, and then every month or hour by its number: date, 0, 1, …, 23."""
    if len(row) < 13 or headings.plain(row[0]) not in headings.words("date"):
        return False
    numbers = [_hour(cell) for cell in row[1:] if cell]
    return any(numbers == [*range(start, start + count)] for start, count in ((0, 24), (1, 24), (1, 12)))


def join_periods(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its years and months in words, quarters or weeks in one column `date`, or as it is."""
    year = next((at for at in range(len(table.columns)) if _holds_years(table, at)), -1)
    for at, name in enumerate(table.columns) if year >= 0 and "date" not in table else ():
        heading = headings.plain(str(name))
        sign = next((sign for sign, words in PERIODS.items() if heading in words), "")
        period_T = table.iloc[:, at].map(_PERIOD[sign]) if sign and at != year else pd.Series([""])
        if (period_T != "").all() and period_T.nunique() > 1:
            rest = table.drop(columns=table.columns[[year, at]])
            rest.insert(0, "date", (table.iloc[:, year].map(_year) + period_T).astype(object))
            return rest
    return _join_month_names(table, year)


def _join_month_names(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return a table with its years, in column number `year` (-1: none), and its months in words (or M01) in one column
    `date`; any other as it is."""
    for at in range(len(table.columns)) if year >= 0 else ():
        column = table.iloc[:, at]
        if at == year or column.dtype != object or (column == "").mean() > 0.1:
            continue
        number_T = column.map(_month_in_words)
        if number_T.isna().mean() > 0.1 or number_T.nunique() < 2:
            continue
        date_T = table.iloc[:, year].map(_year) + number_T.map("-{:02.0f}".format)
        rest = table.drop(columns=table.columns[[year, at]])
        rest.insert(0, "date", date_T.where(number_T.notna() & (date_T.str.len() == 7), "").astype(object))
        return rest
    return table


def month_number(text: str) -> int | None:
    """Return the number of a month written as a word, as 1, 01, M01 or 1월; None for anything else."""
    numbered = _MONTH_NUMBER.fullmatch(text)
    return int(numbered[1]) if numbered else _named_months().get(month_names.plain(text.strip()))


def describe(before: pd.DataFrame, after: pd.DataFrame) -> str:
    """Return a sentence on the columns of `before` whose dates `after` has in one; empty if it has them all."""
    parts = [quote(name) for name in before.columns if name not in after]
    return message("The dates were put together from the columns {parts}.", parts=", ".join(parts)) if parts else ""


def _period(cell: object, form: str, last: int) -> str:
    """Return a quarter or week such as 3, Q3 or W03 as a date ends with it; empty for anything else."""
    match = re.fullmatch(r"[A-Za-z]?0?(\d{1,2})(?:\.0*)?", str(cell))
    return form.format(int(match[1])) if match and 1 <= int(match[1]) <= last else ""


_PERIOD = {"Q": partial(_period, form="Q{}", last=4), "W": partial(_period, form="-W{:02d}", last=53)}


def _holds_years(table: pd.DataFrame, position: int) -> bool:
    name = str(table.columns[position])
    is_named = headings.plain(name) in YEARS or name == f"column_{position + 1}"
    return is_named and bool((table.iloc[:, position].map(_year) != "").mean() > 0.9)


def _year(cell: object) -> str:
    """Return a year of four digits; empty for anything else."""
    text = f"{cell:.15g}" if isinstance(cell, float) else str(cell)
    return text if _YEAR.fullmatch(text) else ""


def _month_in_words(text: object) -> float:
    """Return the number of a month in words or like M01; NaN for a plain number, which other columns hold too."""
    plain = str(text)
    return float(month_number(plain) or np.nan) if plain[:1].isalpha() else np.nan


def _quarter(text: str) -> int | None:
    match = _QUARTER.fullmatch(text.strip())
    return int(next(filter(None, match.groups()))) if match else None


def _hour(text: str) -> int | None:
    match = _HOUR.fullmatch(text.strip())
    return int(match[1]) if match else None


@cache
def _named_months() -> dict[str, int]:
    """Return the number of each month by its name and abbreviation: English, or all languages that agree on it."""
    found: dict[str, set[int]] = {}
    for language in month_names.LANGUAGES:
        for word, month in month_names.months(language).items():
            found.setdefault(word, set()).add(month)
    agreed = {word: month for word, (month, *others) in found.items() if not others and len(word) > 2}
    return agreed | month_names.months("en")
