"""A linear rule on a planted feature, a decoy correlated with it by 0.9, and noise, fitted by least squares."""

import numpy as np
import pytest

from core.explain import error_importance
from core.explain.game import Player
from tests.explain.games import finish

PLAYERS = tuple(Player(name=name, past=(f,)) for f, name in enumerate(("planted", "decoy", "noise")))


@pytest.fixture(scope="module")
def fitted():
    """Windows (400, 4, 3) whose outcome is the planted feature's latest value, and the loss of the fitted rule."""
    rng = np.random.default_rng(0)
    x_NLF = rng.normal(size=(400, 4, 3)).astype(np.float32)
    x_NLF[:, :, 1] = 0.9 * x_NLF[:, :, 0] + np.sqrt(1 - 0.81) * x_NLF[:, :, 1]
    y_N = x_NLF[:, -1, 0] + rng.normal(0, 0.3, 400)
    weight = np.linalg.lstsq(x_NLF.reshape(400, -1), y_N, rcond=None)[0]
    return (
        x_NLF,
        np.empty((400, 1, 0), np.float32),
        lambda x, known: float(np.square(x.reshape(len(x), -1) @ weight - y_N).mean()),
    )


def test_an_unused_decoy_has_no_permutation_importance_and_no_mean_ablation(fitted):
    x_NLF, known, loss = fitted
    permuted_P, events = finish(error_importance.permutation_importance(loss, x_NLF, known, PLAYERS, 0))
    ablated_P, _ = finish(error_importance.mean_ablation(loss, x_NLF, known, PLAYERS, np.zeros(3), np.zeros(0)))
    for rise_P in (permuted_P, ablated_P):
        assert rise_P[0] > 5 and (np.abs(rise_P[1:]) < 0.03 * rise_P[0]).all()
    # without the feature the variance of y is lost; another window's value adds its own variance on top
    assert permuted_P[0] == pytest.approx(2 * ablated_P[0], rel=0.15)
    assert [event.done for event in events] == [1, 2, 3]


def test_mean_ablation_by_lag_finds_the_latest_row(fitted):
    x_NLF, known, loss = fitted
    lag_L, _ = finish(error_importance.mean_ablation_by_lag(loss, x_NLF, known, np.zeros(3)))
    assert np.argmax(lag_L) == 0 and (np.abs(lag_L[1:]) < 0.02 * lag_L[0]).all()


def test_a_constant_feature_costs_nothing_and_a_zero_error_is_not_divided_by():
    x_NLF, known = np.zeros((5, 2, 1), np.float32), np.empty((5, 1, 0), np.float32)
    player = (Player(name="constant", past=(0,)),)
    loss = lambda x, k: 1.0 + float(x.sum())  # noqa: E731
    assert finish(error_importance.permutation_importance(loss, x_NLF, known, player, 0))[0].tolist() == [0.0]
    assert error_importance.relative_rise(0.5, 0.0) == 0.5 and error_importance.relative_rise(1.5, 1.0) == 0.5
