"""The whole way to Yahoo in clean processes: our code, the real yfinance, a proxy, TLS and answers like Yahoo's."""

from contextlib import ExitStack

import pytest

from core.data.sources import histories
from tests.data.yahoo_server import ask_all, certificate, serving

MODES = ("ok", "unknown", "limited", "broken", "page", "hanging", "foreign")
DEADLINE_S = 5.0  # of the hang, in which even a slow machine has asked; the others have the usual one
SCRIPT = """
import json, os, sys, time
from pathlib import Path
import yfinance
from core.data.sources import ticker_search, yahoo
from core.data.sources.suggestions import suggest
from core.errors import SourceError

def ask(cache, deadline_s):
    before = time.monotonic()
    try:
        histories = yahoo.fetch(("AAPL", "^gspc"), None, None, "1d", cache, deadline_s)
        answer = {ticker: [list(one.table.columns), len(one.table), one.note] for ticker, one in histories.items()}
    except SourceError as error:
        answer = {"error": str(error)}
    answer["seconds"] = time.monotonic() - before
    suggestions = suggest(ticker_search.TICKERS, "apple", cache)
    return answer | {"suggested": [one.symbol for one in suggestions.tickers], "note": suggestions.note}
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What a process gets that fetches two tickers and searches, for each way in which the server may answer."""
    home, other = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("other")
    authority, trusted = certificate(home)
    foreign = certificate(other)[1]
    with ExitStack() as stack:
        servers = {mode: stack.enter_context(serving(foreign if mode == "foreign" else trusted)) for mode in MODES}
        for mode, server in servers.items():
            server.mode = mode
        return ask_all(
            SCRIPT,
            home,
            authority,
            servers,
            {mode: DEADLINE_S if mode == "hanging" else histories.DEADLINE_S for mode in MODES},
        )


def test_prices_and_suggestions_arrive(answers: dict[str, dict]) -> None:
    answer, columns = answers["ok"], ["open", "high", "low", "close", "volume"]  # neither splits nor dividends
    assert answer["AAPL"] == [columns, 5, ""] and answer["^GSPC"] == [columns, 5, ""]
    assert answer["suggested"] == ["AAPL", "APC.DE"] and answer["note"] == ""
    assert "query2.finance.yahoo.com:443" in answer["hosts"] and "/v8/finance/chart/AAPL" in answer["asked"]
    assert answer["kept"] == 2


@pytest.mark.parametrize(
    ("mode", "sentence", "note"),
    [
        ("unknown", "Yahoo knows no ticker 'AAPL'", "search is out of order"),
        ("limited", "rate limit", "rate limit"),
        ("broken", "Yahoo is out of order: it answered for AAPL with an error (HTTP 500)", "search is out of order"),
        ("page", "a page that cannot be read", "search is out of order"),
    ],
)
def test_each_failure_is_explained(answers: dict[str, dict], mode: str, sentence: str, note: str) -> None:
    answer = answers[mode]
    assert sentence in answer["error"] and "/v8/finance/chart/AAPL" in answer["asked"] and answer["kept"] == 0
    assert answer["suggested"] == [] and note in answer["note"]


def test_a_hang_ends_at_the_deadline(answers: dict[str, dict]) -> None:
    answer = answers["hanging"]
    assert "Yahoo did not answer within 5 seconds" in answer["error"] and answer["asked"]
    assert answer["seconds"] < DEADLINE_S + 10 and "did not answer" in answer["note"]


def test_a_server_with_a_foreign_certificate_is_refused(answers: dict[str, dict]) -> None:
    answer = answers["foreign"]
    assert "Yahoo cannot be reached" in answer["error"] and "cannot be reached" in answer["note"]
    assert answer["asked"] == [] and answer["kept"] == 0
