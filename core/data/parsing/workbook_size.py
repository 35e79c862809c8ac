"""How large a workbook is in memory, from its sheets as they are packed: before a library unpacks a stray cell."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from core.data.parsing.limits import check_bytes, check_cells
from core.errors import DataError
from core.language import message

CHUNK = 4_000_000  # bytes
MAX_ROW = 40_000_000  # bytes
MAX_EMPTY = 4_000_000  # cells between the filled ones
SPARSE = 8  # cells of the rectangle around the filled ones, for each of them

_CELL = re.compile(rb'<(?:\w+:)?c (?:[^>]*? )?r="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[ >]")
_ROW = re.compile(rb"<(?:\w+:)?row[ >]")
_SHARED = re.compile(rb"</(?:\w+:)?si>")
_STRING = b't="s"'


@dataclass(slots=True)
class _Extent:
    cells: int = 0
    strings: int = 0  # cells with a text of the shared table, each of which is a copy in memory
    columns: int = 0
    rows: int = 0


def check(archive: zipfile.ZipFile, shown: str) -> None:
    """Raise DataError for a workbook with more cells, texts or bytes than are read, or with a cell far from the rest.

    Libraries hold a sheet as the rectangle around its filled cells: one more in XFD1048576 takes 400 GB.
    """
    check_bytes(sum(entry.file_size for entry in archive.infolist()), shown)
    longest = max(
        (_longest_text(archive, name, shown) for name in archive.namelist() if "sharedStrings" in name), default=0
    )
    for name in archive.namelist():
        if not re.search(r"worksheets/[^/]+\.xml$", name):
            continue
        extent = _extent(archive, name, shown)
        area = extent.columns * extent.rows
        if area > max(MAX_EMPTY, SPARSE * extent.cells):
            raise DataError(
                message(
                    "A sheet of {shown} spans {rows} rows and {columns} columns with {cells} filled cells: one stands "
                    "far from the others. Delete it, or copy the table into a new workbook.",
                    shown=shown,
                    rows=f"{extent.rows:,}",
                    columns=f"{extent.columns:,}",
                    cells=f"{extent.cells:,}",
                )
            )
        check_cells(area, shown)
        check_bytes(longest * extent.strings if longest > 1000 else 0, shown)


def _chunks(archive: zipfile.ZipFile, name: str, end: bytes, shown: str) -> Iterator[bytes]:
    """Yield a packed file in pieces that end with `end`. Raises DataError if it is too rare."""
    rest = b""
    with archive.open(name) as stream:
        while piece := stream.read(CHUNK):
            piece = rest + piece
            cut = piece.rfind(end) + len(end) if end in piece else 0
            rest = piece[cut:]
            if len(rest) > MAX_ROW:
                raise DataError(
                    message(
                        "A sheet of {shown} has a row of more than {max_row} MB. Copy the table into a new workbook.",
                        shown=shown,
                        max_row=f"{MAX_ROW / 1e6:.0f}",
                    )
                )
            yield piece[:cut]
    yield rest


def _longest_text(archive: zipfile.ZipFile, name: str, shown: str) -> int:
    return max(
        (len(text) for chunk in _chunks(archive, name, b"si>", shown) for text in _SHARED.split(chunk)), default=0
    )


def _extent(archive: zipfile.ZipFile, name: str, shown: str) -> _Extent:
    extent, columns, row = _Extent(), set[bytes](), 0
    for chunk in _chunks(archive, name, b"row>", shown):
        found = _CELL.findall(chunk)
        columns.update(column for column, _ in found)
        extent.cells += len(found)
        extent.strings += chunk.count(_STRING)
        extent.rows = max(extent.rows, max((int(number) for _, number in found), default=0))
        if len(found) < len(_ANY_CELL.findall(chunk)):  # cells without a name stand next to each other
            rows = [len(_ANY_CELL.findall(part)) for part in _ROW.split(chunk)]
            row += len(rows) - 1
            extent.columns = max(extent.columns, *rows)
            extent.cells = max(extent.cells, sum(rows))
            extent.rows = max(extent.rows, row)
    extent.columns = max(extent.columns, max(map(_column_number, columns), default=0))
    return extent


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
