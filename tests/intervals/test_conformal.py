"""Conformal quantiles by hand, compared with a brute-force loop, and by their coverage; tracking by its guarantee."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intervals import conformal


def quantile(score_n: np.ndarray, level: float) -> float:
    """The quantile of these scores alone."""
    return float(
        conformal.quantiles(score_n[:, None], np.zeros((len(score_n), 1)), np.array([0]), (level,), 500)[0, 0, 0]
    )


RANKS = [(9, 0.9, 9), (19, 0.9, 18), (99, 0.9, 90), (5, 0.9, 5), (8, 0.9, 8), (19, 0.8, 16), (4, 0.5, 2.5), (5, 0.5, 3)]


@pytest.mark.parametrize(
    ("count", "level", "rank"), [*RANKS, (9, 0.1, 1), (19, 0.1, 2), (99, 0.1, 10), (5, 0.1, 1), (21, 0.1, 2)]
)
def test_a_quantile_is_the_score_of_the_conformal_rank(count: int, level: float, rank: float) -> None:
    score = np.random.default_rng(0).permutation(np.arange(1.0, count + 1))
    assert quantile(score, level) == rank


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60), st.sampled_from([0.75, 0.9, 0.95]))
def test_levels_mirror_each_other(score: list[float], level: float) -> None:
    assert quantile(np.array(score), level) == -quantile(-np.array(score), 1 - level)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60), st.sampled_from([0.75, 0.9, 0.95]))
def test_an_upper_quantile_is_the_smallest_score_with_enough_scores_at_or_below(score: list[float], level: float):
    value = quantile(np.array(score), level)
    needed = min(math.ceil((len(score) + 1) * level), len(score))
    assert value in score
    assert sum(s <= value for s in score) >= needed
    assert sum(s < value for s in score) < needed


@st.composite
def histories(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Scores, the rows at which each is known, the cutoff rows of new intervals, and the window."""
    count, steps, delay = draw(st.integers(1, 40)), draw(st.integers(1, 3)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    row_N = np.sort(rng.choice(80, count, replace=False))
    row_M = np.sort(rng.choice(90, draw(st.integers(1, 12)), replace=False))
    known_NH = row_N[:, None] + delay + np.arange(steps)
    return rng.normal(size=(count, steps)), known_NH, row_M, draw(st.integers(1, 50))


@given(histories(), st.sampled_from([0.1, 0.5, 0.8, 0.9]))
def test_rolling_quantiles_equal_those_of_a_loop(history, level: float) -> None:
    score_NH, known_NH, row_M, window = history
    expected_MH = np.zeros((len(row_M), score_NH.shape[1]))
    for m, row in enumerate(row_M):
        for h in range(score_NH.shape[1]):
            known = [n for n in range(len(score_NH)) if known_NH[n, h] <= row][-window:]
            expected_MH[m, h] = quantile(score_NH[known, h], level) if known else 0.0
    np.testing.assert_array_equal(conformal.quantiles(score_NH, known_NH, row_M, (0.3, level), window)[1], expected_MH)


def test_scores_of_a_step_count_once_its_outcome_is_known() -> None:
    score_NH = np.array([[1.0, 10.0], [2.0, 20.0], [50.0, 30.0], [4.0, 40.0]])
    known_NH = np.array([[11, 15], [12, 16], [13, 17], [14, 18]])  # the first step after a row, the second after five
    row_M = np.array([10, 11, 12, 13, 14, 15, 18])
    first, second = conformal.quantiles(score_NH, known_NH, row_M, (0.9,), 500)[0].T
    assert first.tolist() == [0.0, 1.0, 2.0, 50.0, 50.0, 50.0, 50.0]
    assert second.tolist() == [0.0, 0.0, 0.0, 0.0, 0.0, 10.0, 40.0]
    latest = conformal.quantiles(score_NH, known_NH, row_M, (0.9,), 1)[0, :, 0]
    assert latest.tolist() == [0.0, 1.0, 2.0, 50.0, 4.0, 4.0, 4.0]


def test_each_tail_leaves_out_its_exact_share_of_exchangeable_outcomes() -> None:
    # A new score has each rank among n + 1 equally often: it lies above the k-th of n with probability 1 − k / (n + 1).
    score = np.random.default_rng(0).exponential(size=(20, 10_000))
    known_N = np.zeros((19, score.shape[1]), dtype=int)
    for level, share in ((0.95, 1 / 20), (0.9, 2 / 20), (0.72, 5 / 20)):
        upper, lower = conformal.quantiles(score[:19], known_N, np.array([0]), (level, 1 - level), 500)[:, 0]
        for missed in (score[19] > upper, score[19] < lower):
            assert missed.mean() == pytest.approx(share, abs=3 * math.sqrt(share * (1 - share) / score.shape[1]))


def test_tracked_margins_by_hand() -> None:
    # Level .8, step size .5: an outcome at or below the margin lowers the next one by .1, one above raises it by .4.
    score, quantile_N = np.array([5.0, 3.0, 1.0, 9.0, 0.0]), np.array([0.0, 5.0, 5.0, 5.0, 5.0])
    row = np.arange(5)

    def margins(delay: int) -> list[float]:
        known_N1 = (row + delay)[:, None]
        tracked = conformal.track(
            score[None, :, None], quantile_N[None, :, None], known_N1, row, (0.8,), np.array([0.5])
        )
        return tracked.ravel().round(9).tolist()

    # The first outcome counts for nothing: at its cutoff no score was known, so that there was no margin.
    assert margins(1) == [0.0, 5.0, 4.9, 4.8, 5.2]
    assert margins(3) == [0.0, 5.0, 5.0, 5.0, 5.0]  # none that had a margin is known yet


def sequences() -> dict[str, np.ndarray]:
    """Scores that no method can expect."""
    rng, count = np.random.default_rng(1), 4000
    time = np.arange(count)
    return {
        "calm": rng.normal(size=count),
        "break": rng.normal(size=count) * np.where(time < 2000, 1, 8),
        "jumps": rng.normal(size=count) + 20 * np.sign(np.sin(time / 300)),
        "climb": 0.5 * time + rng.normal(size=count),
        "heavy": rng.standard_t(2, size=count),
    }


@pytest.mark.parametrize("name", sequences())
@pytest.mark.parametrize("delay", [1, 5])
@pytest.mark.parametrize("level", [0.05, 0.5, 0.95])
def test_the_long_run_share_of_misses_keeps_its_guarantee(name: str, delay: int, level: float) -> None:
    # After Angelopoulos, Candès & Tibshirani 2023, proposition 1: the shift is step size · Σ (level − below). Once it
    # exceeds the largest |score − quantile| b, outcomes are below; so it never exceeds b by more than the moves of the
    # outcomes that are still unknown.
    score, step_size = sequences()[name][:, None], np.array([0.1])
    row = np.arange(len(score))
    known = row[:, None] + delay
    rolling = conformal.quantiles(score, known, row, (level,), 100)
    margin = conformal.track(score[None], rolling, known, row, (level,), step_size)[0, :, 0]
    counted = slice(delay, len(score) - delay + 1)
    below, total = score[counted, 0] <= margin[counted], len(score[counted])
    largest = np.abs(score[counted, 0] - rolling[0, counted, 0]).max()
    assert abs(below.mean() - level) <= (largest / 0.1 + delay + 1) / total


def test_tracking_reaches_scores_above_all_that_were_seen() -> None:
    # On a climb every score is the largest so far, so that no quantile of past scores is enough.
    score = sequences()["climb"][:, None]
    row = np.arange(len(score))
    rolling = conformal.quantiles(score, row[:, None] + 1, row, (0.95,), 100)
    tracked = conformal.track(score[None], rolling, row[:, None] + 1, row, (0.95,), np.array([0.1]))
    late = slice(1000, None)
    assert (score[late, 0] > rolling[0, late, 0]).mean() > 0.9
    assert (score[late, 0] > tracked[0, late, 0]).mean() == pytest.approx(0.05, abs=0.01)
