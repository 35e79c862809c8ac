"""A file that a person brought as plain tables: what is in it is guessed, said, and can be corrected."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.parsing import cells as grids
from core.data.parsing import dates, layout, numbers
from core.data.parsing.cells import Cells
from core.data.parsing.schema import ROLES, Guess
from core.errors import DataError

TARGETS = ("close", "adj_close", "target", "y", "value", "price", "ot")  # by name, before the first column


@dataclass(frozen=True, slots=True, kw_only=True)
class _Understood:
    """The rows of a file with what each column says."""

    cells: Cells
    values: pd.DataFrame  # every numeric column that is used, float64
    time_T: pd.Series
    text_T: pd.Series  # the dates as they are written
    symbol_T: pd.Series | None
    guess: Guess


def read(content: bytes, name: str, corrected: Guess | None = None) -> tuple[dict[str, pd.DataFrame], Guess]:
    """The plain tables (T, columns) of a CSV, TSV, Excel or Parquet file by symbol, and how it was read.

    Each has sorted unique times named "time" down and float64 columns across; missing cells stay NaN. `corrected`
    is an earlier guess with what a person changed in it. `name` serves the messages and, where no column names the
    series, the symbol. Raises DataError that says in one sentence, with row and column, what to mend.
    """
    shown = repr(name[:60])
    found = _understand(content, shown, corrected or Guess())
    _check_dates(found)
    dated = found.time_T.notna().to_numpy()
    time_T = pd.DatetimeIndex(found.time_T[dated]).as_unit("ns")
    values = found.values[dated]
    if found.symbol_T is None:
        table, notes = layout.one_table(values, time_T, f"the file {shown}")
        tables = {layout.symbol_of(name): table}
    else:
        tables, notes = layout.by_symbol(values, time_T, found.symbol_T[dated], shown)
    if not dated.all():
        notes.append(f"{np.count_nonzero(~dated)} rows without a date and without numbers were left out.")
    return tables, replace(found.guess, notes=(*found.guess.notes, *notes))


def guess(content: bytes, name: str, corrected: Guess | None = None) -> Guess:
    """How a file would be read, also where some of its rows still stand in the way. Raises DataError."""
    return _understand(content, repr(name[:60]), corrected or Guess()).guess


def read_csv(content: bytes, name: str) -> pd.DataFrame:
    """The plain table of a file with one series, as `read` makes it. Raises DataError, also for several series."""
    tables, made = read(content, name)
    if len(tables) > 1:
        times = len(set().union(*(table.index for table in tables.values())))
        raise DataError(
            f"The {sum(map(len, tables.values()))} rows of {name[:60]!r} have {times} different times: it "
            f"holds {len(tables)} series, named in {made.symbol!r}. Save one series per file."
        )
    return next(iter(tables.values()))


def read_path(path: Path) -> tuple[dict[str, pd.DataFrame], Guess]:
    """What `read` makes of the file at `path`. Raises DataError when there is no such file or it cannot be read."""
    return read(content_of(path), path.name)


def content_of(path: Path) -> bytes:
    """The bytes of the file at `path`. Raises DataError when there is none."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"The file {str(path)!r} cannot be read: {error.strerror}. Check the path.") from error


def _understand(content: bytes, shown: str, asked: Guess) -> _Understood:
    cells = grids.read(content, shown, asked)
    table = cells.table
    _check_roles(asked, table)
    date = asked.date if asked.date else next((c for c, role in asked.roles if role == "time"), "") or dates.find(table)
    joined = dates.join_clock(table, date)
    reading = dates.read(joined[date], asked.date_format)
    if asked.roles:
        symbol = asked.symbol or next((c for c, role in asked.roles if role == "symbol"), None)
    else:
        symbol = asked.symbol or layout.symbol_column(joined, reading.times, date)
    rest = joined.drop(columns=[date, *([symbol] if symbol and symbol in joined else [])])
    decimal = asked.decimal or numbers.decimal_mark(rest, cells.separator)
    values, why = _values(rest, decimal, asked, shown)
    used = rest[list(values.columns)]
    notes = [*cells.notes, *reading.notes, *(numbers.notes(used, decimal)), *_odd(used, values, cells.row_T)]
    if len(joined.columns) < len(table.columns):
        notes.append("The clock times of a column of their own were joined to the dates.")
    if symbol:
        notes.append(f"The column {symbol[:30]!r} names the series.")
    if why:
        notes.append(f"Left out: {', '.join(f'{column[:30]!r} ({reason})' for column, reason in why.items())}.")
    made = Guess(
        kind=cells.kind,
        separator=cells.separator,
        encoding=cells.encoding,
        decimal=decimal,
        thousands=numbers.thousands_mark(used, decimal),
        date=date,
        date_format=reading.words,
        date_formats=reading.others,
        layout="long" if symbol else "wide",
        symbol=symbol,
        roles=_roles(joined, date, symbol, list(values.columns), asked),
        notes=(f"The times are in the column {date[:30]!r}, {reading.words}.", *notes),
    )
    return _Understood(
        cells=cells,
        values=values,
        time_T=reading.times,
        text_T=joined[date],
        symbol_T=layout.names(joined[symbol]) if symbol else None,
        guess=made,
    )


def _check_roles(asked: Guess, table: pd.DataFrame) -> None:
    """Raise DataError where a correction names a column or a role that does not exist."""
    for column, role in (
        *asked.roles,
        *([(asked.date, "time")] if asked.date else []),
        *([(asked.symbol, "symbol")] if asked.symbol else []),
    ):
        if role not in ROLES:
            raise DataError(f"{role!r} is no role of a column. Choose one of: {', '.join(ROLES)}.")
        if column not in table.columns:
            raise DataError(
                f"There is no column {column[:30]!r} in the file. There are: "
                f"{', '.join(repr(str(c)[:30]) for c in table.columns[:12])}."
            )
    if asked.date and asked.date == asked.symbol:
        raise DataError(
            f"The column {asked.date[:30]!r} cannot hold the times and name the series. Choose two columns."
        )


def _roles(
    cells: pd.DataFrame, date: str, symbol: str | None, used: list[str], asked: Guess
) -> tuple[tuple[str, str], ...]:
    plain = {column.lower(): column for column in reversed(used)}
    guessed = next((plain[name] for name in TARGETS if name in plain), used[0])
    target = asked.target if asked.target in used else guessed
    made = {date: "time", symbol: "symbol", target: "target"} | {
        column: "known" for column in used if asked.role(column) == "known" and column != target
    }
    return tuple((name, made.get(name) or ("past" if name in used else "ignore")) for name in map(str, cells.columns))


def _values(cells: pd.DataFrame, decimal: str, asked: Guess, shown: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """The numeric columns as float64, and of every other column why it is left out."""
    kept, why = {}, {}
    for name in map(str, cells.columns):
        column, role = numbers.read(cells[name], decimal), asked.role(name)
        if column is None:
            if role == "target":
                raise DataError(
                    f"The column {name[:30]!r} of {shown} is to be forecast and holds no numbers. Choose "
                    "another target."
                )
            why[name] = "text" if numbers.holds(cells[name]).any() else "empty"
        elif role in (None, "ignore") and _counts_rows(name, column):
            why[name] = "row numbers"
        elif role == "ignore":
            why[name] = "as asked"
        else:
            kept[name] = column
    if not kept:
        came = ", ".join(repr(name[:30]) for name in list(why)[:12]) or "nothing"
        raise DataError(f"The file {shown} has no column of numbers beside the dates; it has {came}. Add one.")
    return pd.DataFrame(kept, index=cells.index), why


def _odd(cells: pd.DataFrame, values: pd.DataFrame, row_T: list[int]) -> list[str]:
    """A sentence for each column with cells that say something and are no numbers."""
    said = []
    for name in cells.columns:
        odd = np.flatnonzero((numbers.holds(cells[name]) & values[name].isna()).to_numpy())
        if len(odd):
            first = str(cells[name].iloc[odd[0]])[:30]
            said.append(
                f"{len(odd)} cells of {name[:30]!r} are no numbers and count as missing, the first in row "
                f"{row_T[odd[0]]}: {first!r}."
            )
    return said


def _counts_rows(name: str, column: pd.Series) -> bool:
    """A nameless first column 0, 1, 2, … is the row number that some programs write, not a series."""
    steps = column.diff().iloc[1:]
    return (
        name in {"column_1", "Unnamed: 0", "__index_level_0__"}
        and len(steps) > 0
        and bool(((steps == 1) | (steps == -1)).all())
    )


def _check_dates(found: _Understood) -> None:
    """Raise DataError for the first row that holds numbers and no date; rows without either are titles or notes."""
    bad = np.flatnonzero((found.time_T.isna() & found.values.notna().any(axis=1)).to_numpy())
    if len(bad):
        more = f" and {len(bad) - 1} more rows do not either" if len(bad) > 1 else ""
        said = str(found.text_T.iloc[bad[0]])[:40]
        raise DataError(
            f"Row {found.cells.row_T[bad[0]]} says {said!r} where a date belongs{more}. "
            "Write every date in one way, like 2024-01-31."
        )
