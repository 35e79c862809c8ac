"""The next times continue the past pattern: weekdays, holidays, hours and months."""

import pandas as pd
import pytest

from core.data.calendars import is_round_the_clock, typical_step, weekdays
from core.data.exchanges import find_exchange
from core.data.future_times import next_times
from core.data.sources.samples import load
from core.errors import DataError


def bars(first: str, last: str) -> pd.DatetimeIndex:
    """Hourly bars of New York, 9:30 to 15:30 on weekdays."""
    clock = pd.to_timedelta(9.5 + pd.RangeIndex(7).to_numpy(), unit="h")
    return pd.DatetimeIndex([day + at for day in pd.bdate_range(first, last) for at in clock])


def test_weekday_data_continues_with_weekdays() -> None:
    friday = pd.bdate_range("2024-01-01", "2024-03-15")
    assert list(next_times(friday, 6)) == list(pd.bdate_range("2024-03-18", periods=6))
    assert weekdays(friday) == (0, 1, 2, 3, 4)


def test_a_single_saturday_does_not_make_saturdays_regular() -> None:
    days = pd.bdate_range("2024-01-01", "2024-03-15").union(pd.DatetimeIndex(["2024-03-02"]))
    assert next_times(days, 1)[0] == pd.Timestamp("2024-03-18")


def test_seven_day_data_continues_with_every_day() -> None:
    days = pd.date_range("2024-01-01", "2024-03-15")
    assert list(next_times(days, 9)) == list(pd.date_range("2024-03-16", periods=9))


def test_one_week_of_weekdays_continues_with_weekdays() -> None:
    assert next_times(pd.date_range("2024-01-01", "2024-01-05"), 1)[0] == pd.Timestamp("2024-01-08")


def test_sunday_to_thursday_weeks_continue() -> None:
    days = pd.date_range("2024-01-01", "2024-03-14")
    days = days[days.dayofweek.isin([6, 0, 1, 2, 3])]
    assert next_times(days, 1)[0] == pd.Timestamp("2024-03-17")


def test_holidays_of_every_year_are_left_out() -> None:
    ahead = next_times(load("SP500").index, 252)
    closed = pd.bdate_range("2019-01-01", ahead[-1]).difference(ahead)
    assert [f"{day:%m-%d}" for day in closed if day.year == 2019] == [
        "01-01",
        "01-21",
        "02-18",
        "04-19",
        "05-27",
        "07-04",
        "09-02",
        "11-28",
        "12-25",
    ]  # as the NYSE closed in 2019


def test_a_series_with_many_missing_days_has_no_holidays() -> None:
    days = pd.bdate_range("2015-01-01", "2024-03-15")
    sparse = days[[(7 * at) % 10 < 7 for at in range(len(days))]]
    assert list(next_times(sparse, 260)) == list(pd.bdate_range(sparse[-1] + pd.Timedelta(days=1), periods=260))


def test_intraday_data_keeps_its_hours_and_weekdays() -> None:
    index = bars("2024-01-02", "2024-03-15")
    assert list(next_times(index, 14)) == list(bars("2024-03-18", "2024-03-19"))
    assert list(next_times(index[:-2], 3)) == [*index[-2:], pd.Timestamp("2024-03-18 09:30")]


def test_three_days_of_intraday_data_are_enough() -> None:
    index = bars("2024-01-03", "2024-01-05")
    assert list(next_times(index, 7)) == list(bars("2024-01-08", "2024-01-08"))


def test_currency_hours_pause_from_friday_to_sunday() -> None:
    index = pd.date_range("2024-01-01", "2024-03-15 16:00", freq="h")
    closed_T = (
        (index.dayofweek == 5)
        | ((index.dayofweek == 6) & (index.hour < 17))
        | ((index.dayofweek == 4) & (index.hour >= 17))
    )
    index = index[~closed_T]
    assert not is_round_the_clock(index)
    assert list(next_times(index, 2)) == [pd.Timestamp("2024-03-17 17:00"), pd.Timestamp("2024-03-17 18:00")]


def test_round_the_clock_data_continues_by_its_step_whatever_its_phase() -> None:
    index = pd.date_range("2024-01-01 00:00", periods=3000, freq="5min").append(
        pd.date_range("2024-01-11 12:02", periods=6000, freq="5min")
    )
    assert is_round_the_clock(index)
    assert list(next_times(index, 2)) == [index[-1] + pd.Timedelta(minutes=5), index[-1] + pd.Timedelta(minutes=10)]


@pytest.mark.parametrize("freq", ["W-FRI", "10D", "MS", "ME", "BME", "BMS", "QS", "QE", "YS", "YE"])
def test_sparse_data_keeps_its_step(freq: str) -> None:
    index = pd.date_range("2020-01-02", periods=60, freq=freq)
    assert list(next_times(index[:40], 20)) == list(index[40:])


@pytest.mark.parametrize("count", [0, 1, 720])
def test_the_count_is_exact_sorted_and_after_the_last_time(count: int) -> None:
    for index in (
        pd.bdate_range("2020-01-01", "2024-03-15"),
        bars("2024-01-02", "2024-03-15"),
        pd.date_range("2020-01-31", periods=20, freq="ME"),
        pd.date_range("2024-01-01", periods=2),
    ):
        ahead = next_times(index, count)
        assert len(ahead) == count and ahead.is_monotonic_increasing and ahead.is_unique and ahead.name == "time"
        assert ahead.equals(next_times(index, count)) and (count == 0 or ahead[0] > index[-1])


def test_too_few_rows_and_too_far_a_future_are_refused() -> None:
    with pytest.raises(DataError, match="1 row cannot show the time step"):
        typical_step(pd.DatetimeIndex(["2024-01-01"]))
    with pytest.raises(DataError, match="pass the year 2262"):
        next_times(pd.date_range("2000-12-31", periods=20, freq="YE"), 720)


def test_an_exchange_is_recognised_by_its_sessions_and_its_calendar_is_used() -> None:
    index = load("SP500").index
    assert find_exchange(index) == "XNYS"
    ahead = next_times(index[index <= "2018-11-30"], 4)
    assert [f"{day:%m-%d}" for day in ahead] == ["12-03", "12-04", "12-06", "12-07"]  # a day of mourning between
    assert find_exchange(index[-20:-10]) is None  # without a holiday


def test_other_patterns_follow_no_exchange() -> None:
    every = pd.bdate_range("2015-01-01", "2018-12-31")
    assert find_exchange(every) is None and find_exchange(pd.date_range("2015-01-01", "2018-12-31")) is None
    assert find_exchange(every + pd.Timedelta(hours=16)) is None
    irregular = every[(every.day != 13)]  # closed on every thirteenth
    assert find_exchange(irregular) is None
