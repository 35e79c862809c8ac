"""The contract of a frame: sorted, unique, tz-naive times as rows, float64 columns per (symbol, column)."""

import hashlib
import json
import re
from datetime import datetime

import numpy as np
import pandas as pd

from core.data.wording import format_time, plural
from core.errors import DataError
from core.language import message

LEVELS = ("symbol", "column")
PRICES = ("open", "high", "low", "close", "adj_close", "volume")


def build(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the frame of these plain tables, one per symbol: (T, columns) on the union of their times.

    Time zones are dropped and the wall clock is kept; of several rows with the same time the last one counts; rows
    without any value are dropped. Raises DataError for a table without times or rows, with text or infinite values, or
    with two columns of the same name.
    """
    if not tables:
        raise DataError(message("No series was given. Name at least one symbol."))
    frame = pd.concat(
        {symbol: _normalise(table, symbol) for symbol, table in tables.items()}, axis=1, names=list(LEVELS)
    ).sort_index()
    frame.index.name = "time"
    check(frame)
    return frame


def check(frame: pd.DataFrame) -> None:
    """Raise DataError, with what came, if `frame` breaks the contract of this module."""
    index, names = frame.index, frame.columns
    if not isinstance(index, pd.DatetimeIndex) or index.name != "time" or index.tz is not None:
        raise DataError(f"A frame needs an index of times called 'time' without a time zone; got {_describe(index)}.")
    if names.nlevels != 2 or tuple(names.names) != LEVELS or not names.is_unique:
        raise DataError(f"A frame needs unique columns with the levels symbol and column; got {list(names)[:6]}.")
    if frame.empty:
        raise DataError(
            message(
                "The series is empty: {rows} rows and {count} columns. Load at least 2 rows.",
                rows=len(frame),
                count=len(names),
            )
        )
    if index.hasnans or not index.is_unique or not index.is_monotonic_increasing:
        raise DataError("The times of a frame must be sorted and unique. Build the frame with core.data.frame.build.")
    wrong = [str(name) for name, kind in frame.dtypes.items() if kind != np.float64]
    if wrong:
        raise DataError(f"The columns of a frame hold 64-bit floats; {', '.join(wrong)} do not.")
    if np.isinf(frame.to_numpy()).any():
        raise DataError("The frame contains infinite values. Replace them with missing values.")
    empty = [symbol for symbol in symbols(frame) if frame[symbol].isna().to_numpy().all()]
    if empty:
        raise DataError(
            message("{symbols} has no value at all. Leave it out or load other dates.", symbols=", ".join(empty))
        )


def symbols(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the symbols of a frame in the order of its columns."""
    return tuple(dict.fromkeys(frame.columns.get_level_values("symbol")))


def columns(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns that all symbols have, in the order of the first symbol."""
    names = [set(frame[symbol].columns) for symbol in symbols(frame)]
    return tuple(name for name in frame[symbols(frame)[0]].columns if all(name in others for others in names))


def select_symbol(frame: pd.DataFrame, symbol: str) -> pd.DataFrame:
    """Return the plain table (T, columns) of one symbol, without the rows in which it has no value.

    Raises DataError for an unknown symbol.
    """
    if symbol not in symbols(frame):
        raise DataError(
            message(
                "There is no symbol {symbol} in the data. There are: {symbols}.",
                symbol=repr(symbol),
                symbols=", ".join(symbols(frame)),
            )
        )
    table = pd.DataFrame(frame[symbol]).dropna(how="all")
    table.columns.name = None
    return table


def digest(frame: pd.DataFrame) -> str:
    """Return 16 hex digits of a SHA-256 over times, names and values, whatever the block layout inside pandas."""
    sha = hashlib.sha256(json.dumps([list(name) for name in frame.columns]).encode())
    index = pd.DatetimeIndex(frame.index).as_unit("ns")
    sha.update(index.asi8.astype("<i8").tobytes())
    for position in range(frame.shape[1]):
        values_T = frame.iloc[:, position].to_numpy(dtype="<f8", copy=True) + 0.0  # −0 becomes 0
        values_T[np.isnan(values_T)] = np.nan  # one bit pattern for every missing value
        sha.update(values_T.tobytes())
    return sha.hexdigest()[:16]


def clip(frame: pd.DataFrame, start: str | None, end: str | None, name: str = "") -> pd.DataFrame:
    """Return the rows from `start` to `end` (ISO dates, both inclusive; a date means the whole day).

    Takes a frame, or a plain table of the series `name`. Raises DataError for a text that is not a date, and if a
    symbol has no row left.
    """
    _check_date(start, "data.start")
    _check_date(end, "data.end")
    clipped = frame.loc[start:end] if len(frame) else frame
    groups = (
        {s: frame[s] for s in symbols(frame)} if frame.columns.nlevels == 2 else {name or message("The series"): frame}
    )
    for owner, table in groups.items():
        times = table.dropna(how="all").index
        if not len(times.intersection(clipped.index)):
            span = (
                message("it runs from {first} to {last}", first=format_time(times[0]), last=format_time(times[-1]))
                if len(times)
                else message("it is empty")
            )
            raise DataError(
                message(
                    "{owner} has no row from {start} to {end}; {span}. Choose dates within that range.",
                    owner=owner,
                    start=start or message("its start"),
                    end=end or message("its end"),
                    span=span,
                )
            )
    return clipped


def column_name(name: object) -> str:
    """Return the name under which a column is stored: stripped; price columns in lower case with underscores."""
    text = str(name).strip()
    plain = re.sub(r"[\s_]+", "_", text.lower())
    return plain if plain in {*PRICES, "date", "time"} else text


def _normalise(table: pd.DataFrame, symbol: str) -> pd.DataFrame:
    if not isinstance(table.index, pd.DatetimeIndex):
        raise DataError(
            message(
                "{symbol} needs an index of times; got {index}. Set its dates as the index.",
                symbol=symbol,
                index=_describe(table.index),
            )
        )
    undated = int(np.count_nonzero(table.index.isna()))
    if undated:
        raise DataError(
            message(
                "{symbol} has {rows} without a time. Remove or date them.", symbol=symbol, rows=plural(undated, "row")
            )
        )
    floats = _floats(table, symbol)
    floats.index = _nanoseconds(table.index.tz_localize(None), symbol).rename("time")
    floats = floats.sort_index(kind="stable")
    floats = floats[~floats.index.duplicated(keep="last")].dropna(how="all")
    if floats.empty:
        raise DataError(
            message(
                "{symbol} has no value: {rows} rows, {columns} columns. Load other data.",
                symbol=symbol,
                rows=len(table),
                columns=table.shape[1],
            )
        )
    return floats


def _floats(table: pd.DataFrame, symbol: str) -> pd.DataFrame:
    names = [column_name(name) for name in table.columns]
    duplicates = sorted({name for name in names if names.count(name) > 1})
    if duplicates:
        raise DataError(
            message(
                "{symbol} has two columns called {name}. Rename one of them.", symbol=symbol, name=repr(duplicates[0])
            )
        )
    text = [str(name) for name, kind in table.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    if text:
        raise DataError(
            message(
                "{symbol} has columns that are not numbers: {text}. Remove or convert them.",
                symbol=symbol,
                text=", ".join(text),
            )
        )
    return table.set_axis(names, axis=1).astype(np.float64)


def _nanoseconds(index: pd.DatetimeIndex, symbol: str) -> pd.DatetimeIndex:
    try:
        return index.as_unit("ns")
    except pd.errors.OutOfBoundsDatetime as error:
        raise DataError(
            message(
                "{symbol} has times outside the years 1678 to 2262 ({first} to {last}). Correct them.",
                symbol=symbol,
                first=index.min(),
                last=index.max(),
            )
        ) from error


def _check_date(text: str | None, name: str) -> None:
    if text is None:
        return
    try:
        has_zone = datetime.fromisoformat(text).tzinfo is not None
    except ValueError as error:
        raise DataError(
            message("{name} takes a date such as 2015-01-31; got {text}.", name=name, text=repr(text))
        ) from error
    if has_zone:
        raise DataError(
            message(
                "{name} takes a date without a time zone, such as 2015-01-31; got {text}.", name=name, text=repr(text)
            )
        )


def _describe(index: pd.Index) -> str:
    zone = f" in {index.tz}" if isinstance(index, pd.DatetimeIndex) and index.tz is not None else ""
    return f"{type(index).__name__} called {index.name!r}{zone}"
