"""What-if forecasts: no perturbation gives the run's own forecast, perturbations change what they name, errors."""

from dataclasses import replace

import numpy as np
import pytest

from core import pipeline
from core.data import frame as frames
from core.datasets.windows import prepare_saved
from core.errors import DataError, SpecError
from core.explain import counterfactual
from core.explain.counterfactual import Perturbation
from tests.explain.untrained import untrained


@pytest.fixture(scope="module")
def prepared(finished):
    return prepare_saved(finished)


@pytest.fixture(scope="module")
def context(finished, prepared):
    return counterfactual.build_context(finished, prepared, "A")


def numbers(table):
    return table[["step", "yhat", "q025", "q50", "q975", "lo", "hi"]].to_numpy(dtype=float)


def test_no_perturbation_gives_the_live_forecast_of_the_run(finished, context):
    live = finished.forecast[finished.forecast["part"] == "live"]
    np.testing.assert_array_equal(numbers(counterfactual.predict(context, Perturbation())), numbers(live))
    assert context.live and not counterfactual.outside_training_range(context, Perturbation())


def test_a_perturbation_changes_only_its_feature_in_the_newest_rows(context):
    name, f = context.features[1], 1
    perturbed_LF = counterfactual.perturb(context, Perturbation(shift={name: 2.0}, rows=3))
    change_LF = np.zeros_like(perturbed_LF)
    change_LF[-3:, f] = 2 * context.deviation_F[f]
    np.testing.assert_allclose(perturbed_LF - context.raw_LF, change_LF, atol=1e-12)
    set_LF = counterfactual.perturb(context, Perturbation(value={name: 0.5}))
    assert set_LF[-2:, f].tolist() == [context.raw_LF[-2, f], 0.5]
    repeated_LF = counterfactual.perturb(context, Perturbation(repeat=True))
    np.testing.assert_array_equal(repeated_LF, context.raw_LF[[*range(1, len(repeated_LF)), -1]])
    assert counterfactual.outside_training_range(context, Perturbation(shift={name: 40.0})) == (name,)


def test_a_perturbation_moves_the_forecast_and_its_interval(context):
    now = numbers(counterfactual.predict(context, Perturbation()))
    then = numbers(counterfactual.predict(context, Perturbation(shift={context.features[0]: -3.0}, rows=5)))
    assert (now[:, 1] != then[:, 1]).all() and (now[:, -1] != then[:, -1]).all()
    assert (then[:, -2] < then[:, 1]).all() and (then[:, 1] < then[:, -1]).all()


def test_impossible_requests_raise_spec_errors(finished, prepared, context):
    for perturbation, message in (
        (Perturbation(shift={"x": 1.0}), "no feature 'x'"),
        (Perturbation(rows=0), "1 to 10 rows"),
        (Perturbation(value={context.features[0]: np.nan}), "would be nan"),
    ):
        with pytest.raises(SpecError, match=message):
            counterfactual.predict(context, perturbation)
    with pytest.raises(SpecError, match="no symbol 'B'"):
        counterfactual.build_context(finished, prepared, "B")
    with pytest.raises(SpecError, match="no feature 'x'"):
        counterfactual.compute_dependence(context, prepared, "x")


def test_partial_dependence_passes_through_each_windows_own_forecast(finished, prepared, context):
    dependence = counterfactual.compute_dependence(context, prepared, context.features[0])
    assert dependence.curve_NMH.shape == (40, 15, 1) and (np.diff(dependence.value_M) > 0).all()
    test = finished.forecast[(finished.forecast["part"] == "test") & (finished.forecast["model"] == "lstm")]
    raw_N = prepared.raw_TF[prepared.splits.test.cutoff_row_N[-1], 0]
    between = np.interp(raw_N, dependence.value_M, dependence.curve_NMH[-1, :, 0])
    assert between == pytest.approx(test["yhat"].iloc[-1], rel=1e-3)  # the last window is always included


def test_a_constant_feature_and_no_live_window(finished, recipe, bars):
    table = bars()
    table["flat"] = 3.0
    run = untrained(finished, recipe, frames.build({"A": table}), target__kind="close", features=["column:flat"])
    prepared = prepare_saved(run)
    context = counterfactual.build_context(run, prepared, "A")
    assert context.deviation_F.tolist() == [0.0]
    np.testing.assert_array_equal(
        numbers(counterfactual.predict(context, Perturbation(shift={"column:flat": 2.0}))),
        numbers(counterfactual.predict(context, Perturbation())),
    )
    assert counterfactual.compute_dependence(context, prepared, "column:flat").value_M.tolist() == [3.0]
    frame = run.frame.copy()
    frame.loc[frame.index[-1], ("A", "flat")] = np.nan
    missing_last = replace(run, frame=frame)
    context = counterfactual.build_context(missing_last, prepare_saved(missing_last), "A")
    assert not context.live and context.window.cutoff_N[0] < frame.index[-1].to_datetime64()
    assert np.isfinite(numbers(counterfactual.predict(context, Perturbation()))).all()
    late = {"calibrate_from": np.array([np.datetime64("2100-01-01", "ns").astype(np.int64)])}
    with pytest.raises(DataError, match="no window with a known outcome"):
        counterfactual.build_context(replace(run, state=run.state | late), prepared, "A")


def test_each_symbol_has_its_own_window_and_interval(finished, recipe, bars):
    table = frames.build({"A": bars(), "B": bars(seed=1)})
    run = untrained(
        finished,
        recipe,
        table,
        data__symbols=["A", "B"],
        model__symbols="embedded",
        target__kind="close",
        target__horizon=2,
        features=["return", "column:close"],
    )
    live = pipeline.predict(run)
    prepared = prepare_saved(run)
    for symbol in ("A", "B"):
        context = counterfactual.build_context(run, prepared, symbol)
        np.testing.assert_allclose(
            numbers(counterfactual.predict(context, Perturbation())), numbers(live[live["symbol"] == symbol]), rtol=1e-6
        )


def test_a_direction_has_no_interval_and_a_logged_feature_stays_above_zero(finished, recipe, frame):
    run = untrained(finished, recipe, frame, target__kind="direction", features=["return"])
    context = counterfactual.build_context(run, prepare_saved(run), "A")
    forecast = counterfactual.predict(context, Perturbation(shift={"return": 1.0}))
    assert forecast["lo"].isna().all() and forecast["yhat"].between(0, 1).all()
    run = untrained(finished, recipe, frame, target__kind="close", features=["column:close"], window__log=True)
    context = counterfactual.build_context(run, prepare_saved(run), "A")
    with pytest.raises(SpecError, match="stay above zero"):
        counterfactual.predict(context, Perturbation(value={"column:close": -1.0}))
