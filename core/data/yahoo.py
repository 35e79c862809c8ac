"""Prices from Yahoo Finance: fetched within a deadline, kept as Parquet, honest about where each table came from."""

import contextlib
import hashlib
import os
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.frame import clip, column_name
from core.errors import DataError, SourceError

STEPS = {"1d": pd.Timedelta(days=1), "1wk": pd.Timedelta(days=7), "1h": pd.Timedelta(hours=1)}
DEADLINE_S = 10.0  # for all symbols of a call together, whatever the server does
FRESH_S = 12 * 3600.0  # a copy younger than this is used without asking
FORGET_S = 300.0  # a failure is repeated from memory for so long
TICKER = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9.^=_-]{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One symbol's table and where it came from; `stale` copies are shown because Yahoo could not be asked.

    `table` is (sessions, open high low close volume), adjusted for splits and dividends, in the currency of the
    exchange, on its wall clock. `note` is empty or one sentence for the person.
    """

    table: pd.DataFrame
    age_seconds: float
    stale: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    text: str
    everywhere: bool  # true of every symbol: Yahoo itself cannot be asked
    copy_helps: bool  # an older copy is better than nothing; not so for a ticker that is unknown
    at: float


_failures: dict[tuple[str, str], _Failure] = {}
_lock = threading.Lock()
_settled = threading.Event()


def fetch(symbols: tuple[str, ...], start: str | None, end: str | None, interval: str,
          cache: Path) -> dict[str, Fetched]:
    """The prices of each symbol (upper case) from `start` to `end` inclusive, sorted and without an unfinished bar.

    Copies under `cache` are used when younger than 12 hours or when Yahoo fails. Raises SourceError when a symbol is
    unknown or can be had from neither, DataError when it has no row between the dates.
    """
    if interval not in STEPS:
        raise SourceError(f"Yahoo is asked for the intervals {', '.join(STEPS)}; got {interval!r}.")
    tickers = [_ticker(symbol) for symbol in symbols]
    until = time.monotonic() + DEADLINE_S
    found = {ticker: _one(ticker, interval, cache, until) for ticker in dict.fromkeys(tickers)}
    return {ticker: _between(ticker, one, start, end) for ticker, one in found.items()}


def forget() -> None:
    """Forget remembered failures, so that the next fetch asks Yahoo again at once."""
    with _lock:
        _failures.clear()


def _ticker(text: str) -> str:
    plain = text.strip()
    if not TICKER.fullmatch(plain):
        raise SourceError(f"{text[:30]!r} is no ticker. A ticker has up to 20 letters, digits and . - ^ = _, such as "
                          "AAPL, BRK-B, ^GSPC or EURUSD=X.")
    return plain.upper()


def _one(ticker: str, interval: str, cache: Path, until: float) -> Fetched:
    path = _path(cache, ticker, interval)
    kept = _read(path)
    if kept is not None and kept.age_seconds < FRESH_S:
        return kept
    failure = _remembered(ticker, interval)
    if failure is None:
        answer = _ask(ticker, interval, cache, until)
        if isinstance(answer, pd.DataFrame):
            return Fetched(table=answer, age_seconds=0.0, stale=False, note=_write(answer, path))
        failure = answer
        _remember(ticker, interval, failure)
    if kept is not None and failure.copy_helps:
        age = f"{kept.age_seconds / 3600:.0f} hours"
        return Fetched(table=kept.table, age_seconds=kept.age_seconds, stale=True,
                       note=f"{failure.text} {ticker} is shown from a copy that is {age} old.")
    raise SourceError(failure.text)


def _between(ticker: str, one: Fetched, start: str | None, end: str | None) -> Fetched:
    try:
        table = clip(one.table, start, end)
    except DataError as error:
        raise DataError(str(error).replace("The series", ticker, 1)) from error
    return Fetched(table=table, age_seconds=one.age_seconds, stale=one.stale, note=one.note)


# --- asking ----------------------------------------------------------------------------------------------------------


def _ask(ticker: str, interval: str, cache: Path, until: float) -> pd.DataFrame | _Failure:
    """The whole history, or why there is none. The thread that asks is left behind when the deadline passes."""
    answer: list[Any] = []

    def work() -> None:
        try:
            answer.append(_history(ticker, interval, cache))
        except Exception as error:  # carried over to the caller's thread, which names it
            answer.append(error)

    thread = threading.Thread(target=work, name=f"yahoo-{ticker}", daemon=True)
    thread.start()
    thread.join(max(0.0, until - time.monotonic()))
    if not answer:
        return _fail(f"Yahoo did not answer within {DEADLINE_S:.0f} seconds. {_again()}", everywhere=True)
    if isinstance(answer[0], Exception):
        return _reason(ticker, answer[0])
    table = _finished(answer[0], STEPS[interval])
    if table.empty:
        return _fail(f"Yahoo knows {ticker} but has no finished session of it at this interval. Choose another "
                     "interval or ticker.")
    return table


def _history(ticker: str, interval: str, cache: Path) -> pd.DataFrame:
    """Yahoo's whole history of one ticker, as yfinance gives it, on an index with the exchange's time zone."""
    import yfinance

    with _lock:
        _settle(yfinance, cache)
    try:
        return yfinance.Ticker(ticker).history(period="max", interval=interval, auto_adjust=True, actions=False)
    except Exception:
        yfinance.data.YfData.cache_get.cache_clear()  # yfinance would answer from memory with the same error for ever
        raise


def _settle(yfinance: Any, cache: Path) -> None:
    """Make yfinance raise, and keep its time zones and cookies under `cache`; it takes the place only once."""
    yfinance.config.debug.hide_exceptions = False
    if not _settled.is_set():
        folder = cache / "yfinance"
        with contextlib.suppress(OSError):  # yfinance does without a folder that cannot be written
            folder.mkdir(parents=True, exist_ok=True)
        yfinance.set_tz_cache_location(str(folder))
        _settled.set()


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
    from curl_cffi.requests import exceptions as http
    from yfinance import exceptions as yahoo

    status = getattr(getattr(error, "response", None), "status_code", 0)  # 0 too where no answer came at all
    if isinstance(error, yahoo.YFRateLimitError) or status == 429:
        return _fail(f"Yahoo takes no more requests from this address for a while (rate limit). {_again()}",
                     everywhere=True)
    if isinstance(error, yahoo.YFTickerMissingError) or status == 404 or "ISIN" in str(error):
        return _fail(f"Yahoo has no prices for {ticker!r}. Check its spelling; outside the US a ticker has a suffix, "
                     "like SAP.DE.", copy_helps=False)
    if isinstance(error, http.Timeout):
        return _fail(f"Yahoo did not answer in time. {_again()}", everywhere=True)
    if isinstance(error, http.ConnectionError | http.ProxyError):  # no such host and bad certificates among them
        return _fail(f"Yahoo cannot be reached: there is no network, or it is blocked. {_again()}", everywhere=True)
    shown = f"HTTP {status}" if status else f"{type(error).__name__}: {str(error)[:120]}"
    return _fail(f"Yahoo answered for {ticker} with something that cannot be read ({shown}). {_again()}")


def _fail(text: str, *, everywhere: bool = False, copy_helps: bool = True) -> _Failure:
    return _Failure(text=text, everywhere=everywhere, copy_helps=copy_helps, at=time.monotonic())


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
    with _lock:
        _failures[("", "") if failure.everywhere else (ticker, interval)] = failure


def _path(cache: Path, ticker: str, interval: str) -> Path:
    return cache / f"{hashlib.sha256(f'{ticker}|{interval}'.encode()).hexdigest()[:32]}.parquet"


def _read(path: Path) -> Fetched | None:
    """The kept copy; None where there is none or its file is damaged (it is then fetched and written anew)."""
    try:
        age = max(0.0, time.time() - path.stat().st_mtime)
        return Fetched(table=pd.read_parquet(path), age_seconds=age, stale=False, note="")
    except (OSError, ValueError):  # pyarrow's ArrowInvalid is a ValueError
        return None


def _write(table: pd.DataFrame, path: Path) -> str:
    """Keep a copy; it appears whole or not at all. Returns the sentence to show when the disk refuses."""
    part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(part)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        return f"The prices could not be kept for later: {error.strerror}."
    return ""
