"""Prices from Yahoo Finance, through yfinance set to raise its errors."""

import contextlib
import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from core.data.frame import column_name
from core.data.sources import histories
from core.data.sources.histories import DAILY_FRESH_S, DEADLINE_S, Failure, History, Service, finished, retry_hint
from core.data.sources.network import describe, http_status
from core.data.sources.source import Source
from core.errors import DataError, SourceError, words
from core.language import join, message
from core.spec import Data

INTERVAL_STEPS = {"1d": pd.Timedelta(days=1), "1wk": pd.Timedelta(days=7), "1h": pd.Timedelta(hours=1)}
HOURLY_DAYS = 730  # how far back Yahoo serves hourly prices
TICKER = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9.^=_-]{1,20}")

_lock = threading.Lock()
_configured = threading.Event()


def fetch(
    symbols: tuple[str, ...],
    start: str | None,
    end: str | None,
    interval: str,
    cache: Path,
    deadline_s: float = DEADLINE_S,
) -> dict[str, History]:
    """Return the prices of each symbol (upper case) from `start` to `end` inclusive, sorted, without unfinished bars.

    Columns are open, high, low, close and volume, adjusted for splits and dividends, in the currency of the exchange,
    on its wall clock. Takes at most `deadline_s` seconds for all symbols together. A copy under `cache` is used if it
    is younger than 12 hours (hourly prices: 1 hour), or if Yahoo fails. Raises SourceError for an unknown symbol and
    for one that is neither served nor stored, DataError if a symbol has no row between the dates.
    """
    tickers = tuple(dict.fromkeys(parse_ticker(symbol) for symbol in symbols))
    loaded = histories.fetch(YAHOO, tickers, interval, cache, deadline_s)
    return {ticker: _between(ticker, history, start, end, interval) for ticker, history in loaded.items()}


def forget() -> None:
    """Forget the remembered failures, so that the next fetch asks Yahoo again at once."""
    YAHOO.failures.clear()


def parse_ticker(text: str) -> str:
    """Return the ticker that a person typed, in upper case. Raises SourceError if it cannot be one."""
    plain = text.strip()
    if not TICKER.fullmatch(plain):
        raise SourceError(
            message(
                "{text} is no ticker. A ticker has up to 20 letters, digits and . - ^ = _, such as AAPL, BRK-B, ^GSPC "
                "or EURUSD=X.",
                text=repr(text[:30]),
            )
        )
    return plain.upper()


def load_yfinance(cache: Path) -> Any:
    """Return yfinance, set to raise its errors and to store time zones and cookies under the first `cache` given."""
    import yfinance

    with _lock:
        yfinance.config.debug.hide_exceptions = False
        if not _configured.is_set():
            folder = cache / "yfinance"
            with contextlib.suppress(OSError):  # yfinance can do without a folder that it can write
                folder.mkdir(parents=True, exist_ok=True)
            yfinance.set_tz_cache_location(str(folder))
            _configured.set()
    return yfinance


def _between(ticker: str, history: History, start: str | None, end: str | None, interval: str) -> History:
    """Return the rows between the dates; if hourly prices begin later than asked for, the note says so."""
    limit = message("Yahoo serves hourly prices of the last {hourly_days} days only", hourly_days=HOURLY_DAYS)
    try:
        clipped = histories.between(ticker, history, start, end)
    except DataError as error:
        if interval != "1h":
            raise
        raise DataError(join([words(error), message("{sentence}.", sentence=limit)])) from error
    notes = [history.note] if history.note else []
    first = clipped.table.index[0]
    if interval == "1h" and (start is None or pd.Timestamp(start) < first.normalize()):
        notes.append(
            message("{limit}: {ticker} begins on {first}.", limit=limit, ticker=ticker, first=f"{first:%Y-%m-%d}")
        )
    return replace(clipped, note=join(notes))


# --- asking ----------------------------------------------------------------------------------------------------------


def _ask(ticker: str, interval: str, cache: Path) -> pd.DataFrame:
    """Return the bars that end in the past, on the exchange's wall clock, under our column names."""
    history = _history(ticker, interval, cache)
    table = history.rename(columns=column_name)[["open", "high", "low", "close", "volume"]]
    return finished(table, pd.DatetimeIndex(history.index).tz, INTERVAL_STEPS[interval])


def _history(ticker: str, interval: str, cache: Path) -> pd.DataFrame:
    """Return Yahoo's whole history of one ticker as yfinance does, on an index with the exchange's time zone."""
    yfinance = load_yfinance(cache)
    try:
        return yfinance.Ticker(ticker).history(period="max", interval=interval, auto_adjust=True, actions=False)
    except (yfinance.exceptions.YFTickerMissingError, ValueError):
        # raised for an unknown ticker, a broken Yahoo and a login page alike: the status of the answer tells which,
        # and yfinance has it in its memory, unless it knew the time zone already
        url = f"{yfinance.const._BASE_URL_}/v8/finance/chart/{ticker}"
        answer = yfinance.data.YfData().cache_get(url=url, params={"range": "1d", "interval": "1d"}, timeout=10)
        answer.raise_for_status()
        raise
    finally:
        yfinance.data.YfData.cache_get.cache_clear()  # yfinance would repeat the same error from memory for ever


def _explain(ticker: str, error: Exception) -> Failure:
    """Return what an error of yfinance means, in a sentence."""
    from yfinance import exceptions as yahoo

    if isinstance(error, yahoo.YFPricesMissingError):
        return Failure(
            text=message(
                "Yahoo knows {ticker} but has no prices of it: it may be delisted, or never traded at this "
                "interval. Choose another ticker or interval.",
                ticker=ticker,
            )
        )
    if isinstance(error, yahoo.YFTickerMissingError) or http_status(error) == 404 or "ISIN" in str(error):
        return Failure(
            text=message(
                "Yahoo knows no ticker {ticker}, or no longer serves it. Check its spelling; outside the US a "
                "ticker has a suffix, like SAP.DE.",
                ticker=repr(ticker),
            )
        )
    if isinstance(error, ValueError):  # what should be JSON is not
        return Failure(
            text=join(
                [
                    message(
                        "{service} answered for {symbol} with a page that cannot be read, perhaps a login or block "
                        "page of this network.",
                        service=YAHOO.name,
                        symbol=ticker,
                    ),
                    retry_hint(),
                ]
            )
        )
    return Failure(
        text=join(
            [
                message(
                    "{service} is out of order: it answered for {symbol} with an error ({error}).",
                    service=YAHOO.name,
                    symbol=ticker,
                    error=describe(error),
                ),
                retry_hint(),
            ]
        )
    )


YAHOO = Service(
    name=message("Yahoo"),
    noun=message("ticker"),
    nouns=message("tickers"),
    content=message("prices"),
    prefix="",
    fresh_s={"1d": DAILY_FRESH_S, "1wk": DAILY_FRESH_S, "1h": 3600.0},
    ask=_ask,
    explain=_explain,
)


# --- the source ------------------------------------------------------------------------------------------------------


def _load_recipe(data: Data, cache: Path) -> pd.DataFrame:
    return histories.to_frame(fetch(data.symbols, data.start, data.end, data.interval, cache))


def _load_covariate(name: str, data: Data, cache: Path) -> tuple[pd.DataFrame, list[str]]:
    # Daily whatever the interval of the recipe: a weekly bar is dated by its first day and would be known too early.
    return histories.single(fetch((name,), data.start, data.end, "1d", cache))


SOURCE = Source(name="yahoo", title="Ticker", load=_load_recipe, load_covariate=_load_covariate, online=True)
