"""Comparisons against the library's own classes, worked examples, noise and degenerate losses."""

from dataclasses import replace

import numpy as np
import pytest
from arch.bootstrap import MCS, SPA

from core.evaluation.experiments import multiple_testing
from core.evaluation.trading import sharpe
from tests.evaluation.sample_experiments import experiment


def noise(count: int, cutoffs: int = 400, seed: int = 0, size: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Squared errors of `count` forecasts that share most of their error with the reference: (T, K) and (T,)."""
    rng = np.random.default_rng(seed)
    shock = rng.normal(size=cutoffs)
    return (shock[:, None] + size * 0.3 * rng.normal(size=(cutoffs, count))) ** 2, (
        shock + 0.3 * rng.normal(size=cutoffs)
    ) ** 2


def experiments_of(loss_TK: np.ndarray, reference_T: np.ndarray) -> list:
    """An experiment for each column, its p-value that of the test in the verdict."""
    from core.evaluation.significance import diebold_mariano

    result = []
    for k, loss_T in enumerate(loss_TK.T):
        p_value = diebold_mariano(loss_T, reference_T, 1)
        skill = 1 - np.sqrt(loss_T.mean() / reference_T.mean())
        tone = "good" if p_value < 0.05 and skill > 0 else "none"
        result.append(experiment(k, loss_T, reference_T, p_value=p_value, skill=float(skill), tone=tone))
    return result


def test_spa_is_that_of_the_library_on_studentised_losses() -> None:
    loss_TK, reference_T = noise(12, seed=3)
    loss_TK[:, 4] -= 0.03
    gain = reference_T[:, None] - loss_TK
    # the library's own estimate of the variance, over all lags
    library = SPA(reference_T, loss_TK, block_size=8, reps=2, seed=0)
    library.compute()
    spread = np.sqrt(library._loss_diff_var)
    np.testing.assert_allclose(multiple_testing._long_run_deviation(gain, 8), spread, rtol=1e-5)
    oracle = SPA(
        np.zeros(len(gain)),
        -gain / multiple_testing._long_run_deviation(gain, 8),
        block_size=8,
        reps=multiple_testing.REPS,
        seed=5,
    )
    oracle.compute()
    p_value, superior = multiple_testing.find_superior(loss_TK, np.tile(reference_T[:, None], 12), 8, seed=5)
    assert p_value == oracle.pvalues["consistent"]
    assert superior.tolist() == oracle.better_models(0.05, "consistent").tolist()
    assert multiple_testing.find_superior(loss_TK, np.tile(reference_T[:, None], 12), 8, seed=5)[0] == p_value  # seeded


def test_poor_experiments_do_not_hide_a_good_one() -> None:
    """What studentising and the consistent p-value are for (Hansen 2005): volatile and hopeless ones cost no power."""
    loss_TK, reference_T = noise(20, seed=4)
    loss_TK[:, 0] = reference_T - 0.2 + 0.1 * np.random.default_rng(0).normal(size=400)
    loss_TK[:, 10:] = loss_TK[:, 10:] * 20 + 5
    p_value, superior = multiple_testing.find_superior(loss_TK, np.tile(reference_T[:, None], 20), 8)
    assert p_value < 0.01 and superior.tolist() == [0]


def test_the_confidence_set_is_that_of_the_library() -> None:
    loss_TK, _ = noise(9, seed=1)
    loss_TK[:, [2, 5]] += 0.4 * np.random.default_rng(2).random((400, 2))
    for seed in range(3):
        oracle = MCS(loss_TK, 0.10, reps=multiple_testing.REPS, block_size=8, method="R", seed=seed)
        oracle.compute()
        assert multiple_testing.find_confidence_set(loss_TK, 8, seed) == tuple(oracle.included)
        assert 0 < len(oracle.included) < 9


def test_experiments_of_equal_losses_share_their_place() -> None:
    loss_TK, _ = noise(3, seed=1)
    twice = np.concatenate([loss_TK, loss_TK[:, :1], loss_TK[:, :1] + 0.5], axis=1)
    members = multiple_testing.find_confidence_set(twice, 8)
    assert (0 in members) == (3 in members) and 4 not in members
    assert multiple_testing.find_confidence_set(np.tile([0.36, 0.16, 0.25], (50, 1)), 8) == (
        1,
    )  # constant forecasts, all up
    assert multiple_testing.find_confidence_set(np.ones((50, 3)), 8) == (0, 1, 2)


def test_the_best_of_many_lucky_experiments_is_no_evidence() -> None:
    """Forty forecasts without skill: the best beats its reference at 5 % alone and does not among all of them."""
    for seed in (0, 5):
        experiments = experiments_of(*noise(40, seed=seed))
        result = multiple_testing.compare(experiments)
        assert sum(one.tone == "good" for one in experiments) > 0  # with enough experiments luck finds evidence
        assert result.p_value > 0.05 and result.superior == ()
        assert len(result.confidence_set) > 30  # nothing tells noise from noise
        assert result.best is not None and experiments[result.best].tone == "good"
        assert result.caption.startswith("The best of 40 experiments has p = 0.0") and result.caption.endswith(
            ": no evidence."
        )
        assert f"(SPA p = {result.p_value:.3f})" in result.caption


def test_one_true_model_among_forty_stays() -> None:
    loss_TK, reference_T = noise(41, seed=2)
    rng = np.random.default_rng(9)
    loss_TK[:, 17] = (0.8 * np.sqrt(reference_T) + 0.1 * rng.normal(size=400)) ** 2
    result = multiple_testing.compare(experiments_of(loss_TK, reference_T))
    assert (result.best, result.superior) == (17, (17,))
    assert 17 in result.confidence_set and len(result.confidence_set) < 10
    assert result.p_value < 0.05 and result.caption.endswith("the evidence over the historical mean holds.")
    assert (
        result.skill_K[17]
        == max(result.skill_K)
        == pytest.approx(1 - np.sqrt(loss_TK[:, 17].mean() / reference_T.mean()))
    )


def test_deflated_sharpe_is_that_of_the_example() -> None:
    """Bailey & López de Prado (2014), pp. 9–10: the best of 100 trials, annual Sharpe ratio 2.5 over 1,250 days, with
    variance ½ between trials, skewness −3 and kurtosis 10, is real with probability .9004 only."""
    benchmark = sharpe.expected_maximum(100, 0.5 / 250)
    assert benchmark == pytest.approx(0.1132, abs=5e-5)
    assert sharpe.probabilistic_from_moments(2.5 / np.sqrt(250), 1250, -3, 10, benchmark) == pytest.approx(
        0.9004, abs=5e-5
    )


def test_the_best_sharpe_ratio_is_deflated_by_the_number_of_experiments() -> None:
    rng = np.random.default_rng(0)
    returns = rng.normal(0.02, 1.0, (5, 300))
    experiments = [replace(t, return_T=r) for t, r in zip(experiments_of(*noise(5)), returns, strict=True)]
    ratios = [sharpe.sharpe_ratio(r) for r in returns]
    result = multiple_testing.compare(experiments)
    best = returns[int(np.argmax(ratios))]
    assert result.independent == pytest.approx(5, abs=0.1)  # they trade independently
    assert result.deflated == pytest.approx(sharpe.deflated(best, 5, float(np.var(ratios, ddof=1))), rel=0.01)
    assert result.deflated < sharpe.probabilistic(best)
    assert (
        f"deflated by 5 experiments, is above zero with a probability of {100 * result.deflated:.0f} %"
        in result.caption
    )
    one = multiple_testing.compare(experiments[:1])
    assert one.deflated == pytest.approx(sharpe.probabilistic(returns[0]))


def test_labels_overlap_in_the_cutoffs_of_all_symbols() -> None:
    """Five sessions of a symbol that pauses at weekends are seven cutoffs of one that does not."""
    day = np.datetime64("2024-01-01", "ns") + np.arange(140) * np.timedelta64(1, "D")
    shares = day[np.is_busday(day.astype("M8[D]"))]
    cutoff_N, symbol_N = np.concatenate([shares, day]), np.repeat([0, 1], [len(shares), len(day)])
    rng = np.random.default_rng(0)
    both = [
        replace(
            experiment(k, rng.random(len(cutoff_N)), symbols=("A",), horizon=5),
            cutoff_N=cutoff_N,
            symbol_N=symbol_N,
            symbols=("A", "B"),
        )
        for k in range(2)
    ]
    assert multiple_testing._aligned(both)[3] == 7
    alone = [experiment(k, rng.random(140), horizon=5) for k in range(2)]
    assert multiple_testing._aligned(alone)[3] == 5


def test_only_shared_cutoffs_are_compared_and_an_experiment_without_them_is_left_out() -> None:
    loss_TK, reference_T = noise(4, 200, seed=5)
    experiments = experiments_of(loss_TK, reference_T)
    late = [replace(t, cutoff_N=t.cutoff_N + np.timedelta64(40, "D")) for t in experiments[2:]]
    stray = experiment(9, loss_TK[:, 0], reference_T, start="1990-01-01")
    result = multiple_testing.compare([*experiments[:2], *late, stray])
    assert (result.experiments, result.compared, result.cutoffs) == (5, (0, 1, 2, 3), 160)
    assert result.skill_K[2] == pytest.approx(1 - np.sqrt(loss_TK[:160, 2].mean() / reference_T[:160].mean()))
    assert result.skill_K[0] == pytest.approx(1 - np.sqrt(loss_TK[40:, 0].mean() / reference_T[40:].mean()))
    assert "1 of them was judged on other cutoffs and left out." in result.caption


def test_symbols_of_different_price_count_alike_whatever_their_order() -> None:
    loss_TK, reference_T = noise(2, 100, seed=6)
    two = [
        experiment(
            k,
            np.concatenate([loss_TK[:, k], 1e6 * loss_TK[:, k]]),
            np.concatenate([reference_T, 1e6 * reference_T]),
            symbols=("A", "B"),
        )
        for k in range(2)
    ]
    swapped = experiment(
        1,
        np.concatenate([1e6 * loss_TK[:, 1], loss_TK[:, 1]]),
        np.concatenate([1e6 * reference_T, reference_T]),
        symbols=("B", "A"),
    )
    one = multiple_testing.compare(experiments_of(loss_TK, reference_T))
    for pair in (two, [two[0], swapped]):
        result = multiple_testing.compare(pair)
        assert (result.cutoffs, result.p_value, result.confidence_set) == (100, one.p_value, one.confidence_set)
        assert result.skill_K == pytest.approx(one.skill_K)


def test_experiments_that_cannot_be_compared_are_reported() -> None:
    assert "first experiment" in multiple_testing.compare([experiment(0)]).caption
    assert np.isnan(multiple_testing.compare([experiment(0)]).p_value)
    short = multiple_testing.compare([experiment(k, np.arange(20.0)) for k in range(3)])
    assert (
        short.best is None
        and "share too few cutoffs of their test periods to be compared: 20, and at least 30" in short.caption
    )
    far = multiple_testing.compare([experiment(k, np.arange(35.0), horizon=10) for k in range(2)])
    assert "35, and at least 40" in far.caption
    apart = multiple_testing.compare([experiment(k, np.ones(50), start=f"20{k}0-01-01") for k in range(3)])
    assert apart.best is None
    unknown = multiple_testing.compare([experiment(k, np.ones(50), np.full(50, np.nan)) for k in range(2)])
    assert unknown.best is None and "0, and at least 30" in unknown.caption


@pytest.mark.parametrize("loss", [np.ones(60), np.zeros(60), np.full(60, 0.25)])
def test_constant_losses_are_compared(loss: np.ndarray) -> None:
    result = multiple_testing.compare([experiment(k, loss, np.ones(60), tone="none", p_value=1.0) for k in range(3)])
    assert result.confidence_set == (0, 1, 2) and len(result.superior) == (0 if loss[0] == 1 else 3)
    none = multiple_testing.compare([experiment(k, loss + k, np.zeros(60), tone="bad", p_value=0.0) for k in range(3)])
    assert (none.p_value, none.superior, none.confidence_set) == (1.0, (), (0,))


def test_blocks_are_twice_as_long_as_outcomes_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = []
    find = multiple_testing.find_superior
    monkeypatch.setattr(multiple_testing, "find_superior", lambda *given: lengths.append(given[2]) or find(*given))
    rng = np.random.default_rng(0)
    for horizon in (1, 10):
        losses = rng.chisquare(1, (400, 2))
        multiple_testing.compare([experiment(k, losses[:, k], horizon=horizon) for k in range(2)])
    assert lengths == [8, 20]  # the cube root of 400, rounded up, and twice ten
