"""A ticker's headlines: our code, yfinance as it is, and a server that answers as Yahoo's feed does."""

import os
import time
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pytest

from core.data.news import feed
from core.errors import SourceError
from tests.data.yahoo_server import Yahoo, certificate, serving, told

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
        found = feed.fetch("aapl", cache, deadline_s).table
        said = {"texts": found["text"].tolist(), "times": found["time"].astype(str).tolist()}
    except SourceError as error:
        said = {"error": str(error)}
    return said | {"seconds": time.monotonic() - before}
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What a clean process says that asks for headlines over TLS, for every way in which the world may answer."""
    home = tmp_path_factory.mktemp("home")
    authority, trusted = certificate(home)
    with ExitStack() as stack:
        servers = {mode: stack.enter_context(serving(trusted)) for mode in MODES}
        for mode, server in servers.items():
            server.mode = "ok" if mode == "empty" else mode
            server.stream = [] if mode == "empty" else server.stream
        return told(SCRIPT, home, authority, servers, MODES)


def test_headlines_come_through_oldest_first_without_advertisements(said: dict[str, dict]) -> None:
    one = said["ok"]
    assert one["texts"] == TEXTS and one["kept"] == 1 and one["asked"].count("/xhr/ncp") == 1
    assert one["times"] == ["2024-01-08 14:30:00+00:00", "2024-01-09 22:00:00+00:00"]  # shown again at 22:00: later


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("empty", "Yahoo has no headlines of AAPL"),
        ("unknown", "Yahoo knows no news feed of 'AAPL'"),
        ("broken", "out of order: it answered for AAPL with an error (HTTP 500)"),
        ("hanging", "Yahoo's news feed did not answer within 5 seconds"),
    ],
)
def test_each_answer_has_its_sentence(said: dict[str, dict], mode: str, sentence: str) -> None:
    one = said[mode]
    assert sentence in one["error"] and one["asked"] and one["kept"] == 0
    assert mode != "hanging" or one["seconds"] < 15


def age(cache: Path, hours: float) -> None:
    """Make the kept copy so many hours older."""
    for path in cache.glob("news-*.parquet"):
        os.utime(path, (time.time() - hours * 3600,) * 2)


def item(text: str, at: str) -> dict:
    return {"content": {"title": text, "pubDate": at}}


def test_a_young_copy_is_used_without_asking(ask: Yahoo, tmp_path: Path) -> None:
    feed.fetch("AAPL", tmp_path)
    ask.asked = []
    again = feed.fetch(" aapl ", tmp_path)
    assert again.table["text"].tolist() == TEXTS and ask.asked == []
    assert again.notes[0] == "AAPL: headlines of a moment ago."


def test_older_headlines_stay_and_nothing_is_there_twice(ask: Yahoo, tmp_path: Path) -> None:
    feed.fetch("AAPL", tmp_path)
    age(tmp_path, 2)
    ask.stream = [item("Apple falls", "2024-01-12T10:00:00Z"), item("Apple shares plunge", "2024-01-09T23:00:00Z")]
    found = feed.fetch("AAPL", tmp_path).table
    assert found["text"].tolist() == [*TEXTS, "Apple falls"] and found["clock"].all()
    assert found["time"].iloc[1] == pd.Timestamp("2024-01-09 22:00", tz="UTC")  # when it was first seen


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
def test_what_is_kept_is_used_where_yahoo_fails(ask: Yahoo, tmp_path: Path, mode: str, why: str) -> None:
    feed.fetch("AAPL", tmp_path)
    age(tmp_path, 3)
    ask.mode = mode
    found = feed.fetch("AAPL", tmp_path, deadline_s=0.5 if mode == "hanging" else 10.0)
    assert found.table["text"].tolist() == TEXTS
    assert found.notes[0].startswith("AAPL: headlines of 3 hours ago: ") and why in found.notes[0]
    assert abs(found.until - (pd.Timestamp.now(tz="UTC") - pd.Timedelta(hours=3))) < pd.Timedelta(minutes=1)


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


def test_a_hang_spares_the_next_ticker(ask: Yahoo, tmp_path: Path) -> None:
    ask.mode = "hanging"
    before = time.monotonic()
    for ticker in ("AAPL", "MSFT"):
        with pytest.raises(SourceError, match=r"did not answer within 0\.3 seconds"):
            feed.fetch(ticker, tmp_path, deadline_s=0.3)
    assert time.monotonic() - before < 1


def test_a_damaged_copy_is_written_anew(ask: Yahoo, tmp_path: Path) -> None:
    feed.fetch("AAPL", tmp_path)
    for path in tmp_path.glob("news-*.parquet"):
        path.write_bytes(b"PAR1 broken")
    assert feed.fetch("AAPL", tmp_path).table["text"].tolist() == TEXTS


def test_a_disk_that_refuses_is_said(ask: Yahoo, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    found = feed.fetch("AAPL", tmp_path / "file" / "cache")
    assert found.table["text"].tolist() == TEXTS and "could not be kept" in found.notes[0]


@pytest.mark.parametrize("ticker", ["", "../../etc", "A B", "x" * 21])
def test_what_is_no_ticker_is_not_asked_for(ask: Yahoo, tmp_path: Path, ticker: str) -> None:
    with pytest.raises(SourceError, match="is no ticker"):
        feed.fetch(ticker, tmp_path)
    assert ask.asked == [] and list(tmp_path.iterdir()) == []
