"""Labels of every kind of target, computed by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets import frequency, labels, levels, targets
from core.datasets.targets import TARGETS
from core.errors import CoreError, DataError
from core.spec import Target
from core.spec.fields import fields_of

LEVEL = np.array([100.0, 110.0, 99.0, 99.0, 120.0])
NAN = np.nan


def label(kind: str, level_T: np.ndarray = LEVEL, horizon: int = 2, per_year: float = 252.0) -> np.ndarray:
    return TARGETS[kind].label(level_T, horizon, per_year)


def test_a_recipe_offers_every_kind_of_target() -> None:
    assert set(dict(fields_of(Target))["kind"].choices) == set(TARGETS)


@pytest.mark.parametrize("kind", ["close", "column"])
def test_a_level_target_is_the_level_at_each_step(kind: str) -> None:
    np.testing.assert_array_equal(label(kind), [[110, 99], [99, 99], [99, 120], [120, NAN], [NAN, NAN]])


def test_a_log_return_is_cumulative_from_the_cutoff() -> None:
    expected = [
        [np.log(1.1), np.log(0.99)],
        [np.log(0.9), np.log(0.9)],
        [0, np.log(120 / 99)],
        [np.log(120 / 99), NAN],
        [NAN, NAN],
    ]
    np.testing.assert_allclose(label("log_return"), expected, atol=1e-15)


def test_a_direction_is_one_after_a_rise_and_zero_for_an_unchanged_level() -> None:
    np.testing.assert_array_equal(label("direction"), [[1, 0], [0, 0], [0, 1], [1, NAN], [NAN, NAN]])


def test_moves_within_the_dead_zone_have_no_label() -> None:
    label_TH = targets.kind_of(Target(kind="direction", dead_zone=0.1)).label(LEVEL, 2, 252.0)
    # 100 → 110 is a rise of 10 %, 100 → 99 a fall of 1 %; 110 → 99 a fall of 10 %; 99 → 120 a rise of 21 %
    np.testing.assert_array_equal(label_TH, [[1, NAN], [0, 0], [NAN, 1], [1, NAN], [NAN, NAN]])
    without_zone_TH = targets.kind_of(Target(kind="direction")).label(LEVEL, 2, 252.0)
    np.testing.assert_array_equal(without_zone_TH, label("direction"))
    negative_TH = targets.kind_of(Target(kind="direction", dead_zone=0.5)).label(np.array([-2.0, -1.5, 0.0]), 1, 252.0)
    np.testing.assert_array_equal(negative_TH, [[NAN], [1], [NAN]])


def test_a_mean_level_is_the_mean_of_the_steps_after_the_cutoff() -> None:
    np.testing.assert_allclose(label("mean_close"), [[104.5], [99], [109.5], [NAN], [NAN]], rtol=1e-15)
    np.testing.assert_array_equal(label("mean_close", horizon=1), [[110], [99], [99], [120], [NAN]])


def test_a_drawdown_is_the_largest_fall_from_a_peak_since_the_cutoff() -> None:
    level_T = np.array([100.0, 80, 120, 90, 96, 130, 140])
    percent_T1 = TARGETS["max_drawdown"].to_user(label("max_drawdown", level_T, 4))
    # 120 → 90 is 25 %; from 80 on the same; from 120 on 25 %; then 90, 96, 130, 140 never falls
    np.testing.assert_allclose(percent_T1[:3, 0], [25, 25, 25], rtol=1e-12)
    two_steps_T1 = TARGETS["max_drawdown"].to_user(label("max_drawdown", level_T, 2))
    np.testing.assert_allclose(two_steps_T1[:, 0], [20, 25, 25, 0, 0, NAN, NAN], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(label("max_drawdown", level_T, 1)[0, 0], np.log(21.0), rtol=1e-12)


@pytest.mark.parametrize("horizon", [1, 2, 5, 21, 60])
@pytest.mark.parametrize("kind", TARGETS)
def test_labels_follow_their_formulas(kind: str, horizon: int) -> None:
    level = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.02, 90)))
    label_TH = label(kind, level, horizon)
    assert label_TH.shape == (90, len(targets.output_steps(TARGETS[kind], horizon)))
    assert np.isnan(label_TH[90 - horizon :, -1]).all()
    for t in (0, 7, 29):
        path = [float(level[t + k]) for k in range(1, horizon + 1)]
        if kind in ("close", "column"):
            expected = path
        elif kind == "mean_close":
            expected = [sum(path) / horizon]
        elif kind == "log_return":
            expected = [math.log(x / level[t]) for x in path]
        elif kind == "direction":
            expected = [float(x > level[t]) for x in path]
        elif kind == "volatility":
            squares = [math.log(level[t + k] / level[t + k - 1]) ** 2 for k in range(1, horizon + 1)]
            expected = [math.log(100 * math.sqrt(252 * sum(squares) / horizon))]
        else:
            peak, worst = float(level[t]), 0.0
            for x in path:
                peak = max(peak, x)
                worst = max(worst, (peak - x) / peak)
            expected = [math.log(1 + 100 * worst)]
        np.testing.assert_allclose(label_TH[t], expected, rtol=1e-10, atol=1e-12)


def test_volatility_is_the_log_of_the_yearly_root_mean_square() -> None:
    first, second = np.log(1.1), np.log(0.9)
    expected = np.log(100 * np.sqrt(252 * (first**2 + second**2) / 2))
    label_T1 = label("volatility")
    assert label_T1.shape == (5, 1)
    assert label_T1[0, 0] == pytest.approx(expected, rel=1e-12)
    assert np.isnan(label_T1[3:]).all()
    assert np.isfinite(label_T1[:3]).all()


def test_volatility_of_a_constant_level_is_the_floor() -> None:
    assert label("volatility", np.full(4, 5.0))[0, 0] == pytest.approx(np.log(labels.VOLATILITY_FLOOR))


@pytest.mark.parametrize("kind", TARGETS)
def test_labels_that_need_a_missing_level_are_missing(kind: str) -> None:
    level_T = np.array([100.0, 101, NAN, 103, 104, 105, 106])
    missing = np.isnan(label(kind, level_T, 2)).any(axis=1)
    expected = {
        "close": [1, 1, 0, 0, 0, 1, 1],
        "column": [1, 1, 0, 0, 0, 1, 1],
        "log_return": [1, 1, 1, 0, 0, 1, 1],
        "mean_close": [1, 1, 0, 0, 0, 1, 1],
        "max_drawdown": [1, 1, 1, 0, 0, 1, 1],
        "direction": [1, 1, 1, 0, 0, 1, 1],
        "volatility": [1, 1, 1, 0, 0, 1, 1],
    }
    np.testing.assert_array_equal(missing, np.array(expected[kind], dtype=bool))


@pytest.mark.parametrize("kind", TARGETS)
def test_labels_depend_on_nothing_beyond_the_horizon(kind: str) -> None:
    rng = np.random.default_rng(0)
    level_T = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 40)))
    other_T = level_T.copy()
    other_T[24:] = rng.uniform(50, 60, 16)
    np.testing.assert_array_equal(label(kind, level_T, 3)[:21], label(kind, other_T, 3)[:21])  # row 20 reaches row 23
    assert not np.array_equal(label(kind, level_T, 3)[21:37], label(kind, other_T, 3)[21:37])


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("kind", TARGETS)
def test_the_map_to_user_units_is_monotone_and_has_the_stated_slope(kind: str, log: bool) -> None:
    target = targets.kind_of(Target(kind=kind, column="close"), log)
    y = np.linspace(0.01, 4, 11)
    assert (np.diff(target.to_user(y)) > 0).all()
    slope = (target.to_user(y + 1e-6) - target.to_user(y - 1e-6)) / 2e-6
    np.testing.assert_allclose(target.slope(y), slope, rtol=1e-6)
    if kind in ("volatility", "max_drawdown"):
        np.testing.assert_allclose(target.to_score(target.to_user(y)), y, rtol=1e-12, atol=1e-12)


def test_forecasts_stay_within_the_bounds_of_their_unit() -> None:
    y = np.array([-50.0, -1.0, -1e-9, 0.0, 3.0, np.log(101.0), 5.0, 50.0])
    drawdown, volatility = TARGETS["max_drawdown"], TARGETS["volatility"]
    percent = drawdown.to_user(y)
    np.testing.assert_allclose(percent, [0, 0, 0, 0, np.expm1(3.0), 100, 100, 100], rtol=1e-12)
    np.testing.assert_array_equal(drawdown.slope(y[[0, 1, 2, 6, 7]]), np.zeros(5))
    assert percent.max() <= 100 * (1 + 1e-12) and (volatility.to_user(y) > 0).all()
    assert (targets.kind_of(Target(kind="close"), log=True).to_user(y) > 0).all()


@given(
    st.lists(st.floats(1e-6, 1e9), min_size=5, max_size=30),
    st.sampled_from(["close", "mean_close", "column"]),
    st.integers(1, 4),
)
def test_labels_learned_as_logs_are_converted_back_to_levels(level: list[float], kind: str, horizon: int) -> None:
    level_T = np.array(level)
    plain, logged = (targets.kind_of(Target(kind=kind, column="x"), log) for log in (False, True))
    log_TH = logged.label(level_T, horizon, 252.0)
    np.testing.assert_allclose(logged.to_user(log_TH), plain.label(level_T, horizon, 252.0), rtol=1e-12)
    np.testing.assert_allclose(logged.to_user(logged.from_level(level_T)), level_T, rtol=1e-12)
    np.testing.assert_array_equal(plain.from_level(level_T), level_T)


@pytest.mark.parametrize("kind", ["log_return", "direction", "volatility", "max_drawdown"])
def test_the_log_scale_changes_level_targets_only(kind: str) -> None:
    assert targets.kind_of(Target(kind=kind), log=True) is TARGETS[kind]


def test_output_steps_are_a_path_or_the_horizon_alone() -> None:
    assert targets.output_steps(TARGETS["close"], 3) == (1, 2, 3)
    assert targets.output_steps(TARGETS["volatility"], 3) == (3,)


def test_the_level_is_the_named_column_else_close_else_the_only_column() -> None:
    assert levels.level_column(Target(column="open"), ("open", "close")) == "open"
    assert levels.level_column(Target(), ("open", "close")) == "close"
    assert levels.level_column(Target(), ("sales",)) == "sales"
    with pytest.raises(CoreError, match="sales"):
        levels.level_column(Target(column="salse"), ("sales", "visits"))
    with pytest.raises(CoreError):
        levels.level_column(Target(), ("sales", "visits"))


def test_levels_that_cannot_be_targets_are_rejected() -> None:
    days = pd.bdate_range("2020-01-01", periods=4)
    log_return, column = TARGETS["log_return"], TARGETS["column"]
    with pytest.raises(DataError, match=r"constant .7 on all 4 rows"):
        levels.check_level(pd.Series([7.0] * 4, days, name="x"), column)
    with pytest.raises(DataError, match=r"2 values of 'x' are zero or below .* Set window.log to false"):
        logged = targets.kind_of(Target(kind="close"), log=True)
        levels.check_level(pd.Series([1.0, 0.0, -2.0, 1.0], days, name="x"), logged)
    with pytest.raises(DataError, match="no values"):
        levels.check_level(pd.Series([NAN] * 4, days, name="x"), column)
    with pytest.raises(DataError, match=r"2 values of 'x' are zero or below .*first on 2020-01-02"):
        levels.check_level(pd.Series([1.0, 0.0, -2.0, 1.0], days, name="x"), log_return)
    levels.check_level(pd.Series([1.0, 0.0, -2.0, 1.0], days, name="x"), column)


@pytest.mark.parametrize(
    ("freq", "rows", "expected"),
    [("B", 500, 252.0), ("D", 500, 365.0), ("W-FRI", 100, 52.0), ("MS", 48, 12.0), ("h", 500, 365.25 * 24)],
)
def test_steps_per_year(freq: str, rows: int, expected: float) -> None:
    index = pd.date_range("2015-01-01", periods=rows, freq=freq)
    assert frequency.steps_per_year(index) == pytest.approx(expected)


def hours(days: pd.DatetimeIndex, opening: float, count: int) -> pd.DatetimeIndex:
    """`count` hourly bars of each day."""
    return pd.DatetimeIndex([day + pd.Timedelta(hours=opening + k) for day in days for k in range(count)])


US_HOURS = hours(pd.bdate_range("2019-01-01", "2022-12-31"), 9.5, 7)
FX_WEEK = pd.date_range("2019-01-06 17:00", "2022-12-31", freq="h")
FX_HOURS = FX_WEEK[((FX_WEEK.dayofweek * 24 + FX_WEEK.hour + 7) % 168) < 120]  # Sunday 17:00 to Friday 17:00
SUNDAY_TO_THURSDAY = pd.bdate_range("2020-01-01", periods=500, freq="C", weekmask="Sun Mon Tue Wed Thu")


@pytest.mark.parametrize(
    ("index", "steps"),
    [
        (US_HOURS, 7 * 261),
        (US_HOURS[:35], 7 * 252),
        (FX_HOURS, 120 * 365.25 / 7),
        (pd.date_range("2020-01-01", periods=5000, freq="15min"), 96 * 365.25),
        (US_HOURS[(US_HOURS.year != 2020) | (US_HOURS.month < 3)], 7 * 261),
        (SUNDAY_TO_THURSDAY, 252.0),
        (pd.bdate_range("2020-01-01", periods=400, freq="C", weekmask="Mon Tue Wed Thu Fri Sat"), 313.0),
    ],
    ids=["US hours", "a week of US hours", "FX hours", "round the clock", "a hole", "Sunday to Thursday", "six days"],
)
def test_the_bars_of_a_year_are_counted(index: pd.DatetimeIndex, steps: float) -> None:
    assert frequency.steps_per_year(index) == pytest.approx(steps, rel=0.01)


def test_hourly_volatility_is_that_of_the_bars_that_exist() -> None:
    """16 % a year is called 16 %, whatever the hours of trading."""
    annual = 16.0
    for index, per_year in ((US_HOURS, 7 * 261), (FX_HOURS, 120 * 365.25 / 7)):
        return_T = np.random.default_rng(0).normal(0, annual / 100 / np.sqrt(per_year), len(index))
        label_TH = targets.TARGETS["volatility"].label(
            100 * np.exp(np.cumsum(return_T)), 50, frequency.steps_per_year(index)
        )
        level = np.sqrt(np.nanmean(np.exp(label_TH) ** 2))
        assert level == pytest.approx(annual, rel=0.03)
