"""Numbers as people write them: decimal commas, thousands, currencies, percent signs, 1.2M and (1,234)."""

import re

import numpy as np
import pandas as pd

MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "–", "—", ".", "..", "?", "--", "#div/0!"}
LOOKED_AT = 1000  # rows, evenly spread, in which the way of writing is looked for

_ORNAMENT = r"[\s'’$€£¥₩₹%]"  # around and inside numbers: blanks, currencies, Swiss thousands
_SIZE = r"(?<=[\d.,])\s*[kKmMbBtT]$"
_SIZES = {"k": "e3", "m": "e6", "b": "e9", "t": "e12"}
_POWER = r"(?:e[+-]?\d+)?"
_WITH_COMMA = rf"[+-]?(?:\d{{1,3}}(?:\.\d{{3}})+,\d+|\d*,(?:\d{{1,2}}|\d{{4,}})|0,\d+){_POWER}"
_WITH_POINT = rf"[+-]?(?:\d{{1,3}}(?:,\d{{3}})+\.\d+|\d*\.(?:\d{{1,2}}|\d{{4,}})|0\.\d+){_POWER}"


def decimal_mark(cells: pd.DataFrame, separator: str) -> str:
    """ "," where 1,5 means one and a half, else ".": cells that allow one reading only are counted for either side."""
    bare = _looked_at(cells)
    comma, point = bare.str.fullmatch(_WITH_COMMA).sum(), bare.str.fullmatch(_WITH_POINT).sum()
    if comma == point:  # nothing but cells like 1,234: a semicolon stands where the comma was taken
        return "," if separator == ";" and bool(bare.str.fullmatch(r"[+-]?\d+,\d+").any()) else "."
    return "," if comma > point else "."


def thousands_mark(cells: pd.DataFrame, decimal: str) -> str:
    """The mark between groups of three digits in these texts; empty where there is none."""
    texts = _stacked(cells).str.replace(r"[$€£¥₩₹%]", "", regex=True).str.strip()
    for mark in ("." if decimal == "," else ",", "'", "’", " ", "\u00a0", "\u202f"):
        if texts.str.contains(rf"^[+(−-]?\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+(?!\d)", regex=True).any():
            return mark
    return ""


def read(column: pd.Series, decimal: str) -> pd.Series | None:
    """The numbers of a column as float64, NaN where a cell is empty or text; None when most of its cells are text.

    1.2M is 1200000, 5% is 5, (1,234) is −1234; signs of currencies and marks of thousands come off.
    """
    if pd.api.types.is_numeric_dtype(column):
        values = column.astype(np.float64)
        return values.where(np.isfinite(values)) if values.notna().any() else None
    if pd.api.types.is_datetime64_any_dtype(column):
        return None
    filled = holds(column)
    values = _plain(column.where(filled))
    if decimal == "." and values.notna().sum() == filled.sum():
        return values if filled.any() else None
    bare = _bare(column)
    thousands, point = (r"\.", ",") if decimal == "," else (",", r"\.")
    grouped = bare.str.fullmatch(rf"[+-]?\d{{1,3}}(?:{thousands}\d{{2,3}})*{thousands}\d{{3}}(?:{point}\d*)?{_POWER}")
    bare = bare.mask(grouped, bare.str.replace(thousands, "", regex=True))
    values = _plain((bare.str.replace(",", ".") if decimal == "," else bare).where(filled))
    return values if values.notna().sum() > 0.5 * filled.sum() else None


def holds(column: pd.Series) -> pd.Series:
    """Which cells say anything at all: (T,) of bool."""
    return ~column.str.lower().isin(MISSING) if column.dtype == object else column.notna()


def is_number(cell: str) -> bool:
    """Whether one cell looks like a number and not like the name of a column."""
    return re.fullmatch(r"[+-]?[\d.,' ]*\d[\d.,' ]*(?:[eE][+-]?\d+)?", cell) is not None


def notes(cells: pd.DataFrame, decimal: str) -> list[str]:
    """What was taken off the cells of these numeric columns or read into them, one sentence each."""
    said = []
    texts = _stacked(cells)
    if decimal == ",":
        said.append("The decimal mark is a comma: 1,5 is one and a half.")
    elif (
        not _looked_at(cells).str.fullmatch(r"[+-]?[\d,]*\.\d+").any()
        and texts.str.fullmatch(r"[+-]?\d{1,3},\d{3}").any()
    ):
        said.append("Numbers like 1,234 allow two readings; the comma was taken for thousands: 1234.")
    if texts.str.contains(_SIZE, regex=True).any():
        said.append("K, M, B and T after a number were read as thousand, million, billion and trillion.")
    if texts.str.endswith("%").any():
        said.append("Percent signs were taken off: 5% is 5.")
    if texts.str.contains(r"[$€£¥₩₹]", regex=True).any():
        said.append("Signs of currencies were taken off.")
    return said


def _looked_at(cells: pd.DataFrame) -> pd.Series:
    return _bare(_stacked(cells))


def _stacked(cells: pd.DataFrame) -> pd.Series:
    """The cells of all columns of text, of LOOKED_AT rows at most, below one another."""
    cells = cells.iloc[np.unique(np.linspace(0, len(cells) - 1, min(LOOKED_AT, len(cells))).astype(int))]
    text = cells.loc[:, [kind == np.dtype(object) for kind in cells.dtypes]]
    return pd.Series(text.to_numpy().ravel(), dtype=object).astype(str)


def _bare(texts: pd.Series) -> pd.Series:
    """The texts without ornaments; a size becomes a power of ten, brackets and long dashes a minus."""
    bare = texts.str.replace(_ORNAMENT, "", regex=True).str.replace("^\u2212", "-", regex=True)
    bare = bare.str.replace(r"^\((\d.*)\)$", r"-\1", regex=True)
    return bare.str.replace(_SIZE, lambda found: _SIZES[found.group().strip().lower()], regex=True)


def _plain(texts: pd.Series) -> pd.Series:
    values = pd.to_numeric(texts, errors="coerce").astype(np.float64)
    return values.where(np.isfinite(values))
