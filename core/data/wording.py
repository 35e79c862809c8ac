"""Counts, times, ages and foreign names as messages and notes write them."""

from collections.abc import Iterable

import pandas as pd

NAME_LENGTH = 30  # characters of a column name or a cell that a message quotes
NAMES = 12  # names that a message lists


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """Return 1 row or 1,200 rows; `nouns` is the plural if it takes more than an s."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def quote(text: object, length: int = NAME_LENGTH) -> str:
    """Return the beginning of a foreign text in quotes: foreign names and cells may be long and hold any character."""
    return repr(str(text)[:length])


def quote_all(names: Iterable[object], count: int = NAMES) -> str:
    """Return the first of these names, each in quotes, or "nothing" if there are none."""
    return ", ".join(quote(name) for name in list(names)[:count]) or "nothing"


def format_time(time: pd.Timestamp) -> str:
    """Return a time without the clock of midnight: 2018-12-31, or 2018-12-31 10:30."""
    return f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"


def format_age(seconds: float) -> str:
    """Return how long ago something was: "a moment ago", "40 minutes ago", "3 hours ago" or "2 days ago"."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(seconds // length)
        if count:
            return f"{plural(count, unit)} ago"
    return "a moment ago"
