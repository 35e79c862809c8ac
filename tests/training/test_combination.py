"""The combination with linear models: shares against a general solver, maps against the baselines, and one object that
saves, restores, reads piece by piece and explains like any network."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.optimize import minimize

from core import pipeline
from core.baselines import linear
from core.baselines import registry as baselines
from core.data import frame as frames
from core.datasets import windows
from core.forecasting import forecast
from core.models import registry
from core.models.inference import compute_outputs
from core.spec import MEAN, Spec
from core.training import combination, epoch, linear_maps, trainer

Recipe = Callable[..., Spec]
Finish = Callable[..., Any]


def solve(forecast_KNH: np.ndarray, y_NH: np.ndarray, toward_K: np.ndarray, strength: float) -> np.ndarray:
    """The shares by a general solver."""

    def objective(share_K: np.ndarray) -> float:
        every_K = np.append(share_K, 1 - share_K.sum())
        error = y_NH - np.tensordot(share_K, forecast_KNH, axes=1)
        return float(np.mean(error**2) + strength * y_NH.var() * np.square(every_K - toward_K).sum())

    return minimize(
        objective,
        toward_K[:-1],
        bounds=[(0, 1)] * len(forecast_KNH),
        constraints={"type": "ineq", "fun": lambda share_K: 1 - share_K.sum()},
        method="SLSQP",
        options={"ftol": 1e-12},
    ).x


@pytest.mark.parametrize("seed", range(12))
def test_shares_are_the_minimum_that_a_general_solver_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y_NH = rng.normal(size=(40, 3))
    forecast_KNH = rng.normal(0, 0.3, (3, 1, 1)) * y_NH + rng.normal(0, rng.uniform(0.2, 2), (3, 40, 3))
    share_K = combination.choose_shares(forecast_KNH, y_NH)
    assert (share_K >= 0).all() and share_K.sum() <= 1 + 1e-9
    np.testing.assert_allclose(share_K, solve(forecast_KNH, y_NH, np.full(4, 0.25), 0.02), atol=2e-4)
    toward_K = np.array([0.5, 0.0, 0.5, 0.0])
    drawn_K = combination.choose_shares(forecast_KNH, y_NH, toward_K, 0.6)
    np.testing.assert_allclose(drawn_K, solve(forecast_KNH, y_NH, toward_K, 0.6), atol=2e-4)


def test_the_best_forecast_gets_nearly_all_and_noise_nearly_nothing() -> None:
    rng = np.random.default_rng(0)
    y_NH = rng.normal(size=(400, 2))
    noise, right = rng.normal(size=(2, 400, 2)), y_NH + rng.normal(0, 0.05, (400, 2))
    share_K = combination.choose_shares(np.stack([noise[0], right, noise[1]]), y_NH)
    assert share_K[1] > 0.95 and share_K.sum() > 0.95
    assert combination.choose_shares(noise, y_NH).sum() < 0.3


@pytest.fixture
def two(bars: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    tables = {}
    for name, seed in (("A", 1), ("B", 2)):
        table = bars(420, seed)
        table["load"] = 50.0 * (seed + 1) + np.cumsum(np.random.default_rng(seed).normal(0, seed, 420))
        tables[name] = table
    return frames.build(tables)


TARGETS = {
    "level": {"target__kind": "column", "target__column": "load", "target__horizon": 3},
    "log level": {"target__kind": "column", "target__column": "load", "target__horizon": 3, "window__log": True}
    | {"features": ["column:load", "return"]},
    "mean": {"target__kind": "mean_close", "target__horizon": 4},
    "volatility": {"target__kind": "volatility", "target__horizon": 5},
    "returns": {"target__kind": "log_return", "target__horizon": 2},
}


def prepared_for(recipe: Recipe, frame: pd.DataFrame, **values: Any) -> tuple[Spec, windows.Prepared]:
    spec = windows.resolve(recipe(data__symbols=["A", "B"], **values), frame)
    return spec, windows.prepare(spec, frame)


@pytest.mark.parametrize("target", TARGETS)
def test_a_map_forecasts_what_its_baseline_forecasts(recipe: Recipe, two: pd.DataFrame, target: str) -> None:
    spec, prepared = prepared_for(recipe, two, **TARGETS[target])
    maps, test = linear_maps.build(spec, prepared), prepared.splits.test
    learned = [name for name in maps if name in linear_maps.FITTED]
    assert learned == (["nlinear", "ridge"] if prepared.kind.level else ["ridge"])
    assert len(maps) - len(learned) == ("level" in target)  # a naive rule, but not for prices
    x, known, symbol = (torch.from_numpy(values.copy()) for values in (test.x_NLF, test.known_NHK, test.symbol_N))
    for name, of_map in ((name, maps[name]) for name in learned):
        fitted = linear.fit(name, prepared.splits.train, prepared.splits.val, prepared.kind)
        own_NH = prepared.y_scaler.invert(of_map(of_map.read(x), known, symbol).double().numpy(), test.symbol_N)
        anchor_N1 = test.anchor_N[:, None] if prepared.anchored else 0.0
        expected_NH = linear.predict(fitted, test)
        np.testing.assert_allclose(own_NH + anchor_N1, expected_NH, atol=2e-4 * np.std(expected_NH))


@pytest.mark.parametrize("log", [False, True])
def test_the_rules_are_the_naive_baselines_and_the_mean_of_the_window(
    recipe: Recipe, two: pd.DataFrame, log: bool
) -> None:
    values = TARGETS["level"] | {"target__horizon": 7, "window__log": log, "features": ["return", "column:load"]}
    spec, prepared = prepared_for(recipe, two, **values)
    maps, test = linear_maps.rules(spec, prepared), prepared.splits.test
    naive = baselines.forecasts(spec, prepared, ("test",)).by_baseline
    level_TL = np.lib.stride_tricks.sliding_window_view(test.rows.level_T, spec.window.lookback)
    mean_N = level_TL[test.cutoff_row_N - spec.window.lookback + 1].mean(axis=1)
    x, known, symbol = (torch.from_numpy(values.copy()) for values in (test.x_NLF, test.known_NHK, test.symbol_N))
    expected = {
        "last_value": naive["last_value"]["test"],
        "window_mean": np.repeat(mean_N[:, None], 7, axis=1),
        "seasonal": naive["seasonal"]["test"],
    }
    assert [*maps] == [*expected]  # five weekdays fit the window, and seven steps are more than a season
    for name, of_map in maps.items():
        own_NH = prepared.y_scaler.invert(of_map(of_map.read(x), known, symbol).double().numpy(), test.symbol_N)
        spread = np.std(expected[name])
        np.testing.assert_allclose(own_NH + test.anchor_N[:, None], expected[name], atol=2e-4 * spread)


def of_series(recipe: Recipe, value: np.ndarray, freq: str, **settings: Any) -> tuple[Spec, windows.Prepared]:
    index = pd.date_range("1980-01-01", periods=len(value), freq=freq, name="time")
    frame = frames.build({"A": pd.DataFrame({"x": value}, index=index)})
    spec = windows.resolve(recipe(target__kind="column", target__column="x", **settings), frame)
    return spec, windows.prepare(spec, frame)


def test_the_rule_is_the_one_that_suits_the_series(recipe: Recipe) -> None:
    noise, at = np.random.default_rng(0).normal(size=400), np.arange(400)
    series = {
        "last_value": np.cumsum(noise),
        "window_mean": noise,
        "seasonal": 5 * np.sin(2 * np.pi * at / 12) + 0.1 * noise,
    }
    for name, value in series.items():
        maps = linear_maps.build(*of_series(recipe, value, "MS", target__horizon=4, window__lookback=24))
        assert [*maps] == ["nlinear", "ridge", name]


def test_few_independent_windows_draw_the_shares_of_a_level_to_what_has_learned(recipe: Recipe, finish: Finish) -> None:
    """The shares of a trained network against a general solver on its own validation forecasts."""
    value = 50 + np.random.default_rng(0).normal(size=260)
    spec, prepared = of_series(recipe, value, "MS", target__horizon=8, window__lookback=24)
    trained, _ = finish(trainer.train(spec, prepared))
    maps, val = linear_maps.build(spec, prepared), prepared.splits.val
    x, known, symbol = (torch.from_numpy(values.copy()) for values in (val.x_NLF, val.known_NHK, val.symbol_N))
    weights = registry.alone({name: each.numpy() for name, each in trained.net.state_dict().items()})
    alone = forecast.network(trainer.restore(spec, weights, 1), False)(val.x_NLF, val.known_NHK, val.symbol_N)
    forecasts = [of_map(of_map.read(x), known, symbol).numpy() for of_map in maps.values()]
    y_NH = prepared.y_scaler.apply(val.y_NH - val.anchor_N[:, None], val.symbol_N)
    every_KNH = np.stack([*forecasts, alone[..., MEAN]])
    error = min(float(np.mean((y_NH - each_NH) ** 2)) for each_NH in every_KNH)  # 4: shares vary by a half
    expected_K = solve(every_KNH, y_NH, np.array([1 / 3, 1 / 3, 0, 1 / 3, 0]), 4 * 8 / len(val) * error / y_NH.var())
    found = registry.shares({name: each.numpy() for name, each in trained.net.state_dict().items()})
    np.testing.assert_allclose([found.get(name, 0.0) for name in (*maps, "network")], expected_K, atol=2e-3)


def test_there_is_none_where_forecasts_cannot_be_added(recipe: Recipe, two: pd.DataFrame) -> None:
    for values in (
        {"target__kind": "direction"},
        {"model__kind": "nlinear", **TARGETS["level"]},
        {"model__combine": False, **TARGETS["level"]},
        {"model__norm": "none", **TARGETS["level"]},
    ):
        assert not combination.applies(*prepared_for(recipe, two, **values))


@pytest.mark.parametrize(
    "values",
    [
        TARGETS["level"],
        TARGETS["volatility"] | {"model__head": "gaussian"},
        TARGETS["returns"] | {"model__head": "point"},
        TARGETS["mean"] | {"train__ensemble": 2},
        TARGETS["level"] | {"model__symbols": "separate"},
        TARGETS["volatility"] | {"model__symbols": "embedded"},
    ],
)
def test_the_forecast_is_the_sum_by_shares_and_quantiles_keep_their_distance(
    recipe: Recipe, two: pd.DataFrame, finish: Finish, values: dict[str, Any]
) -> None:
    spec, prepared = prepared_for(recipe, two, **values)
    trained, _ = finish(trainer.train(spec, prepared))
    weights = {name: value.numpy() for name, value in trained.net.state_dict().items()}
    test = prepared.splits.test
    combined, alone = (
        forecast.network(trainer.restore(spec, saved, 2), False)(test.x_NLF, test.known_NHK, test.symbol_N)
        for saved in (weights, registry.alone(weights))
    )
    if spec.train.ensemble == 1 and spec.model.symbols != "separate":
        (net,) = trained.nets
        x, known, symbol = (torch.from_numpy(values.copy()) for values in (test.x_NLF, test.known_NHK, test.symbol_N))
        expected_NH = float(net.mixture.share) * alone[..., MEAN]  # with its linear skip, where it has one
        for of_map in net.mixture.maps.values():
            expected_NH = expected_NH + (of_map.share * of_map(of_map.read(x), known, symbol)).numpy()
        np.testing.assert_allclose(combined[..., MEAN], expected_NH, atol=1e-5)
    np.testing.assert_allclose(np.diff(combined[..., :MEAN]), np.diff(alone[..., :MEAN]), atol=1e-5)
    again = forecast.network(trained.net, False)(test.x_NLF, test.known_NHK, test.symbol_N)
    np.testing.assert_array_equal(again, combined)


def test_the_network_of_a_level_learns_what_the_linear_models_leave(
    recipe: Recipe, two: pd.DataFrame, finish: Finish
) -> None:
    """The targets of training and validation, and the forecast of the network alone, by hand."""
    spec, prepared = prepared_for(recipe, two, **TARGETS["level"])
    maps, val = combination.build(spec, prepared), prepared.splits.val
    forecasts = {}
    for name in linear_maps.FITTED:
        fitted = linear.fit(name, prepared.splits.train, prepared.splits.val, prepared.kind)
        change_NH = linear.predict(fitted, val) - val.anchor_N[:, None]
        forecasts[name] = prepared.y_scaler.apply(change_NH, val.symbol_N)
    y_NH = prepared.y_scaler.apply(val.y_NH - val.anchor_N[:, None], val.symbol_N)
    skip_K = solve(np.stack([*forecasts.values()]), y_NH, np.full(3, 1 / 3), 0.02)
    np.testing.assert_allclose([float(maps[name].skip) for name in forecasts], skip_K, atol=2e-3)
    left_NH = y_NH - sum(float(maps[name].skip) * forecast_NH for name, forecast_NH in forecasts.items())
    plan = epoch.build_plan(spec, prepared, "cpu")
    np.testing.assert_allclose(plan.val.y_TH.numpy()[val.cutoff_row_N], left_NH, atol=1e-3)
    assert np.std(left_NH) < np.std(y_NH)

    trained, _ = finish(trainer.train(spec, prepared))
    weights = {name: value.numpy() for name, value in trained.net.state_dict().items()}
    bare, alone = (
        forecast.network(trainer.restore(spec, saved, 2), False)(val.x_NLF, val.known_NHK, val.symbol_N)
        for saved in (registry.without_mixture(weights), registry.alone(weights))
    )
    np.testing.assert_allclose(alone - bare, np.repeat((y_NH - left_NH)[:, :, None], 8, axis=2), atol=1e-3)
    expected = {name: float(maps[name].skip) for name in forecasts if maps[name].skip > 0}
    assert registry.skips(weights) == pytest.approx(expected)


def test_a_map_without_a_share_stays_if_the_network_learned_its_errors(
    recipe: Recipe, two: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, prepared = prepared_for(recipe, two, **TARGETS["level"])
    maps = combination.build(spec, prepared)
    net = trainer.build_untrained(spec, 0, 2)
    for own, expected in ((1.0, [name for name in maps if maps[name].skip > 0]), (0.0, [])):
        shares = np.append(np.zeros(len(maps)), own)
        monkeypatch.setattr(combination, "choose_shares", lambda *_, shares=shares: shares)
        mixture = combination.combine(spec, net, prepared, maps)
        assert mixture is not None and [*mixture.maps] == expected


def test_the_shares_of_a_return_are_drawn_to_equal_ones(
    recipe: Recipe, two: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, prepared = prepared_for(recipe, two, **TARGETS["returns"])
    maps = combination.build(spec, prepared)
    drawn, choose = [], combination.choose_shares
    monkeypatch.setattr(combination, "choose_shares", lambda *given: drawn.append(given[2:]) or choose(*given))
    combination.combine(spec, trainer.build_untrained(spec, 0, 2), prepared, maps)
    ((toward_K, strength),) = drawn
    np.testing.assert_allclose(toward_K, np.full(len(maps) + 2, 1 / (len(maps) + 2)))
    assert strength == combination.PRIOR


@pytest.mark.parametrize("target", ["mean", "volatility", "returns"])
def test_of_prices_and_what_follows_from_them_the_network_learns_all(
    recipe: Recipe, two: pd.DataFrame, target: str
) -> None:
    spec, prepared = prepared_for(recipe, two, **TARGETS[target])
    maps = combination.build(spec, prepared)
    assert maps and combination.skip(maps, prepared.splits.val) is None


@pytest.mark.parametrize("symbols", ["shared", "embedded"])
def test_a_window_can_be_read_piece_by_piece(recipe: Recipe, two: pd.DataFrame, finish: Finish, symbols: str) -> None:
    spec, prepared = prepared_for(recipe, two, **TARGETS["volatility"], model__symbols=symbols)
    trained, _ = finish(trainer.train(spec, prepared))
    net, test = trained.net, prepared.splits.test.take(np.arange(8))
    assert net.incremental and net.mixture is not None and "ridge" in net.mixture.maps
    from core.models.inference import decode_state, encode_rows

    state = None
    for begin, end in ((0, 3), (3, 4), (4, spec.window.lookback)):
        state = encode_rows(net, test.x_NLF[:, begin:end], state, 1)
    whole = compute_outputs(net, test.x_NLF, test.known_NHK, np.ones(8, dtype=np.int64))
    np.testing.assert_allclose(decode_state(net, state, test.known_NHK, 1), whole, atol=1e-5)


def test_explanations_of_the_combination_are_additive(recipe: Recipe, two: pd.DataFrame, finish: Finish) -> None:
    run, _ = finish(pipeline.run(recipe(data__symbols=["A", "B"], **TARGETS["level"]), two))
    assert any("mixture" in name for name in run.weights)
    explanation = run.explanation
    total_NH = explanation.base_H + explanation.values_NHF.sum(axis=-1)
    np.testing.assert_allclose(total_NH, explanation.forecast_NH, rtol=1e-5)
    assert explanation.additivity_error < 1e-6


def test_a_linear_series_is_forecast_as_well_as_by_the_linear_model(recipe: Recipe, finish: Finish) -> None:
    """Level of a slow sine with a trend: an untrained network is far off; what it adds to linear forecasts is not."""
    at = np.arange(500)
    index = pd.date_range("2000-01-01", periods=500, freq="MS", name="time")
    value = at + 40 * np.sin(at / 9) + np.random.default_rng(0).normal(size=500)
    frame = frames.build({"A": pd.DataFrame({"x": value}, index=index)})
    settings = {"target__kind": "column", "target__column": "x", "target__horizon": 6, "train__epochs": 1}
    run, _ = finish(pipeline.run(recipe(**settings), frame))
    scores = run.evaluation.scores
    linear_rmse = min(scores["ridge"]["rmse"], scores["nlinear"]["rmse"])
    assert scores["lstm"]["rmse"] < 1.1 * linear_rmse and scores["network"]["rmse"] < 1.2 * linear_rmse
    run, _ = finish(pipeline.run(recipe(**settings, model__combine=False), frame))
    assert run.evaluation.scores["lstm"]["rmse"] > 2 * linear_rmse and "network" not in run.evaluation.scores
