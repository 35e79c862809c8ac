"""Numbers as people write them: decimal commas, thousands, currencies, percent signs, 1.2M and (1,234)."""

import re

import numpy as np
import pandas as pd

from core.data.parsing import cells as lines
from core.data.parsing import number_spellings
from core.data.parsing.sampling import sample_rows

MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "–", "—", ".", "..", "?", "--", "#div/0!"}
MISSING |= {"...", "…", ":", "#value!", "#ref!", "<na>", "nat", "k.a.", "n.a.", "nd", "n.d.", "없음", "---"}
SAMPLE_ROWS = 1000  # from which the decimal mark and the like are inferred
SAMPLE_CELLS = 50_000  # of all columns together
FRACTIONS = (20, 500)  # how many times larger percentages are than fractions of the same kind

_LONGEST = max(map(len, MISSING))
_POWER = r"(?:[eE][+-]?\d+)?"
_POINT_DATE = r"\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})(?![\d.])"
_MONTH = r"(?:0?[1-9]|1[0-2])\.(?:19|20)\d\d|(?:19|20)\d\d\.(?:0[1-9]|1[0-2])"  # 07.2017: no number with a point
POINT_GROUPS = r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+"
_WITH_COMMA = rf"[+-]?(?:\d{{1,3}}(?:\.\d{{3}})+,\d+|\d*,(?:\d{{1,2}}|\d{{4,}})|0,\d+){_POWER}"
_WITH_POINT = rf"[+-]?(?:\d{{1,3}}(?:,\d{{3}})+\.\d+|\d*\.(?:\d{{1,2}}|\d{{4,}})|0\.\d+){_POWER}"


def decimal_mark(cells: pd.DataFrame, separator: str) -> str:
    """Return "," if 1,5 means one and a half, else ".", as most of the unambiguous cells say.

    If there is none, a mark separates thousands next to a number with two of them, and next to a whole number in the
    same column if each number with the mark has three digits behind it. So does the point of 1.100 where dates are
    written with points, like 31.07.2017, and commas do not separate the cells: whoever writes so writes decimals with a
    comma.
    """
    text = sample_text(cells)
    bare = number_spellings.without_letters(number_spellings.strip(text))
    comma, point = count(_WITH_COMMA, bare), count(_WITH_POINT, bare) - count(_MONTH, bare)
    if comma == point:  # nothing but cells like 1,234: a file separated by semicolons needs the comma for decimals
        has_comma = separator == ";" and count(r"[+-]?\d+,\d+", bare) > 0 and not _has_groups(cells, bare, ",")
        point_dates = re.search(rf"^{_POINT_DATE}", text, re.MULTILINE) is not None
        has_point = separator in {";", "\t", "|"} and point_dates and count(POINT_GROUPS, bare) > 0
        return "," if has_comma or has_point or _has_groups(cells, bare, "\\.") else "."
    return "," if comma > point else "."


def _has_groups(cells: pd.DataFrame, bare: str, mark: str) -> bool:
    """Return whether 1.234.567 occurs, or 1.234 in a column with whole numbers and no other digits behind a mark."""
    groups = rf"[+-]?[1-9]\d{{0,2}}(?:{mark}\d{{3}})"
    if not count(groups + "+", bare):
        return False
    if count(groups + "{2,}", bare):
        return True
    columns = (number_spellings.strip(sample_text(cells[[name]])) for name in cells.columns)
    return any(
        0 < count(groups + "+", column) == count(f".*{mark}.*", column) and count(r"[+-]?[1-9]\d+", column) > 0
        for column in columns
    )


def thousands_mark(cells: pd.DataFrame, decimal: str) -> str:
    """Return the mark between groups of three digits in these texts; empty if there is none."""
    texts = re.sub(rf"^{lines.BLANK}+", "", re.sub(r"[$€£¥₩₹%]", "", sample_text(cells)), flags=re.MULTILINE)
    for mark in ("." if decimal == "," else ",", "'", "’", " ", "\u00a0", "\u202f"):
        if re.search(rf"^[+(−-]?\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+(?!\d)", texts, re.MULTILINE):
            return mark
    return ""


def parse(column: pd.Series, decimal: str) -> pd.Series | None:
    """Return the numbers of a column as float64, NaN for empty cells and text; None if most of its cells are text.

    1.2M is 1200000, 5% is 5, (1,234) and 1,234- are −1234, TRUE is 1; currency signs, thousands marks, footnotes and a
    unit that all cells share are removed. A zero-padded code such as 00123 is text.
    """
    if pd.api.types.is_numeric_dtype(column):
        value_T = column.to_numpy(dtype=np.float64, na_value=np.nan)
        finite_T = np.isfinite(value_T)
        return pd.Series(np.where(finite_T, value_T, np.nan), index=column.index) if finite_T.any() else None
    if pd.api.types.is_datetime64_any_dtype(column):
        return None
    values = _to_floats(column)
    if decimal == "." and len(values) and values.notna().all():
        return values
    filled = is_filled(column)
    if decimal == "." and values.notna().sum() == filled.sum():
        return values if filled.any() else None
    values, percent_T = _written(column, filled, decimal)
    if values.notna().sum() <= 0.5 * filled.sum():
        return None
    return values.where(percent_T, 100 * values) if _are_fractions(values, percent_T) else values


def percent_signs(column: pd.Series, decimal: str) -> tuple[float, bool]:
    """Return the share of these filled cells with a percent sign, and whether the others are read as fractions."""
    values, percent_T = _written(column, is_filled(column), decimal)
    return float(percent_T.mean()), _are_fractions(values, percent_T)


def _written(column: pd.Series, filled: pd.Series, decimal: str) -> tuple[pd.Series, pd.Series]:
    """Return the numbers of texts as written, without their units and signs, and which have a percent sign: (T,)."""
    joined = lines.join(number_spellings.without_words(column.where(filled, ""), filled))
    bare = number_spellings.strip(joined)
    thousands, point = (r"\.", ",") if decimal == "," else (",", r"\.")
    if thousands[-1] in bare:
        grouped = rf"^[+-]?\d{{1,3}}(?:{thousands}\d{{2,3}})*{thousands}\d{{3}}(?:{point}\d*)?{_POWER}$"
        bare = re.sub(grouped, lambda match: match[0].replace(thousands[-1], ""), bare, flags=re.MULTILINE)
    values = _to_floats(lines.split(bare.replace(",", ".") if decimal == "," else bare, column.index))
    percent = ["%" in line for line in joined.split("\n")] if "%" in joined else False
    return values, pd.Series(percent, index=column.index, dtype=bool)


def _are_fractions(values: pd.Series, percent_T: pd.Series) -> bool:
    """Return whether the cells without a percent sign are fractions, like 0.05 next to 5%."""
    signed, bare = values[percent_T].abs().dropna(), values[~percent_T].abs().dropna()
    if signed.empty or bare.empty:
        return False
    with_sign, without = signed.median(), bare.median()
    return bool(FRACTIONS[0] * without <= with_sign <= FRACTIONS[1] * without)


def is_filled(column: pd.Series) -> pd.Series:
    """Return which cells have a value, other than a word for a missing one: (T,) booleans."""
    if column.dtype != object:
        return column.notna()
    words = [cell for cell in set(column) if not isinstance(cell, str) or (len(cell) <= _LONGEST and _is_missing(cell))]
    return ~column.isin(words) if words else pd.Series(True, index=column.index)


def sample_size(columns: int) -> int:
    """Return how many rows of a table with so many columns show how its numbers are written."""
    return min(SAMPLE_ROWS, max(20, SAMPLE_CELLS // max(1, columns)))


def is_number(cell: str) -> bool:
    """Return whether one cell looks like a number and not like the name of a column."""
    return re.fullmatch(r"[+-]?[\d.,' ]*\d[\d.,' ]*(?:[eE][+-]?\d+)?", cell) is not None


def is_code(column: pd.Series) -> bool:
    """Return whether a column holds codes such as 005930: whole numbers of one length, some with zeros before."""
    if column.dtype != object:
        return False
    filled = [cell for cell in sample_rows(column, SAMPLE_ROWS) if cell and not _is_missing(cell)]
    digits = all(len(cell) >= 4 and cell.isdecimal() and len(cell) == len(filled[0]) for cell in filled)
    return digits and any(cell.startswith("0") for cell in filled)


def sample_text(cells: pd.DataFrame) -> str:
    """Return the cells of all columns of text, of a sample of the rows, as one text, a line each."""
    kinds = [kind == np.dtype(object) for kind in cells.dtypes]
    sample = sample_rows(cells, sample_size(sum(kinds))).loc[:, kinds]
    return lines.join(pd.Series(sample.to_numpy().ravel(), dtype=object))


def count(pattern: str, text: str) -> int:
    """Return how many lines of a text are like this pattern."""
    return sum(1 for _ in re.finditer(rf"^(?:{pattern})$", text, re.MULTILINE))


def _is_missing(cell: str) -> bool:
    return cell.lower() in MISSING


def _to_floats(texts: pd.Series) -> pd.Series:
    values = pd.to_numeric(texts, errors="coerce").astype(np.float64)
    return values.where(np.isfinite(values))
