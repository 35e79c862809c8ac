"""What the quality report finds, and what it does not take for a finding."""

import numpy as np
import pandas as pd

from core.data.frame import build
from core.data.quality import Issue, report
from core.data.sources.samples import load

RNG = np.random.default_rng(0)


def found(table: pd.DataFrame) -> dict[str, Issue]:
    return {issue.kind: issue for issue in report(build({"A": table}))}


def walk(index: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame({"close": 100 + RNG.normal(size=len(index)).cumsum() * 0.1}, index=index)


def test_clean_data_gets_its_summary_alone() -> None:
    issues = found(walk(pd.bdate_range("2024-01-01", periods=100)))
    assert list(issues) == ["rows"]
    assert issues["rows"].count == 100 and issues["rows"].column is None
    assert issues["rows"].text == "A has 100 sessions, every weekday, from 2024-01-01 to 2024-05-17 and 1 column."


def test_each_fault_is_named_with_its_place() -> None:
    table = walk(pd.bdate_range("2024-01-01", periods=100)).assign(flat=3.0, sensor=np.arange(100.0))
    table.iloc[[4, 5], 2] = np.nan
    table.iloc[10, 0] = 0.0
    table.iloc[20:32, 0] = 7.0
    issues = found(table.drop(table.index[50:70]))
    assert (issues["missing"].column, issues["missing"].count) == ("sensor", 2)
    assert issues["missing"].times == tuple(table.index[[4, 5]]) and "2 rows (2.5%)" in issues["missing"].text
    assert (issues["nonpositive"].column, issues["nonpositive"].times) == ("close", (table.index[10],))
    assert issues["constant"].column == "flat" and "3 in every row" in issues["constant"].text
    assert issues["stale"].times == (table.index[20],) and "12 rows" in issues["stale"].text
    assert issues["gap"].times == (table.index[49],) and "1 gap" in issues["gap"].text


def test_a_column_outside_prices_may_be_negative_and_nine_equal_values_are_no_stale_run() -> None:
    index = pd.date_range("2024-01-01", periods=10)
    table = pd.DataFrame({"OT": [-1.0] * 9 + [2.0], "volume": [0.0, *range(9)]}, index=index)
    assert list(found(table)) == ["rows"]


def test_nights_and_weekends_of_intraday_data_are_no_gaps() -> None:
    days = pd.bdate_range("2024-01-01", periods=40)
    index = pd.DatetimeIndex([day + pd.Timedelta(hours=9.5 + at) for day in days for at in range(7)])
    assert list(found(walk(index))) == ["rows"]
    holed = index[(index < days[10]) | (index >= days[17])]
    assert found(walk(holed))["gap"].count == 1


def test_a_missing_day_of_round_the_clock_data_is_a_gap() -> None:
    index = pd.date_range("2024-01-01", periods=24 * 40, freq="h")
    issues = found(walk(index.delete(range(500, 512))))
    assert issues["gap"].count == 1 and "13.0 hours" in issues["gap"].text


def test_times_are_kept_for_a_chart_and_no_more() -> None:
    table = walk(pd.date_range("2024-01-01", periods=2500, freq="h")).assign(other=1.0 * (np.arange(2500) % 2))
    table.iloc[:2400, 1] = np.nan
    assert found(table)["missing"].count == 2400 and len(found(table)["missing"].times) == 2000


def test_stretches_say_where_they_end() -> None:
    table = walk(pd.bdate_range("2024-01-01", periods=100))
    table.iloc[20:32, 0] = 7.0
    issues = found(table.drop(table.index[50:70]))
    assert issues["stale"].ends == (table.index[31],) and issues["gap"].ends == (table.index[70],)
    days = pd.bdate_range("2024-01-01", periods=40)
    index = pd.DatetimeIndex([day + pd.Timedelta(hours=9.5 + at) for day in days for at in range(7)])
    gap = found(walk(index[(index < days[10]) | (index >= days[17])]))["gap"]
    assert (gap.times, gap.ends) == ((index[69],), (index[119],))  # the last row of the day before, the first after


def test_a_jump_across_a_gap_is_no_outlier() -> None:
    table = walk(pd.date_range("2024-01-01", periods=1000, freq="5min"))
    table.iloc[500:, 0] *= 1.2
    assert found(table)["outlier"].times == (table.index[500],)
    assert "outlier" not in found(table.drop(table.index[470:500]))


def test_the_step_of_fine_series_is_told_in_minutes() -> None:
    assert "every 5 minutes" in found(walk(pd.date_range("2024-01-01", periods=50, freq="5min")))["rows"].text


def test_days_on_which_the_exchange_was_closed_are_no_finding() -> None:
    closed = load("SP500")  # four days in September 2001, two for a storm, funerals, holidays moved to a Monday
    assert not {"absent", "gap"} & {*found(closed)}
    assert not {"absent", "gap"} & {*found(load("FB"))}  # too short to be recognised, and all its days are New York's


def test_a_session_that_is_missing_among_closures_is_found() -> None:
    table = load("AAPL")
    absent = found(table.drop(table.index[1000:1003]))["absent"]
    assert absent.times == tuple(table.index[1000:1003]) and "XNYS, was open" in absent.text
    assert found(table.drop(table.index[1000:1010]))["gap"].count == 1


def test_one_row_is_enough_for_a_summary() -> None:
    assert "1 session " in found(walk(pd.bdate_range("2024-01-01", periods=1)))["rows"].text


def test_an_unadjusted_split_is_suspected_and_the_volume_is_asked() -> None:
    table = walk(pd.bdate_range("2024-01-01", periods=100)).assign(volume=1000.0 + np.arange(100) % 7)
    table.iloc[60:, 0] /= 2
    assert "about 2 to 1 on 2024-03-25, though the volume does not" in found(table)["split"].text
    table.iloc[60:, 1] *= 2
    split = found(table)["split"]
    assert (split.count, split.times) == (1, (table.index[60],)) and "and the volume changes with it" in split.text
    table.iloc[30:, 0] *= 10
    assert "on 2 days, first about 1 to 10" in found(table)["split"].text
    table = walk(table.index)
    table.iloc[60:, 0] *= 0.72  # a bad day, no split
    assert "split" not in found(table) and "outlier" in found(table)


def test_outliers_are_changes_of_logs_or_of_values_with_their_dates() -> None:
    table = walk(pd.bdate_range("2024-01-01", periods=200)).assign(sensor=RNG.normal(size=200))
    table.iloc[50, 0] *= 1.3
    table.iloc[119:122, 1] = 0.0, 40.0, 1.0
    made = [issue for issue in report(build({"A": table})) if issue.kind == "outlier"]
    assert [issue.column for issue in made] == ["close", "sensor"]
    assert [issue.times for issue in made] == [tuple(table.index[50:52]), tuple(table.index[120:122])]
    assert "on 2024-06-17" in made[1].text


def test_open_high_low_and_volume_are_not_told_twice() -> None:
    table = walk(pd.bdate_range("2024-01-01", periods=200))
    table.iloc[50, 0] *= 1.3
    table["high"] = table["close"] + 0.1
    assert sum(issue.kind == "outlier" for issue in report(build({"A": table}))) == 1


def test_absent_weekdays_are_counted_and_weekends_are_not() -> None:
    days = pd.bdate_range("2024-01-01", periods=100)
    absent = found(walk(days.delete([20, 41])))["absent"]
    assert absent.times == (days[20], days[41]) and "2 days (2.0%)" in absent.text
    yearly = pd.bdate_range("2015-01-01", "2024-06-28")
    assert "absent" not in found(walk(yearly[(yearly.month != 12) | (yearly.day != 24)]))


def test_the_summary_says_the_frequency_in_words() -> None:
    words = {
        "B": "every weekday",
        "D": "every day",
        "W-FRI": "weekly",
        "ME": "monthly",
        "QE": "quarterly",
        "YE": "yearly",
        "h": "every 1.0 hours",
    }
    for freq, word in words.items():
        index = pd.date_range("2000-01-03", periods=30, freq=freq)
        assert f"30 sessions, {word}, from" in found(walk(index))["rows"].text
