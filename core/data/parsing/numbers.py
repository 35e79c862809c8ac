"""Numbers as people write them: decimal commas, thousands, currencies, percent signs, 1.2M and (1,234)."""

import re

import numpy as np
import pandas as pd

from core.data.parsing.sampling import sample_rows
from core.data.wording import quote

MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "–", "—", ".", "..", "?", "--", "#div/0!"}
SAMPLE_ROWS = 1000  # from which the decimal mark and the like are inferred
SAMPLE_CELLS = 30_000  # of all columns of these rows: fewer rows of a wide table

_CURRENCY = r"[$€£¥₩₹]"
_ORNAMENT = r"[\s'’$€£¥₩₹%]"  # around and inside numbers: blanks, currencies, Swiss thousands
_SIZE = r"(?<=[\d.,])\s*[kKmMbBtT만억조万亿億兆]$"
_SIZES = {"k": "e3", "m": "e6", "b": "e9", "t": "e12"}
_SIZES |= {"만": "e4", "万": "e4", "억": "e8", "亿": "e8", "億": "e8", "조": "e12", "兆": "e12"}
_UNIT = r"^(?:[A-Z]{3}\s+)?([+-]?\d[\d.,\s'’]*?)\s*([^\W\d_][^\d\s,]{0,9})?$"  # EUR 1,000 and 5 kWh
_TRUTHS = {"true": "1", "false": "0"}
_POWER = r"(?:e[+-]?\d+)?"
_POINT_DATE = r"\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})(?!\d)(?!\.)"
_MONTH = r"(?:0?[1-9]|1[0-2])\.(?:19|20)\d\d|(?:19|20)\d\d\.(?:0[1-9]|1[0-2])"  # 07.2017: no number with a point
_POINT_GROUPS = r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+"
_WITH_COMMA = rf"[+-]?(?:\d{{1,3}}(?:\.\d{{3}})+,\d+|\d*,(?:\d{{1,2}}|\d{{4,}})|0,\d+){_POWER}"
_WITH_POINT = rf"[+-]?(?:\d{{1,3}}(?:,\d{{3}})+\.\d+|\d*\.(?:\d{{1,2}}|\d{{4,}})|0\.\d+){_POWER}"


def decimal_mark(cells: pd.DataFrame, separator: str) -> str:
    """Return "," if 1,5 means one and a half, else ".", as most of the unambiguous cells say.

    If there is none, the point of 1.100 separates thousands where semicolons separate cells and dates are written with
    points, like 31.07.2017: whoever writes so writes decimals with a comma.
    """
    texts = _sample_texts(cells)
    bare = _bare(texts[~texts.str.fullmatch(_MONTH)])
    comma, point = bare.str.fullmatch(_WITH_COMMA).sum(), bare.str.fullmatch(_WITH_POINT).sum()
    if comma == point:  # nothing but cells like 1,234: a file separated by semicolons needs the comma for decimals
        has_comma = bool(bare.str.fullmatch(r"[+-]?\d+,\d+").any())
        has_point = bool(texts.str.match(_POINT_DATE).any() and bare.str.fullmatch(_POINT_GROUPS).any())
        return "," if separator == ";" and (has_comma or has_point) else "."
    return "," if comma > point else "."


def thousands_mark(cells: pd.DataFrame, decimal: str) -> str:
    """Return the mark between groups of three digits in these texts; empty if there is none."""
    texts = _sample_texts(cells).str.replace(r"[$€£¥₩₹%]", "", regex=True).str.strip()
    for mark in ("." if decimal == "," else ",", "'", "’", " ", "\u00a0", "\u202f"):
        if texts.str.contains(rf"^[+(−-]?\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+(?!\d)", regex=True).any():
            return mark
    return ""


def parse(column: pd.Series, decimal: str) -> pd.Series | None:
    """Return the numbers of a column as float64, NaN for empty cells and text; None if most of its cells are text.

    1.2M is 1200000, 5% is 5, (1,234) and 1,234- are −1234, TRUE is 1; currency signs, thousands marks and a unit that
    all cells share are removed.
    """
    if pd.api.types.is_numeric_dtype(column):
        value_T = column.to_numpy(dtype=np.float64, na_value=np.nan)
        finite_T = np.isfinite(value_T)
        return pd.Series(np.where(finite_T, value_T, np.nan), index=column.index) if finite_T.any() else None
    if pd.api.types.is_datetime64_any_dtype(column):
        return None
    filled = is_filled(column)
    values = _to_floats(column.where(filled))
    if decimal == "." and values.notna().sum() == filled.sum():
        return values if filled.any() else None
    column = _without_units(column, filled)
    bare = _bare(column)
    thousands, point = (r"\.", ",") if decimal == "," else (",", r"\.")
    grouped = bare.str.fullmatch(rf"[+-]?\d{{1,3}}(?:{thousands}\d{{2,3}})*{thousands}\d{{3}}(?:{point}\d*)?{_POWER}")
    bare = bare.mask(grouped, bare.str.replace(thousands, "", regex=True))
    values = _to_floats((bare.str.replace(",", ".") if decimal == "," else bare).where(filled))
    return values if values.notna().sum() > 0.5 * filled.sum() else None


def is_filled(column: pd.Series) -> pd.Series:
    """Return which cells have a value, other than a word for a missing one: (T,) booleans."""
    return ~column.str.lower().isin(MISSING) if column.dtype == object else column.notna()


def sample_size(columns: int) -> int:
    """Return how many rows of a table with so many columns show how its numbers are written."""
    return min(SAMPLE_ROWS, max(20, SAMPLE_CELLS // max(1, columns)))


def is_number(cell: str) -> bool:
    """Return whether one cell looks like a number and not like the name of a column."""
    return re.fullmatch(r"[+-]?[\d.,' ]*\d[\d.,' ]*(?:[eE][+-]?\d+)?", cell) is not None


def notes(cells: pd.DataFrame, decimal: str) -> list[str]:
    """Return a sentence on each assumption that `parse` makes about the cells of these numeric columns."""
    sentences = []
    texts = _sample_texts(cells)
    if decimal == ",":
        sentences.append("The decimal mark is a comma: 1,5 is one and a half.")
    elif not _bare(texts).str.fullmatch(r"[+-]?[\d,]*\.\d+").any() and texts.str.fullmatch(r"[+-]?\d{1,3},\d{3}").any():
        sentences.append("Numbers like 1,234 are ambiguous; the comma was taken for a thousands mark: 1234.")
    if texts.str.contains(_SIZE, regex=True).any():
        sentences.append("K, M, B and T after a number were read as thousand, million, billion and trillion.")
    if decimal == "," and texts.str.fullmatch(_POINT_GROUPS).any() and not texts.str.contains(",").any():
        sentences.append("Numbers like 1.234 are ambiguous; the point was taken for a thousands mark: 1234.")
    if texts.str.endswith("%").any():
        sentences.append("Percent signs were removed: 5% is 5.")
    if texts.str.fullmatch(r"\d[\d.,]*-").any():
        sentences.append("A minus sign after a number makes it negative: 5- is -5.")
    return sentences + _column_notes(cells) + _currency_notes(texts)


def _currency_notes(texts: pd.Series) -> list[str]:
    return ["Currency signs were removed."] if texts.str.contains(_CURRENCY, regex=True).any() else []


def _column_notes(cells: pd.DataFrame) -> list[str]:
    """Return a sentence on each column with percent signs in a part of its cells, with a unit, or with truth values."""
    sentences = []
    for name in cells.columns:
        if cells[name].dtype != object:
            continue
        column = sample_rows(cells[name], SAMPLE_ROWS)
        column = column[is_filled(column)]
        percent = column.str.endswith("%")
        unit = _unit(column)
        if percent.any() and not percent.all():
            sentences.append(
                f"Check {quote(name)}: {percent.mean():.0%} of its cells have a percent sign and the others none; all "
                "were read as written, so that 5% and 5 are the same."
            )
        if unit:
            sentences.append(f"The unit {quote(unit)} was removed from {quote(name)}.")
        if _are_truths(column):
            sentences.append(f"TRUE and FALSE in {quote(name)} were read as 1 and 0.")
    return sentences


def _are_truths(filled: pd.Series) -> bool:
    return len(filled) > 0 and bool(filled.str.lower().isin(_TRUTHS).all())


def _unit(filled: pd.Series) -> str:
    """Return the unit after (or the currency before) all of these numbers; empty if there is none, or several."""
    if not len(filled) or not filled.str.contains(r"[^\W\d_]", regex=True).any():
        return ""
    units = filled.str.extract(_UNIT)[1]
    fits = filled.str.match(_UNIT)
    before = filled.str.extract(r"^([A-Z]{3})\s")[0]
    distinct = {*units.dropna(), *before.dropna()}
    if len(distinct) != 1:
        return ""
    (unit,) = distinct
    return unit if fits.mean() > 0.9 and unit.lower() not in _SIZES else ""


def _without_units(column: pd.Series, filled: pd.Series) -> pd.Series:
    if _are_truths(column[filled]):
        return column.str.lower().replace(_TRUTHS)
    unit = _unit(sample_rows(column[filled], SAMPLE_ROWS))
    return column.str.replace(_UNIT, r"\1", regex=True) if unit else column


def _sample_texts(cells: pd.DataFrame) -> pd.Series:
    """Return the cells of all columns of text, of a sample of the rows, as one column."""
    sample = sample_rows(cells, sample_size(len(cells.columns)))
    texts = sample.loc[:, [kind == np.dtype(object) for kind in sample.dtypes]]
    return pd.Series(texts.to_numpy().ravel(), dtype=object).astype(str)


def _bare(texts: pd.Series) -> pd.Series:
    """Return the texts without ornaments; a size becomes a power of ten, brackets and long dashes become a minus."""
    bare = texts.str.replace(_ORNAMENT, "", regex=True).str.replace("^\u2212", "-", regex=True)
    bare = bare.str.replace(r"^\((\d.*)\)$", r"-\1", regex=True).str.replace(r"^(\d[\d.,]*)-$", r"-\1", regex=True)
    return bare.str.replace(_SIZE, lambda match: _SIZES[match.group().strip().lower()], regex=True)


def _to_floats(texts: pd.Series) -> pd.Series:
    values = pd.to_numeric(texts, errors="coerce").astype(np.float64)
    return values.where(np.isfinite(values))
