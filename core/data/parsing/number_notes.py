"""Sentences on what was assumed about the numbers of a file."""

import re

import pandas as pd

from core.data.parsing import cells as lines
from core.data.parsing import number_spellings, numbers
from core.data.parsing.sampling import sample_rows
from core.data.wording import quote, quote_all


def describe(cells: pd.DataFrame, decimal: str, point_dates: bool = False) -> list[str]:
    """Return a sentence on each assumption that `numbers.parse` makes about the cells of these numeric columns."""
    text = numbers.sample_text(cells)
    if decimal == "." and not set(text) - set("0123456789.\n-"):  # nothing but plain numbers
        return _point_notes(text, decimal, point_dates)
    bare = number_spellings.without_letters(number_spellings.strip(text))
    sentences = []
    if decimal == ",":
        sentences.append("The decimal mark is a comma: 1,5 is one and a half.")
    elif not numbers.count(r"[+-]?[\d,]*\.\d+", bare) and numbers.count(r"[+-]?\d{1,3},\d{3}", text):
        sentences.append("Numbers like 1,234 are ambiguous; the comma was taken for a thousands mark: 1234.")
    if re.search(rf"\d[{''.join(number_spellings.EAST_ASIAN)}]", text):
        sentences.append("만, 억, 조 and the like were read as ten thousand, a hundred million and a trillion.")
    sentences += _point_notes(text, decimal, point_dates)
    if "%" in text:
        sentences.append("Percent signs were removed: 5% is 5.")
    if numbers.count(r"\d[\d.,]*-", text):
        sentences.append("A minus sign after a number makes it negative: 5- is -5.")
    if "▼" in text:
        sentences.append("▼ before a number makes it negative: ▼5 is -5.")
    if numbers.count(rf"[$€£¥₩₹]?{lines.BLANK}?\([$€£¥₩₹]?\d.*\)", text):
        sentences.append("Brackets around a number make it negative: (5) is -5.")
    if number_spellings.has_marks(text):
        sentences.append("Signs and footnotes around numbers were removed: <5, ~5, 5* and 5 (p) are 5.")
    return sentences + _column_notes(cells, decimal) + _currency_notes(text)


def _point_notes(text: str, decimal: str, point_dates: bool) -> list[str]:
    if not numbers.count(numbers.POINT_GROUPS, text) or "," in text:
        return []
    if decimal == ",":
        return ["Numbers like 1.234 are ambiguous; the point was taken for a thousands mark: 1234."]
    all_alike = numbers.count(numbers.POINT_GROUPS, text) == numbers.count(r".*\..*", text)
    if point_dates and all_alike:
        return ["Check numbers like 1.234: the point was taken for the decimal mark, though dates have points, too."]
    return []


def _currency_notes(text: str) -> list[str]:
    return ["Currency signs were removed."] if re.search(r"[$€£¥₩₹]", text) else []


def _column_notes(cells: pd.DataFrame, decimal: str) -> list[str]:
    """Return a sentence on each column with percent signs in a part of its cells, with a unit, or with truth values."""
    sentences, has_sizes = [], False
    for name in cells.columns:
        column = sample_rows(cells[name], numbers.SAMPLE_ROWS)
        if column.dtype != object or not re.search(r"[^\d.,\n+-]", lines.join(column)):
            continue
        column = column[numbers.is_filled(column)]
        units, truths = number_spellings.units(column), number_spellings.truths(column)
        sentences += _percent_notes(column, decimal)
        if code := number_spellings.currency(column):
            sentences.append(f"The unit {quote(code)} was removed from {quote(name)}.")
        if truths:
            shown = " and ".join(word.upper() if word in {"true", "false"} else word for word in truths)
            sentences.append(f"{shown} in {quote(name)} were read as 1 and 0.")
        elif len(units) == 1:
            sentences.append(f"The unit {quote(units[0])} was removed from {quote(name)}.")
        elif number_spellings.has_flags(column):
            sentences.append(f"Letters behind numbers in {quote(name)}, such as 5 p, were taken for footnotes.")
        else:
            has_sizes |= number_spellings.has_sizes(lines.join(column))
    sizes = "K, M, B and T after a number were read as thousand, million, billion and trillion."
    return [sizes, *sentences] if has_sizes else sentences


def _percent_notes(filled: pd.Series, decimal: str) -> list[str]:
    share, are_fractions = numbers.percent_signs(filled, decimal)
    if share in (0, 1):
        return []
    start = f"Check {quote(filled.name)}: {share:.0%} of its cells have a percent sign and the others none; "
    if are_fractions:
        return [f"{start}these are fractions by their size and were multiplied by 100: 0.05 is read as 5%."]
    return [f"{start}all were read as written, so that 5% and 5 are the same."]


def why_text(column: pd.Series) -> str:
    """Return why a column is not read as numbers: it is empty, a text, or has numbers in several units."""
    filled = column[numbers.is_filled(column)] if column.dtype == object else column[:0]
    if not len(filled):
        return "empty" if column.dtype == object else "times"
    units = number_spellings.units(sample_rows(filled, numbers.SAMPLE_ROWS))
    return f"numbers in several units: {quote_all(units, 3)}" if len(units) > 1 else "text"
