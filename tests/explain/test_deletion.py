import numpy as np
import pytest

from core.explain.deletion import deletion
from core.explain.shapley import Player
from tests.explain.games import finish


def curve(weight_F, value_NP=None):
    rng, weight_F = np.random.default_rng(0), np.asarray(weight_F, dtype=float)
    x_NLF, back_KLF = (rng.normal(size=(n, 2, len(weight_F))).astype(np.float32) for n in (20, 3))
    known, back_known = np.empty((20, 1, 0), np.float32), np.empty((3, 1, 0), np.float32)
    if value_NP is None:
        value_NP = weight_F * (x_NLF[:, -1] - back_KLF[:, -1].mean(axis=0))  # Shapley values of a linear rule
    players = tuple(Player(name=str(f), past=(f,)) for f in range(len(weight_F)))
    return finish(deletion(lambda x, known: (x[:, -1] @ weight_F)[:, None], x_NLF, known, back_KLF, back_known, players,
                           value_NP, 0))[0]


def test_the_right_order_beats_random_orders_and_the_wrong_one_does_not():
    found = curve([5.0, 1.0, 0.1, 0.1])
    assert found.counts == (0, 1, 2, 3, 4) and found.ordered[0] == pytest.approx(0, abs=1e-12)
    assert found.ordered[-1] == pytest.approx(1)
    ordered, random = found.areas
    assert ordered > random + 0.1
    wrong, _ = curve([5.0, 1.0, 0.1, 0.1], np.tile([1.0, 2.0, 3.0, 4.0], (20, 1))).areas
    assert wrong < random


def test_still_forecasts_one_feature_and_many():
    assert set(curve([0.0, 0.0]).ordered) == {0.0}
    assert curve([1.0]).counts == (0, 1)
    assert len(curve(np.ones(40)).counts) == 12
