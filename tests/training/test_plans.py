"""Plans reach the forecast: simulated series whose plan no past row foretells, against the noise that an oracle keeps.

Axis letters: T rows, N windows, H steps.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from core.baselines import registry as baselines
from core.data import frame as frames
from core.datasets import windows
from core.forecasting import distribution, forecast
from core.models import mixture, registry
from core.spec import Spec
from core.training import linear_maps, trainer

Recipe = Callable[..., Spec]
Finish = Callable[..., Any]
ROWS, HORIZON = 900, 3


def planned(effect: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Noise of one, and a plan with a bent effect, promotions, or promotions that count at the weekend; and what an
    oracle forecasts."""
    rng = np.random.default_rng(0)
    index = pd.date_range("2018-01-01", periods=ROWS + HORIZON, freq="D", name="time")
    plan_T = rng.normal(size=len(index)) if effect == "bent" else (rng.random(len(index)) < 0.3).astype(float)
    weekend_T = index.dayofweek.to_numpy() >= 5
    added_T = {"bent": 4 * np.abs(plan_T), "promotion": 5 * plan_T, "weekend": 7 * plan_T * weekend_T}[effect]
    y_T = 20 + added_T + rng.normal(size=len(index))
    y_T[-HORIZON:] = np.nan
    return frames.build({"A": pd.DataFrame({"y": y_T, "plan": plan_T}, index=index)}), 20 + added_T


def prepare(recipe: Recipe, frame: pd.DataFrame, **values: Any) -> tuple[Spec, windows.Prepared]:
    given = {
        "data__known_future": ["plan"],
        "data__symbols": ["A"],
        "target__kind": "column",
        "target__column": "y",
        "target__horizon": HORIZON,
        "window__lookback": 14,
        "features": ["column:y", "known:plan", "week_sin:1", "week_cos:1", "week_sin:2", "week_cos:2"],
        "model__norm": "reversible",
        "model__hidden": 32,
        "train__steps": 600,
        "train__epochs": None,
        "train__patience": 20,
        "train__learning_rate": 5e-3,
    }
    spec = windows.resolve(recipe(**given | values), frame)
    return spec, windows.prepare(spec, frame)


def oracle_error(prepared: windows.Prepared, oracle_T: np.ndarray) -> float:
    test = prepared.splits.test
    at_NH = test.cutoff_row_N[:, None] + np.arange(1, HORIZON + 1)
    return float(np.sqrt(np.mean((oracle_T[at_NH] - prepared.kind.to_user(test.y_NH)) ** 2)))


def error(prepared: windows.Prepared, net: Any) -> float:
    test = prepared.splits.test
    mean_NH = distribution.mean(forecast.predict(forecast.network(net, False), test, prepared), prepared.kind)
    return float(np.sqrt(np.mean((mean_NH - prepared.kind.to_user(test.y_NH)) ** 2)))


@pytest.mark.parametrize(("effect", "kind"), [("bent", "lstm"), ("weekend", "lstm"), ("bent", "tft")])
def test_a_network_uses_what_is_planned_for_each_step(recipe: Recipe, finish: Finish, effect: str, kind: str) -> None:
    """At most a third of what the plan adds to the error of those who do not know it is left."""
    frame, oracle_T = planned(effect)
    spec, prepared = prepare(recipe, frame, model__kind=kind)
    trained, _ = finish(trainer.train(spec, prepared))
    best, without = oracle_error(prepared, oracle_T), oracle_error(prepared, np.full(len(oracle_T), oracle_T.mean()))
    assert error(prepared, trained.net) < best + (without - best) / 3
    test = prepared.splits.test
    x, known, symbol = test.x_NLF[:1], test.known_NHK[:1].copy(), test.symbol_N[:1]
    net = forecast.network(trained.net, False)
    before = net(x, known, symbol)
    known[:, 1, spec.features.index("known:plan") - 1] += 3.0
    assert abs(net(x, known, symbol) - before)[0, 1].max() > 0.3  # of the scenario of another plan


def test_ridge_and_its_map_know_the_promotions_of_a_step(recipe: Recipe, finish: Finish) -> None:
    frame, oracle_T = planned("promotion")
    spec, prepared = prepare(recipe, frame)
    test, to_user = prepared.splits.test, prepared.kind.to_user
    ridge_NH = baselines.forecasts(spec, prepared, ("test",)).by_baseline["ridge"]["test"]
    error_NH = to_user(ridge_NH) - to_user(test.y_NH)
    assert np.sqrt(np.mean(error_NH**2)) < 1.1 * oracle_error(prepared, oracle_T)
    of_map = linear_maps.build(spec, prepared)["ridge"]
    x, known, symbol = (torch.from_numpy(values.copy()) for values in (test.x_NLF, test.known_NHK, test.symbol_N))
    own_NH = prepared.y_scaler.invert(of_map(of_map.read(x), known, symbol).double().numpy(), test.symbol_N)
    np.testing.assert_allclose(own_NH + test.anchor_N[:, None], ridge_NH, atol=1e-3)


def test_a_saved_combination_answers_as_before_and_one_of_earlier_versions_opens(
    recipe: Recipe, finish: Finish
) -> None:
    frame, _ = planned("promotion")
    spec, prepared = prepare(recipe, frame, train__steps=40)
    trained, _ = finish(trainer.train(spec, prepared))
    weights = {name: value.numpy() for name, value in trained.net.state_dict().items()}
    assert any(name.endswith("ridge.known_HK") for name in weights)
    assert error(prepared, trainer.restore(spec, weights, 1)) == error(prepared, trained.net)
    former = {name: value for name, value in weights.items() if "known_HK" not in name and "plans." not in name}
    opened = trainer.restore(spec, former, 1)
    assert opened.plans is None and opened.mixture.maps["ridge"].known_HK is None
    assert np.isfinite(error(prepared, opened))
    _, linear = registry.split_weights(weights)
    again = mixture.restore({name: torch.from_numpy(value) for name, value in linear.items()})
    torch.testing.assert_close(again.maps["ridge"].known_HK, trained.net.mixture.maps["ridge"].known_HK)
