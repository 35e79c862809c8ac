"""A wider look at a run against closed forms: what switches in time, what widens the band, and all its parts."""

import dataclasses
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.datasets import windows
from core.evaluation import residuals
from core.explain import explainer, grouping, overview
from core.forecasting import forecast
from core.spec import QUANTILES, Spec, with_values
from core.storage.serialize import apart, together
from core.training import trainer
from core.types import Floats, Run

Finish = Callable[..., tuple[Any, list[Any]]]


def opened(run: Run) -> tuple[windows.Prepared, Any]:
    prepared = windows.again(run)
    return prepared, trainer.restore(run.spec, run.weights, len(prepared.splits.test.rows.symbols))


@pytest.fixture
def known_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forecasts are the first feature until 2015 and the second from 2016 on, which the third one tells; the width of
    the band is 3 + twice the fourth."""
    usual = explainer.panorama

    def predict(x_NLF: Floats, known_NHK: Floats) -> Floats:
        first, second, late, fourth = (x_NLF[:, -1, f] for f in range(4))
        return np.column_stack([first * (1 - late) + second * late, 3 + 2 * fourth])

    def panorama(*given: Any) -> explainer.Scene:
        scene = usual(*given)
        rows = scene.chosen.rows
        x_TF = np.random.default_rng(0).normal(size=rows.x_TF.shape)
        x_TF[:, 2] = rows.time_T >= np.datetime64("2016-01-01")
        rows = dataclasses.replace(rows, x_TF=x_TF.astype(np.float32))
        return dataclasses.replace(
            scene,
            predict=predict,
            chosen=dataclasses.replace(scene.chosen, rows=rows),
            background=dataclasses.replace(scene.background, rows=rows),
        )

    monkeypatch.setattr(explainer, "panorama", panorama)
    monkeypatch.setattr(grouping, "FEWEST_YEARS", 2)


def test_what_is_planted_is_found(finished: Run, finish: Finish, known_world: None) -> None:
    made: overview.Wider = finish(overview.survey(finished))[0]
    view = made.features
    assert view.time.names == ("2015", "2016", "2017")
    assert np.argmax(view.time.mean_GF, axis=1).tolist() == [0, 1, 1]
    assert view.width_F is not None and set(np.flatnonzero(view.width_F > 1e-9)) == {3}
    assert view.time.mean_GF[:, 3].max() < 1e-9  # the width is kept apart from the middle
    assert made.additivity_error < 1e-5


def test_the_width_of_an_additive_band_in_closed_form(finished: Run, finish: Finish, known_world: None) -> None:
    prepared, net = opened(finished)
    scene = explainer.panorama(finished.spec, prepared, net, overview.WINDOWS, overview.BACKGROUNDS)
    widest_N = 2 * (scene.chosen.x_NLF[:, -1, 3] - scene.background.x_NLF[:, -1, 3].mean())
    made: overview.Wider = finish(overview.survey(finished))[0]
    assert made.features.width_F is not None and made.families.width_F is not None
    assert made.features.width_F[3] == pytest.approx(np.abs(widest_N).mean(), rel=1e-5)
    assert made.families.width_F.sum() == pytest.approx(made.features.width_F[3], rel=1e-5)
    assert made.level == 0.9


def test_the_survey_of_a_run_covers_its_parts_and_survives_json(finished: Run, finish: Finish) -> None:
    made: overview.Wider = finish(overview.survey(finished))[0]
    parts = made.features.time.part_GP.sum(axis=0)
    assert made.windows == parts.sum() == 240 and (parts > 0).all() and parts[-1] == 1
    assert made.additivity_error < 1e-5 and made.symbol == "A"
    prepared, net = opened(finished)
    seen = explainer.panorama(finished.spec, prepared, net, 240, 8).chosen
    assert (np.diff(seen.cutoff_row_N) > 0).all()
    trailing_N = residuals.trailing(finished, "A").reindex(seen.cutoff_N).to_numpy()
    assert made.features.regime.names == residuals.REGIMES
    assert made.features.regime.count_G.tolist() == np.bincount(residuals.regimes(trailing_N)).tolist()
    back = together(overview.Wider, json.loads(json.dumps(apart(made), allow_nan=False)))
    np.testing.assert_array_equal(back.features.time.mean_GF, made.features.time.mean_GF)
    assert (back.level, back.families.features) == (0.9, made.families.features)


def test_the_width_is_that_of_the_networks_own_quantiles(finished: Run) -> None:
    prepared, net = opened(finished)
    spec = with_values(finished.spec, {"bands.coverage": 0.8})
    scene = explainer.panorama(spec, prepared, net, 20, 4)
    made = scene.predict(scene.chosen.x_NLF, scene.chosen.known_NHK)
    user = prepared.kind.to_user(forecast.quantiles(forecast.network(net, False), scene.chosen, prepared))[:, 0]
    np.testing.assert_allclose(made[:, 0], user[:, QUANTILES.index(0.5)], rtol=1e-6)
    np.testing.assert_allclose(made[:, 1], user[:, QUANTILES.index(0.9)] - user[:, QUANTILES.index(0.1)], rtol=1e-5)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"model.head": "point"}, "one number a step"),
        ({"target.kind": "direction"}, "a probability and no error band"),
        ({"model.head": "gaussian"}, ""),
    ],
)
def test_a_head_without_a_width_says_why(values: dict[str, Any], says: str) -> None:
    said = overview.no_width(with_values(Spec(), values))
    assert said == "" if says == "" else says in said


def test_a_point_has_no_width_and_one_feature_is_enough(recipe: Any, frame: Any, finish: Finish) -> None:
    from core import pipeline

    spec = recipe(
        model__head="point", features=("log_range",), target__kind="log_return", target__horizon=3, train__epochs=1
    )
    run: Run = finish(pipeline.run(spec, frame))[0]
    made: overview.Wider = finish(overview.survey(run))[0]
    assert made.features.width_F is None and math.isnan(made.level) and np.isnan(made.features.lean_F).all()
    assert made.features.time.mean_GF.shape[1] == 1
    assert math.isnan(together(overview.Wider, apart(made)).level)


def test_cells_come_with_a_run_and_for_an_older_one(finished: Run, finish: Finish) -> None:
    held = finished.explanation
    assert held is not None and held.by_cell_LF is not None
    assert held.by_cell_LF.shape == (finished.spec.window.lookback, len(finished.spec.features))
    np.testing.assert_allclose(held.by_cell_LF.sum(axis=1), held.by_lag_L, rtol=1e-12)
    old = dataclasses.replace(finished, explanation=dataclasses.replace(held, by_cell_LF=None))
    made = finish(overview.cells(old))[0]
    assert made.features == held.features
    again = made.by_cell_LF
    assert again.shape == held.by_cell_LF.shape
    assert np.corrcoef(again.ravel(), held.by_cell_LF.ravel())[0, 1] > 0.9
