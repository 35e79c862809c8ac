"""The contract of a frame: sorted, unique, tz-naive times down, float64 columns per (symbol, column) across."""

import hashlib
import json
import re
from datetime import datetime

import numpy as np
import pandas as pd

from core.errors import DataError

LEVELS = ("symbol", "column")
PRICES = ("open", "high", "low", "close", "adj_close", "volume")


def build(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The frame of these plain tables, one per symbol: (T, columns) on the union of their times.

    A time zone is dropped and the wall clock kept; of several rows with one time the last stays; rows without any
    value go. Raises DataError when a table has no times, no rows, text, infinite values or two columns of one name.
    """
    if not tables:
        raise DataError("No series was given. Name at least one symbol.")
    parts = {symbol: _normalise(table, symbol) for symbol, table in tables.items()}
    frame = pd.concat(parts, axis=1, names=list(LEVELS)).sort_index()
    frame.index.name = "time"
    check(frame)
    return frame


def check(frame: pd.DataFrame) -> None:
    """Raise DataError, saying what came, when `frame` breaks the contract of this module."""
    index, names = frame.index, frame.columns
    if not isinstance(index, pd.DatetimeIndex) or index.name != "time" or index.tz is not None:
        raise DataError(f"A frame needs an index of times called 'time' without a time zone; got {_describe(index)}.")
    if names.nlevels != 2 or tuple(names.names) != LEVELS or not names.is_unique:
        raise DataError(f"A frame needs unique columns with the levels symbol and column; got {list(names)[:6]}.")
    if frame.empty:
        raise DataError(f"The series is empty: {len(frame)} rows and {len(names)} columns. Load at least 2 rows.")
    if index.hasnans or not index.is_unique or not index.is_monotonic_increasing:
        raise DataError("The times of a frame must be sorted and unique. Make the frame with core.data.frame.build.")
    wrong = [str(name) for name, kind in frame.dtypes.items() if kind != np.float64]
    if wrong:
        raise DataError(f"The columns of a frame hold 64-bit floats; {', '.join(wrong)} do not.")
    if np.isinf(frame.to_numpy()).any():
        raise DataError("The frame holds infinite values. Replace them by missing values.")
    hollow = [symbol for symbol in symbols(frame) if frame[symbol].isna().to_numpy().all()]
    if hollow:
        raise DataError(f"{', '.join(hollow)} has no value at all. Leave it out or load other dates.")


def symbols(frame: pd.DataFrame) -> tuple[str, ...]:
    """The symbols of a frame, in the order in which they were given."""
    return tuple(dict.fromkeys(frame.columns.get_level_values("symbol")))


def columns(frame: pd.DataFrame) -> tuple[str, ...]:
    """The columns that every symbol has, in the order of the first symbol."""
    sets = [set(frame[symbol].columns) for symbol in symbols(frame)]
    return tuple(name for name in frame[symbols(frame)[0]].columns if all(name in held for held in sets))


def of_symbol(frame: pd.DataFrame, symbol: str) -> pd.DataFrame:
    """The plain table (sessions, columns) of one symbol: only rows in which it has a value. Raises DataError."""
    if symbol not in symbols(frame):
        raise DataError(f"There is no symbol {symbol!r} in the data. There are: {', '.join(symbols(frame))}.")
    table = pd.DataFrame(frame[symbol]).dropna(how="all")
    table.columns.name = None
    return table


def digest(frame: pd.DataFrame) -> str:
    """Sixteen hex digits of a SHA-256 over times, names and values; how pandas stores its blocks plays no part."""
    made = hashlib.sha256(json.dumps([list(name) for name in frame.columns]).encode())
    index = pd.DatetimeIndex(frame.index).as_unit("ns")
    made.update(index.asi8.astype("<i8").tobytes())
    for at in range(frame.shape[1]):
        values_T = frame.iloc[:, at].to_numpy(dtype="<f8", copy=True) + 0.0  # −0 becomes 0
        values_T[np.isnan(values_T)] = np.nan  # one bit pattern for every missing value
        made.update(values_T.tobytes())
    return made.hexdigest()[:16]


def clip(frame: pd.DataFrame, start: str | None, end: str | None) -> pd.DataFrame:
    """The rows from `start` to `end` (ISO texts, both inclusive; a day means all of that day).

    Works on a frame and on a plain table. Raises DataError for a text that is no date and when a symbol keeps no row.
    """
    _check_date(start, "data.start")
    _check_date(end, "data.end")
    cut = frame.loc[start:end] if len(frame) else frame
    groups = {s: frame[s] for s in symbols(frame)} if frame.columns.nlevels == 2 else {"The series": frame}
    for name, table in groups.items():
        times = table.dropna(how="all").index
        if not len(times.intersection(cut.index)):
            span = f"it runs from {_stamp(times[0])} to {_stamp(times[-1])}" if len(times) else "it is empty"
            raise DataError(
                f"{name} has no row from {start or 'its start'} to {end or 'its end'}; {span}. "
                "Choose dates within that range."
            )
    return cut


def column_name(name: object) -> str:
    """The name under which a column is kept: stripped, and lower-case with underscores where it is a price column."""
    text = str(name).strip()
    plain = re.sub(r"[\s_]+", "_", text.lower())
    return plain if plain in {*PRICES, "date", "time"} else text


def _normalise(table: pd.DataFrame, symbol: str) -> pd.DataFrame:
    if not isinstance(table.index, pd.DatetimeIndex):
        raise DataError(f"{symbol} needs an index of times; got {_describe(table.index)}. Set its dates as the index.")
    undated = np.count_nonzero(table.index.isna())
    if undated:
        raise DataError(f"{symbol} has {undated} rows without a time. Remove or date them.")
    made = _floats(table, symbol)
    made.index = _nanoseconds(table.index.tz_localize(None), symbol).rename("time")
    made = made.sort_index(kind="stable")
    made = made[~made.index.duplicated(keep="last")].dropna(how="all")
    if made.empty:
        raise DataError(f"{symbol} has no value: {len(table)} rows, {table.shape[1]} columns. Load other data.")
    return made


def _floats(table: pd.DataFrame, symbol: str) -> pd.DataFrame:
    names = [column_name(name) for name in table.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{symbol} has two columns called {twice[0]!r}. Rename one of them.")
    text = [str(name) for name, kind in table.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    if text:
        raise DataError(f"{symbol} has columns that are not numbers: {', '.join(text)}. Remove or convert them.")
    return table.set_axis(names, axis=1).astype(np.float64)


def _nanoseconds(index: pd.DatetimeIndex, symbol: str) -> pd.DatetimeIndex:
    try:
        return index.as_unit("ns")
    except pd.errors.OutOfBoundsDatetime as error:
        raise DataError(
            f"{symbol} has times outside the years 1678 to 2262 ({index.min()} to {index.max()}). Correct them."
        ) from error


def _check_date(text: str | None, name: str) -> None:
    if text is None:
        return
    try:
        aware = datetime.fromisoformat(text).tzinfo is not None
    except ValueError as error:
        raise DataError(f"{name} takes a date such as 2015-01-31; got {text!r}.") from error
    if aware:
        raise DataError(f"{name} takes a date without a time zone, such as 2015-01-31; got {text!r}.")


def _stamp(time: pd.Timestamp) -> str:
    return f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"


def _describe(index: pd.Index) -> str:
    zone = f" in {index.tz}" if isinstance(index, pd.DatetimeIndex) and index.tz is not None else ""
    return f"{type(index).__name__} called {index.name!r}{zone}"
