"""Forecasts of a run by stretches of their windows: every kind of model answers, and shared states change nothing."""

from dataclasses import replace

import numpy as np
import pytest

from core.data import frame as frames
from core.errors import SpecError
from core.explain import local, time_segments
from core.explain.explanation import to_shap
from core.explain.owen import AHEAD
from core.spec import MODELS
from tests.explain.conftest import shap as uncompiled  # noqa: F401
from tests.explain.test_counterfactual import untrained

SHARED = {
    "lstm": {},
    "gru": {"model__residual": True, "model__layers": 2, "model__norm_layer": "layer"},
    "rnn": {"model__symbols": "embedded"},
}
WHOLE = {kind: {"model__segment": 5} for kind in MODELS if kind not in SHARED} | {
    "both": {"model__kind": "lstm", "model__bidirectional": True},
    "mean": {"model__kind": "gru", "model__pooling": "mean"},
    "reversible": {
        "model__kind": "lstm",
        "model__norm": "reversible",
        "target__kind": "close",
        "features": ["column:close", "return"],
    },
}
PLAIN = {"features": ["return", "weekday", "column:close"], "target__horizon": 2, "target__kind": "close"}


def last(run, finish):
    cutoff = run.forecast["cutoff"].max().isoformat()
    return finish(time_segments.look(local.light(run), "A", cutoff))[0]


def holds(made):
    """The explanations add up, and the cells of each stretch to it."""
    assert made.blocks.additivity_error < 1e-5 and made.cells.additivity_error < 1e-5
    for step in range(len(made.blocks.steps)):
        np.testing.assert_allclose(made.grid(step).sum(axis=1), made.blocks.values_NHF[0, step], atol=1e-9)


@pytest.mark.parametrize("name", [*SHARED, *WHOLE])
def test_every_kind_of_model_answers(finished, recipe, finish, frame, monkeypatch, name):
    values = PLAIN | {"model__kind": name} | (SHARED | WHOLE)[name]
    run = untrained(finished, recipe, frame, **values)
    made = last(run, finish)
    holds(made)
    assert made.shared == (name in SHARED) and made.blocks.features[0] == "lags 6-10"
    assert made.blocks.forecast_NH.shape == (1, 2) and made.first_B[0] < made.last_B[0] < made.first_B[1]
    if made.shared:
        monkeypatch.setattr(time_segments, "_reader", lambda *_: None)
        plain = last(run, finish)
        size = np.abs(plain.blocks.forecast_NH - plain.blocks.base_H).max()
        assert not plain.shared
        np.testing.assert_allclose(made.blocks.values_NHF, plain.blocks.values_NHF, atol=1e-6 * size, rtol=1e-6)
        np.testing.assert_allclose(made.cells.values_NHF, plain.cells.values_NHF, atol=1e-6 * size, rtol=1e-6)


def test_an_ensemble_that_forecasts_a_direction(finished, recipe, finish, frame):
    run = untrained(finished, recipe, frame, target__kind="direction", target__horizon=1)
    weights = {f"members.{m}.{name}": value + 0.1 * m for m in range(2) for name, value in run.weights.items()}
    made = last(replace(run, weights=weights), finish)
    holds(made)
    assert made.shared and 0 < made.blocks.forecast_NH[0, 0] < 1


def test_known_features_have_a_stretch_of_their_own(finished, recipe, finish, frame):
    made = last(untrained(finished, recipe, frame, **PLAIN), finish)
    assert made.blocks.features[-1] == AHEAD and len(made.first_B) == 4 == len(made.blocks.features) - 1
    ahead_F = made.grid(0)[-1]
    assert ahead_F[1] == pytest.approx(made.blocks.values_NHF[0, 0, -1]) and ahead_F[[0, 2]].tolist() == [0, 0]


@pytest.mark.usefixtures("uncompiled")
def test_many_windows_and_the_forms_that_they_take(finished, finish):
    made, events = finish(time_segments.explain(finished, limit=5))
    assert made.method == "blocks" and made.features == ("lags 6-10", "lags 3-5", "lag 2", "lag 1")
    assert made.values_NHF.shape == (5, 1, 4) and made.additivity_error < 1e-5 and len(events) > 1
    assert made.by_lag_L.sum() == pytest.approx(sum(made.importance.values()))
    test = finished.forecast.query("part == 'test' and model == 'lstm'").set_index("cutoff")["yhat"]
    assert made.forecast_NH[0, 0] == pytest.approx(test[made.cutoff_N[0]])
    handed = to_shap(made)
    np.testing.assert_allclose(handed.base_values + handed.values.sum(axis=1), made.forecast_NH[:, 0], atol=1e-6)
    with pytest.raises(SpecError, match="no symbol 'B'"):
        finish(time_segments.look(finished, "B", "2016-01-01"))


def test_more_features_than_can_be_read_are_taken_by_family(finished, recipe, finish, bars):
    table = bars()
    for i in range(61):
        table[f"c{i}"] = table["close"].shift(i + 1).bfill()
    names = ["return", *(f"column:c{i}" for i in range(61))]
    made = last(untrained(finished, recipe, frames.build({"A": table}), features=names), finish)
    holds(made)
    assert made.features == ("price", "other")


def test_one_constant_feature_moves_nothing(finished, recipe, finish, bars):
    table = bars()
    table["flat"] = 3.0
    made = last(
        untrained(finished, recipe, frames.build({"A": table}), features=["column:flat"], window__lookback=2), finish
    )
    assert made.blocks.features == ("lag 2", "lag 1") and made.blocks.additivity_error < 1e-5
    rounding = 1e-6 * abs(made.blocks.base_H[0])
    assert np.abs(made.blocks.values_NHF).max() < rounding and np.abs(made.grid(0)).max() < rounding
