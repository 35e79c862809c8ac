"""The overview of a run against closed forms: drivers by period, interval width, and all splits."""

import dataclasses
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.evaluation import residuals
from core.explain import grouping, overview
from core.explain.inputs import ExplanationInputs, select_all_splits
from core.forecasting import forecast
from core.spec import MEAN, QUANTILES, Spec, with_values
from core.storage.serialize import from_json, to_json
from core.training.trainer import reopen
from core.types import Floats, Run

Finish = Callable[..., tuple[Any, list[Any]]]


def select_planted(*arguments: Any) -> ExplanationInputs:
    """Inputs whose forecasts are the first feature until 2015 and the second from 2016 on, flagged by the third; the
    width of the interval is 3 + twice the fourth."""
    inputs = select_all_splits(*arguments)
    rows = inputs.windows.rows
    x_TF = np.random.default_rng(0).normal(size=rows.x_TF.shape)
    x_TF[:, 2] = rows.time_T >= np.datetime64("2016-01-01")
    rows = dataclasses.replace(rows, x_TF=x_TF.astype(np.float32))

    def predict(x_NLF: Floats, known_NHK: Floats) -> Floats:
        first, second, late, fourth = (x_NLF[:, -1, f] for f in range(4))
        return np.column_stack([first * (1 - late) + second * late, 3 + 2 * fourth])

    return dataclasses.replace(
        inputs,
        predict=predict,
        windows=dataclasses.replace(inputs.windows, rows=rows),
        background=dataclasses.replace(inputs.background, rows=rows),
    )


@pytest.fixture
def planted_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "select_all_splits", select_planted)
    monkeypatch.setattr(grouping, "MIN_YEARS", 2)


def test_planted_drivers_are_found(finished: Run, finish: Finish, planted_world: None) -> None:
    result: overview.Overview = finish(overview.compute(finished))[0]
    summary = result.features
    assert summary.time.names == ("2015", "2016", "2017")
    assert np.argmax(summary.time.mean_GF, axis=1).tolist() == [0, 1, 1]
    assert summary.width_F is not None and set(np.flatnonzero(summary.width_F > 1e-9)) == {3}
    assert summary.time.mean_GF[:, 3].max() < 1e-9  # contributions to the width do not mix with those to the median
    assert result.additivity_error < 1e-5


def test_the_width_of_an_additive_interval_has_a_closed_form(
    finished: Run, finish: Finish, planted_world: None
) -> None:
    inputs = select_planted(finished.spec, *reopen(finished), overview.WINDOWS, overview.BACKGROUNDS)
    width_N = 2 * (inputs.windows.x_NLF[:, -1, 3] - inputs.background.x_NLF[:, -1, 3].mean())
    result: overview.Overview = finish(overview.compute(finished))[0]
    assert result.features.width_F is not None and result.families.width_F is not None
    assert result.features.width_F[3] == pytest.approx(np.abs(width_N).mean(), rel=1e-5)
    assert result.families.width_F.sum() == pytest.approx(result.features.width_F[3], rel=1e-5)
    assert result.level == 0.9


def test_the_overview_covers_all_splits_and_survives_json(finished: Run, finish: Finish) -> None:
    result: overview.Overview = finish(overview.compute(finished))[0]
    splits = result.features.time.part_GP.sum(axis=0)
    assert result.windows == splits.sum() == 240 and (splits > 0).all() and splits[-1] == 1
    assert result.additivity_error < 1e-5 and result.symbol == "A"
    windows = select_all_splits(finished.spec, *reopen(finished), 240, 8).windows
    assert (np.diff(windows.cutoff_row_N) > 0).all()
    trailing_N = residuals.trailing_volatility(finished, "A").reindex(windows.cutoff_N).to_numpy()
    assert result.features.regime.names == residuals.REGIMES
    assert result.features.regime.count_G.tolist() == np.bincount(residuals.assign_regimes(trailing_N)).tolist()
    restored = from_json(overview.Overview, json.loads(json.dumps(to_json(result), allow_nan=False)))
    np.testing.assert_array_equal(restored.features.time.mean_GF, result.features.time.mean_GF)
    assert (restored.level, restored.families.features) == (0.9, result.families.features)


def test_the_width_is_that_of_the_networks_own_quantiles(finished: Run) -> None:
    prepared, net = reopen(finished)
    inputs = select_all_splits(with_values(finished.spec, {"bands.coverage": 0.8}), prepared, net, 20, 4)
    result = inputs.predict(inputs.windows.x_NLF, inputs.windows.known_NHK)
    user = prepared.kind.to_user(forecast.predict(forecast.network(net, False), inputs.windows, prepared))[:, 0]
    np.testing.assert_allclose(result[:, 0], user[:, MEAN], rtol=1e-6)
    np.testing.assert_allclose(result[:, 1], user[:, QUANTILES.index(0.9)] - user[:, QUANTILES.index(0.1)], rtol=1e-5)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"model.head": "point"}, "one number a step"),
        ({"target.kind": "direction"}, "a probability, without a band"),
        ({"model.head": "gaussian"}, ""),
    ],
)
def test_a_head_without_a_width_gives_a_reason(values: dict[str, Any], reason: str) -> None:
    text = overview.why_no_width(with_values(Spec(), values))
    assert text == "" if reason == "" else reason in text


def test_a_point_forecast_has_no_width_and_one_feature_is_enough(recipe: Any, frame: Any, finish: Finish) -> None:
    from core import pipeline

    spec = recipe(
        model__head="point", features=("log_range",), target__kind="log_return", target__horizon=3, train__epochs=1
    )
    run: Run = finish(pipeline.run(spec, frame))[0]
    result: overview.Overview = finish(overview.compute(run))[0]
    assert result.features.width_F is None and math.isnan(result.level) and np.isnan(result.features.lean_F).all()
    assert result.features.time.mean_GF.shape[1] == 1
    assert math.isnan(from_json(overview.Overview, to_json(result)).level)


def test_feature_lags_of_a_run_and_of_an_older_one_agree(finished: Run, finish: Finish) -> None:
    explanation = finished.explanation
    assert explanation is not None and explanation.by_cell_LF is not None
    assert explanation.by_cell_LF.shape == (finished.spec.window.lookback, len(finished.spec.features))
    np.testing.assert_allclose(explanation.by_cell_LF.sum(axis=1), explanation.by_lag_L, rtol=1e-12)
    older = dataclasses.replace(finished, explanation=dataclasses.replace(explanation, by_cell_LF=None))
    result = finish(overview.compute_feature_lags(older))[0]
    assert result.features == explanation.features and result.by_cell_LF.shape == explanation.by_cell_LF.shape
    assert np.corrcoef(result.by_cell_LF.ravel(), explanation.by_cell_LF.ravel())[0, 1] > 0.9
