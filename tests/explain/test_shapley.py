"""Shapley values: against shap's exact explainer, closed forms and the axioms."""

import itertools
import math

import numpy as np
import pytest

from core.errors import DataError, SpecError
from core.events import Progress
from core.explain import shapley
from core.explain.explanation import additivity_error
from core.explain.game import Player
from core.explain.shapley import exact, permutation
from core.types import Floats
from tests.explain.games import PLAYERS, STEPS, Net, finish, windows

METHODS = ("permutation", "exact")


def attribute(method, predict, x_NLF, known_NHK, background, players=PLAYERS, **options):
    function = {"permutation": permutation, "exact": exact}[method]
    options = {"seed": 0, **options} if method == "permutation" else options
    return finish(function(predict, x_NLF, known_NHK, *background, players, **options))[0]


def masked(x, known, x_from, known_from, players) -> tuple[Floats, Floats]:
    """A copy of the second window in which these players show the first."""
    x_mixed, known_mixed = x_from.copy(), known_from.copy()
    for player in players:
        x_mixed[..., list(player.past)] = x[..., list(player.past)]
        known_mixed[..., list(player.known)] = known[..., list(player.known)]
    return x_mixed, known_mixed


def linear(x_NLF: Floats, known_NHK: Floats) -> Floats:
    weights_F = np.array([3.0, -2.0, 0.0, 1.0])[: x_NLF.shape[2]]
    return (x_NLF.astype(float).mean(axis=1) @ weights_F)[:, None] + 5.0 * known_NHK[:, :, 0].astype(float)


def test_exact_agrees_with_the_exact_explainer_of_shap(shap):
    net, (x_NLF, known_NHK), background = Net(), windows(3), windows(4, seed=1)
    result = attribute("exact", net.predict, x_NLF, known_NHK, background)
    for n in range(3):

        def worth(on_CP, n=n):
            mixed = [masked(x_NLF[n], known_NHK[n], *background, itertools.compress(PLAYERS, on)) for on in on_CP]
            return np.array([net.predict(*pair).mean(axis=0) for pair in mixed])

        oracle = shap.explainers.Exact(worth, np.zeros((1, 3)))(np.ones((1, 3)))
        np.testing.assert_allclose(result.values_NPH[n], oracle.values[0], atol=1e-9)
        np.testing.assert_allclose(result.base_H, oracle.base_values.ravel()[-STEPS:], atol=1e-9)


def test_exact_is_the_mean_over_all_orders():
    net, (x_NLF, known_NHK), background = Net(), windows(2), windows(1, seed=1)
    result = attribute("exact", net.predict, x_NLF, known_NHK, background)
    expected_NPH = np.zeros((2, 3, STEPS))
    for order in itertools.permutations(range(3)):
        for rank, p in enumerate(order):
            pair = [
                net.predict(
                    *masked(
                        x_NLF,
                        known_NHK,
                        *(np.repeat(b, 2, axis=0) for b in background),
                        [PLAYERS[i] for i in order[:r]],
                    )
                )
                for r in (rank, rank + 1)
            ]
            expected_NPH[:, p] += (pair[1] - pair[0]) / math.factorial(3)
    np.testing.assert_allclose(result.values_NPH, expected_NPH, atol=1e-9)


def test_one_antithetic_pair_of_two_players_is_exact():
    net, (x_NLF, known_NHK), background = Net(), windows(3), windows(4, seed=1)
    two = (Player(name="a", past=(0,)), Player(name="rest", past=(1, 2), known=(0,)))
    sampled, full = (attribute(m, net.predict, x_NLF, known_NHK, background, two) for m in METHODS)
    np.testing.assert_allclose(sampled.values_NPH, full.values_NPH, atol=1e-10)


def test_one_antithetic_pair_is_exact_for_pairwise_interactions():
    def pairwise(x_NLF, known_NHK):
        last_NF = x_NLF[:, -1].astype(float)
        return (last_NF[:, 0] * last_NF[:, 1] + last_NF[:, 1] * last_NF[:, 2])[:, None] * [1.0, 2.0]

    (x_NLF, known_NHK), background = windows(4), windows(5, seed=1)
    sampled, full = (attribute(m, pairwise, x_NLF, known_NHK, background) for m in METHODS)
    np.testing.assert_allclose(sampled.values_NPH, full.values_NPH, atol=1e-10)


def test_more_pairs_converge_to_exact_values():
    net, (x_NLF, known_NHK), background = Net(), windows(4), windows(4, seed=1)
    full = attribute("exact", net.predict, x_NLF, known_NHK, background).values_NPH
    far, near = (
        np.abs(attribute("permutation", net.predict, x_NLF, known_NHK, background, visits=v).values_NPH - full)
        for v in (2, 400)
    )
    assert near.max() < 0.02 * full.std()
    assert near.mean() < 0.2 * far.mean()


@pytest.mark.parametrize("method", METHODS)
def test_values_add_up_to_the_forecast(method):
    net, (x_NLF, known_NHK), background = Net(), windows(7), windows(3, seed=1)
    result = attribute(method, net.predict, x_NLF, known_NHK, background)
    np.testing.assert_array_equal(result.forecast_NH, net.predict(x_NLF, known_NHK))
    np.testing.assert_allclose(result.base_H, net.predict(*background).mean(axis=0), atol=1e-12)
    assert additivity_error(result.values_NPH, result.base_H, result.forecast_NH) < 1e-12


@pytest.mark.parametrize("method", METHODS)
def test_a_linear_model_has_the_closed_form(method):
    (x_NLF, known_NHK), background = windows(6), windows(4, seed=1)
    result = attribute(method, linear, x_NLF, known_NHK, background)
    distance_NF = x_NLF.mean(axis=1, dtype=float) - background[0].mean(axis=(0, 1), dtype=float)
    expected_NPH = (distance_NF * [3.0, -2.0, 0.0])[:, :, None].repeat(STEPS, axis=2)
    expected_NPH[:, 2] += 5.0 * (known_NHK - background[1].mean(axis=0, dtype=float))[:, :, 0]
    np.testing.assert_allclose(result.values_NPH, expected_NPH, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_feature_that_the_model_ignores_gets_exactly_zero(method):
    net, (x_NLF, known_NHK), background = Net(), windows(3, features=4), windows(3, features=4, seed=1)
    result = attribute(
        method,
        lambda x, known: net.predict(x[:, :, :3].copy(), known),
        x_NLF,
        known_NHK,
        background,
        (*PLAYERS, Player(name="idle", past=(3,))),
    )
    assert np.abs(result.values_NPH[:, 3]).max() < 1e-12
    assert np.abs(result.values_NPH[:, :3]).min() > 1e-6


@pytest.mark.parametrize("method", METHODS)
def test_identical_features_get_equal_values(method):
    (x_NLF, known_NHK), background = windows(3), windows(3, seed=1)
    for inputs_NLF in (x_NLF, background[0]):
        inputs_NLF[:, :, 1] = inputs_NLF[:, :, 0]
    product = lambda x, known: (x[:, -1, :1].astype(float) * x[:, -1, 1:2] + x[:, 0, 2:3]) * [1.0, 3.0]  # noqa: E731
    result = attribute(method, product, x_NLF, known_NHK, background)
    np.testing.assert_allclose(result.values_NPH[:, 0], result.values_NPH[:, 1], atol=1e-10)
    assert np.abs(result.values_NPH[:, 0]).max() > 0.1


@pytest.mark.parametrize("method", METHODS)
def test_the_planted_feature_ranks_first(method):
    planted = lambda x, known: np.tanh(4 * x[:, 0, 1:2] + 0.3 * x[:, -1, :1] * x[:, -1, 2:3]) + 0 * known[:, :, 0]  # noqa: E731
    result = attribute(method, planted, *windows(20), windows(8, seed=1))
    assert np.abs(result.values_NPH).mean(axis=(0, 2)).argmax() == 1


@pytest.mark.parametrize("method", METHODS)
def test_a_player_masks_its_past_and_its_known_columns_together(method):
    (x_NLF, known_NHK), background = windows(3), windows(1, seed=1)
    matches = []

    def watch(x, known):
        from_window = [any((x[i, :, 2] == w).all() for w in x_NLF[:, :, 2]) for i in range(len(x))]
        matches.append(from_window == [any((known[i] == w).all() for w in known_NHK) for i in range(len(x))])
        return x[:, -1, 2:].astype(float) * known[:, :, 0]

    result = attribute(method, watch, x_NLF, known_NHK, background)
    assert all(matches)
    only_day = result.forecast_NH - result.base_H  # the model reads nothing else, so the day explains everything
    np.testing.assert_allclose(result.values_NPH[:, 2], only_day, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_the_block_size_does_not_change_the_values(method, monkeypatch):
    net, (x_NLF, known_NHK), background = Net(), windows(5), windows(3, seed=1)
    one_block = attribute(method, net.predict, x_NLF, known_NHK, background)
    monkeypatch.setattr(shapley, "BLOCK_ROWS", 13)
    blocks = attribute(method, net.predict, x_NLF, known_NHK, background)
    np.testing.assert_allclose(blocks.values_NPH, one_block.values_NPH, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_one_player_and_no_known_features(method):
    (x_NLF, known_NHK), background = windows(2, known=0), windows(3, known=0, seed=1)
    mean = lambda x, known: x.mean(axis=(1, 2), dtype=float)[:, None]  # noqa: E731
    result = attribute(method, mean, x_NLF, known_NHK, background, (Player(name="all", past=(0, 1, 2)),))
    np.testing.assert_allclose(result.values_NPH[:, 0], result.forecast_NH - result.base_H, atol=1e-12)


def test_the_inputs_are_not_modified():
    (x_NLF, known_NHK), background = windows(3), windows(2, seed=1)
    before = [a.copy() for a in (x_NLF, known_NHK, *background)]
    attribute("permutation", linear, x_NLF, known_NHK, background)
    for original, current in zip(before, (x_NLF, known_NHK, *background), strict=True):
        np.testing.assert_array_equal(original, current)


def test_the_seed_decides_the_orders():
    net, (x_NLF, known_NHK), background = Net(), windows(3), windows(2, seed=1)
    first, repeated, other = (
        attribute("permutation", net.predict, x_NLF, known_NHK, background, seed=s).values_NPH for s in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, repeated)
    assert not np.array_equal(first, other)


def test_permutation_needs_no_more_forecasts_than_its_docstring_says():
    rows = []
    count = lambda x, known: (rows.append(len(x)), linear(x, known))[1]  # noqa: E731
    attribute("permutation", count, *windows(5), windows(4, seed=1))
    assert sum(rows) == 5 + 4 + 2 * 5 * 4 * (len(PLAYERS) - 1)


@pytest.mark.parametrize("method", METHODS)
def test_progress_ends_at_its_total(method, monkeypatch):
    monkeypatch.setattr(shapley, "BLOCK_ROWS", 16)
    function, options = (permutation, {"seed": 0}) if method == "permutation" else (exact, {})
    _, events = finish(function(linear, *windows(5), *windows(4, seed=1), PLAYERS, **options))
    assert len(events) > 3
    assert events == [Progress(done=i + 1, total=len(events)) for i in range(len(events))]


@pytest.mark.parametrize("method", METHODS)
def test_a_closed_job_computes_no_more_forecasts(method, monkeypatch):
    monkeypatch.setattr(shapley, "BLOCK_ROWS", 16)
    calls = []
    count = lambda x, known: (calls.append(1), linear(x, known))[1]  # noqa: E731
    function, options = (permutation, {"seed": 0}) if method == "permutation" else (exact, {})
    job = function(count, *windows(5), *windows(4, seed=1), PLAYERS, **options)
    next(job)
    job.close()
    assert len(calls) == 3  # windows, backgrounds, one block
    assert list(job) == []


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("count", "against"), [(0, 3), (3, 0)])
def test_missing_windows_raise_a_data_error(method, count, against):
    with pytest.raises(DataError, match=f"got {count} to explain and {against} to compare"):
        attribute(method, linear, *windows(count), windows(against, seed=1))


def test_exact_refuses_too_many_features():
    players = tuple(Player(name=str(i), past=(i,)) for i in range(13))
    with pytest.raises(SpecError, match=r"13 features need 8,192 forecasts .* at most 12"):
        attribute("exact", linear, *windows(2, features=13), windows(2, features=13), players)


@pytest.mark.parametrize("players", [PLAYERS[:2], (*PLAYERS, PLAYERS[0]), (Player(name="x", past=(0, 1, 2)),)])
def test_players_must_partition_the_columns(players):
    with pytest.raises(ValueError, match="must belong to exactly one player"):
        attribute("permutation", linear, *windows(2), windows(2, seed=1), players)


def test_visits_must_be_positive():
    with pytest.raises(ValueError, match="visits must be at least 1; got 0"):
        attribute("permutation", linear, *windows(2), windows(2, seed=1), visits=0)


@pytest.mark.parametrize("backgrounds", [3, 4])
def test_one_visit_of_each_background_adds_up_at_half_the_cost(backgrounds):
    net, (x_NLF, known_NHK), background, rows = Net(), windows(5), windows(backgrounds, seed=1), []
    count = lambda x, known: (rows.append(len(x)), net.predict(x, known))[1]  # noqa: E731
    result = attribute("permutation", count, x_NLF, known_NHK, background, visits=1)
    assert additivity_error(result.values_NPH, result.base_H, result.forecast_NH) < 1e-12
    assert sum(rows) == 5 + backgrounds + 5 * backgrounds * (len(PLAYERS) - 1)


@pytest.mark.parametrize(("count", "backgrounds"), [(12, 24), (2, 8), (30, 5)])
def test_standard_errors_are_the_spread_over_seeds(count, backgrounds):
    """Of contributions and of their mean absolute values; never too small, and at most half too large."""
    net, (x_NLF, known_NHK), background = Net(), windows(count), windows(backgrounds, seed=1)
    results = [
        attribute("permutation", net.predict, x_NLF, known_NHK, background, seed=seed, visits=1) for seed in range(60)
    ]
    value_SNPH = np.stack([result.values_NPH for result in results])
    error_SNPH = np.stack([result.error_NPH for result in results])
    spread_NPH = value_SNPH.std(axis=0, ddof=1)
    assert 0.9 < np.sqrt((error_SNPH**2).mean() / (spread_NPH**2).mean()) < 1.5
    inside = np.abs(value_SNPH - value_SNPH.mean(axis=0)) < 1.96 * error_SNPH
    assert inside.mean() > 0.9
    mean_SP = np.abs(value_SNPH).mean(axis=(1, 3))
    error_SP = np.sqrt(np.square([result.mean_error_NP for result in results]).sum(axis=1)) / count
    assert (error_SP.mean(axis=0) > 0.8 * mean_SP.std(axis=0)).all()
    assert (np.abs(mean_SP - mean_SP.mean(axis=0)) < 1.96 * error_SP).mean() > 0.9
    naive_NPH = results[0].spread_NPH / np.sqrt(backgrounds)  # as if backgrounds were drawn too
    assert (naive_NPH**2).mean() > (error_SNPH**2).mean()


def test_what_is_exact_whatever_the_order_has_no_standard_error():
    (x_NLF, known_NHK), background = windows(6), windows(4, seed=1)
    result = attribute("permutation", linear, x_NLF, known_NHK, background, visits=1)
    assert result.error_NPH.max() < 1e-6 * np.abs(result.values_NPH).max() < result.spread_NPH.max()
    full = attribute("exact", linear, x_NLF, known_NHK, background)
    assert full.error_NPH is None and full.mean_error_NP is None
    single = attribute("permutation", linear, x_NLF, known_NHK, [b[:1] for b in background], visits=1)
    assert np.isnan(single.error_NPH).all()  # one draw shows no spread
