"""Dated headlines: read from a file of any format, stored on disk under the digest of their content."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.data import parquet_cache
from core.data.parsing import clocks, dates, formats, numbers, parquet
from core.data.parsing.sampling import sample_rows
from core.data.parsing.schema import FileSchema
from core.data.sources import uploads
from core.data.wording import quote, quote_all
from core.errors import DataError
from core.language import message, message_n
from core.types import Ints

TEXTS = ("headline", "headlines", "title", "text", "news")
SCORES = ("score", "sentiment", "polarity", "compound")
SYMBOLS = ("symbol", "ticker", "stock")
YEARS = (1700, 2200)  # what 64 bits of nanoseconds can represent, with room for time zones
SAMPLE_ROWS = 200  # from which the columns of texts and of numbers are told apart

_UTC = pd.DatetimeTZDtype("ns", "UTC")
_ZONE = re.compile(r"(\d:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$")
_EXAMPLE = message(
    "Write a header and rows like: {header} and {row}.",
    header="date,headline",
    row="2024-01-31 14:05,Profit beats estimates",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headlines:
    """N headlines, oldest first, and sentences on how they were read.

    `table` has `time`, `clock`, `text` and, if the file had scores, `score`. Times are in UTC if their zone is known,
    else on the wall clock of the exchange. If `clock` is False only the day is known, and the time is its midnight.
    `until` is the time up to which no headline is missing; None if only the headlines themselves tell.
    """

    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    until: pd.Timestamp | None = None


def read(content: bytes, name: str) -> Headlines:
    """Return the headlines of a CSV, TSV, Excel or Parquet file with times and with texts, scores or both.

    The texts are in the column called headline, title, text or news, else in the one with the longest texts. Scores are
    taken as they are from a numeric column called score, sentiment, polarity or compound, or from the only numeric
    column of a file without texts. Raises DataError that says what to correct, with row or column.
    """
    shown = quote(name, 60)
    raw = formats.read(content, shown, FileSchema())
    date_column = dates.find_column(raw.table)
    if dates.is_date(date_column):
        raise DataError(
            message(
                "The file {shown} has no header: its first row says {date_column}. {example}",
                shown=shown,
                date_column=quote(date_column, 40),
                example=_EXAMPLE,
            )
        )
    table = clocks.join_clock(raw.table, date_column)[0]
    rest = table.drop(columns=date_column)
    sample = sample_rows(rest, SAMPLE_ROWS)
    text = _text_column(sample)
    score = _score_column(sample, text)
    if text is None and score is None:
        raise DataError(
            message(
                "The file {shown} has neither a column of texts nor exactly one column of scores besides the dates; "
                "it has {columns}. {example}",
                shown=shown,
                columns=quote_all(rest.columns),
                example=_EXAMPLE,
            )
        )
    zone = parquet.time_zone(content, date_column) if raw.kind == "parquet" else ""
    rows, notes = _parse_times(table[date_column], zone, raw.row_T)
    rows["text"] = rest[text].astype(str) if text is not None else ""
    if score is not None:
        rows["score"] = _parse_scores(rest[score], raw.separator, score)
    filled_T = rows["score"].notna() if score is not None else rows["text"].str.strip() != ""
    dates.check_complete((filled_T & rows["time"].isna()).to_numpy(), table[date_column], raw.row_T)
    if not filled_T.any():
        raise DataError(
            message(
                "The column {text} of {shown} is empty in all {count} rows. {example}",
                text=quote(text or score),
                shown=shown,
                count=len(rows),
                example=_EXAMPLE,
            )
        )
    notes = [*raw.notes, *notes, *_column_notes(rest, text, score)]
    if not filled_T.all():
        notes.append(
            message("Rows without a headline or score were left out: {count}.", count=f"{int((~filled_T).sum()):,}")
        )
    return Headlines(table=sort_by_time(rows[filled_T]), notes=tuple(notes))


def sort_by_time(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows from the oldest to the newest, numbered from 0; rows of the same time keep their order."""
    return table.sort_values("time", kind="stable", ignore_index=True)


def save(headlines: Headlines, cache: Path) -> str:
    """Store headlines under `cache` and return their digest, 16 hex digits. Raises DataError if the disk refuses."""
    name = _digest(headlines)
    until = pd.Series(headlines.until, index=headlines.table.index, dtype=_UTC)
    uploads.write(headlines.table.assign(until=until), name, cache)
    return name


def load(digest: str, cache: Path) -> Headlines:
    """Return the headlines stored under this digest. Raises DataError if there are none or their file is damaged."""
    path = cache / f"{digest}.parquet"
    if not uploads.DIGEST.fullmatch(digest) or not path.is_file():
        raise DataError(message("The uploaded headlines are no longer there. Upload their file again."))
    table = read_table(path)
    if table is None or "until" not in table:
        raise DataError(message("The stored headlines {digest} are damaged. Upload their file again.", digest=digest))
    until = table["until"].iloc[0]
    return Headlines(table=table.drop(columns="until"), until=None if pd.isna(until) else until)


def read_table(path: Path) -> pd.DataFrame | None:
    """Return the table of headlines in a Parquet file; None if there is none or it is damaged."""
    table = parquet_cache.read(path)
    if table is None or not {"time", "clock", "text"} <= set(table.columns):
        return None
    return table if pd.api.types.is_datetime64_any_dtype(table["time"]) and len(table) else None


def _digest(headlines: Headlines) -> str:
    table = headlines.table
    sha = hashlib.sha256(json.dumps([str(table["time"].dt.tz), str(headlines.until), list(table.columns)]).encode())
    sha.update(pd.DatetimeIndex(table["time"]).as_unit("ns").asi8.astype("<i8").tobytes())
    sha.update(table["clock"].to_numpy(dtype=np.uint8).tobytes())
    sha.update(json.dumps(table["text"].tolist()).encode())
    if "score" in table:
        sha.update(table["score"].to_numpy(dtype="<f8").tobytes())
    return sha.hexdigest()[:16]


def _text_column(cells: pd.DataFrame) -> str | None:
    """Return the column of headlines: by its name, else the longest texts that are neither numbers nor addresses."""
    texts = [
        name
        for name in cells.columns
        if cells[name].dtype == object and cells[name].ne("").any() and _is_text(cells[name])
    ]
    named = _first_named(texts, TEXTS)
    if named is not None:
        return named
    prose = [name for name in texts if cells[name].str.contains(r"[^\W\d_]\s+[^\W\d_]", regex=True).mean() > 0.2]
    return max(prose, key=lambda name: cells[name].str.len().mean(), default=None)


def _score_column(cells: pd.DataFrame, text: str | None) -> str | None:
    numeric = [str(name) for name in cells.columns if name != text and not _is_text(cells[name])]
    only_one = numeric[0] if text is None and len(numeric) == 1 else None
    return _first_named(numeric, SCORES) or only_one


def _first_named(columns: list[str], names: tuple[str, ...]) -> str | None:
    """Return the column with the earliest of these names; None if no column has any."""
    named = [str(column) for column in columns if column.lower() in names]
    return min(named, key=lambda column: names.index(column.lower()), default=None)


def _is_text(column: pd.Series) -> bool:
    return numbers.parse(column, numbers.decimal_mark(column.to_frame(), "")) is None


def _parse_scores(column: pd.Series, separator: str, name: str) -> pd.Series:
    """Return the scores of a column. Raises DataError if most of its cells are no numbers."""
    values = numbers.parse(column, numbers.decimal_mark(column.to_frame(), separator))
    if values is None:
        raise DataError(
            message(
                "The column {name} has scores in some rows and no numbers in most. Give every row a number, or none.",
                name=quote(name),
            )
        )
    return values


def _parse_times(column: pd.Series, zone: str, row_T: Ints) -> tuple[pd.DataFrame, list[str]]:
    """Return `time` and `clock` of each row, and sentences on how they were read. Midnight counts as no clock time."""
    offset_T = pd.Series(pd.NaT, index=column.index, dtype="timedelta64[ns]")
    if column.dtype == object:
        offset_T = column.str.strip().str.extract(_ZONE)[1].map(_utc_offset).astype("timedelta64[ns]")
        column = column.str.strip().str.replace(_ZONE, r"\1", regex=True)
    parsed = dates.parse(column)
    far = np.flatnonzero(~parsed.times.dt.year.between(*YEARS) & parsed.times.notna())
    if len(far):
        raise DataError(
            message(
                "Row {row} says {cell}; headlines are dated within the years {first} to {last}. Correct the date.",
                row=row_T[far[0]],
                cell=quote(column.iloc[far[0]], 40),
                first=YEARS[0],
                last=YEARS[1],
            )
        )
    time_T = parsed.times.astype("datetime64[ns]")
    clock_T = (time_T != time_T.dt.normalize()) & time_T.notna()
    notes = [
        message("The times are in the column {name}, {format}.", name=quote(column.name), format=parsed.format),
        *parsed.notes,
    ]
    if zone:
        time_T = time_T.dt.tz_localize(zone, ambiguous=np.zeros(len(time_T), dtype=bool), nonexistent="shift_forward")
        time_T = time_T.dt.tz_convert("UTC")
    elif "since 1970" in parsed.format:
        time_T = time_T.dt.tz_localize("UTC")
    elif offset_T.notna().any():
        without_zone = np.flatnonzero(clock_T & offset_T.isna())
        if len(without_zone):
            raise DataError(
                message(
                    "Row {row} says {cell} without a time zone, where other rows have one. Write a zone in every row, "
                    "or in none.",
                    row=row_T[without_zone[0]],
                    cell=quote(column.iloc[without_zone[0]], 40),
                )
            )
        time_T = (time_T - offset_T.fillna(pd.Timedelta(0))).dt.tz_localize("UTC")
    if time_T.dt.tz is not None:
        notes.append(message("The times were converted to UTC from the time zone that they came with."))
    return pd.DataFrame({"time": time_T, "clock": clock_T}), notes


def _utc_offset(zone: str | float) -> pd.Timedelta | None:
    """Return the distance from UTC of Z, GMT, +09, -0500 or +05:30."""
    if not isinstance(zone, str):
        return None
    digits = zone[1:].replace(":", "") if zone[0] in "+-" else "0000"
    size = pd.Timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return -size if zone[0] == "-" else size


def _column_notes(cells: pd.DataFrame, text: str | None, score: str | None) -> list[str]:
    notes: list[str] = [] if text is None else [message("The headlines are in the column {text}.", text=quote(text))]
    if score is not None:
        notes.append(
            message("The scores in the column {score} are taken as they are; no lexicon is used.", score=quote(score))
        )
    for name in cells.columns:
        symbols = cells[name].nunique() if str(name).lower() in SYMBOLS else 0
        if symbols > 1:
            notes.append(
                message(
                    "The column {name} has {entries}; the headlines of all of them count.",
                    name=quote(name),
                    entries=message_n("{count} different entry", "{count} different entries", symbols),
                )
            )
    return notes
