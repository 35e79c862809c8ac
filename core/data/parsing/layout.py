"""From the rows of a file to one table per symbol: which column names the series, what is sorted, what dropped."""

import re

import numpy as np
import pandas as pd

from core.errors import DataError

NAMES = (
    "symbol",
    "ticker",
    "unique_id",
    "item_id",
    "series",
    "series_id",
    "asset",
    "coin",
    "id",
    "code",
    "name",
    "station",
    "store",
    "country",
    "region",
    "sensor",
    "patient",
    "subject",
)
LONGEST = 40  # characters of a symbol


def symbol_column(cells: pd.DataFrame, times: pd.Series, date: str) -> str | None:
    """The column that names the series of a long file: times repeat, and within each of its values they do not.

    None for a wide file, and where no single column tells the rows of one time apart.
    """
    dated = cells[times.notna()]
    repeated = int(times.dropna().duplicated().sum())
    if repeated <= max(1, 0.05 * len(dated)):
        return None
    made = [name for name in (*_named(cells), *cells.columns) if name != date and _names_series(dated[name], name)]
    left = {name: int(pd.DataFrame({"time": times.dropna(), "name": dated[name]}).duplicated().sum()) for name in made}
    best = min(left, key=lambda name: left[name], default=None)
    return best if best is not None and left[best] <= 0.1 * repeated else None


def names(column: pd.Series) -> pd.Series:
    """The symbol of each row as text, at most LONGEST characters; empty where the cell is."""
    texts = column if column.dtype == object else column.map(lambda value: "" if pd.isna(value) else f"{value:.15g}")
    short = texts.astype(str).str.replace(r"[\s,]+", " ", regex=True).str.strip()
    return short.str[:LONGEST]


def symbol_of(name: str) -> str:
    """The symbol of a file without a symbol column: its name in capitals, letters and digits alone."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return re.sub(r"[^\w-]", "", stem.upper())[:24] or "SERIES"


def one_table(values: pd.DataFrame, time_T: pd.DatetimeIndex, whose: str) -> tuple[pd.DataFrame, list[str]]:
    """The plain table of one series, oldest first, and sentences on what was turned round or dropped.

    Of several rows with one time the newest stays: the last, or the first of a file that begins with the newest.
    Raises DataError when most times are there several times, or fewer than 2 rows are left.
    """
    notes = []
    table = values.set_axis(time_T.rename("time"), axis=0).dropna(how="all").dropna(axis=1, how="all")
    if len(table) > 1 and table.index[0] > table.index[-1]:
        notes.append("The rows began with the newest; they were turned round.")
        table = table.iloc[::-1]  # so that a stable sort keeps the order of the day
    distinct = table.index.nunique()
    if len(table) >= 8 and distinct <= 0.6 * len(table):
        raise DataError(
            f"The {len(table)} rows of {whose} have {distinct} different times: it holds several series or "
            "lost its clock times. Save one series per file, or add a column that names the series."
        )
    if not table.index.is_monotonic_increasing:
        notes.append("The rows were not in the order of their times; they were sorted.")
    table = table.sort_index(kind="stable")
    twice = table.index.duplicated(keep="last")
    if twice.any():
        notes.append(
            f"Several rows have one time, the first at {table.index[int(np.argmax(twice))]}; the newest of "
            f"each was kept and {int(twice.sum())} left out."
        )
    table = table[~twice]
    if len(table) < 2:
        raise DataError(
            f"{_capital(whose)} has {len(table)} usable rows; at least 2 with a date and a number are needed."
        )
    return table, notes


def by_symbol(
    values: pd.DataFrame, time_T: pd.DatetimeIndex, symbol_T: pd.Series, shown: str
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """One table for each symbol, and sentences on what was dropped; a symbol with a single row is left out.

    Raises DataError when none is left.
    """
    tables, notes, short = {}, [], []
    for symbol, rows in symbol_T.groupby(symbol_T, sort=False).indices.items():
        if symbol and values.iloc[rows].notna().any(axis=1).sum() < 2:
            short.append(str(symbol))
        elif symbol:
            tables[str(symbol)], said = one_table(values.iloc[rows], time_T[rows], f"{symbol} in {shown}")
            notes += said
    if not tables:
        raise DataError(
            f"No series in {shown} has 2 rows: {len(short)} symbols in {len(values)} rows. Choose another "
            "symbol column, or none."
        )
    nameless = int((symbol_T == "").sum())
    notes = _once(notes)
    if nameless:
        notes.append(f"{nameless} rows without a symbol were left out.")
    if short:
        notes.append(f"Symbols with fewer than 2 rows were left out: {', '.join(short[:6])}.")
    return tables, notes


def _names_series(column: pd.Series, name: str) -> bool:
    """Whether a column could name series: filled, few values, text unless its name says that it does."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return False
    distinct = column.nunique()
    text = column.dtype == object and not pd.to_numeric(column, errors="coerce").notna().any()
    filled = (column != "").mean() if column.dtype == object else column.notna().mean()
    return (text or _plain(name) in NAMES) and filled > 0.9 and 1 < distinct <= len(column) / 2


def _named(cells: pd.DataFrame) -> list[str]:
    found = [name for name in cells.columns if _plain(name) in NAMES]
    return sorted(found, key=lambda name: NAMES.index(_plain(name)))


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "_", name.strip().lower())


def _once(notes: list[str]) -> list[str]:
    """Each kind of sentence once, with how many more symbols it holds for."""
    kinds = {note.split(",")[0]: note for note in reversed(notes)}
    counts = {kind: sum(note.split(",")[0] == kind for note in notes) for kind in kinds}
    return [
        note if counts[kind] == 1 else f"{note[:-1]}, and likewise in {counts[kind] - 1} more symbols."
        for kind, note in reversed(kinds.items())
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
