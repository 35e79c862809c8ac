"""Conformal margins by hand, compared with a brute-force loop, and by their coverage."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intervals import conformal


def margin(score_n: np.ndarray, coverage: float) -> float:
    """The margin from these scores alone."""
    return float(conformal.fixed_margins(score_n[:, None], (coverage,))[0, 0])


def test_scores_are_distances_outside_the_interval() -> None:
    y, low, high = np.array([[0.0, 5.0, -3.0]]), np.array([[-1.0, 1.0, -1.0]]), np.array([[2.0, 4.0, 1.0]])
    np.testing.assert_array_equal(conformal.scores(y, low, high), [[-1.0, 1.0, 2.0]])


@pytest.mark.parametrize(
    ("count", "coverage", "rank"),
    [(9, 0.9, 9), (19, 0.9, 18), (99, 0.9, 90), (4, 0.5, 3), (5, 0.9, 5), (1, 0.5, 1), (8, 0.9, 8), (19, 0.8, 16)],
)
def test_the_margin_is_the_score_of_the_conformal_rank(count: int, coverage: float, rank: int) -> None:
    score = np.random.default_rng(0).permutation(np.arange(1.0, count + 1))
    assert margin(score, coverage) == rank


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60), st.sampled_from([0.5, 0.8, 0.9]))
def test_the_margin_is_the_smallest_score_with_enough_scores_at_or_below(score: list[float], coverage: float) -> None:
    value = margin(np.array(score), coverage)
    needed = min(math.ceil((len(score) + 1) * coverage), len(score))
    assert value in score
    assert sum(s <= value for s in score) >= needed
    assert sum(s < value for s in score) < needed


@st.composite
def histories(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Scores, the rows at which their labels are known, the cutoff rows of new intervals, and the window."""
    count, steps, delay = draw(st.integers(1, 40)), draw(st.integers(1, 3)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    row_N = np.sort(rng.choice(80, count, replace=False))
    row_M = np.sort(rng.choice(90, draw(st.integers(1, 12)), replace=False))
    return rng.normal(size=(count, steps)), row_N + delay, row_M, draw(st.integers(1, 50))


@given(histories(), st.sampled_from([0.5, 0.8, 0.9]))
def test_rolling_margins_equal_those_of_a_loop(
    history: tuple[np.ndarray, np.ndarray, np.ndarray, int], coverage: float
) -> None:
    score_NH, known_N, row_M, window = history
    expected_MH = []
    for row in row_M:
        known = [n for n in range(len(known_N)) if known_N[n] <= row][-window:]
        expected_MH.append([margin(score_NH[known, h], coverage) if known else 0.0 for h in range(score_NH.shape[1])])
    margin_CMH = conformal.rolling_margins(score_NH, known_N, row_M, (coverage,), window)
    np.testing.assert_array_equal(margin_CMH[0], expected_MH)


def test_scores_count_once_their_label_is_known() -> None:
    score_NH, cutoff_N, horizon = np.array([[1.0], [2.0], [50.0], [4.0]]), np.array([10, 11, 12, 13]), 5
    row_M = np.array([14, 15, 16, 17, 18])
    margins = conformal.rolling_margins(score_NH, cutoff_N + horizon, row_M, (0.9,), 500)
    assert margins.ravel().tolist() == [0.0, 1.0, 2.0, 50.0, 50.0]
    of_latest_score = conformal.rolling_margins(score_NH, cutoff_N + horizon, row_M, (0.9,), 1)
    assert of_latest_score.ravel().tolist() == [0.0, 1.0, 2.0, 50.0, 4.0]


def test_widened_intervals_do_not_cross() -> None:
    low, high = np.array([[0.0, 0.0]]), np.array([[2.0, 2.0]])
    widened = conformal.widen(low, high, np.array([[1.0, -5.0]]))
    np.testing.assert_array_equal(widened, [[[-1.0, 1.0]], [[3.0, 1.0]]])


def test_narrow_intervals_are_widened_to_nominal_coverage() -> None:
    rng = np.random.default_rng(0)
    y, row = rng.normal(size=(3000, 1)), np.arange(3000)
    low, high = np.full((3000, 1), -0.2), np.full((3000, 1), 0.2)
    margin_MH = conformal.rolling_margins(conformal.scores(y, low, high), row + 1, row[500:], (0.9,), 500)[0]
    low, high = conformal.widen(low[500:], high[500:], margin_MH)
    assert ((y[500:] >= low) & (y[500:] <= high)).mean() == pytest.approx(0.9, abs=0.02)


def test_split_conformal_covers_its_exact_share_of_exchangeable_outcomes() -> None:
    # A new score has each rank among n + 1 equally often, so that coverage is ⌈(n + 1) c⌉ / (n + 1).
    score = np.random.default_rng(0).standard_t(3, size=(20, 40_000))
    for coverage, share in ((0.9, 18 / 20), (0.8, 16 / 20), (0.52, 11 / 20)):
        (margin_H,) = conformal.fixed_margins(score[:19], (coverage,))
        assert (score[19] <= margin_H).mean() == pytest.approx(share, abs=0.006)  # three standard errors are .005


def test_adaptive_margins_by_hand() -> None:
    # Coverage .5, step size .2: α starts at .5 and falls by .1 after a miss, rises by .1 after a hit, one row later.
    score, row = np.array([1.0, 3.0, 2.0, 5.0, 4.0, 0.0]), np.arange(6)
    margins = conformal.adaptive_margins(score, row + 1, row, (0.5,), 500, step_size=0.2)[0]
    # row 1: one score, 1. row 2: 3 > 1 missed, α .4, the ⌈3 · .6⌉ = 2nd of (1, 3). row 3: 2 ≤ 3 hit, α .5, 2nd of 3.
    # row 4: 5 > 2 missed, α .4, ⌈5 · .6⌉ = 3rd of (1, 2, 3, 5). row 5: 4 > 3 missed, α .3, ⌈6 · .7⌉ = 5th.
    assert margins.tolist() == [0.0, 1.0, 3.0, 2.0, 3.0, 5.0]
    late = conformal.adaptive_margins(score, row + 3, row, (0.5,), 500, step_size=0.2)[0]
    assert late.tolist() == [0.0, 0.0, 0.0, 1.0, 3.0, 2.0]  # no interval, no miss


def test_adaptive_margins_keep_their_long_run_coverage_through_a_shift() -> None:
    # Gibbs & Candès 2021, proposition 4.1: whatever the data, the share of misses is within (max(α, 1 − α) + γ) / (γ T)
    # of α.
    rng, count = np.random.default_rng(1), 4000
    score = np.abs(rng.normal(size=count)) * np.where(np.arange(count) < 2000, 1.0, np.linspace(1, 12, count))
    row = np.arange(count)
    adaptive = conformal.adaptive_margins(score, row + 1, row, (0.9,), 500)[0]
    rolling = conformal.rolling_margins(score[:, None], row + 1, row, (0.9,), 500)[0, :, 0]
    missed = (score > adaptive)[1:].mean()
    assert abs(missed - 0.1) <= (0.9 + 0.01) / (0.01 * count)
    late = slice(2000, None)
    assert (score > adaptive)[late].mean() < (score > rolling)[late].mean() - 0.01


@given(histories(), st.sampled_from([0.5, 0.8]))
def test_rolling_quantiles_equal_those_of_numpy(
    history: tuple[np.ndarray, np.ndarray, np.ndarray, int], coverage: float
) -> None:
    value_NH, known_N, row_M, window = history
    low_MH, high_MH = conformal.rolling_quantiles(value_NH, known_N, row_M, coverage, window)
    for m, row in enumerate(row_M):
        known_nH = value_NH[[n for n in range(len(known_N)) if known_N[n] <= row][-window:]]
        for bound_H, level in ((low_MH[m], (1 - coverage) / 2), (high_MH[m], (1 + coverage) / 2)):
            if len(known_nH) > 1:
                expected_H = np.quantile(known_nH, level, axis=0, method="weibull")
                np.testing.assert_allclose(bound_H, expected_H, atol=1e-12)
            else:
                assert np.isnan(bound_H).all()
