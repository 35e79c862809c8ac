"""The columns of a file under their names, before dates and numbers are parsed; what all file formats share."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from core.data.frame import column_name
from core.data.parsing import header_rows
from core.data.parsing.schema import FileSchema
from core.errors import DataError

MAX_CELLS = 50_000_000  # a small file can unpack to more than the memory of a machine
Rows = tuple[list[list[str]], list[int]]  # the filled rows of a file as texts, and the number of each in the file


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """T rows: each column of `table` holds texts (object), float64 or times; `row_T` are row numbers as people count.

    `separator` and `encoding` are those of a text, `sheet` is that of a workbook; `notes` say in sentences what was
    assumed or left out.
    """

    table: pd.DataFrame
    row_T: list[int]
    kind: str
    separator: str = ""
    encoding: str = ""
    sheet: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """One file format. A new one is a module in this package with its `FileFormat`, and a line in `formats.FORMATS`.

    `read(content, shown, corrections)` returns the table of a file that begins with `magic`, and raises DataError if it
    has none; `shown` is the name of the file for messages.
    """

    magic: bytes
    read: Callable[[bytes, str, FileSchema], RawTable]


def with_header(rows: Rows, shown: str, header_row: int) -> tuple[pd.DataFrame, list[int]]:
    """Return the texts under their column names, and the number of each row; without a header, columns get names.

    `header_row` is the number of the row with the names, 0 to find it. Raises DataError for a table without rows, for
    one without that row, and for a row with more cells than the header.
    """
    if not rows[0]:
        raise empty_file(shown)
    several = None if header_row else header_rows.tickers(rows[0])
    if several:
        return _long(rows, *several)
    header, start = _chosen_header(rows, shown, header_row) if header_row else header_rows.find(rows[0])
    body, body_row_T = rows[0][start:], rows[1][start:]
    if not body:
        raise DataError(f"The file {shown} has a header and no rows. At least 2 rows are needed.")
    for row, number in zip(body, body_row_T, strict=True):
        if any(row[len(header) :]):
            raise DataError(
                f"Row {number} of {shown} has {len(row)} cells where the header has {len(header)}. Put "
                "quotes around cells that contain the separator."
            )
    full = [row[: len(header)] + [""] * (len(header) - len(row)) for row in body]
    return pd.DataFrame(full, columns=unique_names(header), dtype=object), body_row_T


def _chosen_header(rows: Rows, shown: str, header_row: int) -> tuple[list[str], int]:
    """Return the cells of this row, and the position of the first row of data below it."""
    if header_row not in rows[1]:
        raise DataError(
            f"The file {shown} has no filled row {header_row}. Choose a header row from {rows[1][0]} to {rows[1][-1]}."
        )
    position = rows[1].index(header_row)
    start = max(position + 1, header_rows.first_data(rows[0]) or 0)
    width = max(map(len, rows[0][position:]))
    return rows[0][position] + [""] * (width - len(rows[0][position])), start


def _long(rows: Rows, symbols: list[str], columns: list[str], start: int) -> tuple[pd.DataFrame, list[int]]:
    """Return the rows of several symbols below each other, for a table with a column for each symbol and name."""
    names = list(dict.fromkeys(columns[1:]))
    column = {pair: position for position, pair in enumerate(zip(symbols, columns, strict=True))}
    row_T = rows[1][start:] * len(dict.fromkeys(symbols[1:]))
    long = []
    for symbol in dict.fromkeys(symbols[1:]):
        places = [column.get((symbol, name), len(symbols)) for name in names]
        long += [[row[0], symbol, *(row[at] if at < len(row) else "" for at in places)] for row in rows[0][start:]]
    return pd.DataFrame(long, columns=unique_names(["date", "symbol", *names]), dtype=object), row_T


def unique_names(header: list[str]) -> list[str]:
    """Return the column names of a header: nameless columns are numbered, and so are names that occur again."""
    names: list[str] = []
    for position, cell in enumerate(header):
        base = column_name(cell.strip("<>")) or f"column_{position + 1}"
        name, number = base, 2
        while name in names:
            name, number = f"{base}_{number}", number + 1
        names.append(name)
    return names


def empty_file(shown: str) -> DataError:
    """Return the error about a file without any cell."""
    return DataError(f"The file {shown} is empty. Choose a CSV with a date column and a column of numbers.")


def check_size(cells: int, shown: str) -> None:
    """Raise DataError if a file unpacks to more cells than can be read."""
    if cells > MAX_CELLS:
        raise DataError(
            f"The file {shown} unpacks to about {cells:,} cells; at most {MAX_CELLS:,} can be read. Save only the "
            "columns that are needed."
        )
