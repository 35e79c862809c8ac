"""Tickers that match what a person typed, from Yahoo's own search: quickly or not at all, and never an error."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data.sources import yahoo
from core.data.sources.network import ExpiringCache, load_yfinance, outage_reason, run_within

DEADLINE_S = 3.0  # a person is waiting
REMEMBER_S = 3600.0  # how long an answer is repeated from memory
FORGET_S = 60.0  # how long Yahoo is left alone after a failure
MAX_ANSWERS = 500  # in memory
MAX_LENGTH = 60  # characters of a text that are sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One ticker that Yahoo has prices of; `exchange` and `kind` ("Equity", "ETF", "Index", …) may be empty."""

    symbol: str
    name: str
    exchange: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """The matching tickers, best first. `note` is empty, or says in a sentence why there are none."""

    tickers: tuple[Suggestion, ...] = ()
    note: str = ""


_answers: ExpiringCache[Suggestions] = ExpiringCache(MAX_ANSWERS)
_FAILURE = ""  # the key of an answer that stands for every text


def suggest(text: str, cache: Path, deadline_s: float = DEADLINE_S) -> Suggestions:
    """Return at most 8 tickers for a name or the beginning of a ticker, within `deadline_s` seconds; raises nothing.

    Answers stay in the memory of this process for an hour; after a failure Yahoo is not asked for a minute. yfinance
    stores its cookies under `cache`.
    """
    words = " ".join(text.split())[:MAX_LENGTH]
    if not words:
        return Suggestions()
    remembered = _answers.get(words.lower(), _FAILURE)
    if remembered is not None:
        return remembered
    if yahoo.outage():
        return _failed(yahoo.outage())
    try:
        quotes = run_within(deadline_s, lambda: _ask(words, cache, deadline_s))
    except Exception as error:  # a convenience: whatever goes wrong, the note says it and the page goes on
        reason = outage_reason(error) or f"Yahoo's search is out of order ({type(error).__name__})."
        return _answers.put(_FAILURE, _failed(reason), FORGET_S)
    tickers = tuple(suggestion for quote in quotes if (suggestion := _read(quote)) is not None)
    answer = Suggestions(tickers=tickers, note="" if tickers else f"Yahoo's search finds nothing for {words!r}.")
    return _answers.put(words.lower(), answer, REMEMBER_S)


def forget() -> None:
    """Forget answers and failures, so that Yahoo is asked again."""
    _answers.clear()


def _ask(words: str, cache: Path, timeout: float) -> list[dict[str, Any]]:
    yfinance = load_yfinance(cache)
    try:
        search = yfinance.Search(words, max_results=8, news_count=0, lists_count=0, include_cb=False, timeout=timeout)
        return search.response["quotes"]  # an error has none, for which search.quotes would return an empty list
    finally:
        yfinance.data.YfData.cache_get.cache_clear()  # yfinance keeps answers, errors too, for ever


def _read(quote: dict[str, Any]) -> Suggestion | None:
    """Return a suggestion; None for what has no prices or no ticker that can be asked for."""
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


def _failed(reason: str) -> Suggestions:
    return Suggestions(note=f"No suggestions. {reason} A ticker can be typed in full.")
