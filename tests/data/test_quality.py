"""Which issues the quality report finds, and what it does not report."""

import numpy as np
import pandas as pd
import pytest

from core.data.frame import build
from core.data.quality import Issue, describe_steps, find_issues, step_noun
from core.data.sources.samples import load

RNG = np.random.default_rng(0)


def by_kind(table: pd.DataFrame) -> dict[str, Issue]:
    return {issue.kind: issue for issue in find_issues(build({"A": table}))}


def random_walk(index: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame({"close": 100 + RNG.normal(size=len(index)).cumsum() * 0.1}, index=index)


def test_clean_data_has_only_a_summary() -> None:
    issues = by_kind(random_walk(pd.bdate_range("2024-01-01", periods=100)))
    assert list(issues) == ["rows"]
    assert issues["rows"].count == 100 and issues["rows"].column is None
    assert issues["rows"].text == "A has 100 rows and 1 column: every weekday from 2024-01-01 to 2024-05-17."


def test_each_issue_is_reported_with_its_place() -> None:
    table = random_walk(pd.bdate_range("2024-01-01", periods=100)).assign(flat=3.0, sensor=np.arange(100.0))
    table.iloc[[4, 5], 2] = np.nan
    table.iloc[10, 0] = 0.0
    table.iloc[20:32, 0] = 7.0
    issues = by_kind(table.drop(table.index[50:70]))
    assert (issues["missing"].column, issues["missing"].count) == ("sensor", 2)
    assert issues["missing"].times == tuple(table.index[[4, 5]]) and "2 rows (2.5%)" in issues["missing"].text
    assert (issues["nonpositive"].column, issues["nonpositive"].times) == ("close", (table.index[10],))
    assert issues["constant"].column == "flat" and "3 in every row" in issues["constant"].text
    assert issues["stale"].times == (table.index[20],) and "12 rows" in issues["stale"].text
    assert issues["gap"].times == (table.index[49],) and "1 gap" in issues["gap"].text


def test_other_columns_than_prices_may_be_negative_and_nine_equal_values_are_not_stale() -> None:
    index = pd.date_range("2024-01-01", periods=10)
    table = pd.DataFrame({"OT": [-1.0] * 9 + [2.0], "volume": [0.0, *range(9)]}, index=index)
    assert list(by_kind(table)) == ["rows"]


def test_nights_and_weekends_of_intraday_data_are_not_gaps() -> None:
    days = pd.bdate_range("2024-01-01", periods=40)
    index = pd.DatetimeIndex([day + pd.Timedelta(hours=9.5 + at) for day in days for at in range(7)])
    assert list(by_kind(random_walk(index))) == ["rows"]
    with_gap = index[(index < days[10]) | (index >= days[17])]
    assert by_kind(random_walk(with_gap))["gap"].count == 1


def test_a_missing_day_of_round_the_clock_data_is_a_gap() -> None:
    index = pd.date_range("2024-01-01", periods=24 * 40, freq="h")
    issues = by_kind(random_walk(index.delete(range(500, 512))))
    assert issues["gap"].count == 1 and "13 hours" in issues["gap"].text


def test_an_issue_lists_no_more_times_than_a_chart_shows() -> None:
    table = random_walk(pd.date_range("2024-01-01", periods=2500, freq="h")).assign(other=1.0 * (np.arange(2500) % 2))
    table.iloc[:2400, 1] = np.nan
    assert by_kind(table)["missing"].count == 2400 and len(by_kind(table)["missing"].times) == 2000


def test_gaps_and_stale_periods_have_ends() -> None:
    table = random_walk(pd.bdate_range("2024-01-01", periods=100))
    table.iloc[20:32, 0] = 7.0
    issues = by_kind(table.drop(table.index[50:70]))
    assert issues["stale"].ends == (table.index[31],) and issues["gap"].ends == (table.index[70],)
    days = pd.bdate_range("2024-01-01", periods=40)
    index = pd.DatetimeIndex([day + pd.Timedelta(hours=9.5 + at) for day in days for at in range(7)])
    gap = by_kind(random_walk(index[(index < days[10]) | (index >= days[17])]))["gap"]
    assert (gap.times, gap.ends) == ((index[69],), (index[119],))  # the last row of the day before, the first after


def test_a_jump_across_a_gap_is_not_an_outlier() -> None:
    table = random_walk(pd.date_range("2024-01-01", periods=1000, freq="5min"))
    table.iloc[500:, 0] *= 1.2
    assert by_kind(table)["outlier"].times == (table.index[500],)
    assert "outlier" not in by_kind(table.drop(table.index[470:500]))


def test_short_steps_are_given_in_minutes() -> None:
    assert "every 5 minutes" in by_kind(random_walk(pd.date_range("2024-01-01", periods=50, freq="5min")))["rows"].text


def test_days_on_which_the_exchange_was_closed_are_not_reported() -> None:
    closed = load("SP500")  # four days in September 2001, two for a storm, funerals, holidays moved to a Monday
    assert not {"absent", "gap"} & {*by_kind(closed)}
    assert not {"absent", "gap"} & {*by_kind(load("FB"))}  # too short to be recognised, and all its days are New York's


def test_missing_sessions_are_found_among_closures() -> None:
    table = load("AAPL")
    absent = by_kind(table.drop(table.index[1000:1003]))["absent"]
    assert absent.times == tuple(table.index[1000:1003]) and "XNYS, was open" in absent.text
    assert by_kind(table.drop(table.index[1000:1010]))["gap"].count == 1


def test_a_single_row_has_a_summary() -> None:
    assert "1 row " in by_kind(random_walk(pd.bdate_range("2024-01-01", periods=1)))["rows"].text


def test_unadjusted_splits_are_suspected_and_compared_with_the_volume() -> None:
    table = random_walk(pd.bdate_range("2024-01-01", periods=100)).assign(volume=1000.0 + np.arange(100) % 7)
    table.iloc[60:, 0] /= 2
    assert "about 2 to 1 on 2024-03-25, though the volume does not" in by_kind(table)["split"].text
    table.iloc[60:, 1] *= 2
    split = by_kind(table)["split"]
    assert (split.count, split.times) == (1, (table.index[60],)) and "and the volume changes with it" in split.text
    table.iloc[30:, 0] *= 10
    assert "on 2 days, first about 1 to 10" in by_kind(table)["split"].text
    table = random_walk(table.index)
    table.iloc[60:, 0] *= 0.72  # a bad day, not a split
    assert "split" not in by_kind(table) and "outlier" in by_kind(table)


def test_outliers_are_large_changes_of_logs_or_of_values() -> None:
    table = random_walk(pd.bdate_range("2024-01-01", periods=200)).assign(sensor=RNG.normal(size=200))
    table.iloc[50, 0] *= 1.3
    table.iloc[119:122, 1] = 0.0, 40.0, 1.0
    outliers = [issue for issue in find_issues(build({"A": table})) if issue.kind == "outlier"]
    assert [issue.column for issue in outliers] == ["close", "sensor"]
    assert [issue.times for issue in outliers] == [tuple(table.index[50:52]), tuple(table.index[120:122])]
    assert "on 2024-06-17" in outliers[1].text


def test_outliers_of_the_close_are_not_repeated_for_open_high_low_and_volume() -> None:
    table = random_walk(pd.bdate_range("2024-01-01", periods=200))
    table.iloc[50, 0] *= 1.3
    table["high"] = table["close"] + 0.1
    assert sum(issue.kind == "outlier" for issue in find_issues(build({"A": table}))) == 1


def test_missing_weekdays_are_counted_and_weekends_are_not() -> None:
    days = pd.bdate_range("2024-01-01", periods=100)
    absent = by_kind(random_walk(days.delete([20, 41])))["absent"]
    assert absent.times == (days[20], days[41]) and "2 days (2.0%)" in absent.text
    yearly = pd.bdate_range("2015-01-01", "2024-06-28")
    assert "absent" not in by_kind(random_walk(yearly[(yearly.month != 12) | (yearly.day != 24)]))


def test_the_summary_gives_the_frequency_in_words() -> None:
    words = {
        "B": "every weekday",
        "D": "every day",
        "W-FRI": "weekly",
        "ME": "monthly",
        "QE": "quarterly",
        "YE": "yearly",
        "h": "every hour",
    }
    for freq, word in words.items():
        index = pd.date_range("2000-01-03", periods=30, freq=freq)
        assert f"30 rows and 1 column: {word} from" in by_kind(random_walk(index))["rows"].text
    for weekmask, word in (("Sun Mon Tue Wed Thu", "Sunday to Thursday"), ("1111110", "Monday to Saturday")):
        index = pd.bdate_range("2000-01-03", periods=30, freq="C", weekmask=weekmask)
        assert f"30 rows and 1 column: {word} from" in by_kind(random_walk(index))["rows"].text


@pytest.mark.parametrize(
    ("frequency", "noun", "words"),
    [
        ("B", "day", "3 days"),
        ("D", "day", "3 days"),
        ("W", "week", "3 weeks"),
        ("MS", "month", "3 months"),
        ("QS", "quarter", "3 quarters"),
        ("YS", "year", "3 years"),
        ("h", "hour", "3 hours"),
        ("min", "minute", "3 minutes"),
        ("5min", "step", "3 steps of 5 minutes"),
        ("2D", "step", "3 steps of 2 days"),
    ],
)
def test_a_step_is_called_by_the_frequency_of_the_series(frequency, noun, words):
    index = pd.date_range("2020-01-01", periods=40, freq=frequency)
    assert (step_noun(index), describe_steps(index, 3)) == (noun, words)
