"""Scores of headlines, and the sessions for which they count: never one that closed before they appeared."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.news.headlines import Headlines
from core.data.news.sentiment import COLUMNS, aggregate_by_session, exchange_hours, score_texts
from core.errors import DataError

WEEK = pd.DatetimeIndex(["2024-01-11", "2024-01-12", "2024-01-16", "2024-01-17", "2024-01-18"], name="time")  # holiday
HOURS = pd.date_range("2024-01-11 09:30", periods=7, freq="h").append(
    pd.date_range("2024-01-12 09:30", periods=7, freq="h")
)
GOOD = (
    "Shares surge after record quarterly sales",
    "Goldman upgrades Nvidia to buy",
    "Profit beats estimates",
    "Boeing wins big order",
    "FDA approves new treatment",
    "Stock rallies to all-time high",
)
BAD = (
    "Boeing warns of loss after plane grounding",
    "Apple sued over fraud",
    "Shares plunge as losses widen",
    "Bank cuts forecast, stock tumbles",
    "Retailer files for bankruptcy",
    "Carmaker recalls one million cars",
)


def table(*rows: tuple[str, float], zone: str | None = None) -> Headlines:
    """Headlines with ready scores; a row that names no clock has none."""
    times = pd.DatetimeIndex([pd.Timestamp(at) for at, _ in rows]).as_unit("ns").tz_localize(zone)
    return Headlines(
        table=pd.DataFrame(
            {"time": times, "clock": [":" in at for at, _ in rows], "text": "", "score": [value for _, value in rows]}
        )
    )


def counted(headlines: Headlines, sessions: pd.DatetimeIndex = WEEK, **how: str) -> list[float]:
    return aggregate_by_session(headlines, sessions, **how).table["count"].tolist()


@pytest.mark.parametrize(("texts", "sign"), [(GOOD, 1), (BAD, -1)])
def test_obvious_headlines_have_the_right_sign(texts: tuple[str, ...], sign: int) -> None:
    values = score_texts(texts)
    assert values.dtype == np.float64 and (sign * values > 0.05).all() and (np.abs(values) <= 1).all()


def test_words_of_finance_are_neutral() -> None:
    texts = ["Shares of the trust company", "Interest and credit", "", "삼성전자 실적 발표", "1234"]
    assert score_texts(texts).tolist() == [0] * 5


def test_each_text_is_scored_by_itself() -> None:
    assert score_texts([*GOOD, *BAD])[3] == score_texts([GOOD[3]])[0] == score_texts([GOOD[3], GOOD[3]])[1]
    assert score_texts([]).shape == (0,)


def test_the_lexicon_needs_no_network_and_is_loaded_on_first_use() -> None:
    code = (
        "import sys, socket, core.data.news.sentiment as news; early = 'vaderSentiment' in sys.modules\n"
        "socket.socket = None; print(early, news.score_texts(['good'])[0] > 0)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize(
    ("at", "session"),
    [
        ("2024-01-12 08:00", 1),
        ("2024-01-12 16:00", 1),
        ("2024-01-12 16:01", 2),
        ("2024-01-13 12:00", 2),
        ("2024-01-15 10:00", 2),
        ("2024-01-16 16:00", 2),
        ("2024-01-12", 2),
        ("2024-01-13", 2),
        ("2024-01-15", 2),
        ("2024-01-16", 3),
        ("2024-01-10 20:00", 0),
        ("2024-01-10", 0),
    ],
)
def test_a_headline_counts_for_the_first_close_after_it(at: str, session: int) -> None:
    counts = counted(table((at, 1.0)))
    assert counts[session] == 1 and np.isnan(counts[:session] + counts[session + 1 :]).all()


def test_mean_count_and_dispersion_by_hand() -> None:
    values = aggregate_by_session(
        table(("2024-01-12 09:00", 0.5), ("2024-01-12 10:00", -0.1), ("2024-01-17 10:00", 0.3)), WEEK
    ).table
    assert list(values.columns) == list(COLUMNS) and values.index.equals(WEEK) and (values.dtypes == np.float64).all()
    np.testing.assert_allclose(values.to_numpy(), [[np.nan] * 3, [0.2, 2, 0.3], [0, 0, 0], [0.3, 1, 0], [np.nan] * 3])


def test_texts_without_scores_are_scored() -> None:
    rows = pd.DataFrame({"time": pd.to_datetime(["2024-01-12 10:00"]), "clock": True, "text": "Profit beats estimates"})
    values = aggregate_by_session(Headlines(table=rows), WEEK).table
    assert values["mean"].iloc[1] == score_texts(["Profit beats estimates"])[0] > 0


def test_headlines_after_the_last_close_count_for_a_session_to_come() -> None:
    sentiment = aggregate_by_session(table(("2024-01-16 10:00", 1.0), ("2024-01-18 17:00", 1.0)), WEEK)
    assert sentiment.table["count"].tolist()[2:] == [1, 0, 0]
    assert any("after the close of the last session" in note and ": 1." in note for note in sentiment.notes)


def test_old_headlines_do_not_pile_up_on_the_first_session() -> None:
    sentiment = aggregate_by_session(
        table(("2020-01-02", 1.0), ("2023-12-29 10:00", 1.0), ("2024-01-16 10:00", 1.0)), WEEK
    )
    assert sentiment.table["count"].tolist()[:3] == [0, 0, 1]
    assert any("older than the first session" in note and ": 2." in note for note in sentiment.notes)
    none = aggregate_by_session(table(("2020-01-02", 1.0)), WEEK)
    assert none.table.isna().all().all() and "No session has a headline." in none.notes


def test_sessions_are_known_until_the_end_of_a_feed() -> None:
    rows = table(("2024-01-12 15:00", 1.0), zone="UTC").table
    news = Headlines(table=rows, until=pd.Timestamp("2024-01-17 22:00", tz="UTC"))  # 17:00 in New York
    values = aggregate_by_session(news, WEEK, zone="America/New_York").table["count"]
    assert values.tolist()[1:4] == [1, 0, 0] and values.isna().tolist() == [True, False, False, False, True]


def test_utc_times_are_compared_on_the_clock_of_the_exchange() -> None:
    late = table(("2024-01-12 21:30", 1.0), zone="UTC")  # 16:30 in New York, 06:30 of the next day in Seoul
    assert counted(late, zone="America/New_York")[2] == 1
    assert counted(late, zone="Asia/Seoul", close="15:30")[2] == 1
    early = table(("2024-01-12 20:30", 1.0), zone="UTC")  # 15:30 in New York
    assert counted(early, zone="America/New_York")[1] == 1
    assert any("in UTC" in note for note in aggregate_by_session(early, WEEK).notes) and counted(early)[2] == 1
    summer = pd.DatetimeIndex(["2024-07-01", "2024-07-02"])
    assert counted(table(("2024-07-01 20:00", 1.0), zone="UTC"), summer, zone="America/New_York")[0] == 1


def test_a_headline_without_a_clock_time_counts_once_its_day_is_over() -> None:
    """Midnight in UTC is the evening before in New York: the day is over at 19:00 there, after the close."""
    assert counted(table(("2024-01-12", 1.0), zone="UTC"), zone="America/New_York")[2] == 1
    assert counted(table(("2024-01-11", 1.0)), close="24:00")[1] == 1


def test_notes_describe_the_aggregation() -> None:
    notes = " ".join(aggregate_by_session(table(("2024-01-12", 1.0), ("2024-01-16 10:00", 1.0)), WEEK).notes)
    assert "1 of 2 headlines have no clock time" in notes and "wall clock of the exchange" in notes
    assert "closes (16:00)" in notes


def test_intraday_rows_count_headlines_up_to_their_time() -> None:
    values = aggregate_by_session(
        table(("2024-01-11 10:30", 1.0), ("2024-01-11 10:31", 1.0), ("2024-01-11 20:00", 1.0)), HOURS
    ).table
    assert values["count"].iloc[[1, 2, 7]].tolist() == [1, 1, 1] and values["count"].sum() == 3
    assert counted(table(("2024-01-11", 1.0)), HOURS)[7] == 1


@pytest.mark.parametrize("how", [{"close": "25:00"}, {"close": "noon"}, {"zone": "Mars/Olympus"}, {"zone": "../etc"}])
def test_invalid_closes_and_zones_are_refused(how: dict[str, str]) -> None:
    with pytest.raises(DataError, match=r"such as 16:00|not a time zone"):
        aggregate_by_session(table(("2024-01-12 10:00", 1.0), zone="UTC"), WEEK, **how)


START = pd.Timestamp("2024-01-08")
MOMENTS = st.integers(0, 12 * 24 * 4).map(lambda quarter: START + pd.Timedelta(minutes=15 * quarter))
ROWS = st.lists(st.tuples(MOMENTS, st.booleans(), st.sampled_from([-1.0, -0.5, 0.25, 1.0])), min_size=1, max_size=12)


def build_headlines(rows: list[tuple[pd.Timestamp, bool, float]], zone: str | None) -> Headlines:
    times = pd.DatetimeIndex([at if clock else at.normalize() for at, clock, _ in rows]).as_unit("ns").tz_localize(zone)
    return Headlines(
        table=pd.DataFrame(
            {
                "time": times,
                "clock": [clock for _, clock, _ in rows],
                "text": "",
                "score": [value for *_, value in rows],
            }
        ).sort_values("time", kind="stable")
    )


@given(ROWS, ROWS, st.integers(0, 4), st.sampled_from([None, "UTC"]), st.booleans())
def test_headlines_after_a_close_change_nothing_before_it(
    before: list, after: list, at: int, zone: str | None, intraday: bool
) -> None:
    """Whatever is published after a session's close, added, moved or taken away, its values and earlier ones stay."""
    sessions = HOURS if intraday else WEEK
    closes = sessions if intraday else sessions + pd.Timedelta(hours=16)
    local = pd.Timedelta(hours=5) if zone else pd.Timedelta(0)  # New York in January
    cut = closes[at] + local
    seen = [row for row in before if (row[0] if row[1] else row[0].normalize() + pd.Timedelta(days=1)) <= cut]
    later = [(cut + pd.Timedelta(minutes=1) + (row[0] - START), True, row[2]) for row in after]
    unknown = [(row[0], False, row[2]) for row in after if row[0].normalize() + pd.Timedelta(days=1) > cut]
    place = {"zone": "America/New_York"} if zone else {}
    anchor = [(closes[-1] + local + pd.Timedelta(days=1), True, 0.0)]  # the files cover the same span
    tables = [
        aggregate_by_session(build_headlines([*seen, *more, *anchor], zone), sessions, **place).table.iloc[: at + 1]
        for more in ([], later, unknown, later[:1])
    ]
    first = tables[0].fillna(0.0)
    for other in tables[1:]:
        pd.testing.assert_frame_equal(other.fillna(0.0), first)


@given(ROWS, st.integers(1, 5), st.booleans())
def test_later_sessions_change_nothing(rows: list, sessions: int, intraday: bool) -> None:
    index = HOURS if intraday else WEEK
    full, shorter = (
        aggregate_by_session(build_headlines(rows, None), index).table,
        aggregate_by_session(build_headlines(rows, None), index[:sessions]).table,
    )
    pd.testing.assert_frame_equal(shorter, full.iloc[:sessions])


@given(ROWS, st.integers(1, 12))
def test_removing_the_newest_headlines_only_shortens_the_known_range(rows: list, left: int) -> None:
    all_rows = build_headlines(rows, None).table
    full, shorter = (
        aggregate_by_session(Headlines(table=some), WEEK).table for some in (all_rows, all_rows.iloc[:left])
    )
    both = full.notna() & shorter.notna()
    newest = all_rows.iloc[left:]
    safe = WEEK + pd.Timedelta(hours=16) < (newest["time"].min() if len(newest) else pd.Timestamp.max)
    pd.testing.assert_frame_equal(shorter[both][safe], full[both][safe])
    assert not (full.isna() & shorter.notna())[safe].any().any()


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("AAPL", ("America/New_York", "16:00")),
        ("brk-b", ("America/New_York", "16:00")),
        ("005930.KS", ("Asia/Seoul", "15:30")),
        ("SAP.DE", ("Europe/Berlin", "17:30")),
        ("BTC-USD", ("UTC", "24:00")),
        ("EURUSD=X", ("Europe/London", "24:00")),
        ("GC=F", ("America/New_York", "17:00")),
        ("^GSPC", ("America/New_York", "16:00")),
        ("^KS11", ("Asia/Seoul", "15:30")),
        ("DX-Y.NYB", ("America/New_York", "17:00")),
        ("HSBA.L", ("Europe/London", "16:30")),
        ("X.UNKNOWN", ("America/New_York", "16:00")),
    ],
)
def test_exchange_hours(symbol: str, expected: tuple[str, str]) -> None:
    assert exchange_hours(symbol) == expected
    sentiment = aggregate_by_session(
        table(("2024-01-12 10:00", 1.0), zone="UTC"), WEEK, close=expected[1], zone=expected[0]
    )
    assert sentiment.table["count"].sum() == 1
