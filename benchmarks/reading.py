"""Seconds and memory of reading large and hostile files, one process each: python -m benchmarks.reading"""

import io
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROWS, COLUMNS = 600_000, 3_000
TEXT_ROWS = 4_800  # of a megabyte each

READ = """
import re, sys, time
from pathlib import Path
import pyarrow.csv, pyarrow.parquet, python_calamine
from core.data import load
from core.data.sources import files
from core.errors import DataError
def peak():  # of this process alone: getrusage counts its parent's
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
path = Path(sys.argv[1])
before, wall, processor = peak(), time.perf_counter(), time.process_time()
try:
    frame = load.from_tables(files.read_path(path)[0])
    told = f"{frame.shape[0]} x {frame.shape[1]}"
except DataError as error:
    told = f"refused: {error}"
print(time.perf_counter() - wall, time.process_time() - processor, (peak() - before) / 1024, told, sep="|")
"""


def main() -> None:
    """Measure and print, with the goals."""
    print(f"{'':34}{'seconds':>9}{'processor':>11}{'MB':>6}   goal")
    for title, (make, goal) in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            path.write_bytes(make())
            done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
        wall, processor, megabytes, told = done.stdout.strip().split("|", 3)
        print(f"{title:34}{float(wall):9.2f}{float(processor):11.2f}{float(megabytes):6.0f}   {goal}: {told[:90]}")


def minutes(separator: str = ",", decimal: str = ".", form: str = "%Y-%m-%d %H:%M:%S") -> bytes:
    """Bars of one minute, as text."""
    rng = np.random.default_rng(0)
    close_T = 100 + 0.01 * rng.standard_normal(ROWS).cumsum()
    table = pd.DataFrame({name: close_T + shift for name, shift in (("open", 0), ("high", 0.02), ("low", -0.02))})
    table = table.assign(close=close_T + 0.003, volume=rng.integers(1, 10_000, ROWS)).round(3)
    table.insert(0, "time", pd.date_range("2023-01-02", periods=ROWS, freq="min").strftime(form))
    return table.to_csv(index=False, sep=separator, decimal=decimal).encode()


def wide() -> bytes:
    """Daily rows with many columns, as text."""
    values = np.random.default_rng(0).standard_normal((500, COLUMNS)).cumsum(axis=0).round(3)
    table = pd.DataFrame(values, columns=[f"s{at}" for at in range(COLUMNS)])
    table.insert(0, "date", pd.bdate_range("2022-01-03", periods=500))
    return table.to_csv(index=False).encode()


def workbook() -> bytes:
    """A tenth of the bars of one minute, as a workbook."""
    buffer = io.BytesIO()
    pd.read_csv(io.BytesIO(minutes()), nrows=ROWS // 10, parse_dates=["time"]).to_excel(buffer, index=False)
    return buffer.getvalue()


def far_cell() -> bytes:
    """A workbook with a cell in the last column and row that there can be."""
    import openpyxl  # type: ignore[import-untyped]

    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.active["XFD1048576"] = 1
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def long_text(write_dictionary: bool) -> bytes:
    """A Parquet file with a text of a megabyte in each of many rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = TEXT_ROWS
    times = pa.array(pd.date_range("2020-01-01", periods=rows))
    table = pa.table({"date": times, "v": np.arange(float(rows)), "s": ["a" * 1_000_000] * rows})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", use_dictionary=write_dictionary)
    return buffer.getvalue()


CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    "one-minute bars, CSV": (minutes, "3 s, 400 MB"),
    "one-minute bars, European": (lambda: minutes(";", ",", "%d.%m.%Y %H:%M"), "none set"),
    "daily rows, many columns": (wide, "5 s"),
    "a tenth of the bars, workbook": (workbook, "none set"),
    "workbook with a far cell": (far_cell, "2 s, 500 MB"),
    "Parquet, one long text repeated": (lambda: long_text(True), "2 s, 500 MB"),
    "Parquet, the same written out": (lambda: long_text(False), "2 s, 500 MB"),
}

if __name__ == "__main__":
    main()
