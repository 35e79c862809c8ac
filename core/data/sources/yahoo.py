"""Prices from Yahoo Finance: downloaded within a deadline, stored as Parquet, with notes on how old they are."""

import hashlib
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.data import parquet_cache
from core.data.frame import build, clip, column_name
from core.data.sources.network import ExpiringCache, describe, http_status, load_yfinance, outage_reason, run_within
from core.data.sources.source import Source
from core.data.wording import format_age
from core.errors import DataError, SourceError
from core.spec import Data

INTERVAL_STEPS = {"1d": pd.Timedelta(days=1), "1wk": pd.Timedelta(days=7), "1h": pd.Timedelta(hours=1)}
DEADLINE_S = 10.0  # for all symbols of a call together, whatever the server does
FRESH_S = {"1d": 12 * 3600.0, "1wk": 12 * 3600.0, "1h": 3600.0}  # a younger copy is used without asking
HOURLY_DAYS = 730  # how far back Yahoo serves hourly prices
FORGET_S = 300.0  # how long a failure is repeated from memory
TICKER = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9.^=_-]{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceHistory:
    """The prices of one symbol and where they come from; `stale` ones are shown because Yahoo could not be asked.

    `table` is (T, open high low close volume), adjusted for splits and dividends, in the currency of the exchange, on
    its wall clock. `note` says how old a copy is and what else a person should know; it may be empty.
    """

    table: pd.DataFrame
    age_seconds: float
    stale: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    text: str
    scope: str  # "ticker", "yahoo" (no symbol can be asked for), or "call": then it is not remembered


_failures: ExpiringCache[_Failure] = ExpiringCache()
_YAHOO = ("", "")  # the key of a failure of Yahoo as a whole


def fetch(
    symbols: tuple[str, ...],
    start: str | None,
    end: str | None,
    interval: str,
    cache: Path,
    deadline_s: float = DEADLINE_S,
) -> dict[str, PriceHistory]:
    """Return the prices of each symbol (upper case) from `start` to `end` inclusive, sorted, without unfinished bars.

    Takes at most `deadline_s` seconds for all symbols together. A copy under `cache` is used if it is younger than 12
    hours (hourly prices: 1 hour), or if Yahoo fails. Raises SourceError for an unknown symbol and for one that is
    neither served nor stored, DataError if a symbol has no row between the dates.
    """
    if interval not in INTERVAL_STEPS:
        raise SourceError(f"Yahoo serves the intervals {', '.join(INTERVAL_STEPS)}; got {interval!r}. Choose one.")
    tickers = [parse_ticker(symbol) for symbol in symbols]
    until = time.monotonic() + deadline_s
    histories = {ticker: _load_or_ask(ticker, interval, cache, until, deadline_s) for ticker in dict.fromkeys(tickers)}
    return {ticker: _between(ticker, history, start, end, interval) for ticker, history in histories.items()}


def forget() -> None:
    """Forget the remembered failures, so that the next fetch asks Yahoo again at once."""
    _failures.clear()


def parse_ticker(text: str) -> str:
    """Return the ticker that a person typed, in upper case. Raises SourceError if it cannot be one."""
    plain = text.strip()
    if not TICKER.fullmatch(plain):
        raise SourceError(
            f"{text[:30]!r} is no ticker. A ticker has up to 20 letters, digits and . - ^ = _, such as "
            "AAPL, BRK-B, ^GSPC or EURUSD=X."
        )
    return plain.upper()


def outage() -> str:
    """Return a sentence on why Yahoo as a whole cannot be asked at present; empty as far as is known that it can."""
    failure = _failures.get(_YAHOO)
    return failure.text if failure else ""


def _load_or_ask(ticker: str, interval: str, cache: Path, until: float, deadline_s: float) -> PriceHistory:
    path = cache / f"{hashlib.sha256(f'{ticker}|{interval}'.encode()).hexdigest()[:32]}.parquet"
    copy = _read_copy(path, ticker)
    if copy is not None and copy.age_seconds < FRESH_S[interval]:
        return copy
    failure = _failures.get((ticker, interval), _YAHOO)
    if failure is None:
        answer = _ask(ticker, interval, cache, until, deadline_s)
        if isinstance(answer, pd.DataFrame):
            note = parquet_cache.write_copy(answer, path, "prices")
            return PriceHistory(table=answer, age_seconds=0.0, stale=False, note=note)
        failure = answer
        if failure.scope != "call":
            _failures.put(_YAHOO if failure.scope == "yahoo" else (ticker, interval), failure, FORGET_S)
    if copy is None:
        raise SourceError(failure.text)
    return replace(copy, stale=True, note=f"{copy.note} {failure.text}")


def _read_copy(path: Path, ticker: str) -> PriceHistory | None:
    """Return the stored copy; None if there is none or its file is damaged."""
    table, age = parquet_cache.read(path), parquet_cache.age(path)
    if table is None:
        return None
    return PriceHistory(
        table=table, age_seconds=age, stale=False, note=f"The prices of {ticker} were loaded {format_age(age)}."
    )


def _between(ticker: str, history: PriceHistory, start: str | None, end: str | None, interval: str) -> PriceHistory:
    """Return the rows between the dates; if hourly prices begin later than asked for, the note says so."""
    limit = f"Yahoo serves hourly prices of the last {HOURLY_DAYS} days only"
    try:
        table = clip(history.table, start, end)
    except DataError as error:
        hint = f" {limit}." if interval == "1h" else ""
        raise DataError(str(error).replace("The series", ticker, 1) + hint) from error
    notes = [history.note] if history.note else []
    if interval == "1h" and (start is None or pd.Timestamp(start) < table.index[0].normalize()):
        notes.append(f"{limit}: {ticker} begins on {table.index[0]:%Y-%m-%d}.")
    return replace(history, table=table, note=" ".join(notes))


# --- asking ----------------------------------------------------------------------------------------------------------


def _ask(ticker: str, interval: str, cache: Path, until: float, deadline_s: float) -> pd.DataFrame | _Failure:
    """Return the whole history, or why there is none."""
    left = until - time.monotonic()
    try:
        history = run_within(left, lambda: _history(ticker, interval, cache))
    except TimeoutError:
        if left < deadline_s / 2:  # the tickers before it took the time
            return _fail(
                f"{ticker} did not arrive in time: all tickers together have {deadline_s:g} seconds. Load again: "
                "those that arrived are stored.",
                scope="call",
            )
        return _fail(f"Yahoo did not answer within {deadline_s:g} seconds. {_retry_hint()}", scope="yahoo")
    except Exception as error:  # whatever yfinance raises becomes a sentence that names it
        return _explain(ticker, error)
    table = _finished_bars(history, INTERVAL_STEPS[interval])
    if table.empty:
        return _fail(
            f"Yahoo knows {ticker} but has no finished session of it at this interval. Choose another "
            "interval or ticker."
        )
    return table


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


def _finished_bars(history: pd.DataFrame, step: pd.Timedelta) -> pd.DataFrame:
    """Return the bars that end in the past, on the exchange's wall clock, under our column names."""
    table = history.rename(columns=column_name)[["open", "high", "low", "close", "volume"]].astype(np.float64)
    index = pd.DatetimeIndex(history.index)
    now = pd.Timestamp.now(tz=index.tz).tz_localize(None)
    table.index = index.tz_localize(None).as_unit("ns").rename("time")
    table = table[table.index + step <= now].dropna(how="all").sort_index()
    return table[~table.index.duplicated(keep="last")]  # an hour that the end of summer time repeats


def _explain(ticker: str, error: Exception) -> _Failure:
    """Return what an error of yfinance means, in a sentence."""
    from yfinance import exceptions as yahoo

    if outage_reason(error):
        return _fail(f"{outage_reason(error)} {_retry_hint()}", scope="yahoo")
    if isinstance(error, yahoo.YFPricesMissingError):
        return _fail(
            f"Yahoo knows {ticker} but has no prices of it: it may be delisted, or never traded at this "
            "interval. Choose another ticker or interval."
        )
    if isinstance(error, yahoo.YFTickerMissingError) or http_status(error) == 404 or "ISIN" in str(error):
        return _fail(
            f"Yahoo knows no ticker {ticker!r}, or no longer serves it. Check its spelling; outside the US a "
            "ticker has a suffix, like SAP.DE."
        )
    if isinstance(error, ValueError):  # what should be JSON is not
        return _fail(
            f"Yahoo answered for {ticker} with a page that cannot be read, perhaps a login or block page of this "
            f"network. {_retry_hint()}"
        )
    return _fail(f"Yahoo is out of order: it answered for {ticker} with an error ({describe(error)}). {_retry_hint()}")


def _fail(text: str, *, scope: str = "ticker") -> _Failure:
    return _Failure(text=text, scope=scope)


def _retry_hint() -> str:
    return f"Try again after {FORGET_S / 60:.0f} minutes; bundled samples and files work in the meantime."


# --- the source ------------------------------------------------------------------------------------------------------


def _load_recipe(data: Data, cache: Path) -> pd.DataFrame:
    histories = fetch(data.symbols, data.start, data.end, data.interval, cache)
    frame = build({symbol: history.table for symbol, history in histories.items()})
    frame.attrs["notes"] = [history.note for history in histories.values() if history.note]
    return frame


def _load_covariate(name: str, data: Data, cache: Path) -> tuple[pd.DataFrame, list[str]]:
    # Daily whatever the interval of the recipe: a weekly bar is dated by its first day and would be known too early.
    (history,) = fetch((name,), data.start, data.end, "1d", cache).values()
    return history.table, [history.note] if history.note else []


SOURCE = Source(name="yahoo", title="Ticker", load=_load_recipe, load_covariate=_load_covariate)
