"""Excel workbooks: the first sheet with a table."""

import io
import warnings
import zipfile
from datetime import date, datetime, time
from typing import Any

from core.data.parsing import header_rows
from core.data.parsing.raw_table import FileFormat, RawTable, Rows, check_size, with_header
from core.data.parsing.schema import FileSchema
from core.data.wording import quote
from core.errors import DataError


def read(content: bytes, shown: str, corrections: FileSchema) -> RawTable:
    """Return the sheet that a correction names, else the first with a table of dates and numbers, else with two filled
    rows; formulas count as saved.

    Raises DataError for a broken workbook and for one without such a sheet.
    """
    import openpyxl  # type: ignore[import-untyped]

    try:
        check_size(sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(content)).infolist()) // 10, shown)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and printers
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            sheets = {sheet.title: _rows(sheet) for sheet in book.worksheets}
    except DataError:
        raise
    except Exception as error:  # whatever a broken archive makes the library raise
        raise DataError(
            f"The file {shown} looks like an Excel or ZIP file, but cannot be read as a workbook "
            f"({type(error).__name__}). Save the table as CSV and load that."
        ) from error
    if corrections.sheet and corrections.sheet not in sheets:
        names = ", ".join(quote(title, 40) for title in sheets)
        raise DataError(f"The workbook {shown} has no sheet {quote(corrections.sheet, 40)}; it has {names}.")
    filled = [title for title, (rows, _) in sheets.items() if len(rows) > 1]
    first = next((title for title in filled if header_rows.has_table(sheets[title][0])), next(iter(filled), None))
    title = corrections.sheet or first
    if title is None:
        raise DataError(f"The workbook {shown} has no sheet with 2 filled rows. Choose one with a table.")
    table, row_T = with_header(sheets[title], shown, corrections.header_row)
    several = len(sheets) > 1 and not corrections.sheet
    notes = (f"Of {len(sheets)} sheets, the first with a table was read: {quote(title, 40)}.",) if several else ()
    return RawTable(table=table, row_T=row_T, kind="excel", sheet=title, notes=notes)


def _rows(sheet: Any) -> Rows:
    sheet.reset_dimensions()  # a workbook may declare a million columns and have three
    rows = [[_to_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    width = max((number + 1 for row in rows for number, cell in enumerate(row) if cell), default=0)
    filled = [number for number, row in enumerate(rows) if any(row)]
    return [rows[number][:width] for number in filled], [number + 1 for number in filled]


def _to_text(value: Any) -> str:
    """Return a cell as a text that can be parsed without loss."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")  # a date, to which a clock time may be added
    return value.isoformat() if isinstance(value, (date, time)) else str(value).strip()


FORMAT = FileFormat(magic=b"PK\x03\x04", read=read)
