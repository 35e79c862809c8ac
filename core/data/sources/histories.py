"""Whole histories from a service on the network: within a deadline, stored as Parquet, with notes on how old they are.

A service has symbols of one kind ("ticker", "code"); every source that downloads shares what is here.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path

import pandas as pd

from core.data import parquet_cache
from core.data.frame import build, clip
from core.data.sources.network import ExpiringCache, outage_reason, run_within
from core.data.wording import format_age, plural
from core.errors import SourceError, words
from core.language import join, message

DEADLINE_S = 10.0  # for all symbols of a call together, whatever the server does
DAILY_FRESH_S = 12 * 3600.0  # a younger copy of daily values is used without asking
FORGET_S = 300.0  # how long a failure is repeated from memory


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The rows of one symbol and where they come from; `stale` ones are shown because the service could not be asked.

    `table` is (T, columns) float64. `note` says how old a copy is and what else a person should know; it may be empty.
    """

    table: pd.DataFrame
    age_seconds: float
    stale: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no history: of this `symbol`, of the whole `service`, or of this `call`, which is forgotten."""

    text: str
    scope: str = "symbol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A place that sends whole histories. `ask(symbol, interval, cache)` returns one, sorted, or raises anything.

    `explain(symbol, error)` turns what it raised, if it is no outage, into a failure. `fresh_s` has the intervals that
    are served, and for how many seconds a copy of each is used without asking. `prefix` tells the copies of services
    apart. What `ask` raises as SourceError is shown as it is and not remembered.
    """

    name: str
    noun: str  # of its symbols: ticker, code, series
    nouns: str
    content: str  # of a history: prices, values
    prefix: str
    fresh_s: Mapping[str, float]
    ask: Callable[[str, str, Path], pd.DataFrame]
    explain: Callable[[str, Exception], Failure]
    failures: ExpiringCache[Failure] = field(default_factory=ExpiringCache)

    def outage(self) -> str:
        """Return a sentence on why nothing can be asked of it at present; empty as far as is known that it can."""
        failure = self.failures.get(_WHOLE)
        return failure.text if failure else ""

    def leave_alone(self, reason: str, seconds: float) -> None:
        """Ask nothing of it for so many seconds, and say the reason instead."""
        self.failures.put(_WHOLE, Failure(text=join([reason, retry_hint(seconds)]), scope="service"), seconds)


_WHOLE = ("", "")  # the key of a failure of the service as a whole


def fetch(
    service: Service, symbols: tuple[str, ...], interval: str, cache: Path, deadline_s: float = DEADLINE_S
) -> dict[str, History]:
    """Return the history of each symbol.

    Takes at most `deadline_s` seconds for all symbols together. A young copy under `cache` is used as it is, and an old
    one if the service fails. Raises SourceError for an interval that is not served, for an unknown symbol and for one
    that is neither served nor stored.
    """
    if interval not in service.fresh_s:
        raise SourceError(
            message(
                "{name} serves the intervals {intervals}; got {interval}. Choose one.",
                name=service.name,
                intervals=", ".join(service.fresh_s),
                interval=repr(interval),
            )
        )
    until = time.monotonic() + deadline_s
    return {symbol: _load_or_ask(service, symbol, interval, cache, until, deadline_s) for symbol in symbols}


def between(symbol: str, history: History, start: str | None, end: str | None) -> History:
    """Return the rows from `start` to `end`, both inclusive. Raises DataError if there is none."""
    return replace(history, table=clip(history.table, start, end, symbol))


def to_frame(histories: dict[str, History]) -> pd.DataFrame:
    """Return the frame of these histories, with their notes."""
    frame = build({symbol: history.table for symbol, history in histories.items()})
    frame.attrs["notes"] = [history.note for history in histories.values() if history.note]
    return frame


def single(histories: dict[str, History]) -> tuple[pd.DataFrame, list[str]]:
    """Return the table of the only history, and its note if it has one."""
    (history,) = histories.values()
    return history.table, [history.note] if history.note else []


def finished(table: pd.DataFrame, zone: tzinfo | str | None, step: pd.Timedelta) -> pd.DataFrame:
    """Return the rows whose bar has ended, with float64 columns and sorted unique times on the clock of `zone`."""
    now = pd.Timestamp.now(tz=zone).tz_localize(None)
    index = pd.DatetimeIndex(table.index).tz_localize(None).as_unit("ns")
    bars = table.set_index(index.rename("time")).astype("float64")
    bars = bars[index + step <= now].dropna(how="all").sort_index()
    return bars[~bars.index.duplicated(keep="last")]  # an hour that the end of summer time repeats


def retry_hint(seconds: float = FORGET_S) -> str:
    """What a person can do about a failure that is remembered for so many seconds."""
    minutes = plural(round(seconds / 60), "minute")
    return message("Try again after {minutes}; bundled samples and files work in the meantime.", minutes=minutes)


def _load_or_ask(service: Service, symbol: str, interval: str, cache: Path, until: float, deadline_s: float) -> History:
    key = f"{service.prefix}{symbol}|{interval}"
    path = cache / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.parquet"
    copy = _read_copy(path, service, symbol)
    if copy is not None and copy.age_seconds < service.fresh_s[interval]:
        return copy
    failure = service.failures.get((symbol, interval), _WHOLE)
    if failure is None:
        answer = _ask(service, symbol, interval, cache, until, deadline_s)
        if isinstance(answer, pd.DataFrame):
            unread = copy is None and path.exists()
            notes = [parquet_cache.write_copy(answer, path, service.content)]
            if unread:
                notes.insert(0, _describe_unread(service, symbol))
            note = join([one for one in notes if one])
            return History(table=answer, age_seconds=0.0, stale=False, note=note)
        failure = answer
        if failure.scope != "call":
            service.failures.put(_WHOLE if failure.scope == "service" else (symbol, interval), failure, FORGET_S)
    if copy is None:
        raise SourceError(failure.text)
    return replace(copy, stale=True, note=join([copy.note, failure.text]))


def _read_copy(path: Path, service: Service, symbol: str) -> History | None:
    """Return the stored copy of a history; None if there is none or its file is damaged or holds something else."""
    table, age = parquet_cache.read(path), parquet_cache.age(path)
    if table is None or not _is_history(table):
        return None
    note = message(
        "The {content} of {symbol} were loaded {age}.", content=service.content, symbol=symbol, age=format_age(age)
    )
    return History(table=table, age_seconds=age, stale=False, note=note)


def _describe_unread(service: Service, symbol: str) -> str:
    return message(
        "The stored {content} of {symbol} could not be read and were loaded again.",
        content=service.content,
        symbol=symbol,
    )


def _is_history(table: pd.DataFrame) -> bool:
    """Whether this is a table as `finished` returns it."""
    index = table.index
    if not isinstance(index, pd.DatetimeIndex) or not index.is_monotonic_increasing or not index.is_unique:
        return False
    return bool(len(table.columns) and (table.dtypes == "float64").all())


def _ask(
    service: Service, symbol: str, interval: str, cache: Path, until: float, deadline_s: float
) -> pd.DataFrame | Failure:
    """Return the whole history, or why there is none."""
    left = until - time.monotonic()
    try:
        table = run_within(left, lambda: service.ask(symbol, interval, cache))
    except TimeoutError:
        if left < deadline_s / 2:  # the symbols before it took the time
            return Failure(
                text=message(
                    "{symbol} did not arrive in time: all {nouns} together have {deadline_s} seconds. Load again: "
                    "those that arrived are stored.",
                    symbol=symbol,
                    nouns=service.nouns,
                    deadline_s=f"{deadline_s:g}",
                ),
                scope="call",
            )
        text = join(
            [
                message(
                    "{name} did not answer within {deadline_s} seconds.",
                    name=service.name,
                    deadline_s=f"{deadline_s:g}",
                ),
                retry_hint(),
            ]
        )
        return Failure(text=text, scope="service")
    except SourceError as error:
        return Failure(text=words(error), scope="call")
    except Exception as error:  # whatever a library raises becomes a sentence that names it
        reason = outage_reason(error, service.name)
        return Failure(text=join([reason, retry_hint()]), scope="service") if reason else service.explain(symbol, error)
    if table.empty:
        return Failure(
            text=message(
                "{name} knows {symbol} but has no finished session of it at this interval. Choose another "
                "interval or {noun}.",
                name=service.name,
                symbol=symbol,
                noun=service.noun,
            )
        )
    return table
