"""Conformal margins by hand, against a brute-force loop, and in the coverage that they promise."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intervals import conformal


def test_scores_by_hand() -> None:
    y, low, high = np.array([[0.0, 5.0, -3.0]]), np.array([[-1.0, 1.0, -1.0]]), np.array([[2.0, 4.0, 1.0]])
    np.testing.assert_array_equal(conformal.scores(y, low, high), [[-1.0, 1.0, 2.0]])


@pytest.mark.parametrize(
    ("count", "coverage", "rank"),
    [(9, 0.9, 9), (19, 0.9, 18), (99, 0.9, 90), (4, 0.5, 3), (5, 0.9, 5), (1, 0.5, 1), (8, 0.9, 8), (19, 0.8, 16)],
)
def test_the_margin_is_the_named_smallest_score(count: int, coverage: float, rank: int) -> None:
    score = np.random.default_rng(0).permutation(np.arange(1.0, count + 1))
    assert conformal.margin(score, coverage) == rank


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60), st.sampled_from([0.5, 0.8, 0.9]))
def test_the_margin_is_the_least_score_with_enough_at_or_below(score: list[float], coverage: float) -> None:
    made = conformal.margin(np.array(score), coverage)
    needed = min(math.ceil((len(score) + 1) * coverage), len(score))
    assert made in score
    assert sum(s <= made for s in score) >= needed
    assert sum(s < made for s in score) < needed


@st.composite
def histories(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Scores, the rows at which their labels are known, the cutoffs that ask, and the memory."""
    count, steps, delay = draw(st.integers(1, 40)), draw(st.integers(1, 3)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    row_N = np.sort(rng.choice(80, count, replace=False))
    at_M = np.sort(rng.choice(90, draw(st.integers(1, 12)), replace=False))
    return rng.normal(size=(count, steps)), row_N + delay, at_M, draw(st.integers(1, 50))


@given(histories(), st.sampled_from([0.5, 0.8, 0.9]))
def test_rolling_margins_are_those_of_a_loop(
    made: tuple[np.ndarray, np.ndarray, np.ndarray, int], coverage: float
) -> None:
    score_NH, known_N, at_M, window = made
    expected = []
    for at in at_M:
        seen = [n for n in range(len(known_N)) if known_N[n] <= at][-window:]
        expected.append(
            [conformal.margin(score_NH[seen, h], coverage) if seen else 0.0 for h in range(score_NH.shape[1])]
        )
    np.testing.assert_array_equal(conformal.rolling_margins(score_NH, known_N, at_M, (coverage,), window)[0], expected)


def test_a_score_enters_only_when_its_label_is_known() -> None:
    score_NH, cutoff_N, horizon = np.array([[1.0], [2.0], [50.0], [4.0]]), np.array([10, 11, 12, 13]), 5
    at_M = np.array([14, 15, 16, 17, 18])
    made = conformal.rolling_margins(score_NH, cutoff_N + horizon, at_M, (0.9,), 500)
    assert made.ravel().tolist() == [0.0, 1.0, 2.0, 50.0, 50.0]
    forgetful = conformal.rolling_margins(score_NH, cutoff_N + horizon, at_M, (0.9,), 1)
    assert forgetful.ravel().tolist() == [0.0, 1.0, 2.0, 50.0, 4.0]


def test_widening_moves_both_sides_and_never_crosses() -> None:
    low, high = np.array([[0.0, 0.0]]), np.array([[2.0, 2.0]])
    made = conformal.widen(low, high, np.array([[1.0, -5.0]]))
    np.testing.assert_array_equal(made, [[[-1.0, 1.0]], [[3.0, 1.0]]])


def test_a_band_that_was_far_too_narrow_holds_what_it_promises() -> None:
    rng = np.random.default_rng(0)
    y, row = rng.normal(size=(3000, 1)), np.arange(3000)
    low, high = np.full((3000, 1), -0.2), np.full((3000, 1), 0.2)
    margin = conformal.rolling_margins(conformal.scores(y, low, high), row + 1, row[500:], (0.9,), 500)[0]
    low, high = conformal.widen(low[500:], high[500:], margin)
    assert ((y[500:] >= low) & (y[500:] <= high)).mean() == pytest.approx(0.9, abs=0.02)


def test_split_conformal_holds_its_exact_share_of_exchangeable_outcomes() -> None:
    # Of n scores and a new one, each is the k-th smallest equally often: coverage is ⌈(n + 1) c⌉ / (n + 1), no less.
    score = np.random.default_rng(0).standard_t(3, size=(20, 40_000))
    for coverage, share in ((0.9, 18 / 20), (0.8, 16 / 20), (0.52, 11 / 20)):
        (margin,) = conformal.fixed_margins(score[:19], (coverage,))
        assert (score[19] <= margin).mean() == pytest.approx(share, abs=0.006)  # three standard errors are .005


def test_adaptive_margins_by_hand() -> None:
    # Coverage .5, step .2: α = .5, and after a miss .4, after a hit .6, when each is known one row later.
    score, row = np.array([1.0, 3.0, 2.0, 5.0, 4.0, 0.0]), np.arange(6)
    made = conformal.adaptive_margins(score, row + 1, row, (0.5,), 500, step=0.2)[0]
    # row 1: one score, 1. row 2: 3 > 1 missed, α .4, the ⌈3 · .6⌉ = 2nd of (1, 3). row 3: 2 ≤ 3 held, α .5, 2nd of 3.
    # row 4: 5 > 2 missed, α .4, ⌈5 · .6⌉ = 3rd of (1, 2, 3, 5). row 5: 4 > 3 missed, α .3, ⌈6 · .7⌉ = 5th.
    assert made.tolist() == [0.0, 1.0, 3.0, 2.0, 3.0, 5.0]
    late = conformal.adaptive_margins(score, row + 3, row, (0.5,), 500, step=0.2)[0]
    assert late.tolist() == [0.0, 0.0, 0.0, 1.0, 3.0, 2.0]  # nothing was missed where nothing was drawn


def test_adaptive_margins_hold_in_the_long_run_through_a_shift() -> None:
    # Gibbs & Candès 2021, proposition 4.1: the share missed is within (max(α, 1 − α) + γ) / (γ T) of α, come what may.
    rng, count = np.random.default_rng(1), 4000
    score = np.abs(rng.normal(size=count)) * np.where(np.arange(count) < 2000, 1.0, np.linspace(1, 12, count))
    row = np.arange(count)
    adaptive = conformal.adaptive_margins(score, row + 1, row, (0.9,), 500)[0]
    plain = conformal.rolling_margins(score[:, None], row + 1, row, (0.9,), 500)[0, :, 0]
    missed = (score > adaptive)[1:].mean()
    assert abs(missed - 0.1) <= (0.9 + 0.01) / (0.01 * count)
    late = slice(2000, None)
    assert (score > adaptive)[late].mean() < (score > plain)[late].mean() - 0.01


@given(histories(), st.sampled_from([0.5, 0.8]))
def test_rolling_quantiles_are_those_of_numpy(
    made: tuple[np.ndarray, np.ndarray, np.ndarray, int], coverage: float
) -> None:
    value_NH, known_N, at_M, window = made
    low_MH, high_MH = conformal.rolling_quantiles(value_NH, known_N, at_M, coverage, window)
    for m, at in enumerate(at_M):
        seen = value_NH[[n for n in range(len(known_N)) if known_N[n] <= at][-window:]]
        for found, level in ((low_MH[m], (1 - coverage) / 2), (high_MH[m], (1 + coverage) / 2)):
            if len(seen) > 1:
                np.testing.assert_allclose(found, np.quantile(seen, level, axis=0, method="weibull"), atol=1e-12)
            else:
                assert np.isnan(found).all()
