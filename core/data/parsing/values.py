"""The columns of numbers in a file, and why the others are none."""

import numpy as np
import pandas as pd

from core.data.parsing import dates, number_notes, numbers
from core.data.parsing.schema import FileSchema
from core.data.wording import listing, quote
from core.errors import DataError
from core.language import message
from core.types import Ints

ROW_NUMBERS = {"column_1", "Unnamed: 0", "__index_level_0__"}  # names of a column of row numbers
NUMBERED = {"no", "no.", "#", "nr", "nr.", "row", "index", "번호", "序号"}
MORE_DATES = message("other dates")  # why a column is left out


def numeric_columns(
    cells: pd.DataFrame, decimal: str, corrections: FileSchema, shown: str
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the numeric columns as float64, and the reason why each other column is left out."""
    used: dict[str, pd.Series] = {}
    left_out: dict[str, str] = {}
    for name in map(str, cells.columns):
        column, role = numbers.parse(cells[name], decimal), corrections.role(name)
        if column is not None and role in (None, "ignore") and numbers.is_code(cells[name]):
            left_out[name] = message("codes with zeros before them")
        elif column is None:
            if role == "target":
                raise DataError(
                    message(
                        "The column {name} of {shown} is to be forecast and holds no numbers. Choose another target.",
                        name=quote(name),
                        shown=shown,
                    )
                )
            left_out[name] = MORE_DATES if dates.is_column(cells[name]) else number_notes.why_text(cells[name])
        elif role in (None, "ignore") and _counts_rows(name, column):
            left_out[name] = message("row numbers")
        elif role in (None, "ignore") and "time" in name.lower() and dates.is_epoch(cells[name]):
            left_out[name] = message("times")
        elif role == "ignore" and not (name == "adj_close" and "close" in cells):  # it is part of the close
            left_out[name] = message("as asked")
        else:
            used[name] = column
    if not used:
        raise DataError(
            message(
                "The file {shown} has no column of numbers besides the dates; it has {columns}. Add one.",
                shown=shown,
                columns=list_reasons(left_out),
            )
        )
    return pd.DataFrame(used, index=cells.index), left_out


def list_reasons(left_out: dict[str, str]) -> str:
    """Return the columns with the reasons why they are left out, or "nothing" if there are none."""
    return listing(
        message("{column} ({reason})", column=quote(column), reason=reason) for column, reason in left_out.items()
    )


def unreadable_notes(cells: pd.DataFrame, values: pd.DataFrame, row_T: Ints) -> list[str]:
    """Return a sentence on each column with cells that are filled but not numeric."""
    notes: list[str] = []
    for name in cells.columns[[kind == np.dtype(object) for kind in cells.dtypes]]:
        rows = np.flatnonzero((numbers.is_filled(cells[name]) & values[name].isna()).to_numpy())
        if len(rows):
            first = message("{cell} in row {row}", cell=quote(cells[name].iloc[rows[0]]), row=row_T[rows[0]])
            notes.append(
                message(
                    "Cells of {name} without a number count as missing: {count}, first {first}.",
                    name=quote(name),
                    count=f"{len(rows):,}",
                    first=first,
                )
            )
    return notes


def _counts_rows(name: str, column: pd.Series) -> bool:
    """Return whether a column without a name, or named like a number, holds row numbers: 0, 1, 2, …, no series."""
    if name not in ROW_NUMBERS and name.lower() not in NUMBERED:
        return False
    steps = column.diff().iloc[1:]
    return len(steps) > 0 and bool(((steps == 1) | (steps == -1)).all())
