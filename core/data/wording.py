"""Counts, times, ages and foreign names as messages and notes write them."""

from collections.abc import Iterable, Sequence

import pandas as pd

from core.language import Message, message, message_n

NAME_LENGTH = 30  # characters of a column name or a cell that a message quotes
NAMES = 12  # names that a message lists


def plural(count: int, noun: str) -> Message:
    """Return 1 row or 1,200 rows; the plural takes an s."""
    return message_n(f"{{count}} {noun}", f"{{count}} {noun}s", count)


def quote(text: object, length: int = NAME_LENGTH) -> str:
    """Return the beginning of a foreign text in quotes: foreign names and cells may be long and hold any character."""
    return repr(str(text)[:length])


def quote_all(names: Iterable[object], count: int = NAMES) -> str:
    """Return the first of these names, each in quotes, or "nothing" if there are none."""
    return listing(quote(name) for name in list(names)[:count])


def listing(parts: Iterable[str]) -> str:
    """Return these names or clauses with commas between them, or "nothing" if there are none."""
    named = {f"part_{number}": part for number, part in enumerate(parts)}
    return message(", ".join(f"{{{name}}}" for name in named), **named) if named else message("nothing")


def reworded(first: str, text: str) -> str:
    """Return `text`, other English for the sentence `first`: the words of another language stay the same."""
    return Message(text, first.key, first.values, first.many, first.number) if isinstance(first, Message) else text


def both(names: Sequence[str]) -> str:
    """Return the one name, or two with "and" between them."""
    return message("{words} and {last}", words=names[0], last=names[1]) if len(names) > 1 else names[0]


def format_time(time: pd.Timestamp) -> str:
    """Return a time without the clock of midnight: 2018-12-31, or 2018-12-31 10:30."""
    return f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"


def format_age(seconds: float) -> str:
    """Return how long ago something was: "a moment ago", "40 minutes ago", "3 hours ago" or "2 days ago"."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(seconds // length)
        if count:
            return message("{time} ago", time=plural(count, unit))
    return message("a moment ago")
