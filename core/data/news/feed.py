"""A ticker's headlines from Yahoo's feed: downloaded within a deadline, added to those of earlier days on disk."""

import contextlib
import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.data import parquet_cache
from core.data.news.headlines import Headlines, read_table, sort_by_time
from core.data.sources import yahoo
from core.data.sources.histories import DEADLINE_S, FORGET_S
from core.data.sources.network import ExpiringCache, describe, http_status, outage_reason, run_within
from core.data.wording import format_age
from core.errors import SourceError
from core.language import join, message

FRESH_S = 3600.0  # a younger copy is used without asking
COUNT = 100  # headlines asked for; Yahoo sends as many as it likes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    text: str
    outage: bool = False  # of Yahoo as a whole and not of this ticker alone


_failures: ExpiringCache[_Failure] = ExpiringCache()
_YAHOO = ""  # the key of a failure of Yahoo as a whole
_write_lock = threading.Lock()


def fetch(ticker: str, cache: Path, deadline_s: float = DEADLINE_S) -> Headlines:
    """Return the headlines of one ticker, times in UTC: the latest of the feed and all that the copy in `cache` has.

    Takes at most `deadline_s` seconds. A copy younger than an hour is used as it is, and so is any copy if Yahoo fails;
    a note says how old it is. A failure is remembered for 5 minutes. Raises SourceError if there is no such ticker, or
    no headline from anywhere.
    """
    name = yahoo.parse_ticker(ticker)
    path = cache / f"news-{hashlib.sha256(name.encode()).hexdigest()[:32]}.parquet"
    age, copy = parquet_cache.age(path), read_table(path)
    note = message("The headlines of {name} were loaded {age}.", name=name, age=format_age(age))
    if copy is not None and age < FRESH_S:
        return _headlines(copy, age, note)
    answer = _remembered_failure(name) or _ask(name, path, cache, deadline_s)
    if isinstance(answer, Headlines):
        return answer
    if copy is None:
        raise SourceError(answer.text)
    return _headlines(copy, age, join([note, answer.text]))


def forget() -> None:
    """Forget the remembered failures, so that the next fetch asks Yahoo again at once."""
    _failures.clear()


def _headlines(table: pd.DataFrame, age: float, note: str) -> Headlines:
    first, last = table["time"].iloc[0], table["time"].iloc[-1]
    span = message(
        "Yahoo's feed has the latest headlines only: {rows} are stored, from {first} to {last}; between two "
        "downloads some may be missing.",
        rows=len(table),
        first=f"{first:%Y-%m-%d}",
        last=f"{last:%Y-%m-%d}",
    )
    until = (pd.Timestamp.now(tz="UTC") - pd.Timedelta(seconds=age)).as_unit("ns")
    return Headlines(table=table, notes=(note, span) if note else (span,), until=until)


def _ask(name: str, path: Path, cache: Path, deadline_s: float) -> Headlines | _Failure:
    """Return the headlines of the feed together with the stored ones, or the failure, which is remembered."""
    try:
        stream = run_within(deadline_s, lambda: _stream(name, cache))
    except Exception as error:  # whatever yfinance raises becomes a sentence that names it
        return _remember(name, _explain(name, error, deadline_s))
    table = _table(stream)
    if table.empty:
        text = message(
            "Yahoo has no headlines of {name}. Check its spelling, or upload a file of headlines.", name=name
        )
        return _remember(name, _Failure(text=text))
    with _write_lock:
        copy = read_table(path)
        merged = table if copy is None else _merge(copy, table)
        note = parquet_cache.write_copy(merged, path, message("headlines"))
    return _headlines(merged, 0.0, note)


def _stream(name: str, cache: Path) -> list[dict[str, Any]]:
    """Return the feed as Yahoo sends it: one dictionary per headline."""
    yfinance = yahoo.load_yfinance(cache)
    with contextlib.suppress(ValueError):  # what should be JSON is not: the status of the answer tells more
        items: list[dict[str, Any]] = yfinance.Ticker(name).get_news(count=COUNT)
        if items:
            return items
    # yfinance takes an error for an empty feed and ignores the status: the same request once more, to see it
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
    """Return `time` (UTC), `clock` and `text` of the items with a title and a time."""
    rows = [row for item in stream if isinstance(item, dict) and (row := _row(item)) is not None]
    return sort_by_time(
        pd.DataFrame(
            {
                "time": pd.DatetimeIndex([time for time, _ in rows], tz="UTC").as_unit("ns"),
                "clock": [True] * len(rows),
                "text": [text for _, text in rows],
            }
        )
    )


def _row(item: dict[str, Any]) -> tuple[pd.Timestamp, str] | None:
    """Return time and title of a headline. If it was shown again, perhaps under a new title, the later time counts."""
    content = item.get("content")
    fields = content if isinstance(content, dict) else item
    texts = [text for text in (fields.get("pubDate"), fields.get("displayTime")) if isinstance(text, str)]
    times = pd.to_datetime(pd.Series(texts, dtype=object), utc=True, errors="coerce", format="ISO8601").dropna()
    title = fields.get("title")
    return (times.max(), title.strip()) if len(times) and isinstance(title, str) and title.strip() else None


def _merge(copy: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return both without repetitions: the same words on the same day keep the time at which they were first seen."""
    both = pd.concat([copy, new], ignore_index=True)
    repeated = pd.DataFrame({"day": both["time"].dt.normalize(), "text": both["text"]}).duplicated(keep="first")
    return sort_by_time(both[~repeated])


def _explain(name: str, error: Exception, deadline_s: float) -> _Failure:
    """Return what an error means, in a sentence, and whether it is an outage of Yahoo as a whole."""
    retry = message("Try again after 5 minutes; a file of headlines works in the meantime.")
    if isinstance(error, TimeoutError):
        return _Failure(
            text=join(
                [
                    message(
                        "Yahoo's news feed did not answer within {deadline_s} seconds.", deadline_s=f"{deadline_s:g}"
                    ),
                    retry,
                ]
            ),
            outage=True,
        )
    reason = outage_reason(error, yahoo.YAHOO.name)
    if reason:
        return _Failure(text=join([reason, retry]), outage=True)
    if http_status(error) == 404 or "ISIN" in str(error):
        return _Failure(
            text=message(
                "Yahoo knows no news feed of {name}. Check its spelling, or upload a file of headlines.",
                name=repr(name),
            )
        )
    if isinstance(error, ValueError):
        return _Failure(
            text=join(
                [message("Yahoo's news feed answered for {name} with a page that cannot be read.", name=name), retry]
            )
        )
    return _Failure(
        text=join(
            [
                message(
                    "Yahoo's news feed is out of order: it answered for {name} with an error ({error}).",
                    name=name,
                    error=describe(error),
                ),
                retry,
            ]
        )
    )


def _remembered_failure(name: str) -> _Failure | None:
    outage = yahoo.YAHOO.outage()
    return _failures.get(name, _YAHOO) or (_Failure(text=outage, outage=True) if outage else None)


def _remember(name: str, failure: _Failure) -> _Failure:
    return _failures.put(_YAHOO if failure.outage else name, failure, FORGET_S)
