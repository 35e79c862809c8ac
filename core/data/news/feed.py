"""A ticker's headlines from Yahoo's feed: fetched within a deadline, added to those of earlier days on disk."""

import contextlib
import hashlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.data import parquet_cache
from core.data.news.headlines import Headlines, ordered, stored
from core.data.sources import yahoo
from core.data.sources.network import library, status, trouble, within
from core.errors import SourceError

FRESH_S = 3600.0  # a copy younger than this is used without asking
COUNT = 100  # headlines asked for; Yahoo gives as many as it likes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    text: str
    whole: bool  # Yahoo as a whole, and not this ticker alone
    at: float


_failures: dict[str, _Failure] = {}
_lock = threading.Lock()


def fetch(ticker: str, cache: Path, deadline_s: float = yahoo.DEADLINE_S) -> Headlines:
    """The headlines of one ticker, times in UTC: the feed's latest and all that came before into the copy in `cache`.

    Takes `deadline_s` seconds at most. A copy younger than an hour, or any when Yahoo fails, is used as it is, and a
    note says its age; a failure is remembered for 5 minutes. Raises SourceError when there is no such ticker, or no
    headline from anywhere.
    """
    name = yahoo.ticker_of(ticker)
    path = cache / f"news-{hashlib.sha256(name.encode()).hexdigest()[:32]}.parquet"
    age, held = _age(path), stored(path)
    if held is not None and age < FRESH_S:
        return _headlines(held, age, f"{name}: headlines of {yahoo.ago(age)}.")
    failure = _remembered(name) or _ask(name, path, cache, deadline_s)
    if isinstance(failure, Headlines):
        return failure
    if held is None:
        raise SourceError(failure.text)
    return _headlines(held, age, f"{name}: headlines of {yahoo.ago(age)}: {failure.text}")


def forget() -> None:
    """Forget remembered failures, so that the next fetch asks Yahoo again at once."""
    with _lock:
        _failures.clear()


def _headlines(table: pd.DataFrame, age: float, *notes: str) -> Headlines:
    first, last = table["time"].iloc[0], table["time"].iloc[-1]
    span = (
        f"Yahoo's feed holds the latest headlines only: {len(table)} are kept, from {first:%Y-%m-%d} to "
        f"{last:%Y-%m-%d}; between two fetches some may be missing."
    )
    until = (pd.Timestamp.now(tz="UTC") - pd.Timedelta(seconds=age)).as_unit("ns")
    return Headlines(table=table, notes=(*(note for note in notes if note), span), until=until)


def _ask(name: str, path: Path, cache: Path, deadline_s: float) -> Headlines | _Failure:
    """The feed's headlines with those kept before, or why there are none; a failure is remembered."""
    try:
        stream = within(deadline_s, lambda: _stream(name, cache))
    except Exception as error:  # whatever yfinance raises becomes a sentence that says what it was
        said, whole = _reason(name, error, deadline_s)
        return _remember(name, said, whole=whole)
    table = _table(stream)
    if table.empty:
        said = f"Yahoo has no headlines of {name}. Check its spelling, or upload a file of headlines."
        return _remember(name, said, whole=False)
    with _lock:
        held = stored(path)
        merged = table if held is None else _merged(held, table)
        note = parquet_cache.keep(merged, path, "headlines")
    return _headlines(merged, 0.0, note)


def _stream(name: str, cache: Path) -> list[dict[str, Any]]:
    """The feed as Yahoo gives it: one dictionary a headline."""
    yfinance = library(cache)
    with contextlib.suppress(ValueError):  # what should be JSON is not: the status of the answer tells more
        found: list[dict[str, Any]] = yfinance.Ticker(name).get_news(count=COUNT)
        if found:
            return found
    # yfinance takes an error for an empty feed and looks at no status: the same question once more, to see it
    answer = yfinance.data.YfData().post(
        f"{yfinance.const._ROOT_URL_}/xhr/ncp",
        timeout=10,
        params={"queryRef": "latestNews", "serviceKey": "ncp_fin"},
        body={"serviceConfig": {"snippetCount": COUNT, "s": [name]}},
    )
    answer.raise_for_status()
    answer.json()
    return []


def _table(stream: list[dict[str, Any]]) -> pd.DataFrame:
    """`time` (UTC), `clock` and `text` of what has a title and a time."""
    rows = [made for item in stream if isinstance(item, dict) and (made := _row(item)) is not None]
    return ordered(
        pd.DataFrame(
            {
                "time": pd.DatetimeIndex([at for at, _ in rows], tz="UTC").as_unit("ns"),
                "clock": [True] * len(rows),
                "text": [text for _, text in rows],
            }
        )
    )


def _row(item: dict[str, Any]) -> tuple[pd.Timestamp, str] | None:
    """Time and title of a headline. Where it was shown again later, under a title that may be new, the later counts."""
    content = item.get("content")
    held = content if isinstance(content, dict) else item
    said = [held.get(name) for name in ("pubDate", "displayTime")]
    times = pd.to_datetime(
        pd.Series([text for text in said if isinstance(text, str)], dtype=object),
        utc=True,
        errors="coerce",
        format="ISO8601",
    ).dropna()
    title = held.get("title")
    return (times.max(), title.strip()) if len(times) and isinstance(title, str) and title.strip() else None


def _merged(held: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Both, without what is there already: the same words on the same day, which stay with the time first seen."""
    both = pd.concat([held, new], ignore_index=True)
    again = pd.DataFrame({"day": both["time"].dt.normalize(), "text": both["text"]}).duplicated(keep="first")
    return ordered(both[~again])


def _reason(name: str, error: Exception, deadline_s: float) -> tuple[str, bool]:
    """What an error means, in a sentence, and whether it is of Yahoo as a whole."""
    again = "It is asked again after 5 minutes; a file of headlines works meanwhile."
    if isinstance(error, TimeoutError):
        return f"Yahoo's news feed did not answer within {deadline_s:g} seconds. {again}", True
    if trouble(error):
        return f"{trouble(error)} {again}", True
    if status(error) == 404 or "ISIN" in str(error):
        return f"Yahoo knows no news feed of {name!r}. Check its spelling, or upload a file of headlines.", False
    if isinstance(error, ValueError):
        return f"Yahoo's news feed answered for {name} with a page that cannot be read. {again}", False
    shown = f"HTTP {status(error)}" if status(error) else f"{type(error).__name__}: {str(error)[:120]}"
    return f"Yahoo's news feed is out of order: it answered for {name} with an error ({shown}). {again}", False


# --- memory ----------------------------------------------------------------------------------------------------------


def _remembered(name: str) -> _Failure | None:
    with _lock:
        for key in (name, ""):
            failure = _failures.get(key)
            if failure is not None and time.monotonic() - failure.at < yahoo.FORGET_S:
                return failure
    known = yahoo.out_of_reach()
    return _Failure(text=known, whole=True, at=0.0) if known else None


def _remember(name: str, text: str, *, whole: bool) -> _Failure:
    failure = _Failure(text=text, whole=whole, at=time.monotonic())
    with _lock:
        _failures["" if whole else name] = failure
    return failure


def _age(path: Path) -> float:
    """Seconds since Yahoo last answered; 0 where it never did."""
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except OSError:
        return 0.0
