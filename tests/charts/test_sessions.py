"""Which times a date axis leaves out, and that only closed ones are."""

import time

import numpy as np
import pandas as pd
import pytest

from core.charts import sessions
from core.data.sources import samples

NYSE = pd.bdate_range("2018-11-01", "2019-03-29").difference(
    pd.DatetimeIndex(["2018-11-22", "2018-12-05", "2018-12-25", "2019-01-01", "2019-01-21", "2019-02-18"])
)


def intraday(days, minutes, count, opens=570):
    return pd.DatetimeIndex([day + pd.Timedelta(minutes=opens + minutes * k) for day in days for k in range(count)])


def test_days_of_an_exchange_leave_out_weekends_and_holidays():
    weekend, holidays = sessions.closed_times(NYSE.to_numpy())
    assert weekend == {"bounds": ["sat", "mon"]}
    assert holidays == {"values": ["2018-11-22", "2018-12-05", "2018-12-25", "2019-01-01", "2019-01-21", "2019-02-18"]}


def test_the_order_of_the_times_and_repeated_ones_do_not_matter():
    shuffled = np.random.default_rng(0).permutation(np.repeat(NYSE.to_numpy(), 2))
    assert sessions.closed_times(shuffled) == sessions.closed_times(NYSE.to_numpy())


def test_an_exchange_that_rests_on_friday_and_saturday_has_that_weekend():
    days = pd.date_range("2020-01-01", periods=100)
    assert sessions.closed_times(days[~days.dayofweek.isin([4, 5])].to_numpy()) == [{"bounds": ["fri", "sun"]}]


@pytest.mark.parametrize("freq", ["D", "h", "5min", "W", "MS", "YS"])
def test_a_series_without_closing_times_has_no_breaks(freq):
    assert sessions.closed_times(pd.date_range("2000-01-01", periods=200, freq=freq).to_numpy()) == []


def test_a_missing_day_of_a_series_without_weekends_stays_visible():
    days = pd.date_range("2020-01-01", periods=100).delete([17, 40, 41])
    assert sessions.closed_times(days.to_numpy()) == []


def test_a_long_hole_in_the_days_of_an_exchange_stays_visible():
    days = pd.bdate_range("2015-01-01", "2019-12-31")
    hole = days[(days >= "2017-03-01") & (days <= "2017-03-31")]
    assert sessions.closed_times(days.difference(hole).to_numpy()) == [{"bounds": ["sat", "mon"]}]


def test_five_minutes_of_an_exchange_leave_out_nights_too():
    night, weekend, holidays = sessions.closed_times(intraday(NYSE[:40], 5, 78).to_numpy())
    assert night == {"pattern": "hour", "bounds": [16.0, 9.5]}
    assert weekend == {"bounds": ["sat", "mon"]}
    assert holidays["values"][0] == "2018-11-22"


def test_a_session_over_midnight_leaves_out_the_hour_between():
    times = intraday(pd.date_range("2020-01-06", periods=40), 30, 46, opens=18 * 60)
    assert sessions.closed_times(times.to_numpy()) == [{"pattern": "hour", "bounds": [17.0, 18.0]}]


def test_a_gap_of_a_sensor_in_a_short_window_is_no_night():
    times = pd.date_range("2020-01-06 10:00", periods=300, freq="5min")
    assert sessions.closed_times(times.delete(range(100, 150)).to_numpy()) == []


def test_no_observed_time_is_ever_left_out():
    for name in ("SP500", "WTI", "VIX", "FLIGHTS", "GLUCOSE", "COMMITS"):
        index = pd.DatetimeIndex(samples.load(name).index)[-3000:]
        for closed in sessions.closed_times(index.to_numpy()):
            if "values" in closed:
                assert not index.normalize().isin(pd.DatetimeIndex(closed["values"])).any(), name
            elif "pattern" not in closed:
                assert closed["bounds"] == ["sat", "mon"], name
                assert (index.dayofweek < 5).all(), name


def test_it_is_quick_and_small_for_long_series():
    index = samples.load("SP500").index.to_numpy()
    began = time.process_time()
    breaks = [sessions.closed_times(index[-count:]) for count in (3000, len(index))]
    assert time.process_time() - began < 0.1
    assert all(len(part.get("values", [])) <= sessions.MAX_HOLIDAYS for found in breaks for part in found)
    assert 100 < len(breaks[0][1]["values"]) < 120
