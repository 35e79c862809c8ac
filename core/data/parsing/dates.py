"""Dates as people write them: which column of a file holds the times, and what they are."""

import re
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from core.data.parsing import cells as lines
from core.data.parsing import date_readings, date_spellings, headings, zones
from core.data.parsing.date_formats import EPOCH_DIGITS, FORMATS, ISO, MIXED, WRITTEN_BY_SHAPE, parse_epochs, shape_of
from core.data.parsing.header_words import HEADER_WORDS
from core.data.parsing.sampling import sample_rows
from core.data.wording import plural, quote, quote_all
from core.errors import DataError
from core.language import message
from core.types import Ints

TIMES = message("times")  # the format of a column of times
SAMPLE_ROWS = 1000  # that show whether a column always has the same date
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]{3}|(?i:FY)|[^\W\d_a-zA-Z]")  # of a month, a fiscal year or a Chinese date


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
    written = (name for name in cells.columns if not date_readings.are_numbers(cells[name]))
    fitting = [name for name in dict.fromkeys((*named, *written)) if share_of_dates(cells[name]) > 0.5]
    varying = [name for name in fitting if sample_rows(cells[name], SAMPLE_ROWS).nunique() > 1]
    if fitting:
        return _rather_written(cells, varying) if varying else fitting[0]
    for is_time in (is_epoch, is_day_number):
        numbers = [name for name in cells.columns if is_time(cells[name])]
        if numbers:
            return numbers[0]
    if named:
        text = next((str(cell) for cell in cells[named[0]] if cell), "nothing")
        raise DataError(
            message(
                "The column {column} holds no dates: its first entry is {text}. Write dates like 2024-01-31 or "
                "31.01.2024.",
                column=repr(named[0]),
                text=quote(text, 40),
            )
        )
    raise DataError(
        message(
            "There is no date column among {columns}. Add a column called 'date' with entries like 2024-01-31.",
            columns=quote_all(cells.columns),
        )
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
        return ParsedDates(times=times, format=TIMES, formats=(TIMES,), notes=tuple(sentences))
    joined, shared = date_spellings.without_shared_zone(_as_text(column))
    texts = lines.split(joined, column.index)
    zone_T = pd.Series(shared, index=column.index) if shared else zone_T
    plain = date_spellings.PlainDates(texts=texts)
    readings = date_readings.find(texts, day_first)
    if not date_readings.is_complete(readings, texts) or (ISO.name in readings and date_spellings.has_zone(joined)):
        plain = date_spellings.plain(joined, column.index)
        readings = readings if plain.texts.equals(texts) else date_readings.find(plain.texts, day_first)
    fitting = tuple(readings)
    if format_name and format_name not in FORMATS:
        raise DataError(
            message(
                "{format_name} is not a date format that can be read. Choose one of: {formats}.",
                format_name=repr(format_name),
                formats=", ".join(fitting) or ISO.name,
            )
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
    chosen = FORMATS[chosen].name
    return ParsedDates(times=times, format=chosen, formats=tuple(dict.fromkeys((chosen, *fitting))), notes=tuple(notes))


def is_epoch(column: pd.Series) -> bool:
    """Return whether a column of numbers holds times since 1970: all of this century, and in order."""
    if pd.api.types.is_datetime64_any_dtype(column) or not date_readings.are_numbers(column):
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


def is_day_number(column: pd.Series) -> bool:
    """Return whether a column holds days like 20170731, all of them days of the calendar, and in order."""
    if pd.api.types.is_datetime64_any_dtype(column) or not date_readings.are_numbers(column):
        return False
    texts = pd.to_numeric(column, errors="coerce").dropna().map("{:.0f}".format)
    if len(texts) < 2 or not texts.str.fullmatch(r"(?:19|20)\d{6}").all():
        return False
    day_T = pd.to_datetime(texts, format="%Y%m%d", errors="coerce")
    return bool(day_T.notna().all() and day_T.nunique() > 1 and date_readings.plausibility(day_T)[1] > 0.9)


def is_column(column: pd.Series) -> bool:
    """Return whether nearly all filled cells of a column of texts or times are times."""
    return not date_readings.are_numbers(column) and share_of_dates(column) > 0.9


def is_date(text: str) -> bool:
    """Return whether `text` alone can be read as a time; a plain number cannot, nor a name such as s100."""
    if len(_DIGITS.findall(text)) < 2 and not _LETTERS.search(text):
        return False
    if date_readings.NUMBER.fullmatch(text):
        return False
    cell = pd.Series([text], dtype=object)
    likely = (ISO, *WRITTEN_BY_SHAPE.get(shape_of(text), ()))  # one that fits is enough; parse() compares them all
    return any(each.parse(cell).notna().all() for each in likely) or bool(parse(cell).times.notna().all())


def check_complete(missing_T: np.ndarray, text_T: pd.Series, row_T: Ints) -> None:
    """Raise DataError for the first row in which a date is missing, with what stands there."""
    rows = np.flatnonzero(missing_T)
    if len(rows):
        more = (
            message(" ({more_rows} without a date)", more_rows=plural(len(rows) - 1, "more row"))
            if len(rows) > 1
            else ""
        )
        raise DataError(
            message(
                "Row {row} says {cell} where a date belongs{more}. Write all dates in the same format, like "
                "2024-01-31.",
                row=row_T[rows[0]],
                cell=quote(text_T.iloc[rows[0]], 40),
                more=more,
            )
        )


def _as_text(column: pd.Series) -> str:
    """Return the cells as one text, as by `cells.join`."""
    if column.dtype != object:
        column = column.map(lambda value: "" if np.isnan(value) else f"{value:.0f}").astype(object)
    return lines.join(column)


def _guess_notes(texts: pd.Series, chosen: str, times: pd.Series) -> list[str]:
    """Return a sentence on years of two digits, and one on dates of which some are written in another way."""
    notes: list[str] = []
    if "%y" in _form(chosen) and times.notna().any():
        example = texts[times.notna()].iloc[0]
        first, last = times.min().year, times.max().year
        century = f"{first}" if first == last else message("{first} to {last}", first=first, last=last)
        notes.append(
            message(
                "Dates like {example} have years of two digits; they were read as {century}.",
                example=example[:30],
                century=century,
            )
        )
        if date_readings.MONTH_AND_YEAR.fullmatch(example):
            notes.append(
                message(
                    "{example} was read as a month and a year, {month}, not as a day.",
                    example=example,
                    month=f"{times.dropna().iloc[0]:%B %Y}",
                )
            )
    if chosen in {each.name for each in MIXED}:
        notes.append(
            message(
                "Check the dates: some are day first and others month first, since no single way puts all of them in "
                "order."
            )
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
    chosen, other_way = (_order(name) for name in names)
    ambiguity = message(
        "Dates like {example} can be read {chosen} or {other_way}",
        example=example[:30],
        chosen=chosen,
        other_way=other_way,
    )
    if date_readings.plausibility(times[0]) != date_readings.plausibility(times[1]):
        return [
            message(
                "{ambiguity}; {chosen} was chosen, since it keeps the rows in order and their step even.",
                ambiguity=ambiguity,
                chosen=chosen,
            )
        ]
    if day_first and chosen.startswith("day"):
        return [
            message(
                "{ambiguity}; {chosen} was chosen, as the headings or the numbers are written. Check it.",
                ambiguity=ambiguity,
                chosen=chosen,
            )
        ]
    return [
        message(
            "{ambiguity}, and nothing in the file decides between them; {chosen} was assumed. Check it.",
            ambiguity=ambiguity,
            chosen=chosen,
        )
    ]


def _order(name: str) -> str:
    """Return the beginning of the name of a format: day first."""
    return FORMATS[name].name.values.get("order") or message(name.split(",")[0])


def _rather_written(cells: pd.DataFrame, names: list[str]) -> str:
    """Return the first of these columns of times, but rather dates in words than times since 1970 next to them.

    An exchange that writes both means by the number the last trade of a bar, at 23:59:59.999.
    """
    if not is_epoch(cells[names[0]]):
        return names[0]
    times = cells[names[0]].nunique()
    return next((name for name in names[1:] if is_column(cells[name]) and cells[name].nunique() == times), names[0])


def _named_like_dates(cells: pd.DataFrame) -> list[str]:
    plain = {name: headings.plain(name) for name in cells.columns}
    english = HEADER_WORDS["English"]["date"]  # the likeliest word first
    named = [name for name in plain if plain[name] in headings.words("date")]
    return sorted(named, key=lambda name: english.index(plain[name]) if plain[name] in english else len(english))


def share_of_dates(column: pd.Series) -> float:
    """Return the share of the filled cells, in a sample, that can be read as times."""
    filled = column[(column != "") & column.notna()]
    return 0.0 if filled.empty else float(parse(sample_rows(filled, date_readings.SAMPLE_CELLS)).times.notna().mean())
