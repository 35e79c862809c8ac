"""Past covariates are joined as of when they were known, to the day."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import covariates, load
from core.data.frame import build, select_symbol, symbols
from core.data.news import headlines
from core.data.sources import uploads
from core.errors import DataError
from core.spec import Data

DAYS = pd.bdate_range("2024-01-01", periods=15)  # Monday 1 January to Friday 19 January
MACRO = pd.Series(np.arange(15.0), index=DAYS, name="macro.X")


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def entries(*texts: str) -> tuple[covariates.Covariate, ...]:
    return tuple(map(covariates.parse, texts))


def test_a_value_is_known_its_lag_after_its_date():
    known = covariates.as_of(DAYS, MACRO, 1)
    assert np.isnan(known.iloc[0])  # the first value is dated the 1st and known on the 2nd
    assert known[day("2024-01-02")] == MACRO[day("2024-01-01")]
    assert known[day("2024-01-08")] == MACRO[day("2024-01-05")]  # Monday knows Friday's
    assert covariates.as_of(DAYS, MACRO, 0).equals(MACRO)
    late = covariates.as_of(DAYS, MACRO, 5)
    assert late.first_valid_index() == day("2024-01-08") and late[day("2024-01-08")] == MACRO[day("2024-01-03")]


def test_monthly_figures_are_carried_until_the_next_one_but_not_for_ever():
    monthly = pd.Series([1.0, 2.0], index=pd.to_datetime(["2023-11-01", "2023-12-01"]), name="macro.CPI")
    times = pd.date_range("2023-11-01", "2024-06-30")
    known = covariates.as_of(times, monthly, 45)
    assert known.first_valid_index() == day("2023-12-16")
    assert known[day("2024-01-14")] == 1.0 and known[day("2024-01-15")] == 2.0
    assert known.last_valid_index() == day("2023-12-01") + pd.Timedelta(days=3 * 30 + 7 + 45)


def test_daily_values_are_not_known_within_their_day():
    hours = pd.date_range("2024-01-02 09:00", periods=30, freq="h")
    with pytest.raises(DataError, match=r"macro\.X has one value a day.*lag of 1 day or more"):
        covariates.as_of(hours, MACRO, 0)
    known = covariates.as_of(hours, MACRO, 1)
    assert known[day("2024-01-02 15:00")] == MACRO[day("2024-01-01")]
    assert known[day("2024-01-03 11:00")] == MACRO[day("2024-01-01")]  # New York closes at six in Seoul's morning
    assert known[day("2024-01-03 12:00")] == MACRO[day("2024-01-02")]


@given(
    st.lists(st.integers(0, 400), min_size=2, max_size=40, unique=True),
    st.lists(st.integers(0, 400), min_size=1, max_size=40, unique=True),
    st.integers(0, 60),
    st.integers(0, 400),
)
def test_values_that_are_not_yet_known_change_nothing(dates, rows, lag, cut):
    start = pd.Timestamp("2020-01-01")
    series = pd.Series(np.arange(len(dates), dtype=float), index=start + pd.to_timedelta(sorted(dates), "D"), name="m")
    times = pd.DatetimeIndex(start + pd.to_timedelta(sorted(rows), "D"))
    known = covariates.as_of(times, series, lag)
    end = start + pd.Timedelta(days=cut)
    changed = series.where(series.index + pd.Timedelta(days=lag) <= end, series + 1000)
    same = covariates.as_of(times, changed, lag)
    assert known[times <= end].equals(same[times <= end])


@pytest.mark.parametrize(
    ("text", "covariate"),
    [
        ("yahoo:^VIX@0", covariates.Covariate(source="yahoo", name="^VIX", lag=0)),
        ("yahoo:005930.KS#volume", covariates.Covariate(source="yahoo", name="005930.KS", column="volume", lag=1)),
        ("sample:WTI@3", covariates.Covariate(source="sample", name="WTI", lag=3)),
        (
            "file:0123456789abcdef#Market Cap@30",
            covariates.Covariate(source="file", name="0123456789abcdef", column="Market Cap", lag=30),
        ),
    ],
)
def test_entries_are_parsed_and_formatted(text: str, covariate: covariates.Covariate):
    assert covariates.parse(text) == covariate == covariates.parse(str(covariate))


@pytest.mark.parametrize("text", ["WTI", "disk:WTI", "sample:", "sample:WTI@x", "sample:WTI@-1", "sample:WTI@401", ""])
def test_invalid_entries_are_refused(text: str):
    with pytest.raises(DataError, match=r"such as yahoo|0 to 400 days"):
        covariates.parse(text)


def test_joining_keeps_the_rows_and_adds_a_column_to_every_symbol():
    table = pd.DataFrame({"close": np.arange(1.0, 16.0)}, index=DAYS)
    frame = build({"A": table, "B": table.iloc[3:]})
    series = pd.DataFrame({"open": 1.0, "close": np.arange(15.0)}, index=DAYS)
    joined, notes = covariates.join(frame, entries("sample:WTI", "sample:WTI#open@0"), lambda entry: series)
    assert symbols(joined) == ("A", "B")
    for name in ("A", "B"):
        assert select_symbol(joined, name).index.equals(select_symbol(frame, name).index)
        assert list(select_symbol(joined, name).columns) == ["close", "macro.WTI", "macro.WTI.open"]
    assert select_symbol(joined, "B")["macro.WTI"].iloc[0] == series["close"].iloc[2]
    assert len(notes) == 2 and "macro.WTI, from 2024-01-01 to 2024-01-19" in notes[0] and "1 day after" in notes[0]


def test_series_without_common_times_and_repeated_names_are_refused():
    frame = build({"A": pd.DataFrame({"close": np.arange(1.0, 16.0)}, index=DAYS)})
    old = pd.DataFrame({"close": [1.0, 2.0]}, index=pd.to_datetime(["1999-01-01", "1999-01-02"]))
    with pytest.raises(DataError, match=r"macro\.WTI runs from 1999-01-01 to 1999-01-02 and A from 2024-01-01"):
        covariates.join(frame, entries("sample:WTI"), lambda entry: old)
    with pytest.raises(DataError, match=r"macro\.WTI is joined twice"):
        covariates.join(frame, entries("sample:WTI", "sample:WTI@2"), lambda entry: frame["A"])
    files = tuple(covariates.parse(f"file:{digit * 16}#close") for digit in "ab")
    joined, _ = covariates.join(frame, files, lambda entry: frame["A"])
    assert list(select_symbol(joined, "A").columns) == ["close", "macro.close", "macro.close.bbbb"]
    with pytest.raises(DataError, match="WTI has no column 'low' to join; it has close"):
        covariates.join(frame, entries("sample:WTI#low"), lambda entry: frame["A"])


def test_a_monthly_series_has_a_longer_lag():
    assert covariates.suggest_lag(MACRO.to_frame()) == 1
    assert (
        covariates.suggest_lag(pd.DataFrame({"x": 1.0}, index=pd.date_range("2020-01-01", periods=9, freq="MS"))) == 46
    )


def test_samples_and_uploads_are_joined_when_a_recipe_is_loaded(tmp_path):
    plan = build(
        {"P": pd.DataFrame({"a": 1.0, "b": np.arange(9000.0)}, index=pd.date_range("1999-01-01", periods=9000))}
    )
    digest = uploads.save(plan, tmp_path / "uploads")
    data = Data(symbols=("SP500",), start="2015-01-01", join=("sample:WTI@1", f"file:{digest}#b@2"))
    table = select_symbol(load.load(data, tmp_path), "SP500")
    assert list(table.columns[-2:]) == ["macro.WTI", "macro.b"] and table["macro.b"].notna().all()
    assert table["macro.b"].iloc[0] == (table.index[0] - pd.Timestamp("1999-01-01")).days - 2
    with pytest.raises(DataError, match="no longer there"):
        load.load(Data(join=("file:../../etc/passwd",)), tmp_path)


def test_headlines_are_joined_as_of_when_they_were_known(tmp_path):
    text = (
        "time,headline\n2015-01-05 15:00,Profit surges\n2015-01-05 17:00,Shares plunge after a profit warning\n"
        "2015-01-07 09:00,Record sales\n"
    )
    digest = headlines.save(headlines.read(text.encode(), "news.csv"), tmp_path / "uploads")
    table = select_symbol(
        load.load(Data(symbols=("SP500",), start="2015-01-02", end="2015-01-09", join=(f"news:{digest}",)), tmp_path),
        "SP500",
    )
    assert list(table.columns[-3:]) == ["news.mean", "news.count", "news.dispersion"]
    assert table["news.count"].fillna(-1).tolist() == [-1, 1, 1, 1, -1, -1]
    assert table["news.mean"]["2015-01-05"] > 0 > table["news.mean"]["2015-01-06"]
    with pytest.raises(DataError, match="News is joined twice"):
        load.load(Data(join=(f"news:{digest}", f"news:{digest}@2")), tmp_path)
