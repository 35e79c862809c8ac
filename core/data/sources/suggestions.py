"""Symbols that match what a person typed: quickly or not at all, and never an error."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.data.sources.histories import Service
from core.data.sources.network import ExpiringCache, outage_reason, run_within
from core.errors import SourceError, words
from core.language import join, message

DEADLINE_S = 2.0  # a person is waiting
REMEMBER_S = 3600.0  # how long an answer is repeated from memory
FORGET_S = 60.0  # how long a search is left alone after a failure
MAX_ANSWERS = 500  # in memory
MAX_LENGTH = 60  # characters of a text that are sent
COUNT = 8  # suggestions


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One symbol that the service has prices of; `exchange` and `kind` ("Equity", "ETF", …) may be empty."""

    symbol: str
    name: str
    exchange: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """The matching symbols, best first. `note` is empty, or says in a sentence why there are none."""

    tickers: tuple[Suggestion, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The search of one service: `ask(words, cache, timeout)` returns matches, best first, or raises anything at all.

    A service that refuses or cannot be reached is not asked for prices either, and the other way round.
    """

    service: Service
    ask: Callable[[str, Path, float], tuple[Suggestion, ...]]
    answers: ExpiringCache[Suggestions] = field(default_factory=lambda: ExpiringCache(MAX_ANSWERS))


_FAILURE = ""  # the key of an answer that stands for every text


def suggest(search: Search, text: str, cache: Path, deadline_s: float = DEADLINE_S) -> Suggestions:
    """Return at most 8 symbols for a name or the beginning of a symbol, within `deadline_s` seconds; raises nothing.

    Answers stay in the memory of this process for an hour; after a failure the service is not asked for a minute. Files
    are stored under `cache`.
    """
    wanted, service = " ".join(text.split())[:MAX_LENGTH], search.service
    if not wanted:
        return Suggestions()
    remembered = search.answers.get(wanted.lower(), _FAILURE)
    if remembered is not None:
        return remembered
    if service.outage():
        return _failed(service.outage(), service)
    try:
        return run_within(deadline_s, lambda: _ask(search, wanted, cache, deadline_s))
    except SourceError as error:  # what the person can mend, such as a package that is missing
        return _failed(words(error), service)
    except Exception as error:  # a convenience: whatever goes wrong, the note says it and the page goes on
        reason = outage_reason(error, service.name)
        if reason and not isinstance(error, TimeoutError):  # prices may take longer than a search
            service.leave_alone(reason, FORGET_S)
        reason = reason or message(
            "{name}'s search is out of order ({error}).", name=service.name, error=type(error).__name__
        )
        return search.answers.put(_FAILURE, _failed(reason, service), FORGET_S)


def _ask(search: Search, words: str, cache: Path, timeout: float) -> Suggestions:
    """Return the answer, and remember it even if it comes too late: it is there when the page asks again."""
    found = search.ask(words, cache, timeout)[:COUNT]
    note = (
        ""
        if found
        else message("{name}'s search finds nothing for {words}.", name=search.service.name, words=repr(words))
    )
    search.answers.drop(_FAILURE)
    return search.answers.put(words.lower(), Suggestions(tickers=found, note=note), REMEMBER_S)


def _failed(reason: str, service: Service) -> Suggestions:
    typed = message("A {noun} can be typed in full.", noun=service.noun)
    return Suggestions(note=join([message("No suggestions."), reason, typed]))
