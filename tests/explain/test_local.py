"""A close look at one forecast: the split of a change adds up, and the window's cells are those of its forecast."""

import numpy as np
import pytest

from core.errors import SpecError
from core.explain import local, recurrent_cell
from core.forecasting.forecast import network
from core.training import trainer
from tests.explain.test_counterfactual import untrained


@pytest.fixture(scope="module")
def cutoffs(finished):
    test = finished.forecast[(finished.forecast["part"] == "test") & (finished.forecast["model"] == "lstm")]
    return test.set_index("cutoff")["yhat"]


def test_the_split_of_a_change_adds_up_to_both_forecasts(finished, finish, cutoffs):
    made, _ = finish(local.look(local.light(finished), "A", cutoffs.index[-1].isoformat()))
    since = made.since
    assert (since.cutoff, since.before) == tuple(cutoffs.index[[-1, -2]].to_numpy())
    assert since.before_H[0] == cutoffs.iloc[-2] and since.forecast_H[0] == cutoffs.iloc[-1]
    np.testing.assert_allclose(since.before_H + since.values_PH.sum(axis=0), since.forecast_H, atol=1e-9)
    assert since.names == finished.spec.features  # a volatility starts from no last value
    assert made.cells_LF.shape == made.raw_LF.shape == made.odd_LF.shape == (10, len(since.names))
    assert made.time_L[-1] == since.cutoff and made.cells_LF.any() and made.additivity_error < 0.2


def test_the_live_forecast_is_compared_with_the_session_before(finished, finish):
    live = finished.forecast[finished.forecast["part"] == "live"].iloc[0]
    since = finish(local.look(finished, "A", live["cutoff"].isoformat()))[0].since
    assert since.forecast_H[0] == live["yhat"] and since.before == finished.frame.index[-2].to_datetime64()


@pytest.mark.parametrize(("log", "most"), [(False, 8), (True, 8), (False, 2)])  # exact twice, then permutations
def test_a_level_moves_with_the_last_value_too(finished, recipe, finish, frame, monkeypatch, log, most):
    monkeypatch.setattr(local, "EXACT", most)
    run = untrained(
        finished,
        recipe,
        frame,
        target__kind="close",
        target__horizon=2,
        window__log=log,
        features=["return", "column:close"],
    )
    prepared = recurrent_cell.prepare(run)
    answer = network(trainer.restore(run.spec, run.weights, 1), False)
    row = int(prepared.splits.test.cutoff_row_N[3])
    since = finish(local.difference(answer, prepared, row - 1, row))[0]
    close_T = frame["A"]["close"].to_numpy()
    assert since.names[-1] == local.ANCHOR and since.values_PH.shape == (3, 2)
    np.testing.assert_allclose([since.old_P[-1], since.new_P[-1]], close_T[row - 1 : row + 1])
    np.testing.assert_allclose(since.before_H + since.values_PH.sum(axis=0), since.forecast_H, atol=1e-9)
    if not log:
        np.testing.assert_allclose(since.values_PH[-1], close_T[row] - close_T[row - 1], atol=1e-9)


def test_a_cutoff_without_a_forecast_is_refused(finished, finish):
    with pytest.raises(SpecError, match="No forecast of the test part starts from 1999-01-01"):
        finish(local.look(finished, "A", "1999-01-01"))
