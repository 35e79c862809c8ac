"""From the rows of a file to one table per symbol: which column names the series, what is sorted, what is left out."""

import re
from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd

from core.data.parsing import clocks
from core.data.wording import plural, reworded
from core.errors import DataError
from core.language import message

TICKERS = (
    "symbol",
    "ticker",
    "ts_code",
    "secid",
    "unique_id",
    "item_id",
    "series_id",
    "entity_id",
    "tag",
    "tag_name",
    "sensor",
)
NAMES = (
    *TICKERS,
    "series",
    "asset",
    "coin",
    "id",
    "code",
    "name",
    "station",
    "store",
    "store_id",
    "store_nbr",
    "shop",
    "item",
    "product",
    "sku",
    "dept",
    "location",
    "zone",
    "device",
    "meter",
    "meter_id",
    "sensor_id",
    "building_id",
    "patient_id",
    "country",
    "region",
    "sensor",
    "patient",
    "subject",
)
MAX_KEYS = 6  # columns of which two or three may name the series together
MIN_ROWS = 8  # of a ticker at times of its own
MAX_LENGTH = 40  # characters of a symbol


def find_symbol_column(cells: pd.DataFrame, times: pd.Series, date_column: str) -> str | None:
    """Return the column that names the series of a long file: times repeat, but not within each of its values.

    None for a wide file, and if no single column tells the rows of the same time apart. Where times do not repeat, a
    column of tickers names the series, if it is in every row: a single one, or several at times of their own.
    """
    dated = cells[times.notna()]
    repeated = _repeated(times)
    if not repeated:
        return next((name for name in _named_like_symbols(cells) if _holds_tickers(dated[name], name)), None)
    candidates = [
        name
        for name in (*_named_like_symbols(cells), *cells.columns)
        if name != date_column and _could_name_series(dated[name], name)
    ]
    left = {
        name: int(pd.DataFrame({"time": times.dropna(), "name": dated[name]}).duplicated().sum()) for name in candidates
    }
    best = min(left, key=lambda name: left[name], default=None)
    return best if best is not None and left[best] <= 0.1 * repeated else None


def join_symbols(cells: pd.DataFrame, times: pd.Series, date_column: str) -> tuple[pd.DataFrame, str | None]:
    """Return `cells` with a column for the series that two or three columns name together, such as store and item.

    That column stands last, under the names of the others, whose columns are left out. Without such columns, and where
    times do not repeat, the cells as they are and None.
    """
    dated = cells[times.notna()]
    if not _repeated(times):
        return cells, None
    candidates = [name for name in cells.columns if name != date_column and _could_name_series(dated[name], name)]
    for count in (2, 3):
        for names in combinations(candidates[:MAX_KEYS], count):
            if dated[[*names]].assign(**{date_column: times}).duplicated().mean() <= 0.01:
                return _join(cells, names), " ".join(names)
    return cells, None


def join_again(cells: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return `cells` with those of these columns that `join_symbols` made of others when the file was read before."""
    for wanted in columns:
        parts = [str(name) for name in cells.columns if str(name) in wanted][:MAX_KEYS]
        joins = (names for count in (2, 3) for names in combinations(parts, count) if " ".join(names) == wanted)
        if wanted not in cells.columns and (names := next(joins, None)):
            cells = _join(cells, names)
    return cells


def _join(cells: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    joined = symbol_names(cells[names[0]])
    for name in names[1:]:
        joined = joined + " " + symbol_names(cells[name])
    return cells.drop(columns=[*names]).assign(**{" ".join(names): joined.str[:MAX_LENGTH]})


def _repeated(times: pd.Series) -> int:
    """Return how many rows have the time of an earlier one; 0 if they are so few that they are oversights."""
    dated = times.dropna()
    repeated = int(dated.duplicated().sum())
    return repeated if repeated > max(1, 0.05 * len(dated)) else 0


def symbol_names(column: pd.Series) -> pd.Series:
    """Return the symbol of each row as a text of at most 40 characters, empty for an empty cell."""
    texts = column if column.dtype == object else column.map(lambda value: "" if pd.isna(value) else f"{value:.15g}")
    single_spaced = texts.astype(str).str.replace(r"[\s,]+", " ", regex=True).str.strip()
    return single_spaced.str[:MAX_LENGTH]


def symbol_from_file_name(name: str) -> str:
    """Return the symbol of a file without a symbol column: its name in capitals, only letters, digits, _ and -."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return re.sub(r"[^\w-]", "", stem.upper())[:24] or "SERIES"


def series_table(values: pd.DataFrame, time_T: pd.DatetimeIndex, owner: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the plain table of one series, oldest row first, and sentences on what was reordered or left out.

    Of several rows with the same time the newest counts: the last, or the first of a file that begins with the newest.
    `owner` names the series in messages. Raises DataError if most times occur several times, or if fewer than 2 rows
    are left.
    """
    notes: list[str] = []
    table = values.set_axis(time_T.rename("time"), axis=0).dropna(how="all").dropna(axis=1, how="all")
    if len(table) > 1 and table.index[0] > table.index[-1]:
        notes.append(message("The rows began with the newest; their order was reversed."))
        table = table.iloc[::-1]  # so that a stable sort keeps the order within a time
    distinct = table.index.nunique()
    if len(table) >= 8 and distinct <= 0.6 * len(table):
        raise DataError(
            message(
                "The {rows} rows of {owner} have {distinct} different times: it holds several series or lost its "
                "clock times. Save one series per file, or add a column that names the series.",
                rows=len(table),
                owner=owner,
                distinct=distinct,
            )
        )
    if not table.index.is_monotonic_increasing:
        notes.append(message("The rows were not in order of time; they were sorted."))
    table = table.sort_index(kind="stable")
    repeated = table.index.duplicated(keep="last")
    if repeated.any():
        notes.append(
            message(
                "Several rows have the same time, first at {time}; the newest one was kept and {rows} left out.",
                time=table.index[int(np.argmax(repeated))],
                rows=plural(int(repeated.sum()), "row"),
            )
        )
    table = table[~repeated]
    if len(table) < 2:
        raise DataError(
            message(
                "{owner} has {usable_rows}; at least 2 with a date and a number are needed. Add rows.",
                owner=reworded(owner, owner[:1].upper() + owner[1:]),
                usable_rows=plural(len(table), "usable row"),
            )
        )
    return table, notes


def by_symbol(
    values: pd.DataFrame, time_T: pd.DatetimeIndex, symbol_T: pd.Series, shown: str
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return one table per symbol, and sentences on what was left out, such as symbols with a single row.

    Raises DataError if no symbol is left.
    """
    tables, notes, too_short = {}, [], []
    for symbol, rows in symbol_T.groupby(symbol_T, sort=False).indices.items():
        if symbol and values.iloc[rows].notna().any(axis=1).sum() < 2:
            too_short.append(str(symbol))
        elif symbol:
            tables[str(symbol)], sentences = series_table(
                values.iloc[rows], time_T[rows], message("{symbol} in {shown}", symbol=symbol, shown=shown)
            )
            notes += sentences
    if not tables:
        raise DataError(
            message(
                "No series in {shown} has 2 rows: {symbols} in {rows}. Choose another symbol column, or none.",
                shown=shown,
                symbols=plural(len(too_short), "symbol"),
                rows=plural(len(values), "row"),
            )
        )
    nameless = int((symbol_T == "").sum())
    notes = _summarise(notes)
    if nameless:
        notes.append(message("Rows without a symbol were left out: {nameless}.", nameless=f"{nameless:,}"))
    if too_short:
        notes.append(
            message("Symbols with fewer than 2 rows were left out: {symbols}.", symbols=", ".join(too_short[:6]))
        )
    return tables, notes


def _could_name_series(column: pd.Series, name: str) -> bool:
    """Return whether a column is filled and has few values; numbers count only under a name for symbols."""
    if pd.api.types.is_datetime64_any_dtype(column) or clocks.clock_texts(column, name) is not None:
        return False
    distinct = column.nunique()
    text = column.dtype == object and not pd.to_numeric(column, errors="coerce").notna().any()
    filled = (column != "").mean() if column.dtype == object else column.notna().mean()
    return (text or _plain(name) in NAMES) and filled > 0.9 and 1 < distinct <= len(column) / 2


def _holds_tickers(column: pd.Series, name: str) -> bool:
    """Return whether a column of tickers is filled, and each ticker has at least MIN_ROWS rows."""
    if _plain(name) not in TICKERS or column.dtype != object or (column == "").any() or not len(column):
        return False
    named = column.str.contains(r"[^\W\d_]", regex=True).all()
    counts = column.value_counts()
    return bool(named and counts.min() >= MIN_ROWS and len(counts) <= max(1, len(column) // MIN_ROWS))


def _named_like_symbols(cells: pd.DataFrame) -> list[str]:
    named = [name for name in cells.columns if _plain(name) in NAMES]
    return sorted(named, key=lambda name: NAMES.index(_plain(name)))


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "_", name.strip().lower())


def _summarise(notes: list[str]) -> list[str]:
    """Return each kind of sentence (the text before its first comma) once, with the number of further symbols."""
    kinds = {note.split(",")[0]: note for note in reversed(notes)}
    counts = {kind: sum(note.split(",")[0] == kind for note in notes) for kind in kinds}
    return [
        note
        if counts[kind] == 1
        else message(
            "{sentence}, and likewise in {more_symbols}.",
            sentence=reworded(note, note[:-1]),
            more_symbols=plural(counts[kind] - 1, "more symbol"),
        )
        for kind, note in reversed(kinds.items())
    ]
