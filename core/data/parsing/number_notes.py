"""Sentences on what was assumed about the numbers of a file."""

import re

import pandas as pd

from core.data.parsing import cells as lines
from core.data.parsing import number_spellings, numbers
from core.data.parsing.sampling import sample_rows
from core.data.wording import both, quote, quote_all
from core.language import message


def describe(cells: pd.DataFrame, decimal: str, point_dates: bool = False) -> list[str]:
    """Return a sentence on each assumption that `numbers.parse` makes about the cells of these numeric columns."""
    text = numbers.sample_text(cells)
    if decimal == "." and not set(text) - set("0123456789.\n-"):  # nothing but plain numbers
        return _point_notes(text, decimal, point_dates)
    bare = number_spellings.without_letters(number_spellings.strip(text))
    sentences: list[str] = []
    if decimal == ",":
        sentences.append(message("The decimal mark is a comma: 1,5 is one and a half."))
    elif not numbers.count(r"[+-]?[\d,]*\.\d+", bare) and numbers.count(r"[+-]?\d{1,3},\d{3}", text):
        sentences.append(message("Numbers like 1,234 are ambiguous; the comma was taken for a thousands mark: 1234."))
    if re.search(rf"\d[{''.join(number_spellings.EAST_ASIAN)}]", text):
        sentences.append(
            message("만, 억, 조 and the like were read as ten thousand, a hundred million and a trillion.")
        )
    sentences += _point_notes(text, decimal, point_dates)
    if "%" in text:
        sentences.append(message("Percent signs were removed: 5% is 5."))
    if numbers.count(r"\d[\d.,]*-", text):
        sentences.append(message("A minus sign after a number makes it negative: 5- is -5."))
    if "▼" in text:
        sentences.append(message("▼ before a number makes it negative: ▼5 is -5."))
    if numbers.count(rf"[$€£¥₩₹]?{lines.BLANK}?\([$€£¥₩₹]?\d.*\)", text):
        sentences.append(message("Brackets around a number make it negative: (5) is -5."))
    if number_spellings.has_marks(text):
        sentences.append(message("Signs and footnotes around numbers were removed: <5, ~5, 5* and 5 (p) are 5."))
    return sentences + _column_notes(cells, decimal) + _currency_notes(text)


def _point_notes(text: str, decimal: str, point_dates: bool) -> list[str]:
    if not numbers.count(numbers.POINT_GROUPS, text) or "," in text:
        return []
    if decimal == ",":
        return [message("Numbers like 1.234 are ambiguous; the point was taken for a thousands mark: 1234.")]
    all_alike = numbers.count(numbers.POINT_GROUPS, text) == numbers.count(r".*\..*", text)
    if point_dates and all_alike:
        return [
            message(
                "Check numbers like 1.234: the point was taken for the decimal mark, though dates have points, too."
            )
        ]
    return []


def _currency_notes(text: str) -> list[str]:
    return [message("Currency signs were removed.")] if re.search(r"[$€£¥₩₹]", text) else []


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
            sentences.append(message("The unit {unit} was removed from {name}.", unit=quote(code), name=quote(name)))
        if truths:
            shown = both([word.upper() if word in {"true", "false"} else word for word in truths])
            sentences.append(message("{shown} in {name} were read as 1 and 0.", shown=shown, name=quote(name)))
        elif len(units) == 1:
            sentences.append(
                message("The unit {unit} was removed from {name}.", unit=quote(units[0]), name=quote(name))
            )
        elif number_spellings.has_flags(column):
            sentences.append(
                message("Letters behind numbers in {name}, such as 5 p, were taken for footnotes.", name=quote(name))
            )
        else:
            has_sizes |= number_spellings.has_sizes(lines.join(column))
    sizes = message("K, M, B and T after a number were read as thousand, million, billion and trillion.")
    return [sizes, *sentences] if has_sizes else sentences


def _percent_notes(filled: pd.Series, decimal: str) -> list[str]:
    share, are_fractions = numbers.percent_signs(filled, decimal)
    if share in (0, 1):
        return []
    name, signs = quote(filled.name), f"{share:.0%}"
    if are_fractions:
        return [
            message(
                "Check {name}: {signs} of its cells have a percent sign and the others none; these are fractions by "
                "their size and were multiplied by 100: 0.05 is read as 5%.",
                name=name,
                signs=signs,
            )
        ]
    return [
        message(
            "Check {name}: {signs} of its cells have a percent sign and the others none; all were read as written, so "
            "that 5% and 5 are the same.",
            name=name,
            signs=signs,
        )
    ]


def why_text(column: pd.Series) -> str:
    """Return why a column is not read as numbers: it is empty, a text, or has numbers in several units."""
    filled = column[numbers.is_filled(column)] if column.dtype == object else column[:0]
    if not len(filled):
        return message("empty") if column.dtype == object else message("times")
    units = number_spellings.units(sample_rows(filled, numbers.SAMPLE_ROWS))
    return (
        message("numbers in several units: {units}", units=quote_all(units, 3)) if len(units) > 1 else message("text")
    )
