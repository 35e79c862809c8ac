"""Dates as people write them: which column of a file holds the times, and what they are."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.parsing import headings
from core.data.parsing.date_formats import (
    DIGITS,
    EPOCH_DIGITS,
    FORMATS,
    ISO,
    QUARTERS,
    WEEKS,
    WRITTEN,
    DateFormat,
    parse_epochs,
    shape_of,
)
from core.data.parsing.header_words import HEADER_WORDS
from core.data.parsing.sampling import sample_rows
from core.data.wording import plural, quote, quote_all
from core.errors import DataError
from core.types import Ints

SAMPLE_CELLS = 60  # on which the formats that are worth a try are chosen

_ZONE = re.compile(
    r"(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*((?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?|Z|[A-Z]{3,4}|[A-Z][A-Za-z]+/[\w/]+)$"
)
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?[.,]*\s+", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE]\+?\d+)?")
_TWENTY_FOUR = re.compile(r"(?<=\s)24(?=:00(?::00)?$)")  # the midnight after the day


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDates:
    """The times of a column, NaT for cells without one, and the name of the format in which they are written."""

    times: pd.Series
    format: str
    formats: tuple[str, ...] = ()  # every format that fits most cells, the chosen one first
    notes: tuple[str, ...] = ()


def find_column(cells: pd.DataFrame) -> str:
    """Return the name of the column that holds the times: judged by its name first, then by its cells.

    Raises DataError, with the names of the columns, if there is none.
    """
    typed = [name for name in cells.columns if pd.api.types.is_datetime64_any_dtype(cells[name])]
    named = _named_like_dates(cells)
    if typed:
        return next((name for name in named if name in typed), typed[0])
    for name in (*named, *cells.columns):
        column = cells[name]
        if (name in named or not _are_numbers(column)) and share_of_dates(column) > 0.5:
            return name
    epochs = [name for name in cells.columns if is_epoch(cells[name])]
    if epochs:
        return epochs[0]
    if named:
        text = next((str(cell) for cell in cells[named[0]] if cell), "nothing")
        raise DataError(
            f"The column {named[0]!r} holds no dates: its first entry is {quote(text, 40)}. "
            "Write dates like 2024-01-31 or 31.01.2024."
        )
    raise DataError(
        f"There is no date column among {quote_all(cells.columns)}. Add a column called 'date' with entries like "
        "2024-01-31."
    )


def parse(column: pd.Series, format_name: str = "") -> ParsedDates:
    """Return the times, without a zone, of a column of texts, numbers or times; in the format of this name if given.

    03/04/2024 is read month first or day first, whichever fits every cell and keeps the rows in order and their step
    even. Of a time zone the clock time is kept. Raises DataError for an unknown name of a format.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        return ParsedDates(times=column, format="times", formats=("times",))
    texts = _plain_texts(column)
    late = texts.str.contains(_TWENTY_FOUR)
    texts = texts.str.replace(_TWENTY_FOUR, "00", regex=True) if late.any() else texts
    fitting = tuple(each.name for each in _fitting_formats(texts))
    if format_name and format_name not in FORMATS:
        raise DataError(
            f"{format_name!r} is not a date format that can be read. Choose one of: {', '.join(fitting) or ISO.name}."
        )
    chosen = format_name or (fitting[0] if fitting else ISO.name)
    notes = _zone_notes(column) + (_ambiguity_notes(texts, fitting) if (chosen,) == fitting[:1] else [])
    times = FORMATS[chosen].parse(texts)
    if late.any():
        notes.append("24:00 is the midnight at which the next day begins.")
    return ParsedDates(
        times=times + pd.to_timedelta(late.astype(int), unit="D") if late.any() else times,
        format=chosen,
        formats=tuple(dict.fromkeys((chosen, *fitting))),
        notes=tuple(notes),
    )


def is_epoch(column: pd.Series) -> bool:
    """Return whether a column of numbers holds times since 1970: all of this century, and in order."""
    if pd.api.types.is_datetime64_any_dtype(column) or not _are_numbers(column):
        return False
    values = pd.to_numeric(column.replace("", np.nan), errors="coerce").dropna().abs()
    texts = values.map("{:.0f}".format)
    if len(values) < 2 or not texts.str.len().isin(EPOCH_DIGITS).all():
        return False
    times = parse_epochs(texts)
    steps = times.diff().iloc[1:]
    zero = pd.Timedelta(0)
    in_order = bool((steps >= zero).mean() > 0.9 or (steps <= zero).mean() > 0.9) and times.nunique() > 1
    return in_order and bool(times.between(pd.Timestamp("2001-09-09"), pd.Timestamp("2100-01-01")).all())


def is_date(text: str) -> bool:
    """Return whether `text` alone can be read as a time; a plain number cannot."""
    return not _NUMBER.fullmatch(text) and bool(parse(pd.Series([text], dtype=object)).times.notna().all())


def check_complete(missing_T: np.ndarray, text_T: pd.Series, row_T: Ints) -> None:
    """Raise DataError for the first row in which a date is missing, with what stands there."""
    rows = np.flatnonzero(missing_T)
    if len(rows):
        more = f" ({plural(len(rows) - 1, 'more row')} without a date)" if len(rows) > 1 else ""
        raise DataError(
            f"Row {row_T[rows[0]]} says {quote(text_T.iloc[rows[0]], 40)} where a date belongs{more}. "
            "Write all dates in the same format, like 2024-01-31."
        )


def _plain_texts(column: pd.Series) -> pd.Series:
    """Return the cells as texts without zones, days of the week and full stops after a month."""
    if column.dtype != object:
        return column.map(lambda value: "" if np.isnan(value) else f"{value:.0f}").astype(object)
    texts = (
        _plain_east_asian(column.str.strip())
        .str.replace(_ZONE, r"\1", regex=True)
        .str.replace(_WEEKDAY, "", regex=True)
    )
    return texts.str.replace(r"([A-Za-z])\.(?=\s)", r"\1", regex=True).str.replace(r"\bSept\b", "Sep", regex=True)


def _plain_east_asian(texts: pd.Series) -> pd.Series:
    """Return texts like 2022년 1월 3일 오후 3:30 and 2022. 1. 3. as 2022/1/3 3:30 PM and 2022.1.3."""
    if not texts.str.contains(r"[年년오上下午]|\d[-./]\s+\d", regex=True).any():
        return texts
    texts = texts.str.replace(r"(?<=\d)\s*[년年월月]\s*(?=\d)", "/", regex=True)
    texts = texts.str.replace(r"(?<=\d)\s*[일日월月년年](?=\s|$)", "", regex=True)
    texts = texts.str.replace(r"(?<=\d)([-./])\s+(?=\d)", r"\1", regex=True)
    texts = texts.str.replace(r"(?:오후|下午|午後)\s*([\d:]+)", r"\1 PM", regex=True)
    texts = texts.str.replace(r"(?:오전|上午|午前)\s*([\d:]+)", r"\1 AM", regex=True)
    return texts.str.replace(r"(?<=\d)\.(?=\s|$)", "", regex=True)


def _fitting_formats(texts: pd.Series) -> tuple[DateFormat, ...]:
    """Return the formats that fit most cells, the likeliest first: the one with rows in order and an even step."""
    filled = texts[texts.str.contains(r"\d", regex=True)]
    sample = sample_rows(filled, SAMPLE_CELLS)
    if sample.empty:
        return ()
    if _are_numbers(texts):
        digits = pd.to_numeric(filled, errors="coerce").dropna().abs().map("{:.0f}".format).str.len()
        by_digits = DIGITS.get(int(digits.mode().iloc[0]))
        return (by_digits,) if by_digits else ()
    for each in (ISO, QUARTERS, WEEKS):
        if each.parse(sample).notna().mean() > 0.5:
            return (each,)
    shapes = {shape_of(text) for text in sample}
    likely = [each for each in WRITTEN if each.shape in shapes and each.parse(sample).notna().mean() > 0.5]
    if len(likely) < 2:
        return tuple(likely)
    return tuple(sorted(likely, key=lambda each: _plausibility(each.parse(filled)), reverse=True))


def _plausibility(times: pd.Series) -> tuple[float, float, bool]:
    """Return the share of cells that fit, the share of steps in one direction, and whether the steps are even."""
    steps = np.diff(times.dropna().to_numpy()) / np.timedelta64(1, "s")
    if not len(steps):
        return float(times.notna().mean()), 0.0, False
    order = max(float((steps > 0).mean()), float((steps < 0).mean()))
    middle = np.sort(np.abs(steps))[(len(steps) - 1) // 2]
    return float(times.notna().mean()), order, bool(np.abs(steps).max() <= 5 * middle)


def _ambiguity_notes(texts: pd.Series, fitting: tuple[str, ...]) -> list[str]:
    """Return a sentence if two formats, such as day first and month first, both fit every date."""
    times = [FORMATS[name].parse(texts) for name in fitting[:2]]
    if len(times) < 2 or times[0].notna().sum() != times[1].notna().sum() or times[0].equals(times[1]):
        return []
    example = next(cell for cell, one, other in zip(texts, *times, strict=True) if one != other and cell)
    chosen, other_way = (name.split(",")[0] for name in fitting[:2])
    ambiguity = f"Dates like {example[:30]} can be read {chosen} or {other_way}"
    if _plausibility(times[0]) == _plausibility(times[1]):
        return [f"{ambiguity}, and nothing in the file decides between them; {chosen} was assumed. Check it."]
    return [f"{ambiguity}; {chosen} was chosen, since it keeps the rows in order and their step even."]


def _zone_notes(column: pd.Series) -> list[str]:
    if column.dtype != object:
        return []
    zones = sorted(set(column.str.strip().str.extract(_ZONE)[1].dropna()))
    if not zones:
        return []
    several = f"time zones ({', '.join(zones[:4])})" if len(zones) > 1 else f"a time zone ({zones[0]})"
    return [f"The dates have {several}; the clock time of each row was kept and the zone dropped."]


def _named_like_dates(cells: pd.DataFrame) -> list[str]:
    plain = {name: headings.plain(name) for name in cells.columns}
    english = HEADER_WORDS["English"]["date"]  # the likeliest word first
    named = [name for name in plain if plain[name] in headings.words("date")]
    return sorted(named, key=lambda name: english.index(plain[name]) if plain[name] in english else len(english))


def share_of_dates(column: pd.Series) -> float:
    """Return the share of the filled cells, in a sample, that can be read as times."""
    filled = column[(column != "") & column.notna()]
    return 0.0 if filled.empty else float(parse(sample_rows(filled, SAMPLE_CELLS)).times.notna().mean())


def _are_numbers(column: pd.Series) -> bool:
    if column.dtype != object:
        return True
    filled = column[column != ""]
    return bool(filled.str.fullmatch(_NUMBER).mean() > 0.5) if len(filled) else False
