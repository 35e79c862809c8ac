"""The whole way to Yahoo in clean processes: our code, yfinance as it is, a proxy, TLS and answers like Yahoo's."""

from contextlib import ExitStack

import pytest

from core.data.sources import yahoo
from tests.data.yahoo_server import certificate, serving, told

MODES = ("ok", "unknown", "limited", "broken", "page", "hanging", "stranger")
DEADLINE_S = 5.0  # of the hang, in which even a slow machine has asked; the others have the usual one
SCRIPT = """
import json, os, sys, time
from pathlib import Path
import yfinance
from core.data.sources import ticker_search as search, yahoo
from core.errors import SourceError

def ask(cache, deadline_s):
    before, said = time.monotonic(), {}
    try:
        found = yahoo.fetch(("AAPL", "^gspc"), None, None, "1d", cache, deadline_s)
        said = {ticker: [list(one.table.columns), len(one.table), one.note] for ticker, one in found.items()}
    except SourceError as error:
        said = {"error": str(error)}
    said["seconds"] = time.monotonic() - before
    suggested = search.suggest("apple", cache)
    return said | {"suggested": [one.symbol for one in suggested.found], "note": suggested.note}
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What a process says that fetches two tickers and searches, for every way in which the world may answer."""
    home, other = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("other")
    authority, trusted = certificate(home)
    strange = certificate(other)[1]
    with ExitStack() as stack:
        servers = {mode: stack.enter_context(serving(strange if mode == "stranger" else trusted)) for mode in MODES}
        for mode, server in servers.items():
            server.mode = mode
        return told(
            SCRIPT,
            home,
            authority,
            servers,
            {mode: DEADLINE_S if mode == "hanging" else yahoo.DEADLINE_S for mode in MODES},
        )


def test_prices_and_suggestions_come_through(said: dict[str, dict]) -> None:
    one, columns = said["ok"], ["open", "high", "low", "close", "volume"]  # neither splits nor dividends
    assert one["AAPL"] == [columns, 5, ""] and one["^GSPC"] == [columns, 5, ""]
    assert one["suggested"] == ["AAPL", "APC.DE"] and one["note"] == ""
    assert "query2.finance.yahoo.com:443" in one["hosts"] and "/v8/finance/chart/AAPL" in one["asked"]
    assert one["kept"] == 2


@pytest.mark.parametrize(
    ("mode", "sentence", "note"),
    [
        ("unknown", "Yahoo knows no ticker 'AAPL'", "search is out of order"),
        ("limited", "rate limit", "rate limit"),
        ("broken", "Yahoo is out of order: it answered for AAPL with an error (HTTP 500)", "search is out of order"),
        ("page", "a page that cannot be read", "search is out of order"),
    ],
)
def test_each_answer_has_its_sentence(said: dict[str, dict], mode: str, sentence: str, note: str) -> None:
    one = said[mode]
    assert sentence in one["error"] and "/v8/finance/chart/AAPL" in one["asked"] and one["kept"] == 0
    assert one["suggested"] == [] and note in one["note"]


def test_a_hang_ends_at_the_deadline(said: dict[str, dict]) -> None:
    one = said["hanging"]
    assert "Yahoo did not answer within 5 seconds" in one["error"] and one["asked"]
    assert one["seconds"] < DEADLINE_S + 10 and "did not answer" in one["note"]


def test_a_stranger_with_a_certificate_of_their_own_is_not_believed(said: dict[str, dict]) -> None:
    one = said["stranger"]
    assert "Yahoo cannot be reached" in one["error"] and "cannot be reached" in one["note"]
    assert one["asked"] == [] and one["kept"] == 0
