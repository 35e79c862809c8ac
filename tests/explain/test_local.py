"""One forecast explained: its revision adds up, and the attributions in its window belong to its forecast."""

import numpy as np
import pytest

from core.datasets.windows import prepare_saved
from core.errors import SpecError
from core.explain import local
from core.explain.predictor import build_predictor
from core.training import trainer
from tests.explain.untrained import untrained


@pytest.fixture(scope="module")
def forecasts(finished):
    test = finished.forecast[(finished.forecast["part"] == "test") & (finished.forecast["model"] == "lstm")]
    return test.set_index("cutoff")["yhat"]


def test_a_revision_adds_up_to_both_forecasts(finished, finish, forecasts):
    explanation, _ = finish(local.compute(local.slim(finished), "A", forecasts.index[-1].isoformat()))
    revision = explanation.revision
    assert (revision.cutoff, revision.previous) == tuple(forecasts.index[[-1, -2]].to_numpy())
    np.testing.assert_allclose([revision.previous_H[0], revision.forecast_H[0]], forecasts.iloc[-2:], rtol=1e-7)
    np.testing.assert_allclose(revision.previous_H + revision.values_PH.sum(axis=0), revision.forecast_H, atol=1e-9)
    assert revision.names == finished.spec.features  # a volatility does not start from a last value
    shape = (10, len(revision.names))
    assert explanation.attribution_LF.shape == explanation.raw_LF.shape == explanation.standardized_LF.shape == shape
    assert explanation.time_L[-1] == revision.cutoff and explanation.attribution_LF.any()
    assert explanation.additivity_error < 0.2


def test_the_live_forecast_is_compared_with_the_previous_one(finished, finish):
    live = finished.forecast[finished.forecast["part"] == "live"].iloc[0]
    revision = finish(local.compute(finished, "A", live["cutoff"].isoformat()))[0].revision
    assert revision.forecast_H[0] == live["yhat"] and revision.previous == finished.frame.index[-2].to_datetime64()


@pytest.mark.parametrize(("log", "max_exact"), [(False, 8), (True, 8), (False, 2)])  # exact twice, then permutations
def test_the_last_value_is_a_player_for_levels(finished, recipe, finish, frame, monkeypatch, log, max_exact):
    monkeypatch.setattr(local, "MAX_EXACT_PLAYERS", max_exact)
    run = untrained(
        finished,
        recipe,
        frame,
        target__kind="close",
        target__horizon=2,
        window__log=log,
        features=["return", "column:close"],
    )
    prepared = prepare_saved(run)
    predictor = build_predictor(trainer.restore(run.spec, run.weights, 1), prepared, 0)
    row = int(prepared.splits.test.cutoff_row_N[3])
    revision = finish(local.compute_revision(predictor, prepared, row - 1, row))[0]
    close_T = frame["A"]["close"].to_numpy()
    assert revision.names[-1] == local.LAST_VALUE and revision.values_PH.shape == (3, 2)
    np.testing.assert_allclose([revision.old_P[-1], revision.new_P[-1]], close_T[row - 1 : row + 1])
    np.testing.assert_allclose(revision.previous_H + revision.values_PH.sum(axis=0), revision.forecast_H, atol=1e-9)
    if not log:
        np.testing.assert_allclose(revision.values_PH[-1], close_T[row] - close_T[row - 1], atol=1e-9)


def test_a_cutoff_without_a_forecast_raises_an_error(finished, finish):
    with pytest.raises(SpecError, match="No forecast of the test split starts from 1999-01-01"):
        finish(local.compute(finished, "A", "1999-01-01"))
