"""Labels by hand, for every kind of target."""

import numpy as np
import pandas as pd
import pytest

from core.errors import CoreError, DataError
from core.prepare import targets
from core.spec import TARGETS, Target

LEVEL = np.array([100.0, 110.0, 99.0, 99.0, 120.0])
NAN = np.nan


def label(kind: str, level_T: np.ndarray = LEVEL, horizon: int = 2, per_year: float = 252.0) -> np.ndarray:
    return targets.KINDS[kind].label(level_T, horizon, per_year)


def test_every_kind_of_the_recipe_exists() -> None:
    assert set(targets.KINDS) == set(TARGETS)


@pytest.mark.parametrize("kind", ["close", "column"])
def test_a_level_is_the_level_of_each_step(kind: str) -> None:
    np.testing.assert_array_equal(label(kind), [[110, 99], [99, 99], [99, 120], [120, NAN], [NAN, NAN]])


def test_a_log_return_is_cumulative_from_the_cutoff() -> None:
    expected = [[np.log(1.1), np.log(0.99)], [np.log(0.9), np.log(0.9)], [0, np.log(120 / 99)],
                [np.log(120 / 99), NAN], [NAN, NAN]]
    np.testing.assert_allclose(label("log_return"), expected, atol=1e-15)


def test_a_direction_is_one_where_the_level_is_higher_and_an_unchanged_level_is_no_rise() -> None:
    np.testing.assert_array_equal(label("direction"), [[1, 0], [0, 0], [0, 1], [1, NAN], [NAN, NAN]])


def test_volatility_is_the_log_of_the_yearly_root_mean_square() -> None:
    first, second = np.log(1.1), np.log(0.9)
    expected = np.log(100 * np.sqrt(252 * (first**2 + second**2) / 2))
    made = label("volatility")
    assert made.shape == (5, 1)
    assert made[0, 0] == pytest.approx(expected, rel=1e-12)
    assert np.isnan(made[3:]).all()
    assert np.isfinite(made[:3]).all()


def test_volatility_of_a_price_that_stands_still_is_the_floor() -> None:
    assert label("volatility", np.full(4, 5.0))[0, 0] == pytest.approx(np.log(targets.VOLATILITY_FLOOR))


@pytest.mark.parametrize("kind", TARGETS)
def test_a_hole_leaves_no_label_that_needs_it(kind: str) -> None:
    level_T = np.array([100.0, 101, NAN, 103, 104, 105, 106])
    missing = np.isnan(label(kind, level_T, 2)).any(axis=1)
    expected = {"close": [1, 1, 0, 0, 0, 1, 1], "column": [1, 1, 0, 0, 0, 1, 1], "log_return": [1, 1, 1, 0, 0, 1, 1],
                "direction": [1, 1, 1, 0, 0, 1, 1], "volatility": [1, 1, 1, 0, 0, 1, 1]}
    np.testing.assert_array_equal(missing, np.array(expected[kind], dtype=bool))


@pytest.mark.parametrize("kind", TARGETS)
def test_a_label_depends_on_nothing_beyond_its_horizon(kind: str) -> None:
    rng = np.random.default_rng(0)
    level_T = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 40)))
    other_T = level_T.copy()
    other_T[24:] = rng.uniform(50, 60, 16)
    np.testing.assert_array_equal(label(kind, level_T, 3)[:21], label(kind, other_T, 3)[:21])  # row 20 reaches row 23
    assert not np.array_equal(label(kind, level_T, 3)[21:37], label(kind, other_T, 3)[21:37])


@pytest.mark.parametrize("kind", TARGETS)
def test_the_way_back_is_monotone_and_has_the_slope_it_says(kind: str) -> None:
    made = targets.KINDS[kind]
    y = np.linspace(-2, 3, 11)
    assert (np.diff(made.to_user(y)) > 0).all()
    numeric = (made.to_user(y + 1e-6) - made.to_user(y - 1e-6)) / 2e-6
    np.testing.assert_allclose(made.slope(y), numeric, rtol=1e-6)
    if kind == "volatility":
        np.testing.assert_allclose(made.to_score(made.to_user(y)), y, rtol=1e-12, atol=1e-12)


def test_steps_are_a_path_or_one_at_the_horizon() -> None:
    assert targets.steps(targets.KINDS["close"], 3) == (1, 2, 3)
    assert targets.steps(targets.KINDS["volatility"], 3) == (3,)


def test_the_level_is_the_named_column_else_close_else_the_only_one() -> None:
    assert targets.level_column(Target(column="open"), ("open", "close")) == "open"
    assert targets.level_column(Target(), ("open", "close")) == "close"
    assert targets.level_column(Target(), ("sales",)) == "sales"
    with pytest.raises(CoreError, match="sales"):
        targets.level_column(Target(column="salse"), ("sales", "visits"))
    with pytest.raises(CoreError):
        targets.level_column(Target(), ("sales", "visits"))


def test_a_level_without_information_is_refused() -> None:
    days = pd.bdate_range("2020-01-01", periods=4)
    log_return, column = targets.KINDS["log_return"], targets.KINDS["column"]
    with pytest.raises(DataError, match=r"constant .7 on all 4 rows"):
        targets.check_level(pd.Series([7.0] * 4, days, name="x"), column)
    with pytest.raises(DataError, match="no values"):
        targets.check_level(pd.Series([NAN] * 4, days, name="x"), column)
    with pytest.raises(DataError, match=r"2 values of 'x' are zero or below .first on 2020-01-02"):
        targets.check_level(pd.Series([1.0, 0.0, -2.0, 1.0], days, name="x"), log_return)
    targets.check_level(pd.Series([1.0, 0.0, -2.0, 1.0], days, name="x"), column)


@pytest.mark.parametrize(("freq", "rows", "expected"), [("B", 500, 252.0), ("D", 500, 365.0), ("W-FRI", 100, 52.0),
                                                         ("MS", 48, 12.0), ("h", 500, 365.25 * 24)])
def test_sessions_per_year(freq: str, rows: int, expected: float) -> None:
    index = pd.date_range("2015-01-01", periods=rows, freq=freq)
    assert targets.sessions_per_year(index) == pytest.approx(expected)
