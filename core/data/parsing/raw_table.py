"""The columns of a file under their names, before dates and numbers are parsed; what all file formats share."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from core.data.frame import column_name
from core.data.parsing import header_rows
from core.data.parsing.schema import FileSchema
from core.errors import DataError
from core.language import message
from core.types import Ints

Rows = tuple[list[list[str]], list[int]]  # the filled rows of a file as texts, and the number of each in the file


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """T rows: each column of `table` holds texts (object), float64 or times; `row_T` are row numbers as people count.

    `separator` and `encoding` are those of a text, as is `decimal` where its numbers were parsed with it; `sheet` and
    `sheets` are the one read of a workbook and all of it; `notes` say in sentences what was assumed or left out.
    """

    table: pd.DataFrame
    row_T: Ints
    kind: str
    separator: str = ""
    encoding: str = ""
    decimal: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """One file format. A new one is a module in this package with its `FileFormat`, and a line in `formats.FORMATS`.

    `read(content, shown, corrections)` returns the table of a file that begins with `magic`, and raises DataError if it
    has none; `shown` is the name of the file for messages.
    """

    kind: str
    magic: bytes
    read: Callable[[bytes, str, FileSchema], RawTable]


def with_header(rows: Rows, shown: str, header_row: int) -> tuple[pd.DataFrame, Ints]:
    """Return the texts under their column names, and the number of each row.

    Raises DataError for what `find_names` refuses, for a table without rows, and for a row with more cells than the
    header.
    """
    several = symbol_rows(rows[0], header_row)
    if several is not None:
        return several(rows)
    names, start = find_names(rows, shown, header_row)
    body, body_row_T = rows[0][start:], rows[1][start:]
    if not body:
        raise DataError(message("The file {shown} has a header and no rows. At least 2 rows are needed.", shown=shown))
    for row, number in zip(body, body_row_T, strict=True):
        if any(row[len(names) :]):
            raise DataError(
                message(
                    "Row {number} of {shown} has {cells} cells where the header has {count}. Put quotes around cells "
                    "that contain the separator.",
                    number=number,
                    shown=shown,
                    cells=len(row),
                    count=len(names),
                )
            )
    full = [row[: len(names)] + [""] * (len(names) - len(row)) for row in body]
    return pd.DataFrame(full, columns=names, dtype=object), np.array(body_row_T)


def find_names(rows: Rows, shown: str, header_row: int, width: int = 0) -> tuple[list[str], int]:
    """Return the names of the columns, at least `width`, and the position of the first row below them.

    `header_row` is the number of the row with the names, 0 to find it; without a header, columns get names. Raises
    DataError for a file without rows or without that row.
    """
    if not rows[0]:
        raise empty_file(shown)
    header, start = _chosen_header(rows, shown, header_row) if header_row else header_rows.find(rows[0])
    header = header + [""] * (width - len(header))
    return unique_names(header), start


def symbol_rows(rows: list[list[str]], header_row: int) -> Callable[[Rows], tuple[pd.DataFrame, Ints]] | None:
    """Return what turns the rows of a file with a row of tickers into rows of one symbol each; None for other files."""
    several = header_rows.tickers(rows) if rows and not header_row else None
    return None if several is None else partial(_long, *several)


def _chosen_header(rows: Rows, shown: str, header_row: int) -> tuple[list[str], int]:
    """Return the cells of this row, and the position of the first row of data below it."""
    if header_row not in rows[1]:
        raise DataError(
            message(
                "The file {shown} has no filled row {header_row}. Choose a header row from {first} to {last}.",
                shown=shown,
                header_row=header_row,
                first=rows[1][0],
                last=rows[1][-1],
            )
        )
    position = rows[1].index(header_row)
    start = max(position + 1, header_rows.first_data(rows[0]) or 0)
    width = max(map(len, rows[0][position:]))
    return rows[0][position] + [""] * (width - len(rows[0][position])), start


def _long(symbols: list[str], columns: list[str], start: int, rows: Rows) -> tuple[pd.DataFrame, Ints]:
    """Return the rows of several symbols below each other, for a table with a column for each symbol and name."""
    names = list(dict.fromkeys(columns[1:]))
    column = {pair: position for position, pair in enumerate(zip(symbols, columns, strict=True))}
    row_T = np.tile(rows[1][start:], len(dict.fromkeys(symbols[1:])))
    long = []
    for symbol in dict.fromkeys(symbols[1:]):
        places = [column.get((symbol, name), len(symbols)) for name in names]
        long += [[row[0], symbol, *(row[at] if at < len(row) else "" for at in places)] for row in rows[0][start:]]
    return pd.DataFrame(long, columns=unique_names(["date", "symbol", *names]), dtype=object), row_T


def unique_names(header: list[str]) -> list[str]:
    """Return the column names of a header: nameless columns are numbered, and so are names that occur again."""
    names: dict[str, None] = {}
    next_number: dict[str, int] = {}
    for position, cell in enumerate(header):
        base = column_name(cell.strip("<>")) or f"column_{position + 1}"
        name, number = base, next_number.get(base, 2)
        while name in names:
            name, number = f"{base}_{number}", number + 1
        names[name], next_number[base] = None, number
    return list(names)


def empty_file(shown: str) -> DataError:
    """Return the error about a file without any cell."""
    return DataError(
        message("The file {shown} is empty. Choose a CSV with a date column and a column of numbers.", shown=shown)
    )
