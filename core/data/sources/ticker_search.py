"""Tickers that fit what a person typed, from Yahoo's own search: quick or not at all, and never an error."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data.sources import yahoo
from core.data.sources.network import library, trouble, within

DEADLINE_S = 3.0  # a person is waiting with the hands on the keys
KEPT_S = 3600.0  # an answer is repeated from memory for so long
KEPT = 500  # answers in memory
FORGET_S = 60.0  # after a failure Yahoo is left alone for so long
LONGEST = 60  # characters of a text that are sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One thing that Yahoo has prices of: `exchange` and `kind` ("Equity", "ETF", "Index", …) may be empty."""

    symbol: str
    name: str
    exchange: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What was found, best first. `note` is empty, or says in a sentence why nothing was."""

    found: tuple[Suggestion, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    answer: Suggestions
    until: float


_kept: dict[str, _Kept] = {}
_lock = threading.Lock()


def suggest(text: str, cache: Path, deadline_s: float = DEADLINE_S) -> Suggestions:
    """At most 8 tickers for a name or the beginning of a ticker, within `deadline_s` seconds; raises nothing.

    Answers are kept in this process for an hour; after a failure Yahoo is not asked for a minute. yfinance keeps its
    cookies under `cache`.
    """
    asked = " ".join(text.split())[:LONGEST]
    if not asked:
        return Suggestions()
    known = _remembered(asked.lower()) or _remembered("")
    if known is not None:
        return known
    if yahoo.out_of_reach():
        return _failed(yahoo.out_of_reach())
    try:
        quotes = within(deadline_s, lambda: _ask(asked, cache, deadline_s))
    except Exception as error:  # a convenience: whatever goes wrong, the note says it and the page goes on
        answer = _failed(trouble(error) or f"Yahoo's search is out of order ({type(error).__name__}).")
        return _remember("", answer, FORGET_S)
    found = tuple(made for quote in quotes if (made := _read(quote)) is not None)
    answer = Suggestions(found=found, note="" if found else f"Yahoo's search finds nothing for {asked!r}.")
    return _remember(asked.lower(), answer, KEPT_S)


def forget() -> None:
    """Forget answers and failures, so that Yahoo is asked again."""
    with _lock:
        _kept.clear()


def _ask(asked: str, cache: Path, timeout: float) -> list[dict[str, Any]]:
    yfinance = library(cache)
    try:
        search = yfinance.Search(asked, max_results=8, news_count=0, lists_count=0, include_cb=False, timeout=timeout)
        return search.response["quotes"]  # an error has none: search.quotes would call that "nothing found"
    finally:
        yfinance.data.YfData.cache_get.cache_clear()  # yfinance keeps answers, errors too, for ever


def _read(quote: dict[str, Any]) -> Suggestion | None:
    """A suggestion; None for what has no prices or no ticker that can be asked for."""
    symbol = str(quote.get("symbol", ""))
    if not yahoo.TICKER.fullmatch(symbol):
        return None
    return Suggestion(
        symbol=symbol,
        name=_text(quote, "longname", "shortname"),
        kind=_text(quote, "typeDisp"),
        exchange=_text(quote, "exchDisp", "exchange"),
    )


def _text(quote: dict[str, Any], *names: str) -> str:
    return next((str(quote[name]) for name in names if quote.get(name)), "")


def _failed(why: str) -> Suggestions:
    return Suggestions(note=f"No suggestions. {why} A ticker can be typed in full.")


def _remembered(key: str) -> Suggestions | None:
    with _lock:
        kept = _kept.get(key)
    return kept.answer if kept is not None and time.monotonic() < kept.until else None


def _remember(key: str, answer: Suggestions, seconds: float) -> Suggestions:
    with _lock:
        _kept.pop(key, None)
        _kept[key] = _Kept(answer=answer, until=time.monotonic() + seconds)
        while len(_kept) > KEPT:
            del _kept[next(iter(_kept))]
    return answer
