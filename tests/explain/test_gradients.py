"""Expected gradients: closed forms, additivity, lags and players."""

import numpy as np
import pytest

from core.errors import DataError
from core.events import Progress
from core.explain import gradients
from core.explain.gradients import by_cell, by_player, expected_gradients
from core.explain.shapley import permutation
from tests.explain.games import LOOKBACK, PLAYERS, STEPS, Net, finish, windows


def cells(net, x_NLF, known_NHK, background, **options):
    return finish(expected_gradients(net.gradient, net.predict, x_NLF, known_NHK, *background, **options))[0]


class Linear:
    """w · x + 5 · known at each step, with one weight for each lag and feature."""

    weights_LF = np.arange(LOOKBACK * 3, dtype=float).reshape(LOOKBACK, 3)

    def predict(self, x_NLF, known_NHK):
        past_N = np.einsum("nlf,lf->n", x_NLF.astype(float), self.weights_LF)
        return past_N[:, None] + 5.0 * known_NHK[:, :, 0]

    def gradient(self, x_NLF, known_NHK):
        return np.broadcast_to(STEPS * self.weights_LF, x_NLF.shape), np.full(known_NHK.shape, 5.0)


def test_a_linear_model_has_the_closed_form():
    (x_NLF, known_NHK), background = windows(4), windows(6, seed=1)
    got = cells(Linear(), x_NLF, known_NHK, background)
    moved_NLF = x_NLF - background[0].mean(axis=0, dtype=float)
    np.testing.assert_allclose(got.cells_NLF, STEPS * Linear.weights_LF * moved_NLF, atol=1e-9)
    np.testing.assert_allclose(got.known_NHK, 5.0 * (known_NHK - background[1].mean(axis=0, dtype=float)), atol=1e-9)
    assert got.additivity_error < 1e-6


def test_three_nodes_integrate_a_quintic_exactly():
    class Power:
        def predict(self, x, known):
            return (x[:, -1, :1].astype(float) ** 6).repeat(STEPS, axis=1)

        def gradient(self, x, known):
            by_x = np.zeros(x.shape)
            by_x[:, -1, 0] = STEPS * 6 * x[:, -1, 0].astype(float) ** 5
            return by_x, np.zeros(known.shape)

    coarse, fine = (cells(Power(), *windows(8), windows(4, seed=1), nodes=m).additivity_error for m in (2, 3))
    assert fine < 1e-5 < coarse


def test_cells_and_known_add_up_to_the_forecast():
    net, (x_NLF, known_NHK), background = Net(), windows(10), windows(6, seed=1)
    got = cells(net, x_NLF, known_NHK, background)
    sum_N = got.base + got.cells_NLF.sum(axis=(1, 2)) + got.known_NHK.sum(axis=(1, 2))
    np.testing.assert_allclose(got.forecast_N, net.predict(x_NLF, known_NHK).sum(axis=1))
    assert got.additivity_error == pytest.approx(np.abs(sum_N - got.forecast_N).max() / got.forecast_N.std())
    assert cells(net, x_NLF, known_NHK, background, nodes=12).additivity_error < min(0.01, got.additivity_error)


def test_players_agree_with_shapley_values():
    net, (x_NLF, known_NHK), background = Net(), windows(30), windows(8, seed=1)
    slopes_NP = by_player(cells(net, x_NLF, known_NHK, background), PLAYERS)
    shapley = finish(permutation(net.predict, x_NLF, known_NHK, *background, PLAYERS, seed=0, visits=8))[0]
    assert np.corrcoef(slopes_NP.ravel(), shapley.values_NPH.sum(axis=2).ravel())[0, 1] > 0.9


def test_a_player_takes_its_past_and_its_known_cells():
    got = cells(Linear(), *windows(4), windows(6, seed=1))
    day_N = got.cells_NLF[:, :, 2].sum(axis=1) + got.known_NHK.sum(axis=(1, 2))
    np.testing.assert_allclose(by_player(got, PLAYERS)[:, 2], day_N)


def test_cells_begin_at_the_cutoff():
    cells_NLF = np.zeros((2, 5, 3))
    cells_NLF[0, 4, 0], cells_NLF[1, 4, 0], cells_NLF[0, 0, 1], cells_NLF[0, 0, 2] = 1.0, -1.0, 2.0, -4.0
    np.testing.assert_array_equal(by_cell(cells_NLF), [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 1, 2]])


def test_blocks_change_nothing(monkeypatch):
    net, (x_NLF, known_NHK), background = Net(), windows(7), windows(3, seed=1)
    whole = cells(net, x_NLF, known_NHK, background)
    monkeypatch.setattr(gradients, "BLOCK_ROWS", 20)
    pieces, events = finish(expected_gradients(net.gradient, net.predict, x_NLF, known_NHK, *background))
    np.testing.assert_allclose(pieces.cells_NLF, whole.cells_NLF, atol=1e-12)
    assert events == [Progress(done=i, total=4) for i in (1, 2, 3, 4)]


def test_a_closed_job_asks_for_no_more_gradients(monkeypatch):
    monkeypatch.setattr(gradients, "BLOCK_ROWS", 20)
    calls, model = [], Linear()
    count = lambda x, known: (calls.append(1), model.gradient(x, known))[1]  # noqa: E731
    job = expected_gradients(count, model.predict, *windows(7), *windows(3, seed=1))
    next(job)
    job.close()
    assert len(calls) == 1


def test_models_without_known_features():
    class Mean:
        def predict(self, x, known):
            return x.mean(axis=(1, 2), dtype=float)[:, None]

        def gradient(self, x, known):
            return np.full(x.shape, 1 / x[0].size), np.zeros(known.shape)

    got = cells(Mean(), *windows(3, known=0), windows(2, known=0, seed=1))
    assert got.known_NHK.shape == (3, STEPS, 0)
    assert got.additivity_error < 1e-6


def test_nothing_to_explain_is_the_users_error():
    with pytest.raises(DataError, match="got 0 to explain and 3 to compare"):
        cells(Linear(), *windows(0), windows(3))
