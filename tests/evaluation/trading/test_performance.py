"""The statistics of performance by hand."""

import math

import numpy as np
import pytest

from core.errors import SpecError
from core.evaluation.trading import performance, sharpe


def test_equity_and_drawdown_by_hand() -> None:
    return_N = np.array([-0.1, 0.2, -0.5, 0.5])
    np.testing.assert_allclose(performance.equity(return_N), [0.9, 1.08, 0.54, 0.81])
    np.testing.assert_allclose(performance.drawdown(return_N), [0.1, 0.0, 0.5, 0.25])


def test_who_lost_everything_stays_there() -> None:
    np.testing.assert_array_equal(performance.equity(np.array([0.1, -1.2, 0.5])), [1.1, 0.0, 0.0])
    made = performance.performance(np.array([0.1, -1.2, 0.5]), 252.0)
    assert (made.annual_return, made.drawdown, made.calmar) == (-1.0, 1.0, -1.0)


def test_annual_figures_by_hand() -> None:
    return_N = np.array([0.02, -0.01, 0.03, 0.01])
    made = performance.performance(return_N, 8.0, tries=3, variance=0.04)  # four sessions are half a year
    grown = (1.02 * 0.99 * 1.03 * 1.01) ** 2 - 1
    assert made.annual_return == pytest.approx(grown)
    assert made.annual_volatility == pytest.approx(np.std(return_N, ddof=1) * math.sqrt(8))
    assert made.sharpe == pytest.approx(0.0125 / np.std(return_N, ddof=1) * math.sqrt(8))
    assert made.calmar == pytest.approx(grown / 0.01)
    assert made.probabilistic == sharpe.probabilistic(return_N)
    assert made.deflated == sharpe.deflated(return_N, 3, 0.04) < made.probabilistic
    assert made.low < made.sharpe < made.high


def test_without_the_tries_the_variance_is_that_of_luck() -> None:
    made = np.random.default_rng(0).normal(0.001, 0.01, 101)
    assert performance.performance(made, 252.0, tries=20).deflated == sharpe.deflated(made, 20, 0.01)


def test_a_strategy_that_never_acts_has_no_ratio() -> None:
    made = performance.performance(np.zeros(30), 252.0)
    assert (made.annual_return, made.annual_volatility, made.drawdown) == (0.0, 0.0, 0.0)
    assert all(math.isnan(value) for value in (made.sharpe, made.low, made.probabilistic, made.deflated, made.calmar))


def test_one_session_and_none() -> None:
    assert performance.performance(np.array([0.5]), 1e6).annual_return > 1e300  # no overflow
    with pytest.raises(SpecError, match="no session"):
        performance.performance(np.array([]), 252.0)
