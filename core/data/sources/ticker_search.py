"""Tickers that match what a person typed, from Yahoo's own search."""

from pathlib import Path
from typing import Any

from core.data.sources import yahoo
from core.data.sources.suggestions import COUNT, Search, Suggestion


def _ask(words: str, cache: Path, timeout: float) -> tuple[Suggestion, ...]:
    yfinance = yahoo.load_yfinance(cache)
    try:
        search = yfinance.Search(
            words, max_results=COUNT, news_count=0, lists_count=0, include_cb=False, timeout=timeout
        )
        quotes = search.response["quotes"]  # an error has none, for which search.quotes would return an empty list
    finally:
        yfinance.data.YfData.cache_get.cache_clear()  # yfinance keeps answers, errors too, for ever
    return tuple(suggestion for quote in quotes if (suggestion := _read(quote)) is not None)


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


TICKERS = Search(service=yahoo.YAHOO, ask=_ask)
