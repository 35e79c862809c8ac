"""Resamples have the blocks of the stationary bootstrap, however many are drawn at once."""

import numpy as np
import pytest

from core.evaluation import bootstrap


def test_resamples_are_those_of_the_stationary_bootstrap() -> None:
    (at_RN,) = bootstrap.resamples(400, 300, 8.0, 0)
    assert at_RN.shape == (400, 300)
    assert (at_RN.min(), at_RN.max()) == (0, 299)
    continues = (np.diff(at_RN, axis=1) % 300) == 1
    assert 1 - continues.mean() == pytest.approx(1 / 8 * 299 / 300, rel=0.02)  # blocks end with probability 1 / 8
    assert np.bincount(at_RN.ravel()).std() / 400 < 0.3  # every position is as likely as any other
    (single_RN,) = bootstrap.resamples(50, 300, 1.0, 0)
    assert ((np.diff(single_RN, axis=1) % 300) == 1).mean() < 0.01


def test_blocks_have_the_mean_length_asked_for_in_many_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "AT_ONCE", 10_000)
    index_RN = np.concatenate(list(bootstrap.resamples(2000, 50, 5.0, 0)))
    assert index_RN.shape == (2000, 50)
    assert index_RN.min() == 0 and index_RN.max() == 49
    breaks = np.mean(np.diff(index_RN, axis=1) % 50 != 1)
    assert breaks == pytest.approx(1 / 5 * (1 - 1 / 50), abs=0.01)


def test_an_interval_has_the_central_share_of_a_statistic() -> None:
    value_N = np.random.default_rng(0).normal(size=500)
    low, high = bootstrap.interval(lambda at_RN: value_N[at_RN].mean(axis=1), 1000, 500, 1.0, 0.95, 0)
    assert high - low == pytest.approx(2 * 1.96 * value_N.std() / np.sqrt(500), rel=0.1)
    assert low < value_N.mean() < high
