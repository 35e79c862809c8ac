"""Forecast dates against exchange_calendars itself: of daily files of three lengths, and of intraday bars."""

import time
import warnings
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data import exchange_table, exchanges
from core.data.future_times import choose_reading, describe_calendar, next_times
from core.errors import SpecError
from core.spec import Spec, assign, with_values

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import exchange_calendars

CODES = (
    *("XNYS", "XTSE", "BVMF", "XMEX", "XBUE", "XSGO", "XLIM", "XLON", "XDUB", "XETR", "XPAR", "XAMS", "XBRU", "XLIS"),
    *("XMAD", "XMIL", "XSWX", "XWBO", "XSTO", "XCSE", "XHEL", "XOSL", "XICE", "XWAR", "XPRA", "XBUD", "ASEX", "XIST"),
    *("XTAE", "XJSE", "XTKS", "XKRX", "XHKG", "XSHG", "XTAI", "XSES", "XKLS", "XBKK", "XIDX", "XPHS", "XBOM", "XASX"),
    *("XNZE",),
)
BEFORE = {  # the last row, before closed days
    "XNYS": "2026-11-25", "XKRX": "2026-02-13", "XSHG": "2026-09-30", "XTAI": "2026-02-11", "XTKS": "2026-04-28",
    "XHKG": "2026-02-16", "XBOM": "2026-11-06", "XTAE": "2026-09-18", "XIST": "2026-05-25",
}  # fmt: skip


@cache
def calendar(code: str, first: str = "2015-01-01", last: str = "2026-12-31") -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return exchange_calendars.get_calendar(code, start=first, end=last)


def days(code: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(calendar(code).sessions).tz_localize(None)


def bars(code: str, first: str, last: str, minutes: int, utc: bool = False) -> pd.DatetimeIndex:
    """Bars from each open to each close of the calendar, without those in a break of trade."""
    found = []
    schedule = calendar(code).schedule[first:last]
    for _, row in schedule.iterrows():
        times = pd.date_range(row["open"], row["close"], freq=f"{minutes}min", inclusive="left")
        if pd.notna(row["break_start"]):
            times = times[(times < row["break_start"]) | (times >= row["break_end"])]
        found.append(times)
    index = found[0].append(found[1:])
    return (index if utc else index.tz_convert(calendar(code).tz)).tz_localize(None)


@pytest.mark.parametrize("rows", [30, 250, 2500])
@pytest.mark.parametrize("code", CODES)
def test_daily_files_continue_with_the_sessions_of_their_exchange(code: str, rows: int) -> None:
    sessions = days(code)
    at = int(sessions.searchsorted(pd.Timestamp(BEFORE.get(code, "2026-04-01")), side="right"))
    past, ahead = sessions[max(0, at - rows) : at], list(sessions[at : at + 10])
    assert list(next_times(past, 10, calendar=code)) == ahead
    reading, fitting = choose_reading(past, 10)
    assert reading is not None or (rows == 30 and (not fitting or len(fitting) > 1))
    assert reading is None or list(next_times(past, 10)) == ahead


@pytest.mark.parametrize(
    ("code", "first", "last", "minutes", "utc"),
    [
        ("XNYS", "2026-05-01", "2026-11-25", 60, False),
        ("XNYS", "2026-05-01", "2026-11-25", 30, True),  # the clock went back on 1 November
        ("XNYS", "2025-09-01", "2026-03-06", 15, True),  # and forward on 8 March
        ("XLON", "2026-03-02", "2026-12-22", 60, True),
        ("XETR", "2025-10-01", "2026-03-31", 30, True),
        ("XKRX", "2025-08-01", "2026-02-13", 30, False),
        ("XTKS", "2026-01-05", "2026-04-28", 15, False),
        ("XHKG", "2025-09-01", "2026-02-13", 60, True),  # half a day before the New Year
        ("XASX", "2026-05-01", "2026-12-22", 60, True),
        ("XTSE", "2026-05-01", "2026-12-22", 5, False),
    ],
)
def test_intraday_bars_continue_within_the_sessions(code: str, first: str, last: str, minutes: int, utc: bool) -> None:
    past = bars(code, first, last, minutes, utc)
    after = bars(code, last, "2026-12-31", minutes, utc)
    after = after[after > past[-1]]
    ten = after[after.normalize().isin(after.normalize().unique()[:10])]
    assert list(next_times(past, len(ten), calendar=code)) == list(ten)
    reading, _ = choose_reading(past, len(ten))
    assert reading is not None and reading.utc == utc
    assert list(next_times(past, len(ten))) == list(ten)


def test_thanksgiving_and_seollal_are_left_out() -> None:
    us = days("XNYS")
    ahead = next_times(us[(us > "2025-11-24") & (us <= "2026-11-25")], 2)
    assert [f"{day:%m-%d}" for day in ahead] == ["11-27", "11-30"]
    korea = days("XKRX")
    ahead = next_times(korea[(korea > "2025-01-01") & (korea <= "2026-02-13")], 2)
    assert [f"{day:%m-%d}" for day in ahead] == ["02-19", "02-20"]
    hours = next_times(bars("XNYS", "2026-06-01", "2026-11-25", 60), 5)
    assert [f"{at:%m-%d %H:%M}" for at in hours] == [
        "11-27 09:30", "11-27 10:30", "11-27 11:30", "11-27 12:30", "11-30 09:30",
    ]  # fmt: skip


def test_the_suffix_of_a_ticker_names_the_exchange_of_a_short_file() -> None:
    korea = days("XKRX")
    past = korea[(korea > "2026-01-02") & (korea <= "2026-02-13")]
    assert choose_reading(past, 5) == (None, ())
    assert exchanges.listing("005930.KS") == "XKRX" and exchanges.listing("AAPL") is None
    assert next_times(past, 1, listed="XKRX")[0] == pd.Timestamp("2026-02-19")
    every = pd.bdate_range("2025-01-01", "2026-02-13")
    assert choose_reading(every, 5, listed="XKRX")[0] is None  # it trades on the holidays of Seoul
    assert {*exchanges.LISTINGS.values()} <= {*exchange_table.table().codes}


def test_no_calendar_is_claimed_for_other_series() -> None:
    rng = np.random.default_rng(0)
    every = pd.bdate_range("2022-01-01", "2026-11-25")
    series = [every[-30:], every[-250:], every, pd.date_range("2025-01-01", "2026-11-25"), every + pd.Timedelta("16h")]
    series += [every[np.sort(rng.choice(len(every), len(every) - 40, replace=False))][-rows:] for rows in (250, 1000)]
    series += [pd.date_range("2026-01-01", "2026-06-01", freq="h"), pd.date_range("2020-01-01", periods=50, freq="W")]
    weekly = pd.date_range("2026-01-01", "2026-06-01", freq="h")
    series.append(weekly[(weekly.dayofweek < 5) & (weekly.hour < 23)])
    assert [choose_reading(index, 10)[0] for index in series] == [None] * len(series)


def test_where_several_calendars_fit_and_differ_only_days_closed_in_all_are_left_out() -> None:
    paris = days("XPAR")  # in this year Frankfurt, Paris and Madrid had the same sessions up to here
    past = paris[paris <= "2025-12-23"][-250:]
    reading, fitting = choose_reading(past, 10)
    assert reading is None and {"XPAR", "XETR"} <= {fit.code for fit in fitting}
    closed = pd.DatetimeIndex(["2025-12-25", "2025-12-26", "2026-01-01"])
    assert not next_times(past, 10).isin(closed).any()
    assert "differ on the next sessions (XETR, XPAR" in describe_calendar(past, 10, None, None)
    assert list(next_times(past, 10, listed="XPAR")) == list(paris[paris > past[-1]][:10])


def test_a_share_that_was_suspended_keeps_its_exchange() -> None:
    sessions = days("XLON")
    past = sessions[sessions <= "2026-04-02"][-250:].delete([40, 41, 42])
    assert exchanges.find_exchange(past) == "XLON"
    assert next_times(past, 1)[0] == pd.Timestamp("2026-04-07")


def test_given_calendars_of_the_whole_day() -> None:
    every = pd.bdate_range("2026-01-01", "2026-05-29")
    assert list(next_times(every, 3, calendar="24/7")) == list(pd.date_range("2026-05-30", periods=3))
    assert next_times(every, 1, calendar="24/5")[0] == pd.Timestamp("2026-06-01")
    us = days("XNYS")
    us = us[us <= "2026-11-25"][-250:]
    assert next_times(us, 1, calendar="none")[0] == pd.Timestamp("2026-11-26")
    assert next_times(us, 1, calendar="NASDAQ")[0] == pd.Timestamp("2026-11-27")


def test_bars_of_futures_follow_their_night_sessions() -> None:
    past = bars("CMES", "2026-06-01", "2026-11-25", 60)
    after = bars("CMES", "2026-11-26", "2026-12-04", 60)
    assert list(next_times(past, 60, calendar="CMES")) == list(after[:60])


@pytest.mark.parametrize("places", [(1, 15), (15, 31), (10, 20, 31), (1, 11, 21)])
def test_semi_monthly_and_ten_day_series_keep_their_days_of_the_month(places: tuple[int, ...]) -> None:
    months = pd.date_range("2024-01-01", "2026-12-01", freq="MS")
    times = pd.DatetimeIndex([m + pd.Timedelta(days=min(p, m.days_in_month) - 1) for m in months for p in places])
    for end in (30, 31, 32, 33):
        assert list(next_times(times[:end], 20)) == list(times[end : end + 20])


def test_recognising_takes_well_under_a_second() -> None:
    daily, hourly = days("XKRX"), bars("XKRX", "2025-08-01", "2026-02-13", 30)
    exchange_table.table()
    for index in (daily, daily[-250:], hourly):
        begin = time.process_time()
        assert exchanges.find_exchange(index) == "XKRX"
        assert time.process_time() - begin < 1.0


def test_the_field_takes_every_calendar_and_says_what_it_does_not_take() -> None:
    for name in exchange_calendars.get_calendar_names():
        assert with_values(Spec(), {"data.calendar": name}).data.calendar == name
    assert assign(Spec(), ["data.calendar=none"]).data.calendar == "none"
    assert assign(Spec(), ["data.calendar="]).data.calendar is None
    with pytest.raises(SpecError, match=r"data.calendar is one of none, 24/5, .*; got 'XKRS'. Did you mean .*XKRX"):
        assign(Spec(), ["data.calendar=XKRS"])


@pytest.mark.parametrize("code", ["XNYS", "XLON", "CMES", "XSAU"])
def test_the_stored_sessions_are_those_of_the_library(code: str) -> None:
    known, fresh = exchange_table.table(), exchange_table.build((code,))
    e = known.codes.index(code)
    assert {*known.codes, *known.alias} == {*exchange_calendars.get_calendar_names()}
    assert np.array_equal(np.packbits(known.open_ED[e]), fresh["open"][0])
    assert np.array_equal(known.hours_ER2[e], fresh["hours"][0]) and known.zones[e] == fresh["zones"][0]
    assert (known.first_E[e], known.last_E[e]) == (fresh["first"][0], fresh["last"][0])
