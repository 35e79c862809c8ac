"""The fetch from Yahoo against a local server that answers as Yahoo does, with the real yfinance in between."""

import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
import yfinance
from curl_cffi import requests

from core.data import yahoo
from core.errors import DataError, SourceError

MONDAY = pd.Timestamp("2024-01-08")


class Yahoo(ThreadingHTTPServer):
    """Answers every request in the way that `mode` says: ok, unknown, limited, broken or hanging."""

    daemon_threads = True
    mode = "ok"
    zone = "America/New_York"
    release: threading.Event
    times: list[pd.Timestamp]
    asked: list[str]


class Answer(BaseHTTPRequestHandler):
    server: Yahoo

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(path)
        if self.server.mode == "hanging":
            self.server.release.wait(5)
        status = {"unknown": 404, "limited": 429, "broken": 500}.get(self.server.mode, 200)
        if status == 200 and "/chart/" in path:
            body = json.dumps(chart(path.rsplit("/", 1)[1], self.server.times, self.server.zone))
        elif status == 404:
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            body = json.dumps({"chart": {"result": None, "error": error}})
        else:
            body = "Too Many Requests" if status == 429 else "<html>oops</html>" if status == 500 else "crumb"
        try:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())
        except OSError:
            return  # the client has gone: it is the one that hangs up

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        return


def chart(ticker: str, times: list[pd.Timestamp], place: str) -> dict:
    """A chart answer on the wall clock of `place`: close 100, 101, … of which the adjusted close is half."""
    stamps = [int(at.tz_localize(place).timestamp()) for at in times]
    close = [100.0 + at for at in range(len(times))]
    zone = {"timezone": "EST", "gmtoffset": -18000, "start": stamps[0], "end": stamps[-1] + 1}
    meta = {"currency": "USD", "symbol": ticker, "instrumentType": "EQUITY", "exchangeTimezoneName": place,
            "timezone": "EST", "gmtoffset": -18000, "regularMarketTime": stamps[-1], "priceHint": 2,
            "firstTradeDate": stamps[0], "dataGranularity": "1d", "range": "max", "validRanges": ["1d", "max"],
            "currentTradingPeriod": {"pre": zone, "regular": zone, "post": zone}, "tradingPeriods": [[zone]]}
    quote = {"open": close, "high": [v + 1 for v in close], "low": [v - 1 for v in close], "close": close,
             "volume": [1000] * len(times)}
    result = {"meta": meta, "timestamp": stamps,
              "indicators": {"quote": [quote], "adjclose": [{"adjclose": [v / 2 for v in close]}]}}
    return {"chart": {"result": [result], "error": None}}


class Redirected(requests.Session):
    """A session of curl_cffi that takes every address to one local server."""

    port = 0

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> requests.Response:
        parts = urlsplit(url)
        return super().request(method, f"http://127.0.0.1:{self.port}{parts.path}?{parts.query}", *args, **kwargs)


@pytest.fixture(scope="module")
def server() -> Iterator[Yahoo]:
    made = Yahoo(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def ask(server: Yahoo, tmp_path: Path) -> Iterator[Yahoo]:
    """The server in its first state, and a yfinance that knows no other and remembers nothing."""
    session = Redirected()
    session.port = server.server_port
    server.mode, server.asked, server.release = "ok", [], threading.Event()
    server.zone = "America/New_York"
    server.times = [MONDAY + pd.Timedelta(days=at, hours=9.5) for at in range(5)]
    data = yfinance.data.YfData(session=session)
    data._cookie_strategy, data._crumb, data._cookie = "basic", None, None
    yfinance.data.YfData.cache_get.cache_clear()
    yahoo.forget()
    yield server
    server.mode = "ok"
    server.release.set()
    for thread in threading.enumerate():
        if thread.name.startswith("yahoo-"):
            thread.join()
    yahoo.forget()


def get(cache: Path, *symbols: str, start: str | None = None, end: str | None = None,
        interval: str = "1d") -> dict[str, yahoo.Fetched]:
    return yahoo.fetch(symbols, start, end, interval, cache)


def test_a_history_comes_adjusted_lower_case_and_on_days(ask: Yahoo, tmp_path: Path) -> None:
    found = get(tmp_path, "good")["GOOD"]
    assert list(found.table.columns) == ["open", "high", "low", "close", "volume"]
    assert list(found.table.index) == list(pd.bdate_range(MONDAY, periods=5))
    assert found.table.index.tz is None and found.table.index.name == "time"
    np.testing.assert_allclose(found.table["close"], [50, 50.5, 51, 51.5, 52])
    assert (found.table.dtypes == np.float64).all()
    assert not found.stale and found.note == "" and found.age_seconds == 0


def test_both_ends_of_the_dates_are_inclusive(ask: Yahoo, tmp_path: Path) -> None:
    table = get(tmp_path, "CUT", start="2024-01-09", end="2024-01-11")["CUT"].table
    assert list(table.index) == list(pd.date_range("2024-01-09", "2024-01-11"))
    with pytest.raises(DataError, match=r"CUT has no row from 2030-01-01.*2024-01-08 to 2024-01-12"):
        get(tmp_path, "CUT", start="2030-01-01")


def test_the_bar_of_today_is_left_out(ask: Yahoo, tmp_path: Path) -> None:
    today = pd.Timestamp.now(tz="America/New_York").tz_localize(None).normalize()
    ask.times = [today - pd.Timedelta(days=at) + pd.Timedelta(minutes=1) for at in (2, 1, 0)]
    assert get(tmp_path, "NOW")["NOW"].table.index[-1] == today - pd.Timedelta(days=1)


def test_hours_come_on_the_clock_of_the_exchange_and_the_running_one_is_left_out(ask: Yahoo, tmp_path: Path) -> None:
    ask.zone = "Asia/Tokyo"  # a place that never changes its clocks
    now = pd.Timestamp.now(tz=ask.zone).tz_localize(None).floor("min")
    ask.times = [now - pd.Timedelta(minutes=at) for at in (190, 130, 70, 10)]
    table = get(tmp_path, "HOUR", interval="1h")["HOUR"].table
    assert list(table.index) == ask.times[:3] and table.index.tz is None


def test_a_young_copy_is_used_without_asking(ask: Yahoo, tmp_path: Path) -> None:
    first = get(tmp_path, "KEPT")["KEPT"]
    ask.mode, ask.asked = "broken", []
    again = get(tmp_path, "kept")["KEPT"]
    assert ask.asked == [] and not again.stale and again.age_seconds < 60
    pd.testing.assert_frame_equal(first.table, again.table, check_freq=False)
    names = {path.name for path in tmp_path.glob("*.parquet")}
    assert len(names) == 1 and "KEPT" not in names.pop()


def test_an_old_copy_is_shown_with_a_note_when_yahoo_fails(ask: Yahoo, tmp_path: Path) -> None:
    get(tmp_path, "OLD")
    age(tmp_path, hours=30)
    ask.mode = "limited"
    found = get(tmp_path, "OLD")["OLD"]
    assert found.stale and "rate limit" in found.note and "30 hours old" in found.note and len(found.table) == 5


def test_an_old_copy_is_replaced_when_yahoo_answers(ask: Yahoo, tmp_path: Path) -> None:
    get(tmp_path, "NEW")
    age(tmp_path, hours=30)
    ask.times.append(MONDAY + pd.Timedelta(days=7, hours=9.5))
    assert len(get(tmp_path, "NEW")["NEW"].table) == 6
    assert get(tmp_path, "NEW")["NEW"].age_seconds < 60


def test_a_damaged_copy_is_fetched_anew(ask: Yahoo, tmp_path: Path) -> None:
    get(tmp_path, "BAD")
    next(tmp_path.glob("*.parquet")).write_bytes(b"PAR1 half a file")
    assert len(get(tmp_path, "BAD")["BAD"].table) == 5


@pytest.mark.parametrize(("mode", "sentence"), [
    ("unknown", "Yahoo has no prices for 'NOPE'"),
    ("limited", "rate limit"),
    ("broken", "cannot be read"),
])
def test_each_failure_has_its_sentence_and_is_remembered(ask: Yahoo, tmp_path: Path, mode: str, sentence: str) -> None:
    ask.mode = mode
    with pytest.raises(SourceError, match=sentence):
        get(tmp_path, "NOPE")
    asked = len(ask.asked)
    with pytest.raises(SourceError, match=sentence):
        get(tmp_path, "NOPE")
    assert asked > 0 and len(ask.asked) == asked
    ask.mode = "ok"
    yahoo.forget()
    assert len(get(tmp_path, "NOPE")["NOPE"].table) == 5  # yfinance keeps no error of its own


def test_an_unknown_ticker_is_no_reason_to_stop_asking_for_others(ask: Yahoo, tmp_path: Path) -> None:
    ask.mode = "unknown"
    with pytest.raises(SourceError):
        get(tmp_path, "NOPE1")
    ask.mode = "ok"
    assert len(get(tmp_path, "OTHER")["OTHER"].table) == 5


def test_a_hanging_server_costs_no_more_than_the_deadline(ask: Yahoo, tmp_path: Path,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yahoo, "DEADLINE_S", 0.4)
    ask.mode = "hanging"
    before = time.monotonic()
    with pytest.raises(SourceError, match="did not answer within"):
        get(tmp_path, "HANG1", "HANG2")
    assert time.monotonic() - before < 1.2
    with pytest.raises(SourceError, match="did not answer within"):
        get(tmp_path, "HANG3")
    assert time.monotonic() - before < 1.4  # remembered for every ticker


def test_no_network_is_said_in_a_sentence(ask: Yahoo, tmp_path: Path) -> None:
    closed = Redirected()
    closed.port = 9  # the discard port: nobody listens
    yfinance.data.YfData(session=closed)
    with pytest.raises(SourceError, match="no network"):
        get(tmp_path, "AWAY")


@pytest.mark.parametrize("text", ["", "../etc/passwd", "A B", "A\nB", "x" * 21, "A/B", "...", "AAPL;rm", "Ä"])
def test_what_is_no_ticker_is_refused_without_asking(ask: Yahoo, tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="no ticker"):
        get(tmp_path, text)
    assert ask.asked == [] and not list(tmp_path.iterdir())


def test_an_unknown_interval_is_refused(ask: Yahoo, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="1d, 1wk, 1h"):
        get(tmp_path, "GOOD", interval="1m")


def test_a_cache_that_cannot_be_written_costs_a_note_only(ask: Yahoo, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder should be")
    found = get(blocked, "FULL")["FULL"]
    assert len(found.table) == 5 and "could not be kept" in found.note


def age(cache: Path, hours: float) -> None:
    """Make every kept copy look `hours` old."""
    then = time.time() - hours * 3600
    for path in cache.glob("*.parquet"):
        os.utime(path, (then, then))
