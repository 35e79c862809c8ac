"""Which seasons are found in a series, and that patterns never look ahead."""

import numpy as np
import pandas as pd
import pytest

from core.datasets import seasons
from core.types import Floats


def named(value_T: Floats, index: pd.DatetimeIndex) -> list[tuple[str, int]]:
    return [(season.name, season.rows) for season in seasons.find(value_T, index.to_numpy())]


def daily_and_weekly(rows: int, seed: int = 0) -> tuple[Floats, Floats]:
    """The day and week patterns of an hourly series, and standard normal noise."""
    hour, noise_T = np.arange(rows), np.random.default_rng(seed).normal(size=rows)
    day_T = 5 * np.sin(2 * np.pi * hour / 24) + 2 * np.cos(4 * np.pi * hour / 24)
    week_T = np.array([0, 1, 1, 0.5, 0, -4, -5])[hour // 24 % 7] * (1 + 0.3 * np.sin(2 * np.pi * hour / 24))
    return day_T + week_T, noise_T


def test_hours_have_a_day_and_a_week() -> None:
    (pattern_T, noise_T), index = daily_and_weekly(3000), pd.date_range("2020-01-01", periods=3000, freq="h")
    assert named(pattern_T + noise_T, index) == [("day", 24), ("week", 168)]
    day_T = 5 * np.sin(2 * np.pi * np.arange(3000) / 24)
    assert named(day_T + noise_T, index) == [("day", 24)]  # a week repeats as well, but adds nothing
    assert named(pattern_T - day_T + np.cumsum(noise_T) / 3, index)[-1] == ("week", 168)


def test_half_hours_and_hours_of_an_exchange_have_their_own_rows() -> None:
    noise_T = np.random.default_rng(0).normal(size=2800)
    half_hours = pd.date_range("2020-01-01", periods=2800, freq="30min")
    assert named(3 * np.sin(2 * np.pi * np.arange(2800) / 48) + noise_T, half_hours) == [("day", 48)]
    exchange = pd.DatetimeIndex(
        [day + pd.Timedelta(hours=9.5 + k) for day in pd.bdate_range("2020-01-01", periods=400) for k in range(7)]
    )
    assert named(np.tile([3.0, 1, 0, 0, 0, 1, 2], 400) + noise_T, exchange) == [("day", 7)]


def test_days_have_a_week_and_a_year() -> None:
    day, noise_T = np.arange(3000), np.random.default_rng(0).normal(size=3000)
    year_T = 5 * np.sin(2 * np.pi * day / 365.25)
    index = pd.date_range("2010-01-01", periods=3000)
    assert named(year_T + 2 * (day % 7 == 0) + noise_T, index) == [("week", 7), ("year", 365)]
    assert named(year_T + noise_T, index) == [("year", 365)]


def test_months_quarters_and_weeks_have_a_year() -> None:
    month, noise_T = np.arange(144), np.random.default_rng(0).normal(size=600)
    passengers_T = np.exp(4.8 + 0.01 * month + 0.2 * np.sin(2 * np.pi * month / 12) + 0.03 * noise_T[:144])
    for start, freq in (("1949-01-01", "MS"), ("1949-01-31", "ME")):
        assert named(passengers_T, pd.date_range(start, periods=144, freq=freq)) == [("year", 12)]
    quarters = pd.date_range("1980-03-31", periods=120, freq="QE")
    assert named(np.tile([1.0, 0, 2, 5], 30) + noise_T[:120], quarters) == [("year", 4)]
    weeks = pd.date_range("2010-01-03", periods=600, freq="W")
    assert named(3 * np.sin(2 * np.pi * np.arange(600) / 52.18) + noise_T, weeks) == [("year", 52)]


def test_a_week_from_sunday_to_thursday_has_five_rows() -> None:
    index = pd.bdate_range("2015-01-01", periods=1000, freq="C", weekmask="Sun Mon Tue Wed Thu")
    walk_T = 0.3 * np.cumsum(np.random.default_rng(0).normal(size=1000))
    assert named(walk_T + 2 * (index.dayofweek == 6), index) == [("week", 5)]


def test_years_have_the_season_of_the_periodogram() -> None:
    index = pd.date_range("1700-01-01", periods=240, freq="YS")
    wave_T = 3 * np.sin(2 * np.pi * np.arange(240) / 11) + np.random.default_rng(0).normal(size=240)
    assert named(wave_T, index) == [("", 11)]


@pytest.mark.parametrize("freq", ["h", "D", "B", "MS", "YS"])
@pytest.mark.parametrize("kind", ["walk", "noise", "autoregression"])
def test_a_series_without_a_season_seldom_shows_one(freq: str, kind: str) -> None:
    from scipy.signal import lfilter

    rows = {"MS": 200, "YS": 200}.get(freq, 2000)
    index = pd.date_range("1800-01-01", periods=rows, freq=freq)
    found = 0
    for seed in range(100):
        noise_T = np.random.default_rng(seed).normal(size=rows)
        keep = {"walk": 1.0, "noise": 0.0, "autoregression": 0.9}[kind]
        found += bool(named(lfilter([1.0], [1.0, -keep], noise_T), index))
    assert found <= 5


@pytest.mark.parametrize(("size", "least"), [(0.3, 75), (0.5, 95)])
def test_a_weak_week_is_found(size: float, least: int) -> None:
    """A sine with `size` standard deviations of the noise in 500 days."""
    wave_T = size * np.sqrt(2) * np.sin(2 * np.pi * np.arange(500) / 7)
    index = pd.date_range("2010-01-01", periods=500)
    noises = (np.random.default_rng(seed).normal(size=500) for seed in range(100))
    assert sum(named(wave_T + noise_T, index) == [("week", 7)] for noise_T in noises) >= least


def test_short_constant_and_missing_values_have_no_season() -> None:
    index = pd.date_range("2020-01-01", periods=100)
    for value_T in (np.zeros(100), np.full(100, np.nan), np.arange(100.0)):
        assert seasons.find(value_T, index.to_numpy()) == ()
    assert seasons.find(np.arange(5.0) % 2, index[:5].to_numpy()) == ()


def test_deviations_are_from_the_mean_of_the_season_around_them() -> None:
    """Of a level that rises, with a season of four: the first half season has no such mean, the last only a part."""
    season = seasons.Season(name="", days=4.0, rows=4, phases=4)
    value_T, day_T = np.arange(13) + np.tile([0.0, 3.0, 0.0, -3.0], 4)[:13], np.arange(13.0)
    cell_CP = seasons._cells(value_T, day_T, season)
    whole_CP = seasons._cells(value_T, day_T, season, complete=True)
    assert np.isnan(cell_CP[0, :2]).all() and np.isfinite(cell_CP[0, 2:]).all() and np.isfinite(cell_CP[3, 0])
    assert np.isfinite(whole_CP[2, :3]).all() and np.isnan(whole_CP[2, 3]) and np.isnan(whole_CP[3]).all()
    assert cell_CP[1, :3] - cell_CP[2, :3] == pytest.approx(np.zeros(3))
    assert cell_CP[1, 1] - cell_CP[1, 3] == pytest.approx(6.0)


def test_a_pattern_looks_at_no_later_row() -> None:
    pattern_T, noise_T = daily_and_weekly(1500)
    index = pd.date_range("2020-01-01", periods=1524, freq="h").delete(slice(300, 310))
    value_T, day_E = np.delete(pattern_T + noise_T, slice(300, 310)), seasons.to_days(index.to_numpy())
    for season in seasons.find(value_T, index[:1490].to_numpy()):
        whole = seasons.pattern(value_T, day_E, season, 0.1)
        assert whole.phase_E[0] == 0 and whole.phase_E[1] == 1  # the season begins with the series
        for rows in (500, 777, 1001):
            part = seasons.pattern(value_T[:rows], day_E[: rows + 24], season, 0.1)
            assert part.at(0).any()
            for ahead in (0, 1, 24):
                np.testing.assert_array_equal(part.at(ahead), whole.at(ahead)[:rows])


def test_the_sentence_names_the_seasons() -> None:
    day, week, year = (
        seasons.Season(name=name, days=1.0, rows=rows, phases=rows)
        for name, rows in (("day", 24), ("week", 168), ("year", 8766))
    )
    start = "Seasons in the training rows: "
    assert seasons.describe([day, week, year]) == (f"{start}a day (24 rows), a week (168 rows) and a year (8766 rows).")
    assert seasons.describe([day]) == f"{start}a day (24 rows)."
    assert seasons.describe([]) == f"{start}none found."
    assert seasons.Season(name="", days=11.0, rows=11, phases=11).text == "11 rows"


@pytest.mark.parametrize("start", ["0900-01-01", "1700-01-01"])
def test_a_series_of_centuries_has_its_season(start: str) -> None:
    """A cycle of eleven years in 1,000 and 400 yearly rows: more than 292 years of nanoseconds."""
    at = np.arange(400 if start == "1700-01-01" else 1000)
    time_T = np.datetime64(start[:4], "Y").astype("datetime64[s]") + (at * 31_557_600).astype("timedelta64[s]")
    value_T = np.sin(2 * np.pi * at / 11) + 0.1 * np.random.default_rng(0).normal(size=len(at))
    (season,) = seasons.find(value_T, time_T)
    assert season.rows == 11


def test_a_pattern_that_predicts_less_than_none_does_not_repeat() -> None:
    """So weak a pattern is likelier than chance to point the right way, and its estimate is still mostly noise."""
    rng = np.random.default_rng(0)
    shape_P = np.sin(2 * np.pi * np.arange(40) / 40) * np.sqrt(2)
    noise_CP = rng.normal(size=(60, 40))
    assert seasons._repeats(0.5 * shape_P + noise_CP, 1)
    assert not seasons._repeats(0.16 * shape_P + noise_CP, 1)
