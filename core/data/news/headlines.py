"""Dated headlines that a person brought: read from a file of any shape, kept on disk under their digest."""

import hashlib
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.data import parquet_cache
from core.data.parsing import cells as grids
from core.data.parsing import dates, numbers
from core.data.parsing.schema import Guess
from core.data.sources.uploads import NAME
from core.errors import DataError

TEXTS = ("headline", "headlines", "title", "text", "news")
SCORES = ("score", "sentiment", "polarity", "compound")
SYMBOLS = ("symbol", "ticker", "stock")
YEARS = (1700, 2200)  # what 64 bits of nanoseconds hold, with room for zones
LOOKED_AT = 200  # rows, evenly spread, in which the columns of texts and of numbers are told apart

_ZONE = re.compile(r"(\d:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$")
_WAY = "Write a header and rows like: date,headline and 2024-01-31 14:05,Profit beats estimates."


@dataclass(frozen=True, slots=True, kw_only=True)
class Headlines:
    """N headlines, oldest first, and sentences on how they were read.

    `table` has `time`, `clock`, `text` and, where a score came ready, `score`. Times are in UTC where their zone is
    known, else wall clocks. Where `clock` is False the day alone is known, and the time is its midnight.
    `until` is the time up to which no other headline is missing; None where only the headlines tell.
    """

    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    until: pd.Timestamp | None = None


def read(content: bytes, name: str) -> Headlines:
    """The headlines of a CSV, TSV, Excel or Parquet file: a column of times, and one of texts, of scores, or both.

    The text is the column called headline, title, text or news, else the one with the longest texts; a numeric column
    called score, sentiment, polarity or compound, or the only column of numbers where there is no text, is taken as
    the score as it is. Raises DataError that says what to mend, with row or column.
    """
    shown = repr(name[:60])
    cells = grids.read(content, shown, Guess())
    date = dates.find(cells.table)
    if dates.is_date(date):
        raise DataError(f"The file {shown} has no header: its first row says {date[:40]!r}. {_WAY}")
    table = dates.join_clock(cells.table, date)
    rest = table.drop(columns=date)
    seen = rest.iloc[np.unique(np.linspace(0, len(rest) - 1, LOOKED_AT).astype(int))]
    text = _text_column(seen)
    score = _score_column(seen, text)
    if text is None and score is None:
        came = ", ".join(repr(str(column)[:30]) for column in list(rest.columns)[:12]) or "nothing"
        raise DataError(
            f"The file {shown} has neither a column of texts nor one column of scores beside the dates; "
            f"it has {came}. {_WAY}"
        )
    made, said = _times(table[date], _parquet_zone(content, date) if cells.kind == "parquet" else "", cells.row_T)
    made["text"] = rest[text].astype(str) if text is not None else ""
    if score is not None:
        made["score"] = _numbers(rest[score], cells.separator, score)
    kept = _filled(made, text, score, table[date], cells.row_T, shown)
    notes = [*cells.notes, *said, *_said(rest, text, score), *_left_out(len(made) - len(kept))]
    return Headlines(table=ordered(kept), notes=tuple(notes))


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """The rows from the oldest to the newest, numbered from 0; of one time in the order in which they came."""
    return table.sort_values("time", kind="stable", ignore_index=True)


def keep(headlines: Headlines, cache: Path) -> str:
    """Store headlines under `cache` and return their digest, 16 hex digits. Raises DataError when the disk refuses."""
    name = _digest(headlines)
    until = pd.Series(headlines.until, index=headlines.table.index, dtype=_UTC)
    try:
        parquet_cache.put(headlines.table.assign(until=until), cache / f"{name}.parquet")
    except OSError as error:
        raise DataError(
            f"The headlines could not be kept in {cache} ({error.strerror or error}). Free space and upload them again."
        ) from error
    return name


def kept(digest: str, cache: Path) -> Headlines:
    """The headlines kept under this digest. Raises DataError when there are none, or their file is damaged."""
    if not NAME.fullmatch(digest) or not (cache / f"{digest}.parquet").is_file():
        raise DataError("The uploaded headlines are no longer there. Upload their file again.")
    table = stored(cache / f"{digest}.parquet")
    if table is None or "until" not in table:
        raise DataError(f"The kept headlines {digest} are damaged. Upload their file again.")
    until = table["until"].iloc[0]
    return Headlines(table=table.drop(columns="until"), until=None if pd.isna(until) else until)


def stored(path: Path) -> pd.DataFrame | None:
    """The table of headlines in a Parquet file; None where there is none or it is damaged."""
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError):  # pyarrow's ArrowInvalid is a ValueError
        return None
    right = {"time", "clock", "text"} <= set(table.columns) and pd.api.types.is_datetime64_any_dtype(table["time"])
    return table if right and len(table) else None


_UTC = pd.DatetimeTZDtype("ns", "UTC")


def _digest(headlines: Headlines) -> str:
    table = headlines.table
    made = hashlib.sha256(json.dumps([str(table["time"].dt.tz), str(headlines.until), list(table.columns)]).encode())
    made.update(pd.DatetimeIndex(table["time"]).as_unit("ns").asi8.astype("<i8").tobytes())
    made.update(table["clock"].to_numpy(dtype=np.uint8).tobytes())
    made.update(json.dumps(table["text"].tolist()).encode())
    if "score" in table:
        made.update(table["score"].to_numpy(dtype="<f8").tobytes())
    return made.hexdigest()[:16]


def _text_column(rest: pd.DataFrame) -> str | None:
    """The column of headlines: by its name, else the longest texts that are neither numbers, dates nor addresses."""
    texts = [
        name
        for name in rest.columns
        if rest[name].dtype == object and rest[name].ne("").any() and _are_words(rest[name])
    ]
    named = sorted((name for name in texts if name.lower() in TEXTS), key=lambda name: TEXTS.index(name.lower()))
    if named:
        return str(named[0])
    prose = [name for name in texts if rest[name].str.contains(r"[^\W\d_]\s+[^\W\d_]", regex=True).mean() > 0.2]
    return max(prose, key=lambda name: rest[name].str.len().mean(), default=None)


def _score_column(rest: pd.DataFrame, text: str | None) -> str | None:
    numeric = [str(name) for name in rest.columns if name != text and not _are_words(rest[name])]
    named = sorted((name for name in numeric if name.lower() in SCORES), key=lambda name: SCORES.index(name.lower()))
    if named:
        return named[0]
    return numeric[0] if text is None and len(numeric) == 1 else None


def _are_words(column: pd.Series) -> bool:
    return numbers.read(column, numbers.decimal_mark(column.to_frame(), "")) is None


def _numbers(column: pd.Series, separator: str, name: str) -> pd.Series:
    """The scores of a column. Raises DataError where most of them are no numbers."""
    values = numbers.read(column, numbers.decimal_mark(column.to_frame(), separator))
    if values is None:
        raise DataError(
            f"The column {name[:30]!r} holds scores in some rows and no numbers in most. Give every row a "
            "number, or none."
        )
    return values


def _times(column: pd.Series, zone: str, row_T: list[int]) -> tuple[pd.DataFrame, list[str]]:
    """`time` and `clock` of each row, and sentences on how they were read. A clock of midnight counts as none."""
    offset_T = pd.Series(pd.NaT, index=column.index, dtype="timedelta64[ns]")
    if column.dtype == object:
        offset_T = column.str.strip().str.extract(_ZONE)[1].map(_offset).astype("timedelta64[ns]")
        column = column.str.strip().str.replace(_ZONE, r"\1", regex=True)
    reading = dates.read(column)
    far = np.flatnonzero(~reading.times.dt.year.between(*YEARS) & reading.times.notna())
    if len(far):
        raise DataError(
            f"Row {row_T[far[0]]} says {str(column.iloc[far[0]])[:40]!r}; headlines are dated within the "
            f"years {YEARS[0]} to {YEARS[1]}. Correct the date."
        )
    time_T = reading.times.astype("datetime64[ns]")
    clock_T = (time_T != time_T.dt.normalize()) & time_T.notna()
    notes = [f"The times are in the column {str(column.name)[:30]!r}, {reading.words}.", *reading.notes]
    if zone:
        time_T = time_T.dt.tz_localize(zone, ambiguous=np.zeros(len(time_T), dtype=bool), nonexistent="shift_forward")
        time_T = time_T.dt.tz_convert("UTC")
    elif "since 1970" in reading.words:
        time_T = time_T.dt.tz_localize("UTC")
    elif offset_T.notna().any():
        bare = np.flatnonzero(clock_T & offset_T.isna())
        if len(bare):
            raise DataError(
                f"Row {row_T[bare[0]]} says {str(column.iloc[bare[0]])[:40]!r} without a time zone, where "
                "other rows have one. Write a zone in every row, or in none."
            )
        time_T = (time_T - offset_T.fillna(pd.Timedelta(0))).dt.tz_localize("UTC")
    if time_T.dt.tz is not None:
        notes.append("The times were taken to UTC from the zone that they came with.")
    return pd.DataFrame({"time": time_T, "clock": clock_T}), notes


def _offset(zone: str | float) -> pd.Timedelta | None:
    """The distance from UTC of Z, GMT, +09, -0500 or +05:30."""
    if not isinstance(zone, str):
        return None
    digits = zone[1:].replace(":", "") if zone[0] in "+-" else "0000"
    size = pd.Timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return -size if zone[0] == "-" else size


def _parquet_zone(content: bytes, date: str) -> str:
    """The time zone of a Parquet file's column of times; empty where it has none."""
    import pyarrow.parquet as pq

    schema = pq.read_schema(io.BytesIO(content))
    held = next(
        (schema.field(at).type for at, name in enumerate(schema.names) if grids.column_name(name.strip("<>")) == date),
        None,
    )
    return getattr(held, "tz", None) or ""


def _filled(
    made: pd.DataFrame, text: str | None, score: str | None, date: pd.Series, row_T: list[int], shown: str
) -> pd.DataFrame:
    """The rows that say something. Raises DataError for the first that does so without a date, and when none does."""
    says = made["score"].notna() if score is not None else made["text"].str.strip() != ""
    bad = np.flatnonzero(says & made["time"].isna())
    if len(bad):
        more = f" and {len(bad) - 1} more rows do not either" if len(bad) > 1 else ""
        raise DataError(
            f"Row {row_T[bad[0]]} says {str(date.iloc[bad[0]])[:40]!r} where a date belongs{more}. "
            "Write every date in one way, like 2024-01-31."
        )
    if not says.any():
        raise DataError(f"The column {str(text or score)[:30]!r} of {shown} is empty in all {len(made)} rows. {_WAY}")
    return made[says]


def _said(rest: pd.DataFrame, text: str | None, score: str | None) -> list[str]:
    notes = [] if text is None else [f"The headlines are in the column {text[:30]!r}."]
    if score is not None:
        notes.append(f"The scores in the column {score[:30]!r} are taken as they are; no lexicon is asked.")
    for name in rest.columns:
        if str(name).lower() in SYMBOLS and rest[name].nunique() > 1:
            notes.append(
                f"The column {str(name)[:30]!r} has {rest[name].nunique()} different entries; the headlines "
                "of all of them count."
            )
    return notes


def _left_out(count: int) -> list[str]:
    return [f"{count} rows without a headline or score were left out."] if count else []
