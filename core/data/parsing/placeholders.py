"""Numbers that stand for no value: -999 and its like, and the zeros of a share whose trading is suspended."""

import numpy as np
import pandas as pd

from core.data.wording import both, plural, quote
from core.language import message
from core.types import Floats

NINES = tuple(sign * float(digits) for sign in (-1, 1) for digits in ("99", "99.9", "99.99", "999", "999.9", "999.99"))
NINES += tuple(sign * float(digits) for sign in (-1, 1) for digits in ("9999", "9999.9", "9999.99", "99999", "999999"))
FILLS = (-32768.0, 32767.0, 65535.0, 9.969209968386869e36)  # the ends of whole numbers, and the fill of netCDF
HUGE = 1e19  # no measurement is larger
ALONE = 10.0  # times the range of the other values by which a value that occurs once lies outside
FAR = 3.0  # the same for another negative number that occurs several times next to negative ones
TIMES = 3
MIN_DISTINCT = 5  # other values that show their range


def find(values: pd.DataFrame) -> tuple[float, ...]:
    """Return the values that stand for no value, in ascending order, as some column of (T, columns) shows.

    Such a value lies outside all others by at least their range, and is written in nines (-999, 9999, -99.9), is the
    end of a type, is too large for a measurement, or is a whole number below zero that occurs three times: the only
    one below zero, or outside by three times the range. It occurs twice, or lies outside by ten times the range.
    """
    found: set[float] = set()
    for name in values.columns:
        found |= _of_column(values[name].dropna().to_numpy())
    return tuple(sorted(found))


def clear(values: pd.DataFrame, asked: tuple[float, ...] | None) -> tuple[pd.DataFrame, tuple[float, ...], list[str]]:
    """Return `values` with NaN for the numbers that stand for no value, those numbers, and a sentence on each.

    `asked` are the numbers that a person named, none if empty; with None they are found, and count as missing in the
    columns in which they lie outside all other values.
    """
    numbers = find(values) if asked is None else asked
    notes: list[str] = []
    cleared = {}
    for name in values.columns if numbers else ():
        column = values[name]
        missing_T = column.isin(numbers)
        rest = column[~missing_T & column.notna()]
        if not missing_T.any() or rest.empty:
            continue
        if asked is None:
            missing_T &= (column < rest.min()) | (column > rest.max())
        cleared[name] = column.mask(missing_T)
        for number in np.unique(column[missing_T]):
            times = plural(int((column == number).sum()), "time")
            notes.append(
                message(
                    "Check {name}: {number} occurs {times} and lies far outside the rest, {low} to {high}; it was "
                    "taken for a missing value.",
                    name=quote(name),
                    number=f"{number:.15g}",
                    times=times,
                    low=f"{rest.min():.6g}",
                    high=f"{rest.max():.6g}",
                )
                if asked is None
                else message(
                    "{number} in {name} counts as missing, as asked: {times}.",
                    number=f"{number:.15g}",
                    name=quote(name),
                    times=times,
                )
            )
    return (values.assign(**cleared) if cleared else values), numbers, notes


def clear_suspended(prices: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return prices (T, columns) with NaN for open, high and low of rows in which these are zero and the close is not.

    Exchanges write so where a share is suspended or not traded; a volume of such a row has to be zero or missing. Also
    returns a sentence on them.
    """
    names = [name for name in ("open", "high", "low") if name in prices]
    if not names or "close" not in prices:
        return prices, []
    suspended_T = (prices[names] == 0).all(axis=1) & (prices["close"] > 0)
    if "volume" in prices:
        suspended_T &= prices["volume"].fillna(0) == 0
    if not suspended_T.any():
        return prices, []
    listed = both([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    note = message(
        "Zeros for {listed} next to a close, without trades, count as missing: {rows}.",
        listed=listed,
        rows=plural(int(suspended_T.sum()), "row"),
    )
    return prices.assign(**{name: prices[name].mask(suspended_T) for name in names}), [note]


def _of_column(values: Floats) -> set[float]:
    """Return the values of one column that stand for no value."""
    distinct, counts = np.unique(values, return_counts=True)
    known = np.isin(distinct, NINES + FILLS) | (np.abs(distinct) >= HUGE)
    if not known.all():
        lowest = int(np.argmin(known))  # of the others
        known[lowest] = _is_mark(distinct[~known], int(counts[lowest]))
    rest = distinct[~known]
    if len(rest) < MIN_DISTINCT:
        return set()
    span = float(rest[-1] - rest[0])
    gap = np.maximum(rest[0] - distinct, distinct - rest[-1])
    outside = known & (gap >= np.where(counts > 1, span, ALONE * span))
    return {float(value) for value in distinct[outside]}


def _is_mark(distinct: Floats, count: int) -> bool:
    """Return whether the first of these ascending values, which occurs `count` times, may stand for no value."""
    first, others = distinct[0], distinct[1:]
    if first >= 0 or first != np.round(first) or count < TIMES or not len(others):
        return False
    return bool(others[0] >= 0 or others[0] - first >= FAR * (others[-1] - others[0]))
