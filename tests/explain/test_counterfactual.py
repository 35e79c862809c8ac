"""What if: nothing changed is the run's own forecast; changes touch what they name; what cannot be is refused."""

from dataclasses import replace

import numpy as np
import pytest

from core import pipeline
from core.data import frame as frames
from core.datasets import windows as preparing
from core.errors import DataError, SpecError
from core.explain import counterfactual, recurrent_cell
from core.explain.counterfactual import Change
from core.training import trainer


@pytest.fixture(scope="module")
def prepared(finished):
    return recurrent_cell.prepare(finished)


@pytest.fixture(scope="module")
def scene(finished, prepared):
    return counterfactual.scene(finished, prepared, "A")


def numbers(table):
    return table[["step", "yhat", "q025", "q50", "q975", "lo", "hi"]].to_numpy(dtype=float)


def test_without_a_change_it_is_the_live_forecast_of_the_run(finished, scene):
    live = finished.forecast[finished.forecast["part"] == "live"]
    np.testing.assert_array_equal(numbers(counterfactual.ask(scene, Change())), numbers(live))
    assert scene.live and not counterfactual.beyond(scene, Change())


def test_a_change_touches_its_feature_in_its_newest_sessions_alone(scene):
    name, f = scene.features[1], 1
    made_LF = counterfactual.changed(scene, Change(shift={name: 2.0}, rows=3))
    moved_LF = np.zeros_like(made_LF)
    moved_LF[-3:, f] = 2 * scene.deviation_F[f]
    np.testing.assert_allclose(made_LF - scene.raw_LF, moved_LF, atol=1e-12)
    assert counterfactual.changed(scene, Change(value={name: 0.5}))[-2:, f].tolist() == [scene.raw_LF[-2, f], 0.5]
    repeated = counterfactual.changed(scene, Change(repeat=True))
    np.testing.assert_array_equal(repeated, scene.raw_LF[[*range(1, len(repeated)), -1]])
    assert counterfactual.beyond(scene, Change(shift={name: 40.0})) == (name,)


def test_the_forecast_and_its_band_answer(scene):
    now = numbers(counterfactual.ask(scene, Change()))
    then = numbers(counterfactual.ask(scene, Change(shift={scene.features[0]: -3.0}, rows=5)))
    assert (now[:, 1] != then[:, 1]).all() and (now[:, -1] != then[:, -1]).all()
    assert (then[:, -2] < then[:, 1]).all() and (then[:, 1] < then[:, -1]).all()


def test_what_cannot_be_is_refused_in_words(finished, prepared, scene):
    for change, said in (
        (Change(shift={"x": 1.0}), "no feature 'x'"),
        (Change(rows=0), "1 to 10 sessions"),
        (Change(value={scene.features[0]: np.nan}), "would be nan"),
    ):
        with pytest.raises(SpecError, match=said):
            counterfactual.ask(scene, change)
    with pytest.raises(SpecError, match="no symbol 'B'"):
        counterfactual.scene(finished, prepared, "B")
    with pytest.raises(SpecError, match="no feature 'x'"):
        counterfactual.dependence(scene, prepared, "x")


def test_the_dependence_goes_through_each_windows_own_forecast(finished, prepared, scene):
    found = counterfactual.dependence(scene, prepared, scene.features[0])
    assert found.curve_NMH.shape == (40, 15, 1) and (np.diff(found.value_M) > 0).all()
    test = finished.forecast[(finished.forecast["part"] == "test") & (finished.forecast["model"] == "lstm")]
    raw_N = prepared.raw_TF[prepared.splits.test.cutoff_row_N[-1], 0]
    between = np.interp(raw_N, found.value_M, found.curve_NMH[-1, :, 0])
    assert between == pytest.approx(test["yhat"].iloc[-1], rel=1e-3)  # the last window is always among them


def untrained(finished, recipe, table, **values):
    """A run of other settings with the weights of the first day."""
    spec = preparing.resolve(recipe(**values), table)
    made = preparing.prepare(spec, table)
    net = trainer.fresh(spec, 0, len(frames.symbols(table)) if spec.model.symbols == "embedded" else None)
    return replace(
        finished,
        spec=spec,
        frame=table,
        weights={k: v.numpy() for k, v in net.state_dict().items()},
        state=finished.state | made.x_scaler.state("x") | made.y_scaler.state("y"),
    )


def test_one_constant_feature_and_no_live_window(finished, recipe, bars):
    table = bars()
    table["flat"] = 3.0
    run = untrained(finished, recipe, frames.build({"A": table}), target__kind="close", features=["column:flat"])
    prepared = recurrent_cell.prepare(run)
    scene = counterfactual.scene(run, prepared, "A")
    assert scene.deviation_F.tolist() == [0.0]
    np.testing.assert_array_equal(
        numbers(counterfactual.ask(scene, Change(shift={"column:flat": 2.0}))),
        numbers(counterfactual.ask(scene, Change())),
    )
    assert counterfactual.dependence(scene, prepared, "column:flat").value_M.tolist() == [3.0]
    frame = run.frame.copy()
    frame.loc[frame.index[-1], ("A", "flat")] = np.nan
    holed = replace(run, frame=frame)
    scene = counterfactual.scene(holed, recurrent_cell.prepare(holed), "A")
    assert not scene.live and scene.window.cutoff_N[0] < frame.index[-1].to_datetime64()
    assert np.isfinite(numbers(counterfactual.ask(scene, Change()))).all()
    late = {"calibrate_from": np.array([np.datetime64("2100-01-01", "ns").astype(np.int64)])}
    with pytest.raises(DataError, match="no window with a known outcome"):
        counterfactual.scene(replace(run, state=run.state | late), prepared, "A")


def test_each_symbol_has_its_own_window_and_band(finished, recipe, bars):
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
    prepared = recurrent_cell.prepare(run)
    for symbol in ("A", "B"):
        scene = counterfactual.scene(run, prepared, symbol)
        np.testing.assert_allclose(
            numbers(counterfactual.ask(scene, Change())), numbers(live[live["symbol"] == symbol]), rtol=1e-6
        )


def test_a_direction_has_no_band_and_a_log_keeps_above_zero(finished, recipe, frame):
    run = untrained(finished, recipe, frame, target__kind="direction", features=["return"])
    answer = counterfactual.ask(
        counterfactual.scene(run, recurrent_cell.prepare(run), "A"), Change(shift={"return": 1.0})
    )
    assert answer["lo"].isna().all() and answer["yhat"].between(0, 1).all()
    run = untrained(finished, recipe, frame, target__kind="close", features=["column:close"], window__log=True)
    scene = counterfactual.scene(run, recurrent_cell.prepare(run), "A")
    with pytest.raises(SpecError, match="stay above zero"):
        counterfactual.ask(scene, Change(value={"column:close": -1.0}))
