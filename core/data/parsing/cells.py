"""The bytes of a file as named columns of cells: delimited text in any encoding, Excel workbooks, Parquet."""

import csv
import io
import re
import warnings
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pandas as pd

from core.data.frame import column_name
from core.data.parsing import dates, numbers
from core.data.parsing.schema import Guess
from core.errors import DataError

SEPARATORS = ("\t", ";", "|", ",")  # between equals the first: 1,5 is a number more often than 1;5
ENCODINGS = ("utf-8", "utf-16", "cp1252", "latin-1")
BINARY = {
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"\x89PNG": "a picture",
}
LARGEST = 50_000_000  # cells; a small file can unpack to more than a machine holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """T rows: each column of `table` holds texts (object), float64 or times; `row_T` are rows as a person counts."""

    table: pd.DataFrame
    row_T: list[int]
    kind: str
    separator: str = ""
    encoding: str = ""
    notes: tuple[str, ...] = ()


def read(content: bytes, shown: str, corrected: Guess) -> Cells:
    """The cells of a file, known by its content whatever its name. Raises DataError when it is no table."""
    if not content.strip():
        raise DataError(f"The file {shown} is empty. Choose a CSV with a date column and a column of numbers.")
    for start, kind in BINARY.items():
        if content.startswith(start):
            raise DataError(f"The file {shown} is {kind}, not text. Save it as CSV and load that.")
    if content.startswith(b"PAR1"):
        return _parquet(content, shown)
    if content.startswith(b"PK\x03\x04"):
        return _excel(content, shown)
    return _text(content, shown, corrected)


def _text(content: bytes, shown: str, corrected: Guess) -> Cells:
    text, encoding = _decode(content, corrected.encoding)
    if "\x00" in text or len(re.findall(r"[\x01-\x08\x0e-\x1f]", text)) > 0.02 * len(text):
        raise DataError(f"The file {shown} holds bytes that are no text. Save the table as CSV in UTF-8.")
    separator = corrected.separator or _separator(text)
    table, row_T = _named(*_rows(text, separator, shown), shown)
    said = () if encoding == "utf-8" else (f"The text is written in {encoding}.",)
    return Cells(table=table, row_T=row_T, kind="text", separator=separator, encoding=encoding, notes=said)


def _decode(content: bytes, asked: str) -> tuple[str, str]:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    likely = [name for name in ENCODINGS[:3] if wide or name != "utf-16"]
    for name in (*([asked] if asked in ENCODINGS else []), *(["utf-16"] if wide else []), *_halves(content), *likely):
        try:
            return content.decode("utf-8-sig" if name == "utf-8" else name), name
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"  # gives every byte a character


def _halves(content: bytes) -> tuple[str, ...]:
    """UTF-16 without a mark at its start: nearly every second byte is zero."""
    head = content[:2000]
    if len(head) < 8 or len(content) % 2:
        return ()
    zeros = head[0::2].count(0), head[1::2].count(0)
    return (
        next((("utf-16-be", "utf-16-le")[at],) for at in (0, 1) if zeros[at] == max(zeros))
        if max(zeros) > 0.35 * len(head)
        else ()
    )


def _separator(text: str) -> str:
    """The separator that cuts most of the first rows into one and the same number of cells, two at least."""
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:50]

    def score(separator: str) -> tuple[int, int]:
        widths = [line.count(separator) for line in lines if separator in line]
        common = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        return widths.count(common), common

    return max(SEPARATORS, key=lambda separator: score(separator))


def _rows(text: str, separator: str, shown: str) -> tuple[list[list[str]], list[int]]:
    """The filled rows of `text` as stripped cells, and the row number of each as a person counts them, from 1."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    rows: list[list[str]] = []
    row_T: list[int] = []
    try:
        for row in reader:
            stripped = [cell.strip() for cell in row]
            if any(stripped):
                rows.append(stripped)
                row_T.append(reader.line_num)
    except csv.Error as error:
        raise DataError(f"Row {reader.line_num} of {shown} is no row of a CSV: {error}. Check its quotes.") from error
    return rows, row_T


def _named(rows: list[list[str]], row_T: list[int], shown: str) -> tuple[pd.DataFrame, list[int]]:
    """The texts under their column names, and the row number of each. A file without a header gets names."""
    titles = _titles(rows)
    rows, row_T = rows[titles:], row_T[titles:]
    if not rows:
        raise DataError(f"The file {shown} is empty. Choose a CSV with a date column and a column of numbers.")
    headed = not all(numbers.is_number(cell) or dates.is_date(cell) for cell in rows[0] if cell)
    header = rows[0] if headed else [""] * len(rows[0])
    body, counted = (rows[1:], row_T[1:]) if headed else (rows, row_T)
    if not body:
        raise DataError(f"The file {shown} has a header and no rows. At least 2 rows are needed.")
    for row, number in zip(body, counted, strict=True):
        if any(row[len(header) :]):
            raise DataError(
                f"Row {number} of {shown} has {len(row)} cells where the header has {len(header)}. Put "
                "quotes around cells that hold the separator."
            )
    full = [row[: len(header)] + [""] * (len(header) - len(row)) for row in body]
    return pd.DataFrame(full, columns=_unique(header), dtype=object), counted


def _titles(rows: list[list[str]]) -> int:
    """How many rows of a single cell stand above the header of a wider table."""
    filled = [sum(1 for cell in row if cell) for row in rows[:50]]
    if not filled or max(filled) == 1:
        return 0
    return next(at for at, count in enumerate(filled) if count > 1)


def _unique(header: list[str]) -> list[str]:
    names: list[str] = []
    for at, cell in enumerate(header):
        wanted = column_name(cell.strip("<>")) or f"column_{at + 1}"
        name, again = wanted, 2
        while name in names:
            name, again = f"{wanted}_{again}", again + 1
        names.append(name)
    return names


def _excel(content: bytes, shown: str) -> Cells:
    """The first sheet of a workbook that has two rows; formulas count with the values that were saved with them."""
    import openpyxl  # type: ignore[import-untyped]

    try:
        _check_size(sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(content)).infolist()) // 10, shown)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and printers
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            sheets = {sheet.title: _sheet(sheet) for sheet in book.worksheets}
    except DataError:
        raise
    except Exception as error:  # whatever a broken archive makes of the library
        raise DataError(
            f"The file {shown} looks like an Excel or ZIP file and cannot be read as a workbook "
            f"({type(error).__name__}). Save the table as CSV and load that."
        ) from error
    title = next((title for title, (rows, _) in sheets.items() if len(rows) > 1), None)
    if title is None:
        raise DataError(f"The workbook {shown} has no sheet with 2 filled rows. Choose one with a table.")
    table, row_T = _named(*sheets[title], shown)
    said = (f"Of {len(sheets)} sheets {title[:40]!r} was read, the first with a table.",) if len(sheets) > 1 else ()
    return Cells(table=table, row_T=row_T, kind="excel", notes=said)


def _sheet(sheet: Any) -> tuple[list[list[str]], list[int]]:
    sheet.reset_dimensions()  # a workbook may declare a million columns and hold three
    rows = [[_said(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    width = max((at + 1 for row in rows for at, cell in enumerate(row) if cell), default=0)
    filled = [at for at, row in enumerate(rows) if any(row)]
    return [rows[at][:width] for at in filled], [at + 1 for at in filled]


def _said(value: Any) -> str:
    """A cell of a workbook as text that is read back without loss."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")  # a day, to which a clock may be joined
    return value.isoformat() if isinstance(value, (date, time)) else str(value).strip()


def _parquet(content: bytes, shown: str) -> Cells:
    """The columns of a Parquet file as they are typed; what pandas or others noted beside them is not looked at."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        opened = pq.ParquetFile(io.BytesIO(content), arrow_extensions_enabled=False)
        _check_size(opened.metadata.num_rows * opened.metadata.num_columns, shown)
        arrow = opened.read()
        names = _unique([str(name) for name in arrow.column_names])
        made = {name: _typed(arrow.column(at)) for at, name in enumerate(names)}
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise DataError(
            f"The file {shown} begins like a Parquet file and cannot be read as one "
            f"({type(error).__name__}). Write it again."
        ) from error
    table = pd.DataFrame({name: column for name, column in made.items() if column is not None})
    if table.empty:
        raise DataError(f"The Parquet file {shown} has no rows of numbers, times or text. At least 2 rows are needed.")
    odd = [repr(name[:30]) for name, column in made.items() if column is None]
    said = (f"Left out, neither numbers nor times nor text: {', '.join(odd[:6])}.",) if odd else ()
    return Cells(table=table, row_T=list(range(1, len(table) + 1)), kind="parquet", notes=said)


def _typed(column: Any) -> pd.Series | None:
    """One Arrow column as texts, float64 or times without a zone; None for lists, bytes and the like."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.Series([value.strip() if value else "" for value in column.to_pylist()], dtype=object)
    if pa.types.is_date(kind):
        return pd.Series(column.cast(pa.timestamp("ms")).to_numpy())
    if pa.types.is_timestamp(kind):
        return column.to_pandas(ignore_metadata=True).dt.tz_localize(None)
    if (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_decimal(kind)
    ):
        return pd.Series(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
    return pd.Series([""] * len(column), dtype=object) if pa.types.is_null(kind) else None


def _check_size(cells: int, shown: str) -> None:
    if cells > LARGEST:
        raise DataError(
            f"The file {shown} unpacks to about {cells:,} cells; {LARGEST:,} can be read. Save the columns "
            "that are needed."
        )
