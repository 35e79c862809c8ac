"""The columns of numbers in a file, and why the others are none."""

import numpy as np
import pandas as pd

from core.data.parsing import dates, number_notes, numbers
from core.data.parsing.schema import FileSchema
from core.data.wording import quote
from core.errors import DataError
from core.types import Ints

ROW_NUMBERS = {"column_1", "Unnamed: 0", "__index_level_0__"}  # names of a column of row numbers
NUMBERED = {"no", "no.", "#", "nr", "nr.", "row", "index", "번호", "序号"}
MORE_DATES = "other dates"  # why a column is left out


def numeric_columns(
    cells: pd.DataFrame, decimal: str, corrections: FileSchema, shown: str
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the numeric columns as float64, and the reason why each other column is left out."""
    used, left_out = {}, {}
    for name in map(str, cells.columns):
        column, role = numbers.parse(cells[name], decimal), corrections.role(name)
        if column is not None and role in (None, "ignore") and numbers.is_code(cells[name]):
            left_out[name] = "codes with zeros before them"
        elif column is None:
            if role == "target":
                raise DataError(
                    f"The column {quote(name)} of {shown} is to be forecast and holds no numbers. Choose "
                    "another target."
                )
            left_out[name] = MORE_DATES if dates.is_column(cells[name]) else number_notes.why_text(cells[name])
        elif role in (None, "ignore") and _counts_rows(name, column):
            left_out[name] = "row numbers"
        elif role in (None, "ignore") and "time" in name.lower() and dates.is_epoch(cells[name]):
            left_out[name] = "times"
        elif role == "ignore" and not (name == "adj_close" and "close" in cells):  # it is part of the close
            left_out[name] = "as asked"
        else:
            used[name] = column
    if not used:
        raise DataError(
            f"The file {shown} has no column of numbers besides the dates; it has {list_reasons(left_out)}. Add one."
        )
    return pd.DataFrame(used, index=cells.index), left_out


def list_reasons(left_out: dict[str, str]) -> str:
    return ", ".join(f"{quote(column)} ({reason})" for column, reason in left_out.items()) or "nothing"


def unreadable_notes(cells: pd.DataFrame, values: pd.DataFrame, row_T: Ints) -> list[str]:
    """Return a sentence on each column with cells that are filled but not numeric."""
    notes = []
    for name in cells.columns[[kind == np.dtype(object) for kind in cells.dtypes]]:
        rows = np.flatnonzero((numbers.is_filled(cells[name]) & values[name].isna()).to_numpy())
        if len(rows):
            first = f"{quote(cells[name].iloc[rows[0]])} in row {row_T[rows[0]]}"
            notes.append(f"Cells of {quote(name)} without a number count as missing: {len(rows):,}, first {first}.")
    return notes


def _counts_rows(name: str, column: pd.Series) -> bool:
    """Return whether a column without a name, or named like a number, holds row numbers: 0, 1, 2, …, no series."""
    if name not in ROW_NUMBERS and name.lower() not in NUMBERED:
        return False
    steps = column.diff().iloc[1:]
    return len(steps) > 0 and bool(((steps == 1) | (steps == -1)).all())
