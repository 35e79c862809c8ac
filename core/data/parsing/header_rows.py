"""Where the table of a file begins: below its titles, comments and units, with a header of one row or two."""

from collections import Counter
from functools import lru_cache

from core.data.parsing import date_parts, dates, headings, numbers, wide_dates

Cells = list[list[str]]
COMMENTS = ("#", "%", "//")
TITLES = 20  # rows above a header with dates in it
SHOWN = 400  # first rows of a large file, from which its header is found
HEAD = 200  # rows in which a table begins
SAMPLE_CELLS = 30  # of a row, that show whether it is a header
SAMPLE_ROWS = 12  # from the middle, that show how a row is written
PRICE_WORDS = frozenset().union(*(headings.words(column) for column in headings.PRICES))
TICKERS = {"ticker", "tickers", "symbol"}


def find(rows: Cells) -> tuple[list[str], int]:
    """Return the header, and the number of the first row below it; an empty name for each column without a header.

    Above the first row of data stand titles, comments, units and the header: the last row that begins with a word for
    dates, else the first of those with the most cells. A row of groups right above the header is put before its names.
    """
    dated_header = next((n for n, row in enumerate(rows[:TITLES]) if _names_dates(row)), None)
    if dated_header is not None:
        return rows[dated_header], dated_header + 1
    start = first_data(rows)
    if start is None:
        return _below_titles(rows)
    width = _width(rows[start:])
    widest = max(width + 1, Counter(map(len, rows[start : start + HEAD])).most_common(1)[0][0])
    above = [_trimmed(row) for row in rows[:start]]
    candidates = [number for number, row in enumerate(above) if _is_header(row, width, widest)]
    if not candidates:
        return _commented(above, width) or [""] * max(width, len(_trimmed(rows[start]))), start
    dated = [number for number in candidates if headings.plain(above[number][0]) in headings.words("date")]
    names = [number for number in dated if sum(map(bool, above[number])) > 1]
    most = max(sum(map(bool, above[number])) for number in candidates)
    best = names[-1] if names else next(n for n in candidates if sum(map(bool, above[n])) == most)
    header = rows[best][: max(width, len(above[best]))]
    if (
        len(header) == width - 1 and header[0] and date_parts.month_number(header[0]) == 1
    ):  # R leaves the years nameless
        header = ["", *header]
    header = header + [""] * (width - len(header))
    grouped = best > 0 and best - 1 in {number for number, row in enumerate(above) if _is_group(row, width)}
    under = best + 1 < start and _are_repeated_groups(above[best], above[best + 1])  # pandas' columns of two levels
    if under:
        return _with_groups(rows[best], rows[best + 1]), start
    return (_with_groups(rows[best - 1], header) if grouped else header), start


def _names_dates(row: list[str]) -> bool:
    return wide_dates.first_date(row) is not None or date_parts.is_header(row)


def has_table(rows: Cells) -> bool:
    """Return whether most of the rows are written alike, with dates and numbers, as those of a table of series are."""
    return first_data(rows) is not None


def tickers(rows: Cells) -> tuple[list[str], list[str], int] | None:
    """Return the symbol and the column of each cell of a file with a row of tickers, and its first row of data.

    Such files have the two rows Price and Ticker, in either order, above their data; None for others and one symbol.
    """
    start = first_data(rows)
    if start is None or start < 2 or not rows[0] or len(rows[1]) != len(rows[0]):
        return None
    first, second = (headings.plain(row[0]) for row in rows[:2])
    kinds = {headings.plain(cell) for cell in rows[0][1:]}
    if (first == second == "" and start == 2 and kinds <= PRICE_WORDS and len(kinds) < len(rows[0]) - 1) or (
        second in TICKERS and first in {"price", "", "attributes"}
    ):
        columns, symbols = rows[0], rows[1]
    elif first in TICKERS and second in {"price", "", "date", "attributes"}:
        symbols, columns = rows[0], rows[1]
    else:
        return None
    return (symbols, columns, start) if len({*symbols[1:]} - {""}) > 1 else None


def first_data(rows: Cells) -> int | None:
    """Return the first row that is written like most of the rows: dates and numbers in the same columns."""
    sample = rows[len(rows) // 3 : len(rows) // 3 + SAMPLE_ROWS] if len(rows) > 6 else rows
    counts = Counter(column for row in sample for column, cell in enumerate(row) if _is_value(cell))
    columns = sorted(column for column, count in counts.items() if count > 0.5 * len(sample))
    width = _width(sample)
    if len(columns) < 2:
        return None
    first = columns[0]
    dated = sum(first < len(row) and not numbers.is_number(row[first]) for row in sample) > 0.5 * len(sample)
    for number, row in enumerate(rows[:HEAD]):
        if first >= len(row) or not _is_value(row[first]) or numbers.is_number(row[first]) == dated:
            continue
        values = sum(column < len(row) and _is_value(row[column]) for column in columns)
        others = sum(column < len(row) and bool(row[column]) for column in columns)
        if values > 0.5 * others and values > 1 and len(_trimmed(row)) <= width + 1:
            return number
    return None


@lru_cache(maxsize=4096)
def _is_value(cell: str) -> bool:
    return bool(cell) and (numbers.is_number(cell) or (any(map(str.isdigit, cell)) and dates.is_date(cell)))


def _is_header(row: list[str], width: int, widest: int) -> bool:
    """Return whether a row names the columns: no numbers or dates, no comment, and more than a title."""
    filled = [cell for cell in row if cell]
    if not filled or row[0].startswith(COMMENTS) or any(map(_is_value, filled[:: 1 + len(filled) // SAMPLE_CELLS])):
        return False
    return len(row) <= widest and (len(filled) > 1 or (width > 1 and not row[0]) or width == 1)


def _is_group(row: list[str], width: int) -> bool:
    """Return whether a row names groups of columns, each over the first of its columns, and none over the first."""
    return bool(row) and not row[0] and sum(map(bool, row)) > 0 and len(row) <= width and not any(map(_is_value, row))


def _are_repeated_groups(groups: list[str], names: list[str]) -> bool:
    """Return whether two rows without a first cell head the same columns, and only together tell them apart."""
    if len(groups) != len(names) or len(groups) < 3 or groups[0] or names[0]:
        return False
    pairs = list(zip(groups, names, strict=True))[1:]
    return all(groups[1:]) and all(names[1:]) and len({*groups[1:]}) < len(pairs) == len({*pairs})


def _with_groups(groups: list[str], header: list[str]) -> list[str]:
    group, names = "", []
    for position, name in enumerate(header):
        group = (groups[position] if position < len(groups) else "") or group
        names.append(f"{group} {name}".strip() if name and position else name)
    return names


def _commented(above: Cells, width: int) -> list[str] | None:
    """Return the header in the last comment, if it has as many cells as the table."""
    row = next((row for row in reversed(above) if row and row[0].startswith(COMMENTS)), [])
    return [row[0].lstrip("#%/ "), *row[1:]] if len(row) == width > 1 else None


def _below_titles(rows: Cells) -> tuple[list[str], int]:
    """Return the header of a table without a regular body: the first row with more than a title."""
    filled = [sum(map(bool, row)) for row in rows[:50]]
    top = next((n for n, count in enumerate(filled) if count > 1), 0) if max(filled) > 1 else 0
    is_header = not all(map(_is_value, filter(None, rows[top])))
    return (rows[top], top + 1) if is_header else ([""] * len(rows[top]), top)


def _width(rows: Cells) -> int:
    counts = Counter(len(_trimmed(row)) for row in rows[:HEAD])
    return max(counts, key=lambda width: (counts[width], -width))


def _trimmed(row: list[str]) -> list[str]:
    """Return a row without its empty cells at the end."""
    return row[: max((at + 1 for at, cell in enumerate(row) if cell), default=0)]
