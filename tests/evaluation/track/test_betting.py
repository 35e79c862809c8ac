"""Bets on drift: they stay small while nothing changes, grow when it does, and are what their sources say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation import significance
from core.evaluation.track import betting

DRAWS = 60


@pytest.fixture(scope="module")
def draws():
    """(draw, session, series) normal errors of the test split and of the sessions after it."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(DRAWS, 250, 4)), rng.normal(size=(DRAWS, 140, 4))


def wealth(promised_MS: np.ndarray, later_TS: np.ndarray) -> np.ndarray:
    return betting.bet_on_losses((promised_MS**2).mean(axis=1), (later_TS**2).mean(axis=1))


def test_a_sound_model_is_flagged_at_most_once_in_twenty(draws):
    false = [wealth(old, new).max() >= betting.ALARM for old, new in zip(*draws, strict=True)]
    assert np.mean(false) <= betting.ALPHA


def test_a_doubled_variance_is_flagged_within_forty_sessions(draws):
    promised, later = draws
    early = [
        wealth(old, np.sqrt(2) * new[:40]).max() >= betting.ALARM for old, new in zip(promised, later, strict=True)
    ]
    assert np.mean(early) >= 0.95


def test_a_change_after_a_hundred_good_sessions_is_flagged_too(draws):
    spread_T1 = np.where(np.arange(140) < 100, 1, np.sqrt(2))[:, None]
    late = [wealth(old, spread_T1 * new)[100:].max() >= betting.ALARM for old, new in zip(*draws, strict=True)]
    assert np.mean(late) >= 0.8


def test_smaller_losses_are_no_alarm(draws):
    assert wealth(draws[0][0], 0.3 * draws[1][0]).max() < 2


@given(st.lists(st.floats(0, 5), min_size=1, max_size=12), st.lists(st.floats(0, 5), min_size=1, max_size=12))
def test_ranks_are_those_of_a_sorted_list(promised, later):
    ranks = betting.ranks(np.array(promised), np.array(later))
    for t, loss in enumerate(later):
        known = [*promised, *later[: t + 1]]
        expected = (sum(one > loss for one in known) + sum(one == loss for one in known) / 2) / len(known)
        assert ranks[t] == pytest.approx(expected)
    assert ((ranks > 0) & (ranks < 1)).all()


def test_the_expected_wealth_never_exceeds_one():
    """Over all orders of the same losses, the mean wealth is at most 1: each is as likely if nothing changed."""
    from itertools import permutations

    loss = np.array([0.1, 0.4, 0.4, 1.0, 2.5, 7.0])
    final = [betting.bet_on_losses(np.array(order[:3]), np.array(order[3:])) for order in permutations(loss)]
    assert (np.mean(final, axis=0) <= 1 + 1e-12).all()


def test_the_bet_on_the_coverage_follows_its_mean():
    rng = np.random.default_rng(1)
    low, high = significance.wilson_interval(0.9, 250)
    sound = [betting.bet_on_coverage((rng.random(250) < 0.9).astype(float), low, high).max() for _ in range(DRAWS)]
    assert np.mean(np.array(sound) >= betting.ALARM) <= betting.ALPHA
    for share in (0.6, 1.0):
        assert (
            betting.bet_on_coverage((rng.random(400) < share).astype(float), low, min(high, 0.95))[-1] > betting.ALARM
        )


def test_the_band_of_the_coverage_contains_it_at_all_sessions_at_once():
    rng, missed = np.random.default_rng(2), 0
    for _ in range(100):
        low_T, high_T = betting.coverage_band((rng.random(120) < 0.9).astype(float))
        missed += bool(((low_T > 0.9) | (high_T < 0.9)).any())
        assert (low_T <= high_T).all() and high_T[-1] - low_T[-1] < high_T[0] - low_T[0]
    assert missed <= 5


def test_overlapping_sessions_are_tested_apart():
    """With an overlap of h, one burst of h equal losses is one loss for each gambler."""
    promised = np.abs(np.random.default_rng(3).normal(size=200))
    burst = np.repeat(10.0, 5)
    together, apart = betting.bet_on_losses(promised, burst), betting.bet_on_losses(promised, burst, overlap=5)
    assert apart[-1] < together[-1] / 10
    single = [betting.bet_on_losses(promised[::-1][r::5][::-1], burst[:1])[0] for r in range(5)]
    assert apart[-1] == pytest.approx(np.mean(single))


def test_a_short_record_is_no_error():
    assert betting.bet_on_losses(np.empty(0), np.empty(0)).shape == (0,)
    low_T, high_T = betting.coverage_band(np.empty(0))
    assert len(low_T) == len(high_T) == 0
    assert np.isfinite(betting.bet_on_losses(np.ones(5), np.full(3000, 9.0))).all()
