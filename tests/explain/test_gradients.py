"""Expected gradients: closed forms, additivity, lags and players."""

import numpy as np
import pytest

from core.errors import DataError
from core.events import Progress
from core.explain import gradients
from core.explain.gradients import by_lag_and_feature, by_player, expected_gradients
from core.explain.shapley import permutation
from tests.explain.games import LOOKBACK, PLAYERS, STEPS, Net, finish, windows


def attribute(net, x_NLF, known_NHK, background, **options):
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
    result = attribute(Linear(), x_NLF, known_NHK, background)
    distance_NLF = x_NLF - background[0].mean(axis=0, dtype=float)
    known_NHK = 5.0 * (known_NHK - background[1].mean(axis=0, dtype=float))
    np.testing.assert_allclose(result.values_NLF, STEPS * Linear.weights_LF * distance_NLF, atol=1e-9)
    np.testing.assert_allclose(result.known_NHK, known_NHK, atol=1e-9)
    assert result.additivity_error < 1e-6


def test_three_nodes_integrate_a_quintic_exactly():
    class Power:
        def predict(self, x, known):
            return (x[:, -1, :1].astype(float) ** 6).repeat(STEPS, axis=1)

        def gradient(self, x, known):
            by_x = np.zeros(x.shape)
            by_x[:, -1, 0] = STEPS * 6 * x[:, -1, 0].astype(float) ** 5
            return by_x, np.zeros(known.shape)

    coarse, fine = (attribute(Power(), *windows(8), windows(4, seed=1), nodes=m).additivity_error for m in (2, 3))
    assert fine < 1e-5 < coarse


def test_past_and_known_values_add_up_to_the_forecast():
    net, (x_NLF, known_NHK), background = Net(), windows(10), windows(6, seed=1)
    result = attribute(net, x_NLF, known_NHK, background)
    sum_N = result.base + result.values_NLF.sum(axis=(1, 2)) + result.known_NHK.sum(axis=(1, 2))
    np.testing.assert_allclose(result.forecast_N, net.predict(x_NLF, known_NHK).sum(axis=1))
    error = np.abs(sum_N - result.forecast_N).max() / result.forecast_N.std()
    assert result.additivity_error == pytest.approx(error)
    assert attribute(net, x_NLF, known_NHK, background, nodes=12).additivity_error < min(0.01, error)


def test_players_agree_with_shapley_values():
    net, (x_NLF, known_NHK), background = Net(), windows(30), windows(8, seed=1)
    gradients_NP = by_player(attribute(net, x_NLF, known_NHK, background), PLAYERS)
    shapley = finish(permutation(net.predict, x_NLF, known_NHK, *background, PLAYERS, seed=0, visits=8))[0]
    assert np.corrcoef(gradients_NP.ravel(), shapley.values_NPH.sum(axis=2).ravel())[0, 1] > 0.9


def test_a_player_sums_its_past_and_its_known_values():
    result = attribute(Linear(), *windows(4), windows(6, seed=1))
    day_N = result.values_NLF[:, :, 2].sum(axis=1) + result.known_NHK.sum(axis=(1, 2))
    np.testing.assert_allclose(by_player(result, PLAYERS)[:, 2], day_N)


def test_lags_begin_at_the_cutoff():
    values_NLF = np.zeros((2, 5, 3))
    values_NLF[0, 4, 0], values_NLF[1, 4, 0], values_NLF[0, 0, 1], values_NLF[0, 0, 2] = 1.0, -1.0, 2.0, -4.0
    np.testing.assert_array_equal(
        by_lag_and_feature(values_NLF), [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 1, 2]]
    )


def test_the_block_size_does_not_change_the_values(monkeypatch):
    net, (x_NLF, known_NHK), background = Net(), windows(7), windows(3, seed=1)
    one_block = attribute(net, x_NLF, known_NHK, background)
    monkeypatch.setattr(gradients, "BLOCK_ROWS", 20)
    blocks, events = finish(expected_gradients(net.gradient, net.predict, x_NLF, known_NHK, *background))
    np.testing.assert_allclose(blocks.values_NLF, one_block.values_NLF, atol=1e-12)
    assert events == [Progress(done=i, total=4) for i in (1, 2, 3, 4)]


def test_a_closed_job_computes_no_more_gradients(monkeypatch):
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

    result = attribute(Mean(), *windows(3, known=0), windows(2, known=0, seed=1))
    assert result.known_NHK.shape == (3, STEPS, 0)
    assert result.additivity_error < 1e-6


def test_no_window_to_explain_raises_a_data_error():
    with pytest.raises(DataError, match="got 0 to explain and 3 to compare"):
        attribute(Linear(), *windows(0), windows(3))
