"""The effective number of experiments on returns whose dependence is known, and what it makes of the deflated ratio."""

from dataclasses import replace

import numpy as np
import pytest

from core.evaluation.experiments import independence, multiple_testing
from core.evaluation.experiments.independence import count_independent
from core.evaluation.experiments.record import Experiment
from core.evaluation.trading import sharpe
from core.types import Floats
from tests.evaluation.sample_experiments import experiment

SESSIONS = 800


def traded(return_KT: Floats) -> list[Experiment]:
    count = return_KT.shape[1]
    return [replace(experiment(k, np.ones(count)), return_T=return_T) for k, return_T in enumerate(return_KT)]


def grouped(rng: np.random.Generator, count: int, groups: int, noise: float = 0.05) -> Floats:
    """`count` strategies without skill in groups that trade nearly alike: (K, T)."""
    shared = rng.normal(size=(groups, SESSIONS))
    return shared[np.arange(count) % groups] + noise * rng.normal(size=(count, SESSIONS))


def test_groups_that_trade_alike_count_once() -> None:
    rng = np.random.default_rng(0)
    for groups in (2, 4, 10):
        assert count_independent(traded(grouped(rng, 40, groups))) == pytest.approx(groups, rel=0.03)
    assert count_independent(traded(np.tile(rng.normal(size=SESSIONS), (5, 1)))) == 1
    assert count_independent(traded(grouped(rng, 2, 2))) == 2
    assert count_independent([]) == 0
    assert count_independent([experiment(0), *traded(grouped(rng, 1, 1))]) == 1  # one of the two has no returns


@pytest.mark.parametrize("shared", [0.0, 0.5, 0.9])
def test_what_all_share_takes_nothing_from_their_number(shared: float) -> None:
    """The spread of their Sharpe ratios is already smaller by that."""
    rng = np.random.default_rng(0)
    return_KT = np.sqrt(shared) * rng.normal(size=SESSIONS) + np.sqrt(1 - shared) * rng.normal(size=(20, SESSIONS))
    assert count_independent(traded(return_KT)) == pytest.approx(20, rel=0.05)


def test_it_is_the_participation_ratio_of_the_eigenvalues() -> None:
    """(Σλ)² / Σλ² of the correlations without the direction that all share, by an eigendecomposition."""
    rng = np.random.default_rng(1)
    return_KT = rng.normal(size=(12, 3)) @ rng.normal(size=(3, SESSIONS)) + 0.5 * rng.normal(size=(12, SESSIONS))
    deviation, correlation = np.eye(12) - 1 / 12, np.corrcoef(return_KT)
    eigenvalue = np.linalg.eigvalsh(deviation @ correlation @ deviation)
    noise = ((1 - correlation**2) ** 2).sum() / SESSIONS  # the sampling variance of each correlation
    expected = 1 + eigenvalue.sum() ** 2 / ((eigenvalue**2).sum() - noise)
    assert count_independent(traded(return_KT)) == pytest.approx(expected)
    assert 3 < expected < 6


def test_correlations_are_those_of_pandas_over_shared_sessions() -> None:
    import pandas as pd

    rng = np.random.default_rng(0)
    table = 3 + rng.normal(size=(90, 4)).cumsum(axis=1)
    table[:40, 0], table[50:, 1] = np.nan, np.nan  # ten sessions in common
    correlation, shared = independence._correlate(table)
    oracle = pd.DataFrame(table).corr(min_periods=independence.LEAST).fillna(0.0)
    np.testing.assert_allclose(correlation, oracle, atol=1e-12)
    assert shared[0, 1] == 10 and correlation[0, 1] == 0 and shared[2, 3] == 90


def test_experiments_without_shared_sessions_are_independent() -> None:
    same = np.random.default_rng(0).normal(size=100)
    here, there = traded(np.stack([same, same]))
    there = replace(there, cutoff_N=there.cutoff_N + np.timedelta64(80, "D"))
    assert count_independent([here, there, here]) == pytest.approx(2, abs=0.3)


@pytest.mark.parametrize(("groups", "shared"), [(4, 0.0), (10, 0.0), (40, 0.0), (40, 0.8)])
def test_the_expected_best_of_the_effective_number_is_that_of_simulations(groups: int, shared: float) -> None:
    """The mean of the largest of 40 Sharpe ratios without skill over 80 simulations; the plain count is too high."""
    rng, best, luck = np.random.default_rng(0), [], []
    for _ in range(80):
        own = np.sqrt(1 - shared) * grouped(rng, 40, groups)
        return_KT = own + np.sqrt(shared) * rng.normal(size=SESSIONS)
        ratio_K = return_KT.mean(axis=1) / return_KT.std(axis=1, ddof=1)
        luck.append(multiple_testing.count_traded(traded(return_KT)))
        best.append(ratio_K.max() - ratio_K.mean())
    variance = float(np.mean([one.variance for one in luck]))
    number = float(np.mean([one.independent for one in luck]))
    assert sharpe.expected_maximum(number, variance) == pytest.approx(np.mean(best), rel=0.08)
    assert sharpe.expected_maximum(40, variance) > 1.2 * np.mean(best) or groups == 40


def test_the_sentence_names_both_numbers() -> None:
    experiments = traded(grouped(np.random.default_rng(0), 12, 3))
    result = multiple_testing.compare(experiments)
    assert result.independent == pytest.approx(3, rel=0.05)
    ratio = [sharpe.sharpe_ratio(one.return_T) for one in experiments]
    best = experiments[int(np.argmax(ratio))].return_T
    variance = float(np.var(ratio)) * result.independent / (result.independent - 1)
    assert result.deflated == pytest.approx(sharpe.deflated(best, result.independent, variance))
    assert result.deflated > sharpe.deflated(best, 12, float(np.var(ratio, ddof=1)))
    assert "deflated by 12 experiments, worth 3 independent ones, is above zero with a" in result.caption
