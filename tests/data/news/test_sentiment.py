"""Scores of headlines, and the sessions for which they count: never one whose close they came after."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.news.headlines import Headlines
from core.data.news.sentiment import COLUMNS, daily, hours, score
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
    return daily(headlines, sessions, **how).table["count"].tolist()


@pytest.mark.parametrize(("texts", "sign"), [(GOOD, 1), (BAD, -1)])
def test_obvious_headlines_have_their_sign(texts: tuple[str, ...], sign: int) -> None:
    values = score(texts)
    assert values.dtype == np.float64 and (sign * values > 0.05).all() and (np.abs(values) <= 1).all()


def test_words_of_the_market_are_no_praise() -> None:
    texts = ["Shares of the trust company", "Interest and credit", "", "삼성전자 실적 발표", "1234"]
    assert score(texts).tolist() == [0] * 5


def test_a_text_is_judged_by_itself() -> None:
    assert score([*GOOD, *BAD])[3] == score([GOOD[3]])[0] == score([GOOD[3], GOOD[3]])[1]
    assert score([]).shape == (0,)


def test_the_lexicon_needs_no_network_and_is_loaded_late() -> None:
    code = (
        "import sys, socket, core.data.news.sentiment as news; early = 'vaderSentiment' in sys.modules\n"
        "socket.socket = None; print(early, news.score(['good'])[0] > 0)"
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
def test_a_headline_counts_for_the_first_close_that_had_seen_it(at: str, session: int) -> None:
    found = counted(table((at, 1.0)))
    assert found[session] == 1 and np.isnan(found[:session] + found[session + 1 :]).all()


def test_mean_count_and_dispersion_by_hand() -> None:
    found = daily(table(("2024-01-12 09:00", 0.5), ("2024-01-12 10:00", -0.1), ("2024-01-17 10:00", 0.3)), WEEK).table
    assert list(found.columns) == list(COLUMNS) and found.index.equals(WEEK) and (found.dtypes == np.float64).all()
    np.testing.assert_allclose(found.to_numpy(), [[np.nan] * 3, [0.2, 2, 0.3], [0, 0, 0], [0.3, 1, 0], [np.nan] * 3])


def test_texts_are_scored_where_no_score_came() -> None:
    rows = pd.DataFrame({"time": pd.to_datetime(["2024-01-12 10:00"]), "clock": True, "text": "Profit beats estimates"})
    found = daily(Headlines(table=rows), WEEK).table
    assert found["mean"].iloc[1] == score(["Profit beats estimates"])[0] > 0


def test_after_the_last_close_it_counts_for_a_session_to_come() -> None:
    found = daily(table(("2024-01-16 10:00", 1.0), ("2024-01-18 17:00", 1.0)), WEEK)
    assert found.table["count"].tolist()[2:] == [1, 0, 0]
    assert any("1 headlines came after the last session's close" in note for note in found.notes)


def test_old_headlines_do_not_pile_up_on_the_first_session() -> None:
    found = daily(table(("2020-01-02", 1.0), ("2023-12-29 10:00", 1.0), ("2024-01-16 10:00", 1.0)), WEEK)
    assert found.table["count"].tolist()[:3] == [0, 0, 1]
    assert any("2 headlines are older than the first session" in note for note in found.notes)
    none = daily(table(("2020-01-02", 1.0)), WEEK)
    assert none.table.isna().all().all() and "No session has a headline." in none.notes


def test_a_feed_tells_up_to_when_nothing_is_missing() -> None:
    rows = table(("2024-01-12 15:00", 1.0), zone="UTC").table
    held = Headlines(table=rows, until=pd.Timestamp("2024-01-17 22:00", tz="UTC"))  # 17:00 in New York
    found = daily(held, WEEK, zone="America/New_York").table["count"]
    assert found.tolist()[1:4] == [1, 0, 0] and found.isna().tolist() == [True, False, False, False, True]


def test_zones_meet_on_the_clock_of_the_exchange() -> None:
    late = table(("2024-01-12 21:30", 1.0), zone="UTC")  # 16:30 in New York, 06:30 of the next day in Seoul
    assert counted(late, zone="America/New_York")[2] == 1
    assert counted(late, zone="Asia/Seoul", close="15:30")[2] == 1
    early = table(("2024-01-12 20:30", 1.0), zone="UTC")  # 15:30 in New York
    assert counted(early, zone="America/New_York")[1] == 1
    assert any("clock in UTC" in note for note in daily(early, WEEK).notes) and counted(early)[2] == 1
    summer = pd.DatetimeIndex(["2024-07-01", "2024-07-02"])
    assert counted(table(("2024-07-01 20:00", 1.0), zone="UTC"), summer, zone="America/New_York")[0] == 1


def test_a_day_without_a_clock_may_end_later_elsewhere() -> None:
    """Midnight in UTC is the evening before in New York: the day is over at 19:00 there, after the close."""
    assert counted(table(("2024-01-12", 1.0), zone="UTC"), zone="America/New_York")[2] == 1
    assert counted(table(("2024-01-11", 1.0)), close="24:00")[1] == 1


def test_notes_say_what_was_done() -> None:
    notes = " ".join(daily(table(("2024-01-12", 1.0), ("2024-01-16 10:00", 1.0)), WEEK).notes)
    assert "1 of 2 headlines have a day and no clock" in notes and "wall clock of the exchange" in notes
    assert "closes (16:00)" in notes


def test_hours_take_what_came_up_to_them() -> None:
    found = daily(table(("2024-01-11 10:30", 1.0), ("2024-01-11 10:31", 1.0), ("2024-01-11 20:00", 1.0)), HOURS).table
    assert found["count"].iloc[[1, 2, 7]].tolist() == [1, 1, 1] and found["count"].sum() == 3
    assert counted(table(("2024-01-11", 1.0)), HOURS)[7] == 1


@pytest.mark.parametrize("how", [{"close": "25:00"}, {"close": "noon"}, {"zone": "Mars/Olympus"}, {"zone": "../etc"}])
def test_a_close_or_zone_that_does_not_exist_is_refused(how: dict[str, str]) -> None:
    with pytest.raises(DataError, match=r"such as 16:00|no time zone"):
        daily(table(("2024-01-12 10:00", 1.0), zone="UTC"), WEEK, **how)


START = pd.Timestamp("2024-01-08")
MOMENTS = st.integers(0, 12 * 24 * 4).map(lambda quarter: START + pd.Timedelta(minutes=15 * quarter))
ROWS = st.lists(st.tuples(MOMENTS, st.booleans(), st.sampled_from([-1.0, -0.5, 0.25, 1.0])), min_size=1, max_size=12)


def drawn(rows: list[tuple[pd.Timestamp, bool, float]], zone: str | None) -> Headlines:
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
def test_what_comes_after_a_close_changes_nothing_up_to_it(
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
    made = [
        daily(drawn([*seen, *more, *anchor], zone), sessions, **place).table.iloc[: at + 1]
        for more in ([], later, unknown, later[:1])
    ]
    first = made[0].fillna(0.0)
    for other in made[1:]:
        pd.testing.assert_frame_equal(other.fillna(0.0), first)


@given(ROWS, st.integers(1, 5), st.booleans())
def test_sessions_to_come_change_nothing(rows: list, sessions: int, intraday: bool) -> None:
    index = HOURS if intraday else WEEK
    whole, part = daily(drawn(rows, None), index).table, daily(drawn(rows, None), index[:sessions]).table
    pd.testing.assert_frame_equal(part, whole.iloc[:sessions])


@given(ROWS, st.integers(1, 12))
def test_taking_the_newest_away_only_ends_what_is_known_sooner(rows: list, left: int) -> None:
    held = drawn(rows, None).table
    whole, part = (daily(Headlines(table=one), WEEK).table for one in (held, held.iloc[:left]))
    both = whole.notna() & part.notna()
    newest = held.iloc[left:]
    safe = WEEK + pd.Timedelta(hours=16) < (newest["time"].min() if len(newest) else pd.Timestamp.max)
    pd.testing.assert_frame_equal(part[both][safe], whole[both][safe])
    assert not (whole.isna() & part.notna())[safe].any().any()


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
def test_the_hours_of_an_exchange(symbol: str, expected: tuple[str, str]) -> None:
    assert hours(symbol) == expected
    found = daily(table(("2024-01-12 10:00", 1.0), zone="UTC"), WEEK, close=expected[1], zone=expected[0])
    assert found.table["count"].sum() == 1
