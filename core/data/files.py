"""One uploaded CSV as a plain table: the date column, the separator and the way numbers are written are found out."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd

from core.data import dates
from core.data.frame import column_name
from core.errors import DataError

SEPARATORS = ("\t", ";", "|", ",")  # between equals the first: 1,5 is a number more often than 1;5
MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "–", "—", ".", "..", "?"}
BINARY = {b"PK\x03\x04": "an Excel or ZIP file", b"PAR1": "a Parquet file", b"%PDF": "a PDF",
          b"\x1f\x8b": "a gzip file", b"\xd0\xcf\x11\xe0": "an old Excel file", b"\x89PNG": "a picture"}

_ORNAMENT = r"[\s'’$€£¥%]"  # around and inside numbers: blanks, currencies, Swiss thousands


def read_path(path: Path) -> pd.DataFrame:
    """The plain table of the CSV at `path`. Raises DataError when there is no such file or it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"The file {str(path)!r} cannot be read: {error.strerror}. Check the path.") from error
    return read_csv(content, path.name)


def read_csv(content: bytes, name: str) -> pd.DataFrame:
    """The plain table (T, columns) of one CSV: sorted unique times named "time" down, float64 columns across.

    `name` serves the messages alone. Missing cells stay NaN, text columns and empty columns are left out. Of several
    rows with one time the newest stays: the last, or the first of a file that begins with the newest. Raises
    DataError that says in one sentence what to mend.
    """
    shown = repr(name[:60])
    text = _decode(content, shown)
    separator = _separator(text)
    cells, row_number_T = _cells(*_rows(text, separator, shown), shown)
    date = dates.find(cells)
    cells = dates.join_clock(cells, date)
    time_T = dates.parse(cells[date])
    values = _values(cells.drop(columns=date), separator, shown)
    _check_dates(time_T, cells[date], values, row_number_T)
    return _table(values[time_T.notna()], pd.DatetimeIndex(time_T.dropna()).as_unit("ns"), shown)


def _decode(content: bytes, shown: str) -> str:
    if not content.strip():
        raise DataError(f"The file {shown} is empty. Choose a CSV with a date column and a column of numbers.")
    for start, kind in BINARY.items():
        if content.startswith(start):
            raise DataError(f"The file {shown} is {kind}, not text. Save it as CSV and load that.")
    text = _text(content)
    if "\x00" in text or len(re.findall(r"[\x01-\x08\x0e-\x1f]", text)) > 0.02 * len(text):
        raise DataError(f"The file {shown} holds bytes that are no text. Save the table as CSV in UTF-8.")
    return text


def _text(content: bytes) -> str:
    for encoding in ("utf-16", "utf-8-sig", "cp1252"):
        if encoding == "utf-16" and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")  # gives every byte a character


def _rows(text: str, separator: str, shown: str) -> tuple[list[list[str]], list[int]]:
    """The filled rows of `text` as stripped cells, and the row number of each as a person counts them, from 1."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    try:
        for row in reader:
            stripped = [cell.strip() for cell in row]
            if any(stripped):
                rows.append(stripped)
                numbers.append(reader.line_num)
    except csv.Error as error:
        raise DataError(f"Row {reader.line_num} of {shown} is no row of a CSV: {error}. Check its quotes.") from error
    return rows, numbers


def _separator(text: str) -> str:
    """The separator that cuts most of the first rows into one and the same number of cells, two at least."""
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:50]

    def score(separator: str) -> tuple[int, int]:
        widths = [line.count(separator) for line in lines if separator in line]
        common = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        return widths.count(common), common

    return max(SEPARATORS, key=lambda separator: score(separator))


def _cells(rows: list[list[str]], numbers: list[int], shown: str) -> tuple[pd.DataFrame, list[int]]:
    """The texts under their column names, and the row number of each. A file without a header gets names."""
    titles = _titles(rows)
    rows, numbers = rows[titles:], numbers[titles:]
    if not rows:
        raise DataError(f"The file {shown} is empty. Choose a CSV with a date column and a column of numbers.")
    headed = not all(_is_number(cell) or dates.is_date(cell) for cell in rows[0] if cell)
    header = rows[0] if headed else [""] * len(rows[0])
    body, counted = (rows[1:], numbers[1:]) if headed else (rows, numbers)
    if not body:
        raise DataError(f"The file {shown} has a header and no rows. At least 2 rows are needed.")
    for row, number in zip(body, counted, strict=True):
        if any(row[len(header):]):
            raise DataError(f"Row {number} of {shown} has {len(row)} cells where the header has {len(header)}. Put "
                            "quotes around cells that hold the separator.")
    full = [row[:len(header)] + [""] * (len(header) - len(row)) for row in body]
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


def _values(cells: pd.DataFrame, separator: str, shown: str) -> pd.DataFrame:
    """The numeric columns as float64, empty and text columns left out."""
    comma = _decimal_comma(cells, separator)
    made = {str(name): _numbers(cells[name], comma) for name in cells.columns}
    kept = {name: column for name, column in made.items() if column is not None and not _counts_rows(name, column)}
    if not kept:
        came = ", ".join(repr(name[:30]) for name in list(made)[:12]) or "nothing"
        raise DataError(f"The file {shown} has no column of numbers beside the dates; it has {came}. Add one.")
    return pd.DataFrame(kept, index=cells.index)


def _numbers(texts: pd.Series, comma: bool) -> pd.Series | None:
    """The numbers of a column, NaN where a cell is empty or text; None when most of its filled cells are text."""
    filled = ~texts.str.lower().isin(MISSING)
    values = _plain_numbers(texts.where(filled))
    if not comma and values.notna().sum() == filled.sum():
        return values if filled.any() else None
    plain = texts.str.replace(_ORNAMENT, "", regex=True)
    thousands, decimal = (r"\.", ",") if comma else (",", r"\.")
    grouped = plain.str.fullmatch(rf"[+-]?\d{{1,3}}(?:{thousands}\d{{3}})+(?:{decimal}\d*)?")
    plain = plain.mask(grouped, plain.str.replace(thousands, "", regex=True))
    values = _plain_numbers((plain.str.replace(",", ".") if comma else plain).where(filled))
    return values if values.notna().sum() > 0.5 * filled.sum() else None


def _plain_numbers(texts: pd.Series) -> pd.Series:
    values = pd.to_numeric(texts, errors="coerce").astype(np.float64)
    return values.where(np.isfinite(values))


def _decimal_comma(cells: pd.DataFrame, separator: str) -> bool:
    """Whether 1,5 means one and a half: cells that allow one reading only are counted for either side."""
    texts = pd.Series(cells.iloc[:500].to_numpy().ravel(), dtype=object).str.replace(_ORNAMENT, "", regex=True)
    comma = texts.str.fullmatch(r"[+-]?(?:\d{1,3}(?:\.\d{3})+,\d+|\d*,(?:\d{1,2}|\d{4,})|0,\d+)").sum()
    point = texts.str.fullmatch(r"[+-]?(?:\d{1,3}(?:,\d{3})+\.\d+|\d*\.(?:\d{1,2}|\d{4,})|0\.\d+)").sum()
    if comma == point:  # nothing but cells like 1,234: a semicolon stands where the comma was taken
        return separator == ";" and bool(texts.str.fullmatch(r"[+-]?\d+,\d+").any())
    return bool(comma > point)


def _counts_rows(name: str, column: pd.Series) -> bool:
    """A nameless first column 0, 1, 2, … is the row number that some programs write, not a series."""
    steps = column.diff().iloc[1:]
    return name in {"column_1", "Unnamed: 0"} and len(steps) > 0 and bool(((steps == 1) | (steps == -1)).all())


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?[\d.,' ]*\d[\d.,' ]*(?:[eE][+-]?\d+)?", cell) is not None


def _check_dates(time_T: pd.Series, texts: pd.Series, values: pd.DataFrame, row_number_T: list[int]) -> None:
    """Raise DataError for the first row that holds numbers and no date; rows without either are titles or notes."""
    bad = np.flatnonzero((time_T.isna() & values.notna().any(axis=1)).to_numpy())
    if len(bad):
        more = f" and {len(bad) - 1} more rows do not either" if len(bad) > 1 else ""
        raise DataError(f"Row {row_number_T[bad[0]]} says {texts.iloc[bad[0]][:40]!r} where a date belongs{more}. "
                        "Write every date in one way, like 2024-01-31.")


def _table(values: pd.DataFrame, index: pd.DatetimeIndex, shown: str) -> pd.DataFrame:
    table = values.set_axis(index.rename("time"), axis=0).dropna(how="all").dropna(axis=1, how="all")
    if len(table) > 1 and table.index[0] > table.index[-1]:
        table = table.iloc[::-1]  # newest first: turned round, so that a stable sort keeps the order of the day
    distinct = table.index.nunique()
    if len(table) >= 8 and distinct <= 0.6 * len(table):
        raise DataError(f"The {len(table)} rows of {shown} have {distinct} different times: it holds several series or "
                        "lost its clock times. Save one series per file.")
    table = table.sort_index(kind="stable")
    table = table[~table.index.duplicated(keep="last")]
    if len(table) < 2:
        raise DataError(f"The file {shown} has {len(table)} usable rows; at least 2 with a date and a number are "
                        "needed.")
    return table
