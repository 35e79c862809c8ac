"""Ticker suggestions from a local server that answers like Yahoo, through the real yfinance."""

import time
from pathlib import Path

import pytest

from core.data.sources import ticker_search, yahoo
from core.data.sources.ticker_search import Suggestion, Suggestions
from core.errors import SourceError
from tests.data.yahoo_server import Yahoo

APPLE = Suggestion(symbol="AAPL", name="Apple Inc.", exchange="NASDAQ", kind="Equity")


def test_a_name_finds_tickers_best_first(ask: Yahoo, tmp_path: Path) -> None:
    answer = ticker_search.suggest("apple", tmp_path)
    assert answer.tickers == (APPLE, Suggestion(symbol="APC.DE", name="APPLE INC", exchange="GER", kind=""))
    assert answer.note == ""


def test_an_answer_is_remembered_whatever_the_case_and_blanks(ask: Yahoo, tmp_path: Path) -> None:
    first = ticker_search.suggest("Apple inc", tmp_path)
    ask.mode, ask.asked = "broken", []
    assert ticker_search.suggest("  apple   INC ", tmp_path) == first and ask.asked == []


def test_an_answer_is_forgotten_after_an_hour(ask: Yahoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticker_search.suggest("apple", tmp_path)
    ask.asked = []
    later = time.monotonic() + 3601
    monkeypatch.setattr(time, "monotonic", lambda: later)
    ticker_search.suggest("apple", tmp_path)
    assert "/v1/finance/search" in ask.asked


def test_no_match_is_reported(ask: Yahoo, tmp_path: Path) -> None:
    answer = ticker_search.suggest("zzzz", tmp_path)
    assert answer.tickers == () and "nothing for 'zzzz'" in answer.note


def test_an_empty_text_sends_no_request(ask: Yahoo, tmp_path: Path) -> None:
    assert ticker_search.suggest("  ", tmp_path) == Suggestions() and ask.asked == []


@pytest.mark.parametrize(
    ("mode", "note"),
    [("limited", "rate limit"), ("broken", "out of order"), ("page", "out of order"), ("out of order", "out of order")],
)
def test_a_failure_becomes_a_note_and_is_remembered(ask: Yahoo, tmp_path: Path, mode: str, note: str) -> None:
    ask.mode = mode
    answer = ticker_search.suggest(
        "apple", tmp_path, deadline_s=20
    )  # the machine may be slow; the deadline is not the point
    assert answer.tickers == () and note in answer.note and "typed in full" in answer.note
    ask.mode, ask.asked = "ok", []
    assert ticker_search.suggest("something else", tmp_path) == answer and ask.asked == []
    ticker_search.forget()
    assert ticker_search.suggest("apple", tmp_path, deadline_s=20).tickers[0] == APPLE


def test_a_hanging_server_costs_no_more_than_the_deadline(ask: Yahoo, tmp_path: Path) -> None:
    ask.mode = "hanging"
    before = time.monotonic()
    assert "did not answer in time" in ticker_search.suggest("apple", tmp_path, deadline_s=0.3).note
    assert time.monotonic() - before < 1


def test_an_outage_found_by_a_fetch_stops_the_search(ask: Yahoo, tmp_path: Path) -> None:
    ask.mode = "limited"
    with pytest.raises(SourceError):
        yahoo.fetch(("AAPL",), None, None, "1d", tmp_path)
    ask.asked = []
    assert "rate limit" in ticker_search.suggest("apple", tmp_path).note and ask.asked == []
    assert yahoo.outage()


def test_memory_is_limited(ask: Yahoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticker_search._answers, "size", 2)
    for text in ("app", "appl", "apple"):
        ticker_search.suggest(text, tmp_path)
    assert list(ticker_search._answers._entries) == ["appl", "apple"]
