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


def test_equity_stays_at_zero_after_a_total_loss() -> None:
    np.testing.assert_array_equal(performance.equity(np.array([0.1, -1.2, 0.5])), [1.1, 0.0, 0.0])
    result = performance.measure(np.array([0.1, -1.2, 0.5]), 252.0)
    assert (result.annual_return, result.drawdown, result.calmar) == (-1.0, 1.0, -1.0)


def test_annual_figures_by_hand() -> None:
    return_N = np.array([0.02, -0.01, 0.03, 0.01])
    result = performance.measure(return_N, 8.0, experiments=3, variance=0.04)  # four sessions are half a year
    grown = (1.02 * 0.99 * 1.03 * 1.01) ** 2 - 1
    assert result.annual_return == pytest.approx(grown)
    assert result.annual_volatility == pytest.approx(np.std(return_N, ddof=1) * math.sqrt(8))
    assert result.sharpe == pytest.approx(0.0125 / np.std(return_N, ddof=1) * math.sqrt(8))
    assert result.calmar == pytest.approx(grown / 0.01)
    assert result.probabilistic == sharpe.probabilistic(return_N)
    assert result.deflated == sharpe.deflated(return_N, 3, 0.04) < result.probabilistic
    assert result.low < result.sharpe < result.high


def test_by_default_the_variance_is_that_without_skill() -> None:
    result = np.random.default_rng(0).normal(0.001, 0.01, 101)
    assert performance.measure(result, 252.0, experiments=20).deflated == sharpe.deflated(result, 20, 0.01)


def test_a_strategy_that_never_trades_has_no_ratio() -> None:
    result = performance.measure(np.zeros(30), 252.0)
    assert (result.annual_return, result.annual_volatility, result.drawdown) == (0.0, 0.0, 0.0)
    assert all(
        math.isnan(value) for value in (result.sharpe, result.low, result.probabilistic, result.deflated, result.calmar)
    )


def test_one_session_and_none() -> None:
    assert performance.measure(np.array([0.5]), 1e6).annual_return > 1e300  # no overflow
    with pytest.raises(SpecError, match="no session"):
        performance.measure(np.array([]), 252.0)
