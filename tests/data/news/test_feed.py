"""A ticker's headlines: our code, the real yfinance, and a server that answers like Yahoo's feed."""

import os
import time
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pytest

from core.data.news import feed
from core.errors import SourceError
from tests.data.yahoo_server import Yahoo, ask_all, certificate, serving

TEXTS = ["Apple beats estimates", "Apple shares plunge"]
MODES = {"ok": 10.0, "empty": 10.0, "unknown": 10.0, "broken": 10.0, "hanging": 5.0}  # s, slow machines too
SCRIPT = """
import json, os, sys, time
from pathlib import Path
import yfinance
from core.data.news import feed
from core.errors import SourceError

def ask(cache, deadline_s):
    before = time.monotonic()
    try:
        table = feed.fetch("aapl", cache, deadline_s).table
        answer = {"texts": table["text"].tolist(), "times": table["time"].astype(str).tolist()}
    except SourceError as error:
        answer = {"error": str(error)}
    return answer | {"seconds": time.monotonic() - before}
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What a clean process gets that asks for headlines over TLS, for each way in which the server may answer."""
    home = tmp_path_factory.mktemp("home")
    authority, trusted = certificate(home)
    with ExitStack() as stack:
        servers = {mode: stack.enter_context(serving(trusted)) for mode in MODES}
        for mode, server in servers.items():
            server.mode = "ok" if mode == "empty" else mode
            server.stream = [] if mode == "empty" else server.stream
        return ask_all(SCRIPT, home, authority, servers, MODES)


def test_headlines_arrive_oldest_first_without_advertisements(answers: dict[str, dict]) -> None:
    answer = answers["ok"]
    assert answer["texts"] == TEXTS and answer["kept"] == 1 and answer["asked"].count("/xhr/ncp") == 1
    assert answer["times"] == ["2024-01-08 14:30:00+00:00", "2024-01-09 22:00:00+00:00"]  # shown again at 22:00: later


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("empty", "Yahoo has no headlines of AAPL"),
        ("unknown", "Yahoo knows no news feed of 'AAPL'"),
        ("broken", "out of order: it answered for AAPL with an error (HTTP 500)"),
        ("hanging", "Yahoo's news feed did not answer within 5 seconds"),
    ],
)
def test_each_failure_is_explained(answers: dict[str, dict], mode: str, sentence: str) -> None:
    answer = answers[mode]
    assert sentence in answer["error"] and answer["asked"] and answer["kept"] == 0
    assert mode != "hanging" or answer["seconds"] < 15


def age(cache: Path, hours: float) -> None:
    """Make the stored copy look `hours` old."""
    for path in cache.glob("news-*.parquet"):
        os.utime(path, (time.time() - hours * 3600,) * 2)


def item(text: str, at: str) -> dict:
    return {"content": {"title": text, "pubDate": at}}


def test_a_fresh_copy_is_used_without_asking(ask: Yahoo, tmp_path: Path) -> None:
    feed.fetch("AAPL", tmp_path)
    ask.asked = []
    again = feed.fetch(" aapl ", tmp_path)
    assert again.table["text"].tolist() == TEXTS and ask.asked == []
    assert "AAPL" in again.notes[0] and "a moment ago" in again.notes[0]


def test_older_headlines_stay_and_none_is_repeated(ask: Yahoo, tmp_path: Path) -> None:
    feed.fetch("AAPL", tmp_path)
    age(tmp_path, 2)
    ask.stream = [item("Apple falls", "2024-01-12T10:00:00Z"), item("Apple shares plunge", "2024-01-09T23:00:00Z")]
    table = feed.fetch("AAPL", tmp_path).table
    assert table["text"].tolist() == [*TEXTS, "Apple falls"] and table["clock"].all()
    assert table["time"].iloc[1] == pd.Timestamp("2024-01-09 22:00", tz="UTC")  # when it was first seen


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("limited", "rate limit"),
        ("broken", "HTTP 500"),
        ("page", "cannot be read"),
        ("hanging", "did not answer"),
        ("out of order", "HTTP 500"),
        ("unknown", "knows no news feed"),
    ],
)
def test_the_stored_copy_is_used_if_yahoo_fails(ask: Yahoo, tmp_path: Path, mode: str, why: str) -> None:
    feed.fetch("AAPL", tmp_path)
    age(tmp_path, 3)
    ask.mode = mode
    news = feed.fetch("AAPL", tmp_path, deadline_s=0.5 if mode == "hanging" else 10.0)
    assert news.table["text"].tolist() == TEXTS
    assert all(part in news.notes[0] for part in ("AAPL", "3 hours ago", why))
    assert abs(news.until - (pd.Timestamp.now(tz="UTC") - pd.Timedelta(hours=3))) < pd.Timedelta(minutes=1)


def test_a_failure_is_remembered_and_forgotten(ask: Yahoo, tmp_path: Path) -> None:
    ask.mode = "broken"
    with pytest.raises(SourceError, match="out of order"):
        feed.fetch("AAPL", tmp_path)
    ask.mode, ask.asked = "ok", []
    with pytest.raises(SourceError, match="out of order"):
        feed.fetch("AAPL", tmp_path)
    assert ask.asked == [] and feed.fetch("MSFT", tmp_path).table["text"].tolist() == TEXTS
    feed.forget()
    assert feed.fetch("AAPL", tmp_path).table["text"].tolist() == TEXTS


def test_a_hang_is_remembered_for_the_next_ticker(ask: Yahoo, tmp_path: Path) -> None:
    ask.mode = "hanging"
    before = time.monotonic()
    for ticker in ("AAPL", "MSFT"):
        with pytest.raises(SourceError, match=r"did not answer within 0\.3 seconds"):
            feed.fetch(ticker, tmp_path, deadline_s=0.3)
    assert time.monotonic() - before < 1


def test_a_damaged_copy_is_replaced(ask: Yahoo, tmp_path: Path) -> None:
    feed.fetch("AAPL", tmp_path)
    for path in tmp_path.glob("news-*.parquet"):
        path.write_bytes(b"PAR1 broken")
    assert feed.fetch("AAPL", tmp_path).table["text"].tolist() == TEXTS


def test_a_full_disk_adds_a_note(ask: Yahoo, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    news = feed.fetch("AAPL", tmp_path / "file" / "cache")
    assert news.table["text"].tolist() == TEXTS and "could not be saved" in news.notes[0]


@pytest.mark.parametrize("ticker", ["", "../../etc", "A B", "x" * 21])
def test_invalid_tickers_are_refused_without_asking(ask: Yahoo, tmp_path: Path, ticker: str) -> None:
    with pytest.raises(SourceError, match="is no ticker"):
        feed.fetch(ticker, tmp_path)
    assert ask.asked == [] and list(tmp_path.iterdir()) == []
