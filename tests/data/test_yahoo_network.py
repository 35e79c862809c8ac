"""The whole way to Yahoo in clean processes: our code, yfinance as it is, a proxy, TLS and answers like Yahoo's."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.data import yahoo

from .yahoo_server import certificate, serving

ROOT = Path(__file__).parents[2]
MODES = ("ok", "unknown", "limited", "broken", "page", "hanging", "stranger")
DEADLINE_S = 1.0  # of the hang; the others have the usual one

# One process imports everything and then parts into one for each server: seven imports would take seven times as long.
SCRIPT = """
import json, os, sys, time
from pathlib import Path
import yfinance
from core.data import search, yahoo
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

for folder, port, deadline_s in json.loads(sys.argv[1]):
    if os.fork() == 0:
        os.environ["HTTPS_PROXY"] = f"http://127.0.0.1:{port}"
        (Path(folder) / "said.json").write_text(json.dumps(ask(Path(folder), deadline_s)))
        os._exit(0)
while True:
    try:
        assert os.wait()[1] == 0
    except ChildProcessError:
        break
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
            (home / mode).mkdir()
        cases = [[str(home / mode), server.server_port, DEADLINE_S if mode == "hanging" else yahoo.DEADLINE_S]
                 for mode, server in servers.items()]
        clean = {"PATH": os.environ["PATH"], "HOME": str(home), "REQUESTS_CA_BUNDLE": str(authority)}
        done = subprocess.run([sys.executable, "-c", SCRIPT, json.dumps(cases)], cwd=ROOT, env=clean, timeout=60,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return {mode: json.loads((home / mode / "said.json").read_text())
                | {"hosts": server.hosts, "asked": server.asked, "kept": len(list((home / mode).glob("*.parquet")))}
                for mode, server in servers.items()}


def test_prices_and_suggestions_come_through(said: dict[str, dict]) -> None:
    one, columns = said["ok"], ["open", "high", "low", "close", "volume"]  # neither splits nor dividends
    assert one["AAPL"] == [columns, 5, ""] and one["^GSPC"] == [columns, 5, ""]
    assert one["suggested"] == ["AAPL", "APC.DE"] and one["note"] == ""
    assert "query2.finance.yahoo.com:443" in one["hosts"] and "/v8/finance/chart/AAPL" in one["asked"]
    assert one["kept"] == 2


@pytest.mark.parametrize(("mode", "sentence", "note"), [
    ("unknown", "Yahoo knows no ticker 'AAPL'", "search is out of order"),
    ("limited", "rate limit", "rate limit"),
    ("broken", "Yahoo is out of order: it answered for AAPL with an error (HTTP 500)", "search is out of order"),
    ("page", "a page that cannot be read", "search is out of order"),
])
def test_each_answer_has_its_sentence(said: dict[str, dict], mode: str, sentence: str, note: str) -> None:
    one = said[mode]
    assert sentence in one["error"] and "/v8/finance/chart/AAPL" in one["asked"] and one["kept"] == 0
    assert one["suggested"] == [] and note in one["note"]


def test_a_hang_ends_at_the_deadline(said: dict[str, dict]) -> None:
    one = said["hanging"]
    assert "Yahoo did not answer within 1 seconds" in one["error"] and one["asked"]
    assert one["seconds"] < DEADLINE_S + 3 and "did not answer" in one["note"]


def test_a_stranger_with_a_certificate_of_their_own_is_not_believed(said: dict[str, dict]) -> None:
    one = said["stranger"]
    assert "Yahoo cannot be reached" in one["error"] and "cannot be reached" in one["note"]
    assert one["asked"] == [] and one["kept"] == 0
