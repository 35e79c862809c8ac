"""Joined series are seen as of when they were known, to the day."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import join, load
from core.data.frame import build, of_symbol, symbols
from core.data.news import headlines
from core.data.sources import uploads
from core.errors import DataError
from core.spec import Data

DAYS = pd.bdate_range("2024-01-01", periods=15)  # Monday 1 January to Friday 19 January
MACRO = pd.Series(np.arange(15.0), index=DAYS, name="macro.X")


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def entries(*texts: str) -> tuple[join.Join, ...]:
    return tuple(map(join.parse, texts))


def test_a_value_is_known_its_lag_after_its_date():
    known = join.as_of(DAYS, MACRO, 1)
    assert np.isnan(known.iloc[0])  # the first value is dated the 1st and known on the 2nd
    assert known[day("2024-01-02")] == MACRO[day("2024-01-01")]
    assert known[day("2024-01-08")] == MACRO[day("2024-01-05")]  # Monday knows Friday's
    assert join.as_of(DAYS, MACRO, 0).equals(MACRO)
    late = join.as_of(DAYS, MACRO, 5)
    assert late.first_valid_index() == day("2024-01-08") and late[day("2024-01-08")] == MACRO[day("2024-01-03")]


def test_monthly_figures_are_carried_until_the_next_one_and_not_for_ever():
    monthly = pd.Series([1.0, 2.0], index=pd.to_datetime(["2023-11-01", "2023-12-01"]), name="macro.CPI")
    times = pd.date_range("2023-11-01", "2024-06-30")
    known = join.as_of(times, monthly, 45)
    assert known.first_valid_index() == day("2023-12-16")
    assert known[day("2024-01-14")] == 1.0 and known[day("2024-01-15")] == 2.0
    assert known.last_valid_index() == day("2023-12-01") + pd.Timedelta(days=3 * 30 + 7 + 45)


def test_daily_values_are_not_known_within_their_day():
    hours = pd.date_range("2024-01-02 09:00", periods=30, freq="h")
    with pytest.raises(DataError, match=r"macro\.X has one value a day.*lag of 1 day or more"):
        join.as_of(hours, MACRO, 0)
    known = join.as_of(hours, MACRO, 1)
    assert known[day("2024-01-02 15:00")] == MACRO[day("2024-01-01")]
    assert known[day("2024-01-03 11:00")] == MACRO[day("2024-01-01")]  # New York closes at six in Seoul's morning
    assert known[day("2024-01-03 12:00")] == MACRO[day("2024-01-02")]


@given(
    st.lists(st.integers(0, 400), min_size=2, max_size=40, unique=True),
    st.lists(st.integers(0, 400), min_size=1, max_size=40, unique=True),
    st.integers(0, 60),
    st.integers(0, 400),
)
def test_nothing_dated_after_a_session_less_its_lag_is_ever_seen(dates, sessions, lag, cut):
    start = pd.Timestamp("2020-01-01")
    series = pd.Series(np.arange(len(dates), dtype=float), index=start + pd.to_timedelta(sorted(dates), "D"), name="m")
    times = pd.DatetimeIndex(start + pd.to_timedelta(sorted(sessions), "D"))
    known = join.as_of(times, series, lag)
    border = start + pd.Timedelta(days=cut)
    changed = series.where(series.index + pd.Timedelta(days=lag) <= border, series + 1000)
    same = join.as_of(times, changed, lag)
    assert known[times <= border].equals(same[times <= border])


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("yahoo:^VIX@0", join.Join(source="yahoo", name="^VIX", lag=0)),
        ("yahoo:005930.KS#volume", join.Join(source="yahoo", name="005930.KS", column="volume", lag=1)),
        ("sample:WTI@3", join.Join(source="sample", name="WTI", lag=3)),
        (
            "file:0123456789abcdef#Market Cap@30",
            join.Join(source="file", name="0123456789abcdef", column="Market Cap", lag=30),
        ),
    ],
)
def test_entries_are_read_and_written(text: str, made: join.Join):
    assert join.parse(text) == made == join.parse(str(made))


@pytest.mark.parametrize("text", ["WTI", "disk:WTI", "sample:", "sample:WTI@x", "sample:WTI@-1", "sample:WTI@401", ""])
def test_an_entry_that_cannot_be_read_is_refused(text: str):
    with pytest.raises(DataError, match=r"such as yahoo|0 to 400 days"):
        join.parse(text)


def test_a_frame_keeps_its_rows_and_gains_a_column_in_every_symbol():
    table = pd.DataFrame({"close": np.arange(1.0, 16.0)}, index=DAYS)
    frame = build({"A": table, "B": table.iloc[3:]})
    fetched = pd.DataFrame({"open": 1.0, "close": np.arange(15.0)}, index=DAYS)
    made = join.join(frame, entries("sample:WTI", "sample:WTI#open@0"), lambda entry: fetched)
    assert symbols(made.frame) == ("A", "B")
    for name in ("A", "B"):
        assert of_symbol(made.frame, name).index.equals(of_symbol(frame, name).index)
        assert list(of_symbol(made.frame, name).columns) == ["close", "macro.WTI", "macro.WTI.open"]
    assert of_symbol(made.frame, "B")["macro.WTI"].iloc[0] == fetched["close"].iloc[2]
    assert made.notes[0] == ("macro.WTI, from 2024-01-01 to 2024-01-19, counts as known 1 day after its date.")


def test_series_that_do_not_meet_and_names_twice_are_refused():
    frame = build({"A": pd.DataFrame({"close": np.arange(1.0, 16.0)}, index=DAYS)})
    old = pd.DataFrame({"close": [1.0, 2.0]}, index=pd.to_datetime(["1999-01-01", "1999-01-02"]))
    with pytest.raises(DataError, match=r"macro\.WTI runs from 1999-01-01 to 1999-01-02 and A from 2024-01-01"):
        join.join(frame, entries("sample:WTI"), lambda entry: old)
    with pytest.raises(DataError, match=r"macro\.WTI is joined twice"):
        join.join(frame, entries("sample:WTI", "sample:WTI@2"), lambda entry: frame["A"])
    files = tuple(join.parse(f"file:{digit * 16}#close") for digit in "ab")
    made = join.join(frame, files, lambda entry: frame["A"])
    assert list(of_symbol(made.frame, "A").columns) == ["close", "macro.close", "macro.close.bbbb"]
    with pytest.raises(DataError, match="WTI has no column 'low' to join; it has close"):
        join.join(frame, entries("sample:WTI#low"), lambda entry: frame["A"])


def test_a_slow_series_waits_for_its_publication():
    assert join.usual_lag(MACRO.to_frame()) == 1
    assert join.usual_lag(pd.DataFrame({"x": 1.0}, index=pd.date_range("2020-01-01", periods=9, freq="MS"))) == 46


def test_samples_and_uploads_are_joined_through_the_one_door(tmp_path):
    plan = build(
        {"P": pd.DataFrame({"a": 1.0, "b": np.arange(9000.0)}, index=pd.date_range("1999-01-01", periods=9000))}
    )
    digest = uploads.keep(plan, tmp_path / "uploads")
    data = Data(symbols=("SP500",), start="2015-01-01", join=("sample:WTI@1", f"file:{digest}#b@2"))
    made = of_symbol(load.load(data, tmp_path), "SP500")
    assert list(made.columns[-2:]) == ["macro.WTI", "macro.b"] and made["macro.b"].notna().all()
    assert made["macro.b"].iloc[0] == (made.index[0] - pd.Timestamp("1999-01-01")).days - 2
    with pytest.raises(DataError, match="no longer there"):
        load.load(Data(join=("file:../../etc/passwd",)), tmp_path)


def test_headlines_are_joined_and_count_when_they_were_known(tmp_path):
    told = (
        "time,headline\n2015-01-05 15:00,Profit surges\n2015-01-05 17:00,Shares plunge after a profit warning\n"
        "2015-01-07 09:00,Record sales\n"
    )
    digest = headlines.keep(headlines.read(told.encode(), "news.csv"), tmp_path / "uploads")
    made = of_symbol(
        load.load(Data(symbols=("SP500",), start="2015-01-02", end="2015-01-09", join=(f"news:{digest}",)), tmp_path),
        "SP500",
    )
    assert list(made.columns[-3:]) == ["news.mean", "news.count", "news.dispersion"]
    assert made["news.count"].fillna(-1).tolist() == [-1, 1, 1, 1, -1, -1]
    assert made["news.mean"]["2015-01-05"] > 0 > made["news.mean"]["2015-01-06"]
    with pytest.raises(DataError, match="News are joined twice"):
        load.load(Data(join=(f"news:{digest}", f"news:{digest}@2")), tmp_path)
