"""Prices from Yahoo Finance: fetched within a deadline, kept as Parquet, honest about where each table came from."""

import hashlib
import re
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.data import parquet_cache
from core.data.frame import clip, column_name
from core.data.sources.network import library, status, trouble, within
from core.errors import DataError, SourceError

STEPS = {"1d": pd.Timedelta(days=1), "1wk": pd.Timedelta(days=7), "1h": pd.Timedelta(hours=1)}
DEADLINE_S = 10.0  # for all symbols of a call together, whatever the server does
FRESH_S = {"1d": 12 * 3600.0, "1wk": 12 * 3600.0, "1h": 3600.0}  # a copy younger than this is used without asking
HOURLY_DAYS = 730  # how far back Yahoo serves hours
FORGET_S = 300.0  # a failure is repeated from memory for so long
TICKER = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9.^=_-]{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One symbol's table and where it came from; `stale` copies are shown because Yahoo could not be asked.

    `table` is (sessions, open high low close volume), adjusted for splits and dividends, in the currency of the
    exchange, on its wall clock. `note` says the age of a copy and what else a person should know; it may be empty.
    """

    table: pd.DataFrame
    age_seconds: float
    stale: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    text: str
    reach: str  # of "ticker", of "yahoo" (no symbol can be asked for), or of "now" alone: then it is not remembered
    at: float


_failures: dict[tuple[str, str], _Failure] = {}
_lock = threading.Lock()


def fetch(
    symbols: tuple[str, ...],
    start: str | None,
    end: str | None,
    interval: str,
    cache: Path,
    deadline_s: float = DEADLINE_S,
) -> dict[str, Fetched]:
    """The prices of each symbol (upper case) from `start` to `end` inclusive, sorted and without an unfinished bar.

    Takes `deadline_s` seconds at most, all symbols together. Copies under `cache` are used when younger than 12 hours
    (hourly prices: 1 hour) or when Yahoo fails. Raises SourceError when a symbol is unknown or can be had from
    neither, DataError when it has no row between the dates.
    """
    if interval not in STEPS:
        raise SourceError(f"Yahoo is asked for the intervals {', '.join(STEPS)}; got {interval!r}.")
    tickers = [ticker_of(symbol) for symbol in symbols]
    until = time.monotonic() + deadline_s
    found = {ticker: _one(ticker, interval, cache, until, deadline_s) for ticker in dict.fromkeys(tickers)}
    return {ticker: _between(ticker, one, start, end, interval) for ticker, one in found.items()}


def forget() -> None:
    """Forget remembered failures, so that the next fetch asks Yahoo again at once."""
    with _lock:
        _failures.clear()


def ticker_of(text: str) -> str:
    """The ticker that a person typed, in upper case. Raises SourceError when it cannot be one."""
    plain = text.strip()
    if not TICKER.fullmatch(plain):
        raise SourceError(
            f"{text[:30]!r} is no ticker. A ticker has up to 20 letters, digits and . - ^ = _, such as "
            "AAPL, BRK-B, ^GSPC or EURUSD=X."
        )
    return plain.upper()


def out_of_reach() -> str:
    """Why Yahoo as a whole cannot be asked at present, in a sentence; empty as far as is known that it can."""
    failure = _remembered("", "")
    return failure.text if failure else ""


def _one(ticker: str, interval: str, cache: Path, until: float, deadline_s: float) -> Fetched:
    path = _path(cache, ticker, interval)
    kept = _read(path, ticker)
    if kept is not None and kept.age_seconds < FRESH_S[interval]:
        return kept
    failure = _remembered(ticker, interval)
    if failure is None:
        answer = _ask(ticker, interval, cache, until, deadline_s)
        if isinstance(answer, pd.DataFrame):
            return Fetched(table=answer, age_seconds=0.0, stale=False, note=parquet_cache.keep(answer, path, "prices"))
        failure = answer
        _remember(ticker, interval, failure)
    if kept is not None:
        return replace(kept, stale=True, note=f"{ticker}: prices of {ago(kept.age_seconds)}: {failure.text}")
    raise SourceError(failure.text)


def _between(ticker: str, one: Fetched, start: str | None, end: str | None, interval: str) -> Fetched:
    """The rows between the dates; of hours, with a word on where they begin when more was asked for."""
    limit = f"Yahoo serves hourly prices of the last {HOURLY_DAYS} days only"
    try:
        table = clip(one.table, start, end)
    except DataError as error:
        hint = f" {limit}." if interval == "1h" else ""
        raise DataError(str(error).replace("The series", ticker, 1) + hint) from error
    notes = [one.note] if one.note else []
    if interval == "1h" and (start is None or pd.Timestamp(start) < table.index[0].normalize()):
        notes.append(f"{limit}: {ticker} begins on {table.index[0]:%Y-%m-%d}.")
    return replace(one, table=table, note=" ".join(notes))


# --- asking ----------------------------------------------------------------------------------------------------------


def _ask(ticker: str, interval: str, cache: Path, until: float, deadline_s: float) -> pd.DataFrame | _Failure:
    """The whole history, or why there is none."""
    left = until - time.monotonic()
    try:
        history = within(left, lambda: _history(ticker, interval, cache))
    except TimeoutError:
        if left < deadline_s / 2:  # the tickers before it had the time
            return _fail(
                f"{ticker} did not arrive: all tickers together have {deadline_s:g} seconds. Load again: "
                "those that came are kept.",
                reach="now",
            )
        return _fail(f"Yahoo did not answer within {deadline_s:g} seconds. {_again()}", reach="yahoo")
    except Exception as error:  # whatever yfinance raises becomes a sentence that says what it was
        return _reason(ticker, error)
    table = _finished(history, STEPS[interval])
    if table.empty:
        return _fail(
            f"Yahoo knows {ticker} but has no finished session of it at this interval. Choose another "
            "interval or ticker."
        )
    return table


def _history(ticker: str, interval: str, cache: Path) -> pd.DataFrame:
    """Yahoo's whole history of one ticker, as yfinance gives it, on an index with the exchange's time zone."""
    yfinance = library(cache)
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
        yfinance.data.YfData.cache_get.cache_clear()  # yfinance would answer from memory with the same error for ever


def _finished(history: pd.DataFrame, step: pd.Timedelta) -> pd.DataFrame:
    """The bars whose whole step lies in the past, on the exchange's wall clock, under our column names."""
    table = history.rename(columns=column_name)[["open", "high", "low", "close", "volume"]].astype(np.float64)
    index = pd.DatetimeIndex(history.index)
    now = pd.Timestamp.now(tz=index.tz).tz_localize(None)
    table.index = index.tz_localize(None).as_unit("ns").rename("time")
    table = table[table.index + step <= now].dropna(how="all").sort_index()
    return table[~table.index.duplicated(keep="last")]  # an hour that a clock change repeats


def _reason(ticker: str, error: Exception) -> _Failure:
    """What an error of yfinance means, in a sentence."""
    from yfinance import exceptions as yahoo

    if trouble(error):
        return _fail(f"{trouble(error)} {_again()}", reach="yahoo")
    if isinstance(error, yahoo.YFPricesMissingError):
        return _fail(
            f"Yahoo knows {ticker} but has no prices of it: it may be delisted, or never traded at this "
            "interval. Choose another ticker or interval."
        )
    if isinstance(error, yahoo.YFTickerMissingError) or status(error) == 404 or "ISIN" in str(error):
        return _fail(
            f"Yahoo knows no ticker {ticker!r}, or serves it no longer. Check its spelling; outside the US a "
            "ticker has a suffix, like SAP.DE."
        )
    if isinstance(error, ValueError):  # what should be JSON is not
        return _fail(
            f"Yahoo answered for {ticker} with a page that cannot be read: a login or block page of this "
            f"network may stand between. {_again()}"
        )
    shown = f"HTTP {status(error)}" if status(error) else f"{type(error).__name__}: {str(error)[:120]}"
    return _fail(f"Yahoo is out of order: it answered for {ticker} with an error ({shown}). {_again()}")


def _fail(text: str, *, reach: str = "ticker") -> _Failure:
    return _Failure(text=text, reach=reach, at=time.monotonic())


def _again() -> str:
    return f"It is asked again after {FORGET_S / 60:.0f} minutes; bundled samples and files work meanwhile."


# --- memory ----------------------------------------------------------------------------------------------------------


def _remembered(ticker: str, interval: str) -> _Failure | None:
    with _lock:
        for key in ((ticker, interval), ("", "")):
            failure = _failures.get(key)
            if failure is not None and time.monotonic() - failure.at < FORGET_S:
                return failure
    return None


def _remember(ticker: str, interval: str, failure: _Failure) -> None:
    if failure.reach == "now":
        return
    with _lock:
        _failures[("", "") if failure.reach == "yahoo" else (ticker, interval)] = failure


def ago(seconds: float) -> str:
    """An age in words: "a moment ago", "40 minutes ago", "3 hours ago", "2 days ago"."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(seconds // length)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "a moment ago"


def _path(cache: Path, ticker: str, interval: str) -> Path:
    return cache / f"{hashlib.sha256(f'{ticker}|{interval}'.encode()).hexdigest()[:32]}.parquet"


def _read(path: Path, ticker: str) -> Fetched | None:
    """The kept copy; None where there is none or its file is damaged (it is then fetched and written anew)."""
    try:
        age = max(0.0, time.time() - path.stat().st_mtime)
        return Fetched(
            table=pd.read_parquet(path), age_seconds=age, stale=False, note=f"{ticker}: prices of {ago(age)}."
        )
    except (OSError, ValueError):  # pyarrow's ArrowInvalid is a ValueError
        return None
