"""Deletion and insertion curves of linear rules, in the right order, in the wrong one and at random."""

import numpy as np
import pytest

from core.explain.deletion_insertion import compute_curves
from core.explain.game import Player
from tests.explain.games import finish


def linear_curves(weight_F, value_NP=None):
    """((deletion, insertion), events) of a linear rule on the last row, ordered by its Shapley values or `value_NP`."""
    rng, weight_F = np.random.default_rng(0), np.asarray(weight_F, dtype=float)
    x_NLF, back_KLF = (rng.normal(size=(n, 2, len(weight_F))).astype(np.float32) for n in (20, 3))
    known, back_known = np.empty((20, 1, 0), np.float32), np.empty((3, 1, 0), np.float32)
    if value_NP is None:
        value_NP = weight_F * (x_NLF[:, -1] - back_KLF[:, -1].mean(axis=0))  # Shapley values of a linear rule
    players = tuple(Player(name=str(f), past=(f,)) for f in range(len(weight_F)))
    return finish(
        compute_curves(
            lambda x, known: (x[:, -1] @ weight_F)[:, None], x_NLF, known, back_KLF, back_known, players, value_NP, 0
        )
    )


def test_the_right_order_beats_random_orders_and_the_wrong_one_does_not():
    (deletion, insertion), events = linear_curves([5.0, 1.0, 0.1, 0.1])
    assert deletion.counts == insertion.counts == (0, 1, 2, 3, 4)
    assert [event.done for event in events] == list(range(1, 11)) and {event.total for event in events} == {10}
    for curve in (deletion, insertion):
        assert curve.ordered[0] == pytest.approx(0, abs=1e-7) and curve.ordered[-1] == pytest.approx(1)
        assert curve.random[0] == pytest.approx(0, abs=1e-7) and curve.random[-1] == pytest.approx(1)
        ordered, random = curve.areas
        assert ordered > random + 0.1
    (deletion, insertion), _ = linear_curves([5.0, 1.0, 0.1, 0.1], np.tile([1.0, 2.0, 3.0, 4.0], (20, 1)))
    assert deletion.areas[0] < deletion.areas[1] and insertion.areas[0] < insertion.areas[1]


def test_curves_of_a_linear_rule_have_a_closed_form():
    (deletion, insertion), _ = linear_curves([2.0, 1.0], np.tile([2.0, 1.0], (20, 1)))
    rng = np.random.default_rng(0)
    x_NF, back_F = rng.normal(size=(20, 2, 2))[:, -1], rng.normal(size=(3, 2, 2))[:, -1].mean(axis=0)
    first_N, second_N = 2 * (x_NF - back_F)[:, 0], (x_NF - back_F)[:, 1]
    full_change = np.abs(first_N + second_N).mean()
    assert deletion.ordered[1] == pytest.approx(np.abs(first_N).mean() / full_change, rel=1e-5)
    assert insertion.ordered[1] == pytest.approx(1 - np.abs(second_N).mean() / full_change, rel=1e-5)


def test_constant_forecasts_one_feature_and_many():
    assert [set(curve.ordered) for curve in linear_curves([0.0, 0.0])[0]] == [{0.0}, {0.0}]
    assert [curve.counts for curve in linear_curves([1.0])[0]] == [(0, 1), (0, 1)]
    assert [len(curve.counts) for curve in linear_curves(np.ones(40))[0]] == [12, 12]
