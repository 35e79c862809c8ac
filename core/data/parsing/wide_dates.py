"""Tables with a column for each date and a row for each series, as statistical offices publish them."""

import re
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from core.data.parsing import dates
from core.data.parsing.numbers import is_filled, is_number
from core.data.wording import quote
from core.language import message
from core.types import Ints

MIN_DATES = 3
MAX_REMARKS = 2  # columns behind the dates, such as the year from which values are estimates
MAX_VARIABLES = 50  # columns of each symbol
_YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d")


def first_date(header: list[str]) -> int | None:
    """Return the position from which all names of a header are dates, in order and at even steps; None for others.

    At least one column, which names the rows, stands before them.
    """
    names = [*map(_bare, header[: _end(header)])]
    start = len(names)
    while start > 0 and _is_date(names[start - 1]):
        start -= 1
    if not 0 < start <= len(names) - MIN_DATES or any(map(_is_date, names[:start])):
        return None
    times = dates.parse(pd.Series(names[start:], dtype=object)).times
    steps = times.diff().iloc[1:].abs()
    ordered = times.is_monotonic_increasing or times.is_monotonic_decreasing
    even = times.notna().all() and steps.min() > pd.Timedelta(0) and steps.max() < 2 * steps.median()
    return start if ordered and even else None


def _end(header: list[str]) -> int:
    """Return the position behind the last date of a header, if at most MAX_REMARKS names stand there; else its end."""
    end = max((at + 1 for at, cell in enumerate(header) if cell), default=0)
    for behind in range(MAX_REMARKS + 1):
        if end - behind > MIN_DATES and all(
            _is_date(_bare(cell)) for cell in header[end - behind - MIN_DATES : end - behind]
        ):
            return end - behind
    return end


def _bare(cell: str) -> str:
    """Return a date without a code in brackets behind it: 2019 [YR2019] is 2019."""
    return re.sub(r"(?<=\d)\s*\[[^\]]*\]$", "", cell)


def turn(table: pd.DataFrame, row_T: Ints) -> tuple[pd.DataFrame, Ints, str] | None:
    """Return a table with dates in its header as rows of a date, a symbol and values, and a sentence; None for others.

    The values of a single row go by its name. A column whose entries are all different names the symbols. If there is
    none, two columns do: the second one of each pair, such as an indicator of a country, names the values.
    """
    while len(table.columns) and _is_empty(table, len(table.columns) - 1):  # after a separator at the end of each row
        table = table.iloc[:, :-1]
    start = first_date([str(name) for name in table.columns])
    if start is None or dates.share_of_dates(table.iloc[:, 0]) > 0.5:
        return None
    end = _end([str(name) for name in table.columns])
    filled_RC = np.column_stack([is_filled(table.iloc[:, position]) for position in range(end)])
    kept_R = filled_RC[:, start:].any(axis=1) | filled_RC[:, :start].all(axis=1)  # the others are remarks
    table, row_T = table.iloc[np.flatnonzero(kept_R), :end].reset_index(drop=True), row_T[kept_R]
    if table.empty:
        return None
    names, periods = table.iloc[:, :start].astype(str), [_bare(str(name)) for name in table.columns[start:]]
    symbol, variable = _key(names)
    note = message(
        "The dates stand in the header row; each row was read as a series, named in {symbol}.", symbol=quote(symbol)
    )
    label_R = np.full(len(table), _value_name(names, symbol)) if variable is None else names[variable].to_numpy()
    value_RP = table.iloc[:, start:].to_numpy()
    symbols, values = list(dict.fromkeys(names[symbol])), dict[str, Any]()
    for label in dict.fromkeys(label_R):
        row_of = {name: row for row, name in enumerate(names[symbol]) if label_R[row] == label}
        row_S = np.array([row_of.get(name, -1) for name in symbols])
        value_SP = value_RP[row_S]
        value_SP[row_S < 0] = "" if value_SP.dtype == object else np.nan
        values[str(label)] = value_SP.ravel()
    first_S = [int(np.argmax(names[symbol] == name)) for name in symbols]
    long = pd.DataFrame({"date": np.tile(np.array(periods, dtype=object), len(symbols)), **values})
    if len(symbols) > 1:
        long.insert(1, "symbol", np.repeat(np.array(symbols, dtype=object), len(periods)))
    elif variable is None:
        long = long.set_axis(["date", symbols[0] or "value"], axis=1)
    return long, np.repeat(row_T[first_S], len(periods)), note


def _is_empty(table: pd.DataFrame, position: int) -> bool:
    column = table.iloc[:, position]
    return str(column.name).startswith("column_") and not is_filled(column).any()


def _key(names: pd.DataFrame) -> tuple[str, str | None]:
    """Return the column that names the symbols, and the one that names their values if a symbol has several rows."""
    filled = [str(name) for name in names if is_filled(names[name]).all()]
    filled.sort(key=lambda name: names[name].map(is_number).any())  # names before numbers
    single = next((name for name in filled if names[name].is_unique), None)
    if single is not None:
        return single, None
    pairs = (
        (symbol, variable)
        for symbol in filled
        for variable in filled
        if symbol != variable and names[variable].nunique() <= MAX_VARIABLES
    )
    return next((pair for pair in pairs if not names[list(pair)].duplicated().any()), (str(names.columns[0]), None))


def _value_name(names: pd.DataFrame, symbol: str) -> str:
    """Return the entry that all rows share, such as the title of an indicator: else value."""
    shared = [str(names[name].iloc[0]) for name in names if name != symbol and names[name].nunique() == 1]
    shared = [text for text in shared if text and not text.isdigit()]
    return shared[0] if shared and len(names) > 1 else "value"


@lru_cache(maxsize=4096)
def _is_date(cell: str) -> bool:
    return _YEAR.fullmatch(cell) is not None or (any(map(str.isdigit, cell)) and dates.is_date(cell))
