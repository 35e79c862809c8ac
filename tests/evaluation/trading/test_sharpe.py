"""Sharpe ratios against the worked examples of the papers, and their interval against the one of arch."""

import math

import numpy as np
import pytest

from core.evaluation import bootstrap
from core.evaluation.trading import sharpe
from core.types import Floats


def noise(rows: int = 500, mean: float = 0.0005, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).standard_t(4, rows) * 0.008 + mean


def test_a_ratio_by_hand() -> None:
    assert sharpe.sharpe_ratio(np.array([0.01, 0.03, -0.01])) == pytest.approx(0.01 / 0.02)


@pytest.mark.parametrize(
    "return_N",
    [np.zeros(20), np.full(20, 0.1), np.array([0.01]), np.array([])],
    ids=["zero", "constant", "one", "none"],
)
def test_returns_that_do_not_vary_have_no_ratio(return_N: Floats) -> None:
    assert math.isnan(sharpe.sharpe_ratio(return_N))
    assert math.isnan(sharpe.probabilistic(return_N))
    assert math.isnan(sharpe.deflated(return_N, 5, 0.01))
    assert all(math.isnan(bound) for bound in sharpe.confidence_interval(return_N))


def test_the_probabilistic_ratio_of_the_paper() -> None:
    # Bailey & López de Prado (2012), numerical example: 24 months, monthly ratio 0.458, skew -2.448, kurtosis 10.164.
    assert sharpe.probabilistic_from_moments(0.458, 24, 0.0, 3.0) == pytest.approx(0.982, abs=5e-4)
    assert sharpe.probabilistic_from_moments(0.458, 24, -2.448, 10.164) == pytest.approx(0.913, abs=5e-4)


def test_the_deflated_ratio_of_the_paper() -> None:
    # Bailey & López de Prado (2014), numerical example: annual ratio 2.5 over five years of 250 days, skew -3, kurtosis
    # 10; 100 independent trials whose annual ratios have a variance of 1/2. With 46 trials it passes 95 %.
    ratio, variance = 2.5 / math.sqrt(250), 0.5 / 250
    assert sharpe.expected_maximum(100, variance) == pytest.approx(0.1132, abs=1e-4)
    at_100, at_46 = (
        sharpe.probabilistic_from_moments(ratio, 1250, -3.0, 10.0, sharpe.expected_maximum(n, variance))
        for n in (100, 46)
    )
    assert at_100 == pytest.approx(0.9004, abs=5e-4)
    assert at_46 == pytest.approx(0.9505, abs=5e-4)


def test_the_expected_best_of_many_is_that_of_normal_draws() -> None:
    drawn = np.random.default_rng(0).normal(0.0, 0.1, (20_000, 40)).max(axis=1).mean()
    assert sharpe.expected_maximum(40, 0.01) == pytest.approx(drawn, rel=0.02)
    assert sharpe.expected_maximum(1, 0.01) == 0.0


def test_moments_are_those_of_scipy() -> None:
    from scipy import stats

    result = noise()
    expected = sharpe.probabilistic_from_moments(
        sharpe.sharpe_ratio(result),
        len(result),
        float(stats.skew(result)),
        float(stats.kurtosis(result, fisher=False)),
        0.01,
    )
    assert sharpe.probabilistic(result, 0.01) == pytest.approx(expected, rel=1e-9)


def test_one_experiment_deflates_nothing_and_more_experiments_more() -> None:
    result = noise()
    each = [sharpe.deflated(result, experiments, 0.001) for experiments in (1, 2, 10, 100)]
    assert each[0] == sharpe.probabilistic(result)
    assert each == sorted(each, reverse=True) and each[-1] < each[0]


def test_a_ratio_without_any_uncertainty() -> None:
    assert sharpe.probabilistic_from_moments(1.0, 10, 2.0, 5.0) == 1.0  # skew 2, kurtosis 5: two values, 1 − 2 + 1 = 0
    assert sharpe.probabilistic_from_moments(1.0, 10, 2.0, 5.0, 2.0) == 0.0
    assert sharpe.probabilistic_from_moments(1.0, 10, 2.0, 5.0, 1.0) == 0.5


def test_the_interval_is_that_of_arch() -> None:
    from arch.bootstrap import StationaryBootstrap

    shock_N = noise(700, 0.0)
    result = shock_N + np.concatenate([[0.0], 0.6 * shock_N[:-1]]) + 0.0004  # correlated: blocks matter
    theirs = (
        StationaryBootstrap(9, result, seed=1).conf_int(sharpe.sharpe_ratio, reps=2000, method="percentile").ravel()
    )
    assert sharpe.confidence_interval(result, 9, seed=1) == pytest.approx(tuple(theirs), abs=0.008)
    alone = sharpe.confidence_interval(result, 1, seed=1)
    assert theirs[1] - theirs[0] > 1.15 * (alone[1] - alone[0])


def test_the_interval_is_the_same_each_time_and_with_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    result = noise(100)
    assert sharpe.confidence_interval(result) == sharpe.confidence_interval(result)
    monkeypatch.setattr(bootstrap, "AT_ONCE", 10_000)
    low, high = sharpe.confidence_interval(result)
    assert low < sharpe.sharpe_ratio(result) < high
