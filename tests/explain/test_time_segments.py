"""Forecasts of a run by time segments: every kind of model is supported, and shared states change no value."""

from dataclasses import replace

import numpy as np
import pytest

from core.data import frame as frames
from core.errors import SpecError
from core.explain import local, time_segments
from core.explain.explanation import to_shap
from core.explain.owen import KNOWN_FUTURE
from core.models.kinds import MODELS
from tests.explain.untrained import untrained

SHARED = {
    "lstm": {},
    "gru": {"model__residual": True, "model__layers": 2, "model__norm_layer": "layer"},
    "rnn": {"model__symbols": "embedded"},
    "slstm": {},
}
UNSHARED = {kind: {"model__segment": 5} for kind in MODELS if kind not in SHARED} | {
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


def explain_last(run, finish):
    cutoff = run.forecast["cutoff"].max().isoformat()
    return finish(time_segments.compute(local.slim(run), "A", cutoff))[0]


def assert_additive(result):
    """Both explanations add up, and the features of each segment add up to it."""
    assert result.segments.additivity_error < 1e-5 and result.segment_features.additivity_error < 1e-5
    for step in range(len(result.segments.steps)):
        np.testing.assert_allclose(result.grid(step).sum(axis=1), result.segments.values_NHF[0, step], atol=1e-9)


@pytest.mark.parametrize("name", [*SHARED, *UNSHARED])
def test_every_kind_of_model_is_supported(finished, recipe, finish, frame, monkeypatch, name):
    values = PLAIN | {"model__kind": name} | (SHARED | UNSHARED)[name]
    run = untrained(finished, recipe, frame, **values)
    result = explain_last(run, finish)
    assert_additive(result)
    assert result.shared == (name in SHARED) and result.segments.features[0] == "lags 6-10"
    assert result.segments.forecast_NH.shape == (1, 2) and result.first_B[0] < result.last_B[0] < result.first_B[1]
    if result.shared:
        monkeypatch.setattr(time_segments, "_incremental_predictor", lambda *_: None)
        plain = explain_last(run, finish)
        size = np.abs(plain.segments.forecast_NH - plain.segments.base_H).max()
        assert not plain.shared
        np.testing.assert_allclose(result.segments.values_NHF, plain.segments.values_NHF, atol=1e-6 * size, rtol=1e-6)
        np.testing.assert_allclose(
            result.segment_features.values_NHF, plain.segment_features.values_NHF, atol=1e-6 * size, rtol=1e-6
        )


def test_an_ensemble_that_forecasts_a_direction(finished, recipe, finish, frame):
    run = untrained(finished, recipe, frame, target__kind="direction", target__horizon=1)
    weights = {f"members.{m}.{name}": value + 0.1 * m for m in range(2) for name, value in run.weights.items()}
    result = explain_last(replace(run, weights=weights), finish)
    assert_additive(result)
    assert result.shared and 0 < result.segments.forecast_NH[0, 0] < 1


def test_known_features_have_a_segment_of_their_own(finished, recipe, finish, frame):
    result = explain_last(untrained(finished, recipe, frame, **PLAIN), finish)
    assert (
        result.segments.features[-1] == KNOWN_FUTURE and len(result.first_B) == 4 == len(result.segments.features) - 1
    )
    ahead_F = result.grid(0)[-1]
    assert ahead_F[1] == pytest.approx(result.segments.values_NHF[0, 0, -1]) and ahead_F[[0, 2]].tolist() == [0, 0]


@pytest.mark.usefixtures("shap")
def test_many_windows_add_up_and_convert_to_shap(finished, finish):
    result, events = finish(time_segments.explain(finished, limit=5))
    assert result.method == "blocks" and result.features == ("lags 6-10", "lags 3-5", "lag 2", "lag 1")
    assert result.values_NHF.shape == (5, 1, 4) and result.additivity_error < 1e-5 and len(events) > 1
    assert result.by_lag_L.sum() == pytest.approx(sum(result.importance.values()))
    test = finished.forecast.query("part == 'test' and model == 'lstm'").set_index("cutoff")["yhat"]
    assert result.forecast_NH[0, 0] == pytest.approx(test[result.cutoff_N[0]])
    converted = to_shap(result)
    np.testing.assert_allclose(
        converted.base_values + converted.values.sum(axis=1), result.forecast_NH[:, 0], atol=1e-6
    )
    with pytest.raises(SpecError, match="no symbol 'B'"):
        finish(time_segments.compute(finished, "B", "2016-01-01"))


def test_many_features_are_grouped_by_family(finished, recipe, finish, bars):
    table = bars()
    for i in range(61):
        table[f"c{i}"] = table["close"].shift(i + 1).bfill()
    names = ["return", *(f"column:c{i}" for i in range(61))]
    result = explain_last(untrained(finished, recipe, frames.build({"A": table}), features=names), finish)
    assert_additive(result)
    assert result.features == ("price", "other")


def test_a_constant_feature_contributes_nothing(finished, recipe, finish, bars):
    table = bars()
    table["flat"] = 3.0
    result = explain_last(
        untrained(finished, recipe, frames.build({"A": table}), features=["column:flat"], window__lookback=2), finish
    )
    assert result.segments.features == ("lag 2", "lag 1") and result.segments.additivity_error < 1e-5
    rounding = 1e-6 * abs(result.segments.base_H[0])
    assert np.abs(result.segments.values_NHF).max() < rounding and np.abs(result.grid(0)).max() < rounding
