"""Headings of columns in any language: which column is the open, high, low, close or volume of a price."""

import re
from collections.abc import Iterable
from functools import cache

import pandas as pd

from core.data.frame import column_name
from core.data.parsing.header_words import AMBIGUOUS, HEADER_WORDS
from core.data.wording import listing, quote
from core.language import message

PRICES = ("open", "high", "low", "close", "adj_close", "volume")
COMPANIONS = {"volume", "change", "date"}  # numbers that may stand beside a lone price


def plain(heading: str) -> str:
    """Return a heading in lower case without asterisks, angle brackets and a unit in brackets: Close* (USD) → close."""
    bare = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", heading.strip().strip("<>"))
    return re.sub(r"[\s_]+", " ", bare.strip("*†‡ ").lower()).strip()


@cache
def words(column: str) -> frozenset[str]:
    """Return the headings of this column (date, open, high, low, close, adj_close, volume, change) in all languages."""
    return frozenset(word for columns in HEADER_WORDS.values() for word in columns[column])


def has_close(names: Iterable[str]) -> bool:
    """Return whether one of these names is a heading of a close, adjusted or not."""
    return any(_kind(name) in ("close", "adj_close") for name in names)


def rename_prices(numeric: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the new names of the price columns among these numeric columns, and sentences on what was renamed.

    Columns get names only beside a close. A word such as price or last is a close beside an open, high or low, or if
    the only other numbers are a volume or a change; else the file is about something else.
    """
    kinds = {name: _kind(name) for name in numeric}
    beside = {kind for name, kind in kinds.items() if plain(name) not in AMBIGUOUS}
    is_price = bool(beside & {"open", "high", "low"}) or beside <= COMPANIONS
    closes = [name for name, kind in kinds.items() if kind == "close" and (plain(name) not in AMBIGUOUS or is_price)]
    closes.sort(key=lambda name: plain(name) in AMBIGUOUS)  # a plain close before a mere last
    if not closes and "adj_close" not in kinds.values():
        return {}, []
    chosen = {name: kind for name, kind in reversed(kinds.items()) if kind in PRICES and kind != "close"}
    name_of = {kind: name for name, kind in chosen.items()} | dict(zip(("close",), closes, strict=False))
    renamed = {name: kind for kind, name in name_of.items() if column_name(name) != kind and kind not in numeric}
    if not renamed:
        return renamed, []
    listed = listing(
        message("{column} as {name}", column=quote(name), name=renamed[name]) for name in numeric if name in renamed
    )
    return renamed, [message("Columns were read under other names: {listed}.", listed=listed)]


def are_day_first(cells: pd.DataFrame) -> bool:
    """Return whether the headings are in a language that writes the day before the month: any but English and Asian."""
    found = {plain(name) for name in cells.columns}
    if found & {*HEADER_WORDS["English"]["date"]}:
        found -= {"data"}
    languages = {*HEADER_WORDS} - {"English", "Korean", "Chinese", "Japanese"}
    of_others = {word for language in languages for words_of in HEADER_WORDS[language].values() for word in words_of}
    english = {word for words_of in HEADER_WORDS["English"].values() for word in words_of}
    return bool(found & (of_others - english))


def adjust(prices: pd.DataFrame) -> pd.DataFrame:
    """Return prices (T, columns) whose close is the adjusted close, with open, high and low scaled by the same factor.

    The column `adj_close` is dropped. Without both closes the prices are returned as they are.
    """
    if not {"close", "adj_close"} <= {*prices.columns}:
        return prices
    factor_T = prices["adj_close"] / prices["close"].where(prices["close"] != 0)
    scaled = {name: prices[name] * factor_T for name in ("open", "high", "low") if name in prices}
    return prices.assign(**scaled, close=prices["adj_close"]).drop(columns="adj_close")


def _kind(name: str) -> str:
    heading = plain(name)
    return next((kind for kind in (*PRICES, "change") if heading in words(kind)), heading)
