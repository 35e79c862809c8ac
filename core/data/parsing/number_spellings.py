"""Numbers with words and signs around them: as plain digits, signs and decimal marks."""

import re
from functools import cache

import pandas as pd

from core.data.parsing.cells import BLANK
from core.data.parsing.sampling import sample_rows

SAMPLE_ROWS = 1000  # from which the unit and the like are inferred

TRUTHS = (  # of which a column may consist, each pair for one and zero
    *(("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("on", "off"), ("wahr", "falsch"), ("ja", "nein")),
    *(("vrai", "faux"), ("oui", "non"), ("verdadero", "falso"), ("sí", "no"), ("si", "no"), ("vero", "falso")),
    *(
        ("sim", "não"),
        ("ja", "nee"),
        ("да", "нет"),
        ("예", "아니오"),
        ("예", "아니요"),
        ("네", "아니오"),
        ("참", "거짓"),
    ),
    *(("是", "否"), ("真", "假"), ("有", "无"), ("はい", "いいえ"), ("tak", "nie"), ("evet", "hayır")),
)
SIZES = {
    **{"k": 3, "m": 6, "b": 9, "t": 12, "mn": 6, "bn": 9, "mln": 6, "bln": 9, "mio": 6, "mrd": 9, "tsd": 3},
    **{"million": 6, "billion": 9, "trillion": 12, "thousand": 3, "lakh": 5, "crore": 7, "cr": 7},
    **{"тыс": 3, "млн": 6, "млрд": 9, "трлн": 12},
}
EAST_ASIAN = {"천": 3, "千": 3, "만": 4, "万": 4, "萬": 4, "억": 8, "亿": 8, "億": 8, "조": 12, "兆": 12}
FLAGS = {*"bcdefinprsuz", "bp", "be", "ep", "bd"}  # letters behind a statistic: provisional, revised, estimated, …

_EAST = "".join(EAST_ASIAN) + "백百십十"
_SMALL = {"천": 1000, "千": 1000, "백": 100, "百": 100, "십": 10, "十": 10}
_SIZE = re.compile(
    rf"(?<=[\d.,])({'|'.join(sorted(SIZES, key=len, reverse=True))})\.?s?$", re.MULTILINE | re.IGNORECASE
)
_COMPOUND = re.compile(rf"^([+\-−]?)((?:[\d.,]*[{_EAST}]+)+[\d.,]*)[^\d\n.,{_EAST}]{{0,3}}$", re.MULTILINE)
_ORNAMENT = re.compile(rf"{BLANK}|['’$€£¥￥₩￦₹₽₺₫฿%％]")  # around and inside numbers; ' separates Swiss thousands
_ABOUT = re.compile(r"^(?:[<>≤≥≈~±]=?|ca\.?|about)(?=[\d.,+\-−])", re.MULTILINE)
_FOOTNOTE = re.compile(r"(?<=[\d.,])(?:[*†‡§¹²³⁴⁵ᵃᵇᵖʳ]+|\((?:[a-zA-Z]{1,2}|\d)\)|\[[a-zA-Z\d]{1,3}\])+$", re.MULTILINE)
_BEFORE = r"[A-Z]{3}\s|[A-Z]{1,2}\$|Rs\.?\s?|kr\.?\s|CHF"  # currencies
_UNIT = r"^([+\-−]?\d[\d.,\s'’]*?)\s*((?:[^\W\d_]|[°‰])[^\d\s,]{0,9})?$"  # 5 kWh


def strip(joined: str) -> str:
    """Return a text of numbers, a line each, without ornaments: a size becomes a power of ten, (5) and 5- become -5."""
    if not set(joined) - set("0123456789.,+-\n") and "-\n" not in f"{joined}\n":
        return joined
    bare = _FOOTNOTE.sub("", _ABOUT.sub("", _ORNAMENT.sub("", joined)))
    bare = re.sub(r"^[\u2212\u2013\u2010]", "-", bare, flags=re.MULTILINE)
    bare = re.sub(r"^\(([\d.,].*)\)$", r"-\1", bare, flags=re.MULTILINE)
    bare = re.sub(r"^([\d.,]+)-$", r"-\1", bare, flags=re.MULTILINE)
    if "▼" in bare:  # down, next to ▲ for up
        bare = bare.replace("▼", "-").replace("▲", "")
    if re.search(rf"[{_EAST}]", bare):
        bare = _COMPOUND.sub(_sum, bare)
    return _SIZE.sub(lambda match: f"e{SIZES[match[1].lower()]}", bare) if re.search(r"[^\W\d_]", bare) else bare


def without_letters(bare: str) -> str:
    """Return such a text without the units and currencies around its numbers."""
    return re.sub(r"^[^\W\d_]{1,3}\.?(?=[\d+-])|(?<=\d)(?:[^\W\d_]|°)[^\d\n,.]{0,9}$", "", bare, flags=re.MULTILINE)


def has_marks(joined: str) -> bool:
    """Return whether any number of a text has a footnote, or a sign such as < or ~ before it."""
    bare = _ORNAMENT.sub("", joined)
    return _ABOUT.search(bare) is not None or _FOOTNOTE.search(bare) is not None


def has_sizes(joined: str) -> bool:
    """Return whether a number of a text, a line each, ends with K, M, million or the like."""
    return _SIZE.search(_ORNAMENT.sub("", joined)) is not None


def without_words(column: pd.Series, filled: pd.Series) -> pd.Series:
    """Return a column with 1 and 0 for its truth values, and without the unit or the flags of its numbers."""
    truth = truths(column[filled])
    if truth:
        return column.str.lower().map({truth[0]: "1", truth[1]: "0"})
    sample = sample_rows(column[filled], SAMPLE_ROWS)
    if currency(sample):
        column, sample = (each.str.replace(rf"^(?:{_BEFORE})\s*", "", regex=True) for each in (column, sample))
    if units(sample) and len(units(sample)) == 1:
        return column.str.replace(_UNIT, r"\1", regex=True)
    return column.str.replace(r"(?<=\d)\s+[a-z]{1,2}$", "", regex=True) if has_flags(sample) else column


def truths(filled: pd.Series) -> tuple[str, str] | None:
    """Return the words for one and zero of which a column of truth values consists; None for any other column."""
    found = {*filled} if len(filled) < 10 or len({*filled.iloc[:100]}) <= 6 else set()
    words = {cell.lower() for cell in found if isinstance(cell, str)}
    both = len(words) == 2
    return next((pair for pair in TRUTHS if words and words <= {*pair} and (both or pair[0] == "true")), None)


def currency(filled: pd.Series) -> str:
    """Return the code of a currency before these numbers, if nearly all have the same; empty for none."""
    if not len(filled) or not filled.str.contains(r"^[A-Za-z]", regex=True).any():
        return ""
    codes = filled.str.extract(rf"^({_BEFORE})[^A-Za-z]*\d")[0].str.strip()
    return str(codes.dropna().iloc[0]) if codes.nunique() == 1 and codes.notna().mean() > 0.9 else ""


def units(filled: pd.Series) -> tuple[str, ...]:
    """Return the units after these numbers, if nearly all cells are numbers like that."""
    if not len(filled) or not filled.str.contains(r"[^\W\d_]|[°‰]", regex=True).any():
        return ()
    found = tuple(sorted({*filled.str.extract(_UNIT)[1].dropna()}))
    lone_letter = len(found) == 1 and found[0] in {"m", "t"} and bool(filled.str.fullmatch(r".*\s[mt]").all())
    if filled.str.match(_UNIT).mean() <= 0.9 or (any(map(_is_size, found)) and not lone_letter) or has_flags(filled):
        return ()
    return found


def has_flags(filled: pd.Series) -> bool:
    """Return whether letters behind some numbers are flags of statisticians: 12.3 p, 12.4 r, 12.5."""
    letters = filled.str.extract(r"\d\s+([a-z]{1,2})$")[0]
    found = {*letters.dropna()}
    return bool(found - {"b"}) and found <= FLAGS and not letters.notna().all()


@cache
def _is_size(word: str) -> bool:
    return word.lower().rstrip(".") in SIZES or word[0] in EAST_ASIAN or word[0] in _SMALL


def _sum(match: re.Match[str]) -> str:
    """Return 1조 2,345억 as a plain number."""
    sign, number = match.groups()
    total, section = 0.0, 0.0
    decimal = "," if re.search(r"\d,\d{1,2}(?!\d)", number) else "."
    plain = number.replace("." if decimal == "," else ",", "").replace(decimal, ".")
    for digits, size in re.findall(rf"(\d*\.?\d*)([{_EAST}]?)", plain):
        if size in _SMALL:
            section += float(digits or 1) * _SMALL[size]
        elif size:
            total += (section + float(digits or 0) or 1) * 10.0 ** EAST_ASIAN[size]
            section = 0.0
        elif digits not in {"", "."}:
            section += float(digits)
    value = total + section
    return sign + (f"{value:.0f}" if value == round(value) else repr(value).replace(".", decimal))
