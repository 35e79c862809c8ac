"""Ticker suggestions from a local server that answers like Yahoo, through the real yfinance."""

import threading
import time
from pathlib import Path

import pytest
import yfinance

from core.data.sources import yahoo
from core.data.sources.suggestions import Suggestion, Suggestions, suggest
from core.data.sources.ticker_search import TICKERS
from core.errors import SourceError
from tests.data.yahoo_server import Redirected, Yahoo

APPLE = Suggestion(symbol="AAPL", name="Apple Inc.", exchange="NASDAQ", kind="Equity")


def test_a_name_finds_tickers_best_first(ask: Yahoo, tmp_path: Path) -> None:
    answer = suggest(TICKERS, "apple", tmp_path)
    assert answer.tickers == (APPLE, Suggestion(symbol="APC.DE", name="APPLE INC", exchange="GER", kind=""))
    assert answer.note == ""


def test_an_answer_is_remembered_whatever_the_case_and_blanks(ask: Yahoo, tmp_path: Path) -> None:
    first = suggest(TICKERS, "Apple inc", tmp_path)
    ask.mode, ask.asked = "broken", []
    assert suggest(TICKERS, "  apple   INC ", tmp_path) == first and ask.asked == []


def test_an_answer_is_forgotten_after_an_hour(ask: Yahoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suggest(TICKERS, "apple", tmp_path)
    ask.asked = []
    later = time.monotonic() + 3601
    monkeypatch.setattr(time, "monotonic", lambda: later)
    suggest(TICKERS, "apple", tmp_path)
    assert "/v1/finance/search" in ask.asked


def test_no_match_is_reported(ask: Yahoo, tmp_path: Path) -> None:
    answer = suggest(TICKERS, "zzzz", tmp_path)
    assert answer.tickers == () and "nothing for 'zzzz'" in answer.note


def test_an_empty_text_sends_no_request(ask: Yahoo, tmp_path: Path) -> None:
    assert suggest(TICKERS, "  ", tmp_path) == Suggestions() and ask.asked == []


@pytest.mark.parametrize(
    ("mode", "note"),
    [("limited", "rate limit"), ("broken", "out of order"), ("page", "out of order"), ("out of order", "out of order")],
)
def test_a_failure_becomes_a_note_and_is_remembered(ask: Yahoo, tmp_path: Path, mode: str, note: str) -> None:
    ask.mode = mode
    answer = suggest(
        TICKERS, "apple", tmp_path, deadline_s=20
    )  # the machine may be slow; the deadline is not the point
    assert answer.tickers == () and note in answer.note and "typed in full" in answer.note
    ask.mode, ask.asked = "ok", []
    assert suggest(TICKERS, "something else", tmp_path) == answer and ask.asked == []
    TICKERS.answers.clear()
    yahoo.forget()
    assert suggest(TICKERS, "apple", tmp_path, deadline_s=20).tickers[0] == APPLE


def test_a_hanging_server_costs_no_more_than_the_deadline(ask: Yahoo, tmp_path: Path) -> None:
    ask.mode = "hanging"
    before = time.monotonic()
    assert "did not answer in time" in suggest(TICKERS, "apple", tmp_path, deadline_s=0.3).note
    assert time.monotonic() - before < 1


def test_a_person_waits_two_seconds_at_most(ask: Yahoo, tmp_path: Path) -> None:
    ask.mode = "hanging"
    before = time.monotonic()
    assert "did not answer in time" in suggest(TICKERS, "apple", tmp_path).note
    assert time.monotonic() - before < 2.5
    assert yahoo.YAHOO.outage() == ""  # prices have a longer deadline


def test_an_answer_that_comes_too_late_is_there_the_next_time(ask: Yahoo, tmp_path: Path) -> None:
    ask.mode = "hanging"
    assert "did not answer in time" in suggest(TICKERS, "apple", tmp_path, deadline_s=0.3).note
    ask.mode = "ok"
    ask.release.set()
    for thread in threading.enumerate():
        if thread.name == "download":
            thread.join()
    assert suggest(TICKERS, "apple", tmp_path).tickers[0] == APPLE
    assert suggest(TICKERS, "zzzz", tmp_path, deadline_s=20).note.endswith("nothing for 'zzzz'.")  # it answers again


def test_a_missing_network_is_said_at_once_and_stops_the_fetch_too(ask: Yahoo, tmp_path: Path) -> None:
    closed = Redirected()
    closed.port = 9  # the discard port: nobody listens
    yfinance.data.YfData(session=closed)
    before = time.monotonic()
    assert "Yahoo cannot be reached: there is no network" in suggest(TICKERS, "apple", tmp_path).note
    with pytest.raises(SourceError, match=r"no network, or it is blocked\. Try again after 1 minute"):
        yahoo.fetch(("AAPL",), None, None, "1d", tmp_path)
    assert time.monotonic() - before < 1
    assert ask.asked == []


def test_an_outage_found_by_a_fetch_stops_the_search(ask: Yahoo, tmp_path: Path) -> None:
    ask.mode = "limited"
    with pytest.raises(SourceError):
        yahoo.fetch(("AAPL",), None, None, "1d", tmp_path)
    ask.asked = []
    assert "rate limit" in suggest(TICKERS, "apple", tmp_path).note and ask.asked == []
    assert yahoo.YAHOO.outage()


def test_memory_is_limited(ask: Yahoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TICKERS.answers, "size", 2)
    for text in ("app", "appl", "apple"):
        suggest(TICKERS, text, tmp_path)
    assert list(TICKERS.answers._entries) == ["appl", "apple"]
