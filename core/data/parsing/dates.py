"""Dates as people write them: which column of a file holds the times, and what they are."""

import re
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from core.data.parsing import cells as lines
from core.data.parsing import date_spellings, headings, zones
from core.data.parsing.date_formats import (
    DIGITS,
    EPOCH_DIGITS,
    FORMATS,
    ISO,
    MIXED,
    PERIODS,
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
IN_ORDER = 0.9  # share of the steps in one direction in a file that has an order

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE]\+?\d+)?")
_MONTH_AND_YEAR = re.compile(r"[a-zA-Z]+[-/ ]\d\d")  # or a day, of no year


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


def parse(column: pd.Series, format_name: str = "", day_first: bool = False, zone: str = "") -> ParsedDates:
    """Return the times, without a zone, of a column of texts, numbers or times; in the format of this name if given.

    03/04/2024 is read month first or day first, whichever fits every cell and keeps the rows in order and their step
    even; if nothing decides, day first where `day_first` says that the rest of the file is written in that way. Of a
    time zone (of each cell, or `zone` of typed times) the clock time is kept, but see `zones.on_one_clock`. Raises
    DataError for an unknown name of a format.
    """
    zone = zone or zones.of_heading(str(column.name))
    zone_T = pd.Series(zone, index=column.index) if zone else None
    if pd.api.types.is_datetime64_any_dtype(column):
        times, sentences = zones.on_one_clock(column, zone_T)
        return ParsedDates(times=times, format="times", formats=("times",), notes=tuple(sentences))
    texts, joined = _as_texts(column)
    plain = date_spellings.PlainDates(texts=texts)
    readings = _readings(texts, format_name, day_first)
    if not _is_complete(readings, texts) or (ISO.name in readings and date_spellings.has_zone(joined)):
        plain = date_spellings.plain(joined, column.index)
        readings = _readings(plain.texts, format_name, day_first)
    fitting = tuple(readings)
    if format_name and format_name not in FORMATS:
        raise DataError(
            f"{format_name!r} is not a date format that can be read. Choose one of: {', '.join(fitting) or ISO.name}."
        )
    chosen = format_name or next(iter(fitting), ISO.name)
    times = readings[chosen] if chosen in readings else FORMATS[chosen].parse(plain.texts)
    notes = [*plain.notes, *_guess_notes(plain.texts, chosen, times)]
    if (chosen,) == fitting[:1]:
        notes += _ambiguity_notes(plain.texts, readings, day_first)
    if plain.late is not None:
        times = times + pd.to_timedelta(plain.late.astype(int), unit="D")
    times, sentences = zones.on_one_clock(times, zone_T if plain.zones is None else plain.zones)
    notes += sentences
    return ParsedDates(times=times, format=chosen, formats=tuple(dict.fromkeys((chosen, *fitting))), notes=tuple(notes))


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


def is_column(column: pd.Series) -> bool:
    """Return whether nearly all filled cells of a column of texts or times are times."""
    return not _are_numbers(column) and share_of_dates(column) > 0.9


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


def _as_texts(column: pd.Series) -> tuple[pd.Series, str]:
    """Return the cells as stripped texts, and joined as by `cells.join`."""
    if column.dtype != object:
        column = column.map(lambda value: "" if np.isnan(value) else f"{value:.0f}").astype(object)
    joined = lines.join(column)
    return lines.split(joined, column.index), joined


def _is_complete(readings: dict[str, pd.Series], texts: pd.Series) -> bool:
    """Return whether the first reading gives a time to every filled cell."""
    return bool(readings) and not (next(iter(readings.values())).isna() & (texts != "")).any()


def _readings(texts: pd.Series, format_name: str, day_first: bool) -> dict[str, pd.Series]:
    """Return the times in each format that fits most cells, by its name, the likeliest first.

    That is the one with the rows in order and an even step. A format that is asked for is the only one tried, if it
    fits every cell.
    """
    if format_name in FORMATS:
        asked = {format_name: FORMATS[format_name].parse(texts)}
        if not (asked[format_name].isna() & (texts != "")).any():
            return asked
    filled = texts[texts != ""]
    sample = sample_rows(filled, SAMPLE_CELLS)
    sample = sample[sample.str.contains(r"\d", regex=True)]
    if sample.empty:
        return {}
    readings = {each.name: each.parse(texts) for each in _likely_formats(sample)}
    shapes = {shape_of(text) for text in sample}
    mixed = [each for each in MIXED if {*each.shape.split("|")} <= shapes]
    if len(readings) == 1 and not mixed and _is_complete(readings, texts):
        return readings if not _are_days_of_no_year(filled, *readings.values()) else {}
    rank = {name: (_plausibility(times), day_first and name.startswith("day")) for name, times in readings.items()}
    best = max((each for each, _ in rank.values()), default=(0.0, 0.0, False))
    for each in mixed if best[:2] < (1, 1) else []:
        times = each.parse(texts)
        plausible = _plausibility(times)
        if plausible > best and plausible[1] >= IN_ORDER:
            readings[each.name], rank[each.name] = times, (plausible, False)
    return {name: readings[name] for name in sorted(readings, key=lambda name: rank[name], reverse=True)}


def _likely_formats(sample: pd.Series) -> list[DateFormat]:
    """Return the formats that fit most of these cells."""

    def share(each: DateFormat) -> float:
        return float(each.parse(sample).notna().mean())

    if _are_numbers(sample):
        if pointed := [each for each in WRITTEN if each.shape == "9.9" and share(each) == 1]:  # 2023.01
            return pointed
        digits = pd.to_numeric(sample, errors="coerce").dropna().abs().map("{:.0f}".format).str.len()
        forms = DIGITS.get(int(digits.mode().iloc[0]), ()) if len(digits) else ()
        fits = [share(each) for each in forms]
        return [forms[fits.index(max(fits))]] if forms and max(fits) > 0.5 else list(forms[:1])
    for each in (ISO, *PERIODS):
        if share(each) > 0.5:
            return [each]
    shapes = {shape_of(text) for text in sample}
    return [each for each in WRITTEN if each.shape in shapes and share(each) > 0.5]


def _are_days_of_no_year(filled: pd.Series, times: pd.Series) -> bool:
    """Return whether cells read as a month and a year are a month and a day: Jan-30, Jan-31, Feb-01.

    Most rows then repeat the month of the row before, and not all rows have the same month.
    """
    if not sample_rows(filled, SAMPLE_CELLS).str.fullmatch(_MONTH_AND_YEAR).all():
        return False
    month_T = times.loc[filled[filled != filled.shift()].index].dt.month
    return bool(
        month_T.nunique() > 1
        and (month_T.diff() == 0).mean() > 0.5
        and pd.to_numeric(filled.str[-2:], errors="coerce").max() < 32
    )


def _plausibility(times: pd.Series) -> tuple[float, float, bool]:
    """Return the share of cells that fit, the share of steps in one direction, and whether the steps are even."""
    steps = np.diff(times.dropna().to_numpy()) / np.timedelta64(1, "s")
    if not len(steps):
        return float(times.notna().mean()), 0.0, False
    order = max(float((steps > 0).mean()), float((steps < 0).mean()))
    middle = np.sort(np.abs(steps))[(len(steps) - 1) // 2]
    return float(times.notna().mean()), order, bool(np.abs(steps).max() <= 5 * middle)


def _guess_notes(texts: pd.Series, chosen: str, times: pd.Series) -> list[str]:
    """Return a sentence on years of two digits, and one on dates of which some are written in another way."""
    notes = []
    if "%y" in _form(chosen) and times.notna().any():
        example = texts[times.notna()].iloc[0]
        first, last = times.min().year, times.max().year
        century = f"{first}" if first == last else f"{first} to {last}"
        notes.append(f"Dates like {example[:30]} have years of two digits; they were read as {century}.")
        if _MONTH_AND_YEAR.fullmatch(example):
            notes.append(f"{example} was read as a month and a year, {times.dropna().iloc[0]:%B %Y}, not as a day.")
    if chosen in {each.name for each in MIXED}:
        notes.append(
            "Check the dates: some are day first and others month first, since no single way puts all of them in order."
        )
    return notes


def _form(name: str) -> str:
    """Return the strptime form of a format; empty if it has none."""
    parse = FORMATS[name].parse
    return parse.args[0] if isinstance(parse, partial) and isinstance(parse.args[0], str) else ""


def _ambiguity_notes(texts: pd.Series, readings: dict[str, pd.Series], day_first: bool) -> list[str]:
    """Return a sentence if two formats, such as day first and month first, both fit every date."""
    names = list(readings)[:2]
    times = [readings[name] for name in names]
    if len(times) < 2 or times[0].notna().sum() != times[1].notna().sum() or times[0].equals(times[1]):
        return []
    example = next(cell for cell, one, other in zip(texts, *times, strict=True) if one != other and cell)
    chosen, other_way = (name.split(",")[0] for name in names)
    ambiguity = f"Dates like {example[:30]} can be read {chosen} or {other_way}"
    if _plausibility(times[0]) != _plausibility(times[1]):
        return [f"{ambiguity}; {chosen} was chosen, since it keeps the rows in order and their step even."]
    if day_first and chosen.startswith("day"):
        return [f"{ambiguity}; {chosen} was chosen, as the headings or the numbers are written. Check it."]
    return [f"{ambiguity}, and nothing in the file decides between them; {chosen} was assumed. Check it."]


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
    filled = sample_rows(column[column != ""], SAMPLE_CELLS)
    return bool(filled.str.fullmatch(_NUMBER).mean() > 0.5) if len(filled) else False
