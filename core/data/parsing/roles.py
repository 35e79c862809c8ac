"""What the columns of a table are for: which one is the main value, and which are known beyond it."""

import re
from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from core.data.frame import column_name, symbols
from core.data.parsing.headings import plain, words
from core.data.parsing.role_words import EXPLICIT, ROLE_WORDS

MARKET = ("open", "high", "low", "close", "adj_close", "volume")  # known together, once a session is over
MIN_AHEAD = 2  # rows after the last outcome that prove a plan; a single one may be today's, not yet complete
SHORTEST = 0.7  # usual steps between outcomes that two rows of a plan lie apart, at least: February has 28 days
FILLED = 0.9  # share of past outcomes with a value, at least: without it there is nothing to learn from
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_COMPOUND = 6  # letters from which a word counts at either end of a longer one: Stromverbrauch, onpromotion


def main_column(values: pd.DataFrame) -> str:
    """Return the column to forecast of a table of numbers (T, columns), by their names, else their order.

    The close of a file of prices comes first, then a column called target or y, a lone close, a name that means an
    outcome (sales, load), a quantity (temperature), any other name, and what goes with an outcome (promotions, parts of
    the date, forecasts of others). A code, a flag of 0 and 1 and a constant are taken only where there is nothing else.
    """
    prices = {column_name(name) for name in values} & {"open", "high", "low"}
    rank = {
        str(name): (_is_flag(column), 7 if _is_hour(str(name), column) else _rank(str(name), bool(prices)))
        for name, column in values.items()
    }
    return min(rank, key=lambda name: rank[name])


def main_column_of(frame: pd.DataFrame) -> str:
    """Return what `main_column` does for a frame: one column that all its symbols have."""
    tables = [frame[symbol] for symbol in symbols(frame)]
    shared = [name for name in tables[0].columns if all(name in table.columns for table in tables)]
    return main_column(pd.concat([table[shared or list(tables[0].columns)] for table in tables]))


def known_ahead(tables: Iterable[pd.DataFrame], target: str) -> dict[str, int]:
    """Return the columns with values after the last outcome, and for how many rows on end; empty if there are none.

    `tables` have a row per time, in order, one table per symbol; in each of them a column must reach at least MIN_AHEAD
    rows, as far apart as outcomes are, and be filled before. The columns of a price are never known ahead, nor are
    codes and columns that never change.
    """
    reaches = [_reach(table, target) for table in tables] or [{}]
    shared = [name for name in reaches[0] if all(name in reach for reach in reaches)]
    return {name: min(reach[name] for reach in reaches) for name in shared}


def _reach(table: pd.DataFrame, target: str) -> dict[str, int]:
    row_N = np.flatnonzero(table[target].notna()) if target in table else np.array([], dtype=int)
    if len(row_N) < 2 or row_N[-1] + MIN_AHEAD >= len(table):
        return {}
    time_T, last = table.index.to_numpy(), row_N[-1]
    if np.diff(time_T[last:]).min() < SHORTEST * np.median(np.diff(time_T[row_N])):
        return {}
    market = MARKET if column_name(target) in MARKET else ()
    names = [
        str(name) for name in table if column_name(name) not in market and not _means(_heading(str(name)), "identifier")
    ]
    later, before = table.iloc[last + 1 :][names], table.iloc[row_N][names]
    reach = later.notna().cumprod().sum()
    filled = (before.notna().mean() >= FILLED) & (reach >= MIN_AHEAD) & (before.nunique() > 1)
    return {name: int(reach[name]) for name in names if filled[name]}


def _is_flag(column: pd.Series) -> int:
    """Return 2 for a constant column, 1 for one of zeros and ones, else 0."""
    value_N = column.dropna().to_numpy()
    if (value_N == value_N[:1]).all():
        return 2
    return int(np.isin(value_N[:1000], (0.0, 1.0)).all() and np.isin(value_N, (0.0, 1.0)).all())


def _is_hour(name: str, column: pd.Series) -> bool:
    """Return whether a column holds hours of the day, such as OPR_HR: whole numbers up to 24 under such a name."""
    last = _heading(name).split()[-1:]
    return last in (["hr"], ["hour"], ["interval"]) and bool(column.dropna().isin(range(25)).all())


def _rank(name: str, has_prices: bool) -> int:
    known, heading = column_name(name), _heading(name)
    if known == "close" and has_prices:
        return 0
    if heading in EXPLICIT:
        return 1
    if known in ("close", "adj_close"):
        return 2
    if heading in words("date") or heading in _words("date part") or _means(heading, "identifier"):
        return 7
    if plain(name) in words("change") or _means(heading, "companion"):
        return 6
    return next((rank for role, rank in (("price", 5), ("outcome", 3), ("measure", 4)) if _means(heading, role)), 5)


def _heading(name: str) -> str:
    """Return the words of a heading in lower case without its unit, single-spaced: Total_Load[MW] → total load."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", name))
    return re.sub(r"[\W_]+", " ", spaced).strip().lower()


def _means(heading: str, role: str) -> bool:
    """Return whether a heading holds a word of this role; an identifier must be its last word."""
    tokens, found, last_only = heading.split(), _words(role), role == "identifier"
    if _IDEOGRAPHS.search(heading):
        joined = heading.replace(" ", "")
        return any(joined.endswith(word) if last_only else word in joined for word in _ideographs(role))
    if last_only:
        return bool(tokens) and tokens[-1] in found
    long, phrases = _compounds(role)
    return (
        not found.isdisjoint(tokens)
        or any(token.startswith(long) or token.endswith(long) for token in tokens)
        or any(f" {phrase} " in f" {heading} " for phrase in phrases)
    )


@cache
def _words(role: str) -> frozenset[str]:
    return frozenset(word for by_role in ROLE_WORDS.values() for word in by_role.get(role, ()))


@cache
def _ideographs(role: str) -> tuple[str, ...]:
    return tuple(word for word in _words(role) if _IDEOGRAPHS.search(word))


@cache
def _compounds(role: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words that count at either end of a longer one, and those of several words."""
    phrases = tuple(word for word in _words(role) if " " in word)
    return tuple(word for word in _words(role) if len(word) >= _COMPOUND and " " not in word), phrases
