"""Prices from a local server that answers like Yahoo, through the real yfinance."""

import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yfinance

from core.data.sources import histories, yahoo
from core.errors import DataError, SourceError
from tests.data.yahoo_server import MONDAY, Redirected, Yahoo


def get(
    cache: Path,
    *symbols: str,
    start: str | None = None,
    end: str | None = None,
    interval: str = "1d",
    deadline_s: float = 30.0,
) -> dict[str, histories.History]:
    return yahoo.fetch(symbols, start, end, interval, cache, deadline_s)


def test_a_history_is_adjusted_with_lower_case_columns_on_days(ask: Yahoo, tmp_path: Path) -> None:
    history = get(tmp_path, "good")["GOOD"]
    assert list(history.table.columns) == ["open", "high", "low", "close", "volume"]
    assert list(history.table.index) == list(pd.bdate_range(MONDAY, periods=5))
    assert history.table.index.tz is None and history.table.index.name == "time"
    np.testing.assert_allclose(history.table["close"], [50, 50.5, 51, 51.5, 52])
    assert (history.table.dtypes == np.float64).all()
    assert not history.stale and history.note == "" and history.age_seconds == 0


def test_both_ends_of_the_dates_are_inclusive(ask: Yahoo, tmp_path: Path) -> None:
    table = get(tmp_path, "CUT", start="2024-01-09", end="2024-01-11")["CUT"].table
    assert list(table.index) == list(pd.date_range("2024-01-09", "2024-01-11"))
    with pytest.raises(DataError, match=r"CUT has no row from 2030-01-01.*2024-01-08 to 2024-01-12"):
        get(tmp_path, "CUT", start="2030-01-01")


def test_the_unfinished_bar_of_today_is_left_out(ask: Yahoo, tmp_path: Path) -> None:
    today = pd.Timestamp.now(tz="America/New_York").tz_localize(None).normalize()
    ask.times = [today - pd.Timedelta(days=at) + pd.Timedelta(minutes=1) for at in (2, 1, 0)]
    assert get(tmp_path, "NOW")["NOW"].table.index[-1] == today - pd.Timedelta(days=1)


def test_hours_are_on_the_clock_of_the_exchange_without_the_unfinished_one(ask: Yahoo, tmp_path: Path) -> None:
    ask.zone = "Asia/Tokyo"  # has no summer time
    now = pd.Timestamp.now(tz=ask.zone).tz_localize(None).floor("min")
    ask.times = [now - pd.Timedelta(minutes=at) for at in (190, 130, 70, 10)]
    table = get(tmp_path, "HOUR", interval="1h")["HOUR"].table
    assert list(table.index) == ask.times[:3] and table.index.tz is None


def test_a_fresh_copy_is_used_without_asking(ask: Yahoo, tmp_path: Path) -> None:
    first = get(tmp_path, "KEPT")["KEPT"]
    ask.mode, ask.asked = "broken", []
    again = get(tmp_path, "kept")["KEPT"]
    assert ask.asked == [] and not again.stale and again.age_seconds < 60
    age(tmp_path, hours=3)
    note = get(tmp_path, "KEPT")["KEPT"].note
    assert "KEPT" in note and "3 hours ago" in note
    pd.testing.assert_frame_equal(first.table, again.table, check_freq=False)
    names = {path.name for path in tmp_path.glob("*.parquet")}
    assert len(names) == 1 and "KEPT" not in names.pop()


def test_an_old_copy_is_used_with_a_note_if_yahoo_fails(ask: Yahoo, tmp_path: Path) -> None:
    get(tmp_path, "OLD")
    age(tmp_path, hours=30)
    ask.mode = "limited"
    history = get(tmp_path, "OLD")["OLD"]
    assert history.stale and len(history.table) == 5
    assert all(part in history.note for part in ("OLD", "1 day ago", "rate limit"))


def test_the_old_copy_of_a_ticker_that_is_no_longer_served_is_used(ask: Yahoo, tmp_path: Path) -> None:
    get(tmp_path, "GONE")
    age(tmp_path, hours=50)
    ask.mode = "unknown"
    note = get(tmp_path, "GONE")["GONE"].note
    assert "2 days ago" in note and "no ticker 'GONE', or no longer" in note


def test_an_old_copy_is_replaced_once_yahoo_answers(ask: Yahoo, tmp_path: Path) -> None:
    get(tmp_path, "NEW")
    age(tmp_path, hours=30)
    ask.times.append(MONDAY + pd.Timedelta(days=7, hours=9.5))
    assert len(get(tmp_path, "NEW")["NEW"].table) == 6
    assert get(tmp_path, "NEW")["NEW"].age_seconds < 60


def test_a_damaged_copy_is_fetched_again(ask: Yahoo, tmp_path: Path) -> None:
    get(tmp_path, "BAD")
    next(tmp_path.glob("*.parquet")).write_bytes(b"PAR1 half a file")
    assert len(get(tmp_path, "BAD")["BAD"].table) == 5


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("unknown", "Yahoo knows no ticker 'NOPE'"),
        ("delisted", "Yahoo knows NOPE but has no prices of it: it may be delisted"),
        ("limited", "rate limit"),
        ("broken", "Yahoo is out of order.*HTTP 500"),
        ("out of order", "Yahoo is out of order.*HTTP 500"),
        ("page", "a page that cannot be read"),
    ],
)
def test_each_failure_is_explained_and_remembered(ask: Yahoo, tmp_path: Path, mode: str, sentence: str) -> None:
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


def test_an_unknown_ticker_does_not_block_others(ask: Yahoo, tmp_path: Path) -> None:
    ask.mode = "unknown"
    with pytest.raises(SourceError):
        get(tmp_path, "NOPE1")
    ask.mode = "ok"
    assert len(get(tmp_path, "OTHER")["OTHER"].table) == 5


def test_a_hanging_server_costs_no_more_than_the_deadline(ask: Yahoo, tmp_path: Path) -> None:
    ask.mode = "hanging"
    before = time.monotonic()
    with pytest.raises(SourceError, match=r"did not answer within 0\.4 seconds"):
        get(tmp_path, "HANG1", "HANG2", deadline_s=0.4)
    assert time.monotonic() - before < 1.2
    with pytest.raises(SourceError, match="did not answer within"):
        get(tmp_path, "HANG3", deadline_s=0.4)
    assert time.monotonic() - before < 1.4  # remembered for every ticker
    assert "did not answer" in yahoo.YAHOO.outage()


def test_a_server_that_hangs_at_the_second_ticker_keeps_the_first(
    ask: Yahoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = yahoo._history

    def slow(ticker: str, interval: str, cache: Path) -> pd.DataFrame:
        time.sleep(4.1 if ticker == "FIRST" else 8.0)  # the first takes more than half of the time
        return original(ticker, interval, cache)

    monkeypatch.setattr(yahoo, "_history", slow)
    with pytest.raises(SourceError, match=r"SECOND did not arrive in time: all tickers together have 8 seconds"):
        get(tmp_path, "FIRST", "SECOND", deadline_s=8.0)
    assert len(get(tmp_path, "FIRST")["FIRST"].table) == 5 and yahoo.YAHOO.outage() == ""


def test_tickers_of_all_kinds_are_fetched_in_one_call(ask: Yahoo, tmp_path: Path) -> None:
    histories = get(tmp_path, "AAPL", " 005930.ks", "BTC-USD", "^GSPC", "aapl")
    assert list(histories) == ["AAPL", "005930.KS", "BTC-USD", "^GSPC"]
    assert all(len(one.table) == 5 for one in histories.values())


def test_the_unfinished_week_is_left_out(ask: Yahoo, tmp_path: Path) -> None:
    today = pd.Timestamp.now(tz="America/New_York").tz_localize(None).normalize()
    ask.times = [today - pd.Timedelta(days=at) for at in (20, 13, 6)]
    assert list(get(tmp_path, "WEEK", interval="1wk")["WEEK"].table.index) == ask.times[:2]


def test_hourly_copies_expire_sooner_than_daily_ones(ask: Yahoo, tmp_path: Path) -> None:
    for interval in ("1d", "1h"):
        get(tmp_path, "SOON", interval=interval)
    age(tmp_path, hours=1.5)
    ask.asked = []
    assert get(tmp_path, "SOON")["SOON"].age_seconds > 3600 and ask.asked == []
    assert get(tmp_path, "SOON", interval="1h")["SOON"].age_seconds == 0 and ask.asked != []


def test_the_beginning_of_hourly_prices_is_reported(ask: Yahoo, tmp_path: Path) -> None:
    history = get(tmp_path, "HOURS", interval="1h")["HOURS"]
    assert "last 730 days only: HOURS begins on 2024-01-08" in history.note
    assert "730" not in get(tmp_path, "HOURS", interval="1h", start="2024-01-08")["HOURS"].note
    with pytest.raises(DataError, match=r"HOURS has no row.*last 730 days only"):
        get(tmp_path, "HOURS", interval="1h", end="2010-01-01")


def test_a_missing_network_is_explained(ask: Yahoo, tmp_path: Path) -> None:
    get(tmp_path, "KEPT")
    age(tmp_path, hours=49)
    closed = Redirected()
    closed.port = 9  # the discard port: nobody listens
    yfinance.data.YfData(session=closed)
    with pytest.raises(SourceError, match="no network"):
        get(tmp_path, "AWAY")
    copy = get(tmp_path, "KEPT")["KEPT"]
    assert copy.stale and "2 days ago" in copy.note and "Yahoo cannot be reached" in copy.note


@pytest.mark.parametrize("text", ["", "../etc/passwd", "A B", "A\nB", "x" * 21, "A/B", "...", "AAPL;rm", "Ä"])
def test_invalid_tickers_are_refused_without_asking(ask: Yahoo, tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="no ticker"):
        get(tmp_path, text)
    assert ask.asked == [] and not list(tmp_path.iterdir())


def test_an_unknown_interval_is_refused(ask: Yahoo, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="1d, 1wk, 1h"):
        get(tmp_path, "GOOD", interval="1m")


def test_a_cache_that_cannot_be_written_only_adds_a_note(ask: Yahoo, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder should be")
    history = get(blocked, "FULL")["FULL"]
    assert len(history.table) == 5 and "could not be saved" in history.note


def age(cache: Path, hours: float) -> None:
    """Make every stored copy look `hours` old."""
    then = time.time() - hours * 3600
    for path in cache.glob("*.parquet"):
        os.utime(path, (then, then))
