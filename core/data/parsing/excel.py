"""Excel workbooks: the first sheet with a table."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd

from core.data.parsing import header_rows, workbook_size
from core.data.parsing.limits import check_columns, cut
from core.data.parsing.raw_table import FileFormat, RawTable, find_names, symbol_rows
from core.data.parsing.schema import FileSchema
from core.data.wording import quote
from core.errors import DataError
from core.language import message
from core.types import Ints

Sheet = tuple[list[list[Any]], list[int]]  # the filled rows of a sheet, and the number of each


def read(content: bytes, shown: str, corrections: FileSchema) -> RawTable:
    """Return the sheet that a correction names, else the first with a table of dates and numbers, else with two filled
    rows; formulas count as saved.

    Raises DataError for a broken workbook, for one that is too large, and for one without such a sheet.
    """
    import python_calamine as calamine

    try:
        workbook_size.check(zipfile.ZipFile(io.BytesIO(content)), shown)
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = tuple(book.sheet_names)
        if corrections.sheet and corrections.sheet not in names:
            listed = ", ".join(quote(title, 40) for title in names)
            raise DataError(
                message(
                    "The workbook {shown} has no sheet {sheet}; it has {listed}.",
                    shown=shown,
                    sheet=quote(corrections.sheet, 40),
                    listed=listed,
                )
            )
        title, sheet = _choose(book, (corrections.sheet,) if corrections.sheet else names, shown)
    except DataError:
        raise
    except Exception as error:  # whatever a broken archive makes the library raise
        raise DataError(
            message(
                "The file {shown} looks like an Excel or ZIP file, but cannot be read as a workbook ({error}). Save "
                "the table as CSV and load that.",
                shown=shown,
                error=type(error).__name__,
            )
        ) from error
    several = len(names) > 1 and not corrections.sheet
    notes = (
        (
            message(
                "Of {count} sheets, the first with a table was read: {title}.", count=len(names), title=quote(title, 40)
            ),
        )
        if several
        else ()
    )
    table, row_T = _table(sheet, shown, corrections.header_row)
    return RawTable(table=table, row_T=row_T, kind="excel", sheet=title, sheets=names, notes=notes)


def _choose(book: Any, names: tuple[str, ...], shown: str) -> tuple[str, Sheet]:
    """Return the first of these sheets with a table, else the first with two filled rows."""
    filled: list[tuple[str, Sheet]] = []
    for title in names:
        sheet = _filled_rows(book.get_sheet_by_name(title), shown)
        if len(sheet[0]) > 1:
            filled.append((title, sheet))
            if header_rows.has_table(_texts(sheet[0][: header_rows.SHOWN])):
                return filled[-1]
    if not filled:
        raise DataError(
            message("The workbook {shown} has no sheet with 2 filled rows. Choose one with a table.", shown=shown)
        )
    return filled[0]


def _filled_rows(sheet: Any, shown: str) -> Sheet:
    """Return the rows and columns of a sheet that have a filled cell. Raises DataError for too many columns."""
    rows = sheet.to_python(skip_empty_area=False)
    filled = [number for number, row in enumerate(rows) if any(cell != "" for cell in row)]
    width = len(rows[0]) if rows else 0
    columns = [at for at in range(width) if any(rows[number][at] != "" for number in filled)]
    check_columns(len(columns), shown)
    cells = (
        [rows[number] for number in filled]
        if len(columns) == width
        else [[rows[number][at] for at in columns] for number in filled]
    )
    return cells, [number + 1 for number in filled]


def _table(sheet: Sheet, shown: str, header_row: int) -> tuple[pd.DataFrame, Ints]:
    """Return the columns under their names, those of numbers as float64, and the number of each row."""
    rows, row_T = sheet
    head = _texts(rows[: header_rows.SHOWN]), row_T[: header_rows.SHOWN]
    several = symbol_rows(head[0], header_row)
    if several is not None:
        return several((_texts(rows), row_T))
    names, start = find_names(head, shown, header_row, len(rows[0]))
    columns = {name: _column([row[at] for row in rows[start:]]) for at, name in enumerate(names)}
    return pd.DataFrame(columns), np.array(row_T[start:])


def _column(cells: list[Any]) -> "pd.Series[Any]":
    kinds = {type(cell) for cell in cells if cell != ""}
    if kinds and kinds <= {int, float}:
        return pd.Series(np.array([np.nan if cell == "" else cell for cell in cells], dtype=np.float64))
    return pd.Series([_to_text(cell) for cell in cells], dtype=object)


def _texts(rows: list[list[Any]]) -> list[list[str]]:
    return [[_to_text(cell) for cell in row] for row in rows]


def _to_text(value: Any) -> str:
    """Return a cell as a text that can be parsed without loss."""
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")  # a date, to which a clock time may be added
    if isinstance(value, timedelta):
        return str(value / timedelta(days=1))
    return value.isoformat() if isinstance(value, date | time) else str(int(value))


FORMAT = FileFormat(kind="excel", magic=b"PK\x03\x04", read=read)
