"""Korean prices from a local server that answers as the real sites do, through the real FinanceDataReader."""

import importlib
import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.load import load
from core.data.sources import krx
from core.data.sources.histories import History
from core.data.sources.suggestions import Suggestion, Suggestions, suggest
from core.errors import DataError, SourceError
from core.spec import Data
from tests.data.korea_server import Korea, index_of, last_year

SAMSUNG = Suggestion(symbol="005930", name="삼성전자", exchange="KOSPI", kind="")


def get(cache: Path, *codes: str, start: str | None = None, deadline_s: float = 30.0) -> dict[str, History]:
    return krx.fetch(codes, start, None, "1d", cache, deadline_s)


def test_a_share_has_its_sessions_and_no_prices_while_it_was_halted(sites: Korea, tmp_path: Path) -> None:
    history = get(tmp_path, " 005930 ")["005930"]
    table = history.table
    assert list(table.columns) == ["open", "high", "low", "close", "volume"] and (table.dtypes == np.float64).all()
    assert list(table.index) == [pd.Timestamp(f"2024-01-0{day}") for day in (2, 3, 4, 5)]
    assert table.loc["2024-01-02"].tolist() == [78200, 79800, 78200, 79600, 17142847]
    assert table.loc["2024-01-05", ["open", "high", "low"]].isna().all() and table["close"].iloc[-1] == 76600
    assert not history.stale and history.note == "" and "fchart.stock.naver.com:443" in sites.hosts


def test_the_unfinished_session_of_today_is_left_out(sites: Korea, tmp_path: Path) -> None:
    today = pd.Timestamp.now(tz="Asia/Seoul").normalize()
    sites.sessions = [(f"{today - pd.Timedelta(days=ago):%Y%m%d}", 1, 1, 1, 1, 1) for ago in (2, 1, 0)]
    assert get(tmp_path, "005930")["005930"].table.index[-1] == (today - pd.Timedelta(days=1)).tz_localize(None)


def test_an_index_joins_the_files_of_its_years(sites: Korea, tmp_path: Path) -> None:
    table = get(tmp_path, "ks11")["KS11"].table
    years = sorted(set(table.index.year))
    assert years[0] == 2010 and {*range(2010, last_year() + 1)} <= {*years}
    assert table.loc["2015-06-05"].tolist() == [2015, 2017, 2014, 2015, 0]
    assert index_of(2015).count("\n") == 3


@pytest.mark.parametrize(("status", "sentence"), [(500, "HTTP 500"), (429, "rate limit"), (404, "no series 'KS11'")])
def test_a_year_that_does_not_arrive_is_no_gap_in_the_index(
    sites: Korea, tmp_path: Path, status: int, sentence: str
) -> None:
    sites.lost_years = {2015: status}
    with pytest.raises(SourceError, match=sentence):
        get(tmp_path, "KS11")
    assert not list(tmp_path.glob("*.parquet"))


def test_an_index_may_begin_later_than_the_first_file(sites: Korea, tmp_path: Path) -> None:
    sites.lost_years = {2010: 404, 2011: 404}
    assert get(tmp_path, "KQ11")["KQ11"].table.index[0] == pd.Timestamp("2012-01-05")


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("unknown", "KRX has no series '005930'. Check its digits"),
        ("limited", "KRX refuses requests from this address for a while"),
        ("broken", r"KRX is out of order: it answered for 005930 with an error \(HTTP 500\)"),
        ("page", "KRX answered for 005930 with a page that cannot be read"),
    ],
)
def test_each_failure_is_explained_and_remembered(
    sites: Korea, tmp_path: Path, mode: str, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    sites.mode = mode
    for _ in range(2):
        with pytest.raises(SourceError, match=sentence):
            get(tmp_path, "005930")
    assert sites.asked.count("/sise.nhn") == 2  # the library, and once more for the status
    assert capfd.readouterr().out == ""  # the library's own words stay off standard output
    sites.mode = "ok"
    krx.KRX.failures.clear()
    assert len(get(tmp_path, "005930")["005930"].table) == 4


def test_an_old_copy_is_used_with_a_note_if_the_site_fails(sites: Korea, tmp_path: Path) -> None:
    get(tmp_path, "005930")
    (copy,) = tmp_path.glob("*.parquet")
    os.utime(copy, (time.time() - 30 * 3600,) * 2)
    sites.mode, sites.asked = "limited", []
    history = get(tmp_path, "005930")["005930"]
    assert history.stale and "prices of 005930 were loaded 1 day ago" in history.note and "rate limit" in history.note


def test_a_fresh_copy_is_used_without_asking(sites: Korea, tmp_path: Path) -> None:
    first = get(tmp_path, "005930")["005930"].table
    sites.mode, sites.asked = "broken", []
    pd.testing.assert_frame_equal(get(tmp_path, "005930")["005930"].table, first, check_freq=False)
    assert sites.asked == []


def test_a_hanging_site_costs_no_more_than_the_deadline(sites: Korea, tmp_path: Path) -> None:
    sites.mode = "hanging"
    importlib.import_module("FinanceDataReader")  # not what is timed
    before = time.monotonic()
    with pytest.raises(SourceError, match=r"KRX did not answer within 0\.4 seconds"):
        get(tmp_path, "005930", "000660", deadline_s=0.4)
    assert time.monotonic() - before < 1.2
    assert "did not answer" in krx.KRX.outage()


def test_a_missing_network_is_explained(sites: Korea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # the discard port: nobody listens
    for code in ("005930", "KS11"):
        krx.KRX.failures.clear()
        with pytest.raises(SourceError, match="KRX cannot be reached: there is no network"):
            get(tmp_path, code)
    krx.KRX.failures.clear()
    before = time.monotonic()
    answer = suggest(krx.SHARES, "삼성", tmp_path)
    assert "cannot be reached" in answer.note and "A code can be typed in full" in answer.note
    assert time.monotonic() - before < 1.0


def test_without_the_library_one_sentence_says_how_to_install_it(
    sites: Korea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "FinanceDataReader", None)
    monkeypatch.setitem(sys.modules, "FinanceDataReader.naver.data", None)
    monkeypatch.setitem(sys.modules, "FinanceDataReader.krx.listing", None)
    with pytest.raises(SourceError, match=r"not installed.*Install it with: pip install finance-datareader\.$"):
        get(tmp_path, "005930")
    assert krx.KRX.outage() == "" and sites.asked == []
    assert "pip install finance-datareader" in suggest(krx.SHARES, "삼성", tmp_path).note


@pytest.mark.parametrize("text", ["", "AAPL", "5930", "005930.KS", "0059300", "KS12", "../005930"])
def test_what_is_no_code_is_refused_without_asking(sites: Korea, tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="no code of the Korean exchange"):
        get(tmp_path, text)
    assert sites.asked == []


def test_only_daily_prices_are_served(sites: Korea, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="KRX serves the intervals 1d; got '1wk'"):
        krx.fetch(("005930",), None, None, "1wk", tmp_path)


def test_a_recipe_gets_a_frame_with_notes_and_dates(sites: Korea, tmp_path: Path) -> None:
    frame = load(Data(source="krx", symbols=("005930", "000660"), start="2024-01-03"), tmp_path)
    assert list(frame["000660"].index) == [pd.Timestamp(f"2024-01-0{day}") for day in (3, 4, 5)]
    assert frame.attrs["notes"] == [krx.SPLITS_ONLY]
    with pytest.raises(DataError, match="005930 has no row from 2030-01-01"):
        load(Data(source="krx", symbols=("005930",), start="2030-01-01"), tmp_path)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("삼성", ["005930", "207940", "028260"]),  # the largest first
        ("삼성물산", ["028260"]),
        ("물산", ["028260"]),
        ("lg에너지", ["373220"]),
        ("2", ["207940", "247540", "KS200"]),
        ("kospi", ["KS11", "KS200"]),
        ("005930", ["005930"]),
    ],
)
def test_shares_are_found_by_name_and_code(sites: Korea, tmp_path: Path, text: str, codes: list[str]) -> None:
    assert [one.symbol for one in suggest(krx.SHARES, text, tmp_path, 20).tickers] == codes


def test_the_list_of_shares_is_loaded_once(sites: Korea, tmp_path: Path) -> None:
    assert suggest(krx.SHARES, "삼성전자", tmp_path, 20) == Suggestions(tickers=(SAMSUNG,))
    assert any("/listing/krx/2024-01-05.csv" in path for path in sites.asked)
    sites.mode, sites.asked = "broken", []
    krx.SHARES.answers.clear()
    assert suggest(krx.SHARES, "에코프로", tmp_path, 20).tickers[0].exchange == "KOSDAQ" and sites.asked == []
    assert "finds nothing for 'zzz'" in suggest(krx.SHARES, "zzz", tmp_path, 20).note


@pytest.mark.parametrize(("mode", "note"), [("limited", "out of order"), ("page", "out of order")])
def test_a_list_that_cannot_be_loaded_becomes_a_note(sites: Korea, tmp_path: Path, mode: str, note: str) -> None:
    sites.mode = mode
    answer = suggest(krx.SHARES, "삼성", tmp_path, 20)
    assert answer.tickers == () and note in answer.note
