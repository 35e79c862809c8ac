"""Small files that unpack to more than the memory of a machine are refused, or read without it, and soon."""

import io
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data.parsing import limits
from core.data.sources.files import read
from core.errors import DataError

DAYS = pd.bdate_range("2022-01-03", periods=100)
ROWS = 600  # unpacked, of a megabyte each, more than the memory that reading may take
MEGABYTE = "a" * 1_000_000


def parquet(column: list, **options: object) -> bytes:
    times = pa.array(pd.date_range("2020-01-01", periods=len(column)))
    buffer = io.BytesIO()
    pq.write_table(pa.table({"date": times, "v": np.arange(float(len(column))), "s": column}), buffer, **options)
    return buffer.getvalue()


def repeated(rows: int) -> bytes:
    part = pa.table({"date": np.zeros(500_000, dtype=np.int64), "v": np.zeros(500_000)})
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, part.schema, compression="zstd") as writer:
        for _ in range(rows // 500_000):
            writer.write_table(part)
    return buffer.getvalue()


def workbook(*cells: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["date", "v"])
    for at, day in enumerate(DAYS):
        sheet.append([day.to_pydatetime(), float(at)])
    for cell in cells:
        sheet[cell] = "x"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(content: bytes, change: Callable[[bytes], bytes], more: dict[str, bytes] | None = None) -> bytes:
    """A workbook whose first sheet is changed as text, with further files."""
    before, buffer = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, change(before.read(name)) if name.endswith("sheet1.xml") else before.read(name))
        for name, text in (more or {}).items():
            after.writestr(name, text)
    return buffer.getvalue()


def with_rows(text: bytes) -> Callable[[bytes], bytes]:
    return lambda sheet: sheet.replace(b"</sheetData>", text + b"</sheetData>")


def shared_text() -> bytes:
    cells = b"".join(b'<row r="%d"><c r="C%d" t="s"><v>0</v></c></row>' % (at, at) for at in range(200, 9000))
    table = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{MEGABYTE}</t></si></sst>'
    return repacked(workbook(), with_rows(cells), {"xl/sharedStrings.xml": table.encode()})


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a cell in the last corner": (lambda: workbook("XFD1048576"), "one stands far from the others"),
    "a cell far to the right of a long table": (lambda: workbook("XFD1", "A1000"), "one stands far from the others"),
    "cells without names": (
        lambda: repacked(
            workbook(),
            with_rows(b"<row>" + b"<c><v>1</v></c>" * 16_000 + b"</row>" + b"<row><c><v>1</v></c></row>" * 300_000),
        ),
        "one stands far from the others",
    ),
    "a sheet of blanks": (lambda: repacked(workbook(), with_rows(b" " * 60_000_000)), "a row of more than 40 MB"),
    "one long text in many cells": (shared_text, r"unpacks to 8\.8 GB"),
    "a long text, written out": (
        lambda: parquet([MEGABYTE] * 1100, compression="zstd", use_dictionary=False, write_statistics=False),
        r"unpacks to 1\.1 GB",
    ),
    "a number, repeated": (lambda: repeated(30_000_000), "has about 60,000,000 cells; at most 25,000,000"),
    "many columns": (lambda: ("d," * 2_000_000 + "\n2020-01-01,1\n").encode(), "has 2,000,001 columns; at most 10,000"),
    "many rows": (lambda: b"1,2\n" * 15_000_000, "has about 30,000,000 cells; at most 25,000,000"),
    "a quote without an end": (lambda: b'date,v\n2020-01-01,"1\n' + b"2020-01-02,1\n" * 500_000, "not a valid CSV row"),
}


READ = """
import re, sys, time
from pathlib import Path
import pyarrow.parquet, python_calamine
from core.data.sources.files import read
from core.errors import DataError
def peak():  # of this process alone: getrusage counts its parent's
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
content = Path(sys.argv[1]).read_bytes()
before, start = peak(), time.process_time()
try:
    (table,) = read(content, "x")[0].values()
    told = f"{table.columns.tolist()} {len(table)}"
except DataError as error:
    told = error
print(time.process_time() - start, (peak() - before) / 1024, told, sep="|")
"""


def measure(content: bytes, folder: Path) -> tuple[float, float, str]:
    """Seconds and megabytes that reading takes in a process of its own, and what came of it."""
    path = folder / "file"
    path.write_bytes(content)
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    seconds, megabytes, told = done.stdout.split("|", 2)
    return float(seconds), float(megabytes), told


@pytest.mark.parametrize("kind", REFUSED)
def test_what_unpacks_to_too_much_is_refused_soon(kind: str, tmp_path: Path) -> None:
    make, sentence = REFUSED[kind]
    seconds, megabytes, told = measure(make(), tmp_path)
    assert re.search(sentence, told)
    assert seconds < 4 and megabytes < 400  # the goals are 2 s and 500 MB; machines differ


def test_what_repeats_is_read_without_unpacking_it(tmp_path: Path) -> None:
    for column in ([MEGABYTE] * ROWS, [MEGABYTE.encode()] * ROWS, [[MEGABYTE]] * ROWS):
        seconds, megabytes, told = measure(parquet(column, compression="zstd"), tmp_path)
        assert told.strip() == f"['v'] {ROWS}" and seconds < 4 and megabytes < 400


def test_a_stray_cell_does_not_stop_a_workbook() -> None:
    assert read(workbook("XFD7"), "x")[0]["X"]["v"].tolist() == list(map(float, range(100)))


def test_long_cells_are_cut_before_they_are_matched() -> None:
    rows = "".join(f"2020-01-{day:02d},{day},{'1 ' * 50_000}x\n" for day in range(1, 29))
    start = time.process_time()
    table = read(f"date,v,s\n{rows}".encode(), "x")[0]["X"]
    assert table.columns.tolist() == ["v"] and time.process_time() - start < 5


def test_limits_name_what_came_and_what_is_possible() -> None:
    for check, value in (
        (limits.check_cells, limits.MAX_CELLS),
        (limits.check_columns, limits.MAX_COLUMNS),
        (limits.check_bytes, limits.MAX_BYTES),
    ):
        check(value, "'x'")
        with pytest.raises(DataError, match="at most"):
            check(2 * value, "'x'")
