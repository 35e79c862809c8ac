"""The error to expect: by hand, and by what it makes of widths that follow the volatility and of widths that do not."""

import numpy as np
import pytest

from core.intervals import spread

ROW = np.arange(3000)
NEXT = (ROW + 1)[:, None]


def test_the_width_states_the_mean_error_of_a_normal_variable() -> None:
    z = np.abs(np.random.default_rng(0).normal(size=400_000))
    assert z.mean() / (2 * 1.6449) == pytest.approx(spread.MEAN_TO_WIDTH, rel=0.005)


def test_spread_by_hand() -> None:
    width, error = np.array([[4.0], [0.0], [0.01], [8.0]]), np.array([[1.0], [3.0], [2.0], [9.0]])
    own = spread.own_spread(width, error, NEXT[:4], ROW[:4], 0)[:, 0]
    # Row 1 is a point and one error of 1 is known; at row 2 a quarter of the mean of 1 and 3 is more than the width.
    np.testing.assert_allclose(own, [4 * spread.MEAN_TO_WIDTH, 1.0, 0.25 * 2.0, 8 * spread.MEAN_TO_WIDTH])
    late = spread.own_spread(np.zeros((4, 1)), error, NEXT[:4] + 1, ROW[:4], 0)[:, 0]
    np.testing.assert_allclose(late, [1.0, 1.0, 1.0, 2.0])  # before the first known error: that error
    first = spread.own_spread(np.zeros((4, 1)), error, NEXT[:4], ROW[:4], 3)[:, 0]
    np.testing.assert_allclose(first, 2.0)  # no interval before row 3, where three errors are known
    assert (spread.own_spread(np.zeros((4, 1)), np.zeros((4, 1)), NEXT[:4], ROW[:4], 0) > 0).all()


def noise(seed: int = 0) -> np.ndarray:
    return np.abs(np.random.default_rng(seed).normal(size=len(ROW))) / 0.798


def test_errors_as_large_as_stated_leave_the_stretch_at_one() -> None:
    at = spread.stretch(noise(), ROW + 1, ROW, 100, 1)
    assert at[500:].mean() == pytest.approx(1, abs=0.03)
    weight = 0.5 ** (np.arange(400) / spread.HALF_LIFE)
    fast = np.convolve(noise(), weight / weight.sum(), "valid")
    assert at[500:].std() < 0.75 * fast.std()  # noise in the latest errors is mostly left alone


def test_a_burst_of_errors_is_followed_within_a_few_outcomes() -> None:
    burst = noise() * np.where(ROW < 1500, 1, 5)
    at = spread.stretch(burst, ROW + 1, ROW, 100, 1)
    assert at[1500] < 1.4
    assert at[1540] > 2.5
    assert at[1700] == pytest.approx(5, rel=0.35)


def test_errors_that_are_not_known_yet_change_nothing() -> None:
    ratio = noise()
    changed = np.where(ROW + 7 > 1000, 100 * ratio, ratio)
    before, after = (spread.stretch(r, ROW + 7, ROW, 100, 7) for r in (ratio, changed))
    np.testing.assert_array_equal(before[:1001], after[:1001])
    assert before[1001] != after[1001]


def test_forecasts_that_state_too_little_from_the_start_are_corrected_at_the_first_interval() -> None:
    at = spread.stretch(4 * noise()[:160], ROW[:160] + 1, ROW[:160], 60, 1)
    assert at[:60] == pytest.approx(4, rel=0.5)
    assert spread.stretch(4 * noise()[:5], ROW[:5] + 1, ROW[:5], 0, 1)[0] == 1  # nothing is known yet
