"""The one path from a recipe and a frame to a run: it repeats, it survives the disk, it refuses what it cannot do."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import pipeline
from core.data import frame as frames
from core.datasets import windows
from core.errors import CoreError, DataError, FeatureError, SpecError
from core.events import Epoch, Progress, Stage
from core.forecasting import forecast
from core.spec import Spec
from core.storage import runs
from core.training.trainer import restore
from core.types import Explanation, Run

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
Finish = Callable[..., Any]
TrainRun = Callable[..., Run]


def live(made: Run) -> pd.DataFrame:
    return made.forecast[made.forecast["part"] == "live"].reset_index(drop=True)


def values(table: pd.DataFrame) -> pd.DataFrame:
    """The table with categories as plain words, which depend on what else stood in the table they came from."""
    return table.astype(dict.fromkeys(("model", "part", "symbol"), str)).reset_index(drop=True)


def test_the_same_recipe_and_frame_give_the_same_numbers(
    finished: Run, frame: pd.DataFrame, recipe: Recipe, finish: Finish
) -> None:
    again, _ = finish(pipeline.run(recipe(), frame.copy()))
    assert again.evaluation == finished.evaluation
    assert (again.spec, again.data_digest, again.rows) == (finished.spec, finished.data_digest, finished.rows)
    pd.testing.assert_frame_equal(again.forecast, finished.forecast, check_exact=True)
    for name, value in finished.weights.items():
        np.testing.assert_array_equal(again.weights[name], value)
    first, second = finished.explanation, again.explanation
    assert first is not None and second is not None
    np.testing.assert_array_equal(first.values_NHF, second.values_NHF)


def test_the_resolved_recipe_of_a_run_gives_the_run_again(finished: Run, finish: Finish) -> None:
    again, _ = finish(pipeline.run(finished.spec, finished.frame))
    assert again.evaluation == finished.evaluation


def test_a_saved_run_replays_and_predicts_bit_for_bit(finished: Run, tmp_path: Path) -> None:
    runs.save(finished, tmp_path)
    again = runs.load(finished.id, tmp_path)
    pd.testing.assert_frame_equal(pipeline.replay(again), finished.forecast, check_exact=True)
    pd.testing.assert_frame_equal(values(pipeline.predict(again)), values(live(finished)), check_exact=True)
    pd.testing.assert_frame_equal(
        values(pipeline.predict(again, finished.frame)), values(live(finished)), check_exact=True
    )


def test_a_saved_run_is_explained_as_the_run_was(finished: Run, finish: Finish) -> None:
    again, events = finish(pipeline.explain(finished))
    assert finished.explanation is not None
    np.testing.assert_array_equal(again.values_NHF, finished.explanation.values_NHF)
    assert isinstance(events[0], Stage) and any(isinstance(e, Progress) for e in events)


@pytest.mark.parametrize("method", ["exact", "gradients"])
def test_other_ways_of_explaining_agree(finished: Run, finish: Finish, method: str) -> None:
    made, _ = finish(pipeline.explain(finished, method, limit=12))
    usual, _ = finish(pipeline.explain(finished, limit=12))
    assert method == "gradients" or made.additivity_error < 1e-6
    ours, theirs = made.values_NHF.ravel(), usual.values_NHF.ravel()
    assert np.corrcoef(ours, theirs)[0, 1] > 0.9
    np.testing.assert_allclose(made.forecast_NH, usual.forecast_NH, rtol=1e-5)


def test_chosen_cutoffs_are_explained_and_unknown_ones_refused(finished: Run, finish: Finish) -> None:
    day = str(finished.forecast.loc[finished.forecast["part"] == "test", "cutoff"].iloc[0].date())
    made: Explanation = finish(pipeline.explain(finished, symbol="A", cutoffs=(day,)))[0]
    assert made.cutoff_N.astype("M8[D]").astype(str).tolist() == [day]
    row = finished.forecast[(finished.forecast["model"] == "lstm") & (finished.forecast["cutoff"] == day)]
    np.testing.assert_allclose(made.forecast_NH[0], row["yhat"], rtol=1e-6)
    with pytest.raises(SpecError, match="No forecast of the test part starts from 1999-01-01"):
        finish(pipeline.explain(finished, cutoffs=("1999-01-01",)))
    with pytest.raises(SpecError, match="no symbol 'Z'; it has A"):
        finish(pipeline.explain(finished, symbol="Z"))
    with pytest.raises(SpecError, match="called 'magic'"):
        finish(pipeline.explain(finished, "magic"))


def test_a_run_tells_its_stages_and_epochs(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    made, events = finish(pipeline.run(recipe(train__epochs=2), frame))
    assert [e.name for e in events if isinstance(e, Stage)] == ["features", "train", "evaluate", "explain"]
    assert [e.epoch for e in events if isinstance(e, Epoch)] == [1, 2]
    assert made.data_digest == frames.digest(frame)
    assert set(made.environment) >= {"python", "torch", "numpy", "pandas"}
    assert runs.NAME.fullmatch(made.id)


def test_every_model_is_scored_on_the_same_cutoffs_and_steps(finished: Run) -> None:
    made = finished.forecast
    assert list(finished.evaluation.scores) == [
        "lstm",
        "last_value",
        "drift",
        "seasonal",
        "mean",
        "ewma",
        "har",
        "garch",
        "ridge",
        "nlinear",
    ]
    assert {*finished.evaluation.left_out} == {"arima", "lightgbm"}
    assert finished.rows.keys() == {"train", "val", "calib", "test", "dropped"}
    for part in ("val", "calib", "test"):
        tables = {
            name: rows[["symbol", "cutoff", "step", "time", "y"]].reset_index(drop=True)
            for name, rows in made[made["part"] == part].groupby("model", observed=True)
        }
        assert set(tables) == set(finished.evaluation.scores)
        assert len(tables["lstm"]) == finished.rows[part]
        for table in tables.values():
            pd.testing.assert_frame_equal(table, tables["lstm"])
    assert made.loc[made["part"] != "live", ["y", "yhat"]].notna().all().all()


def test_quantiles_are_ordered_and_the_band_lies_around_the_forecast(finished: Run) -> None:
    lstm = finished.forecast[(finished.forecast["model"] == "lstm") & finished.forecast["part"].isin(["test", "live"])]
    quantile = lstm[[c for c in lstm if c.startswith("q")]].to_numpy()
    assert (np.diff(quantile, axis=1) >= 0).all()
    np.testing.assert_allclose(lstm[["lo", "hi"]], quantile[:, [1, -2]])  # the outer pair is the band of 95 %
    assert (lstm["lo"] <= lstm["yhat"]).all() and (lstm["yhat"] <= lstm["hi"]).all()


def test_the_live_forecast_lies_in_the_future_and_has_no_outcome(finished: Run) -> None:
    rows = live(finished)
    assert rows["model"].tolist() == ["lstm"]
    assert rows["cutoff"].tolist() == [finished.frame.index[-1]]
    assert (rows["time"] > finished.frame.index[-1]).all()
    assert rows["y"].isna().all() and rows[["yhat", "lo", "hi"]].notna().all().all()


def test_newer_data_move_the_forecast_and_not_the_model(finished: Run, bars: Bars) -> None:
    newer = frames.build({"whatever": bars(640)})
    made = pipeline.predict(finished, newer)
    assert made["cutoff"].tolist() == [newer.index[-1]]
    assert made["symbol"].tolist() == ["A"]
    first = pipeline.predict(finished, newer.iloc[:600])
    assert not np.array_equal(made["yhat"], first["yhat"])


def test_data_that_a_saved_run_cannot_use_are_refused(finished: Run, bars: Bars) -> None:
    with pytest.raises(DataError, match="reaches further"):
        pipeline.predict(finished, frames.build({"A": bars(300)}))
    with pytest.raises(DataError, match="2 rows; at least 3"):
        pipeline.predict(finished, frames.build({"A": bars(2)}))
    with pytest.raises(DataError, match="forecasts A; the new data have B, C"):
        pipeline.predict(finished, frames.build({"B": bars(), "C": bars()}))
    with pytest.raises(CoreError, match="volume"):
        pipeline.predict(finished, frames.build({"A": bars().drop(columns="volume")}))


def test_a_direction_has_hits_and_no_band(recipe: Recipe, bars: Bars, train_run: TrainRun, tmp_path: Path) -> None:
    made = train_run(recipe(target__kind="direction", target__horizon=2), A=bars())
    scores = made.evaluation.scores
    assert set(scores) == {"lstm", "last_value", "seasonal", "mean", "majority", "ridge", "nlinear"}
    for entry in scores.values():
        assert 0 <= entry["hit_rate"] <= 1 and 0 <= entry["brier"] <= 1
    test = made.forecast[made.forecast["part"] == "test"]
    majority = test[test["model"] == "majority"]
    assert majority.groupby("step")["yhat"].nunique().tolist() == [1, 1]
    assert set(majority["yhat"]) <= {0.0, 1.0}
    assert scores["majority"]["hit_rate"] == pytest.approx((majority["y"] == majority["yhat"]).mean())
    assert made.evaluation.bands == {}
    assert made.forecast[["lo", "hi", "q50"]].isna().all().all()
    assert made.forecast.loc[made.forecast["model"] == "lstm", "yhat"].between(0, 1).all()
    runs.save(made, tmp_path)
    pd.testing.assert_frame_equal(pipeline.replay(runs.load(made.id, tmp_path)), made.forecast, check_exact=True)


def test_two_symbols_are_learned_by_one_model(recipe: Recipe, bars: Bars, train_run: TrainRun, tmp_path: Path) -> None:
    spec = recipe(data__symbols=["A", "B"], target__kind="close", target__horizon=2)
    made = train_run(spec, A=bars(), B=bars(seed=1) * 50)
    assert live(made)["symbol"].tolist() == ["A", "A", "B", "B"]
    test = made.forecast[(made.forecast["part"] == "test") & (made.forecast["model"] == "lstm")]
    assert test["symbol"].value_counts().nunique() == 1
    error = (test["yhat"] / test["y"] - 1).abs().groupby(test["symbol"].astype(str)).mean()
    assert (error < 0.3).all()  # each in its own units
    runs.save(made, tmp_path)
    again = runs.load(made.id, tmp_path)
    pd.testing.assert_frame_equal(pipeline.replay(again), made.forecast, check_exact=True)
    pd.testing.assert_frame_equal(values(pipeline.predict(again)), values(live(made)), check_exact=True)


def test_any_column_can_be_the_target(recipe: Recipe, train_run: TrainRun) -> None:
    index = pd.date_range("2020-01-01", periods=500, freq="h", name="time")
    hour = np.asarray(index.hour)
    load = np.sin(2 * np.pi * hour / 24) - 0.3 + 0.1 * np.random.default_rng(0).normal(size=500)  # below zero too
    table = pd.DataFrame({"load": load, "heat": np.cos(hour)}, index=index)
    spec = recipe(target__kind="column", target__column="load", target__horizon=4, features=["column:load", "hour_sin"])
    made = train_run(spec, A=table)
    assert made.spec.target.column == "load"
    assert live(made)["step"].tolist() == [1, 2, 3, 4]
    assert live(made)["time"].tolist() == list(index[-1] + pd.to_timedelta(np.arange(1, 5), unit="h"))
    assert made.evaluation.scores["lstm"]["mae_scaled"] > 0


def test_without_a_calibration_part_the_band_says_so(
    recipe: Recipe, bars: Bars, train_run: TrainRun, finished: Run
) -> None:
    made = train_run(recipe(split__calib=0), A=bars())
    assert made.rows["calib"] == 0
    assert made.evaluation.bands["calibrated_on"] == "val"
    assert finished.evaluation.bands["calibrated_on"] == "calib"
    assert set(made.forecast["part"]) == {"val", "test", "live"}
    pd.testing.assert_frame_equal(pipeline.replay(made), made.forecast, check_exact=True)


def test_holes_are_left_out_and_counted(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    table = bars()
    table.loc[table.index[100], "close"] = np.nan
    table.loc[table.index[500], "volume"] = np.nan
    spec = recipe(target__kind="log_return", target__horizon=1, features=["return", "volume_change"])
    made = train_run(spec, A=table)
    # The lookback and the one label before it, and for the volume the next day's change too.
    assert made.rows["dropped"] >= 11 + 10
    assert made.forecast.loc[made.forecast["part"] != "live", ["y", "yhat"]].notna().all().all()


def test_known_features_reach_the_model_at_the_steps_ahead(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    """Returns that rise from Monday to Friday; then the weekday of the coming day alone is changed."""
    table = bars(600)
    rise = 0.005 * (table.index.dayofweek.to_numpy() - 2) + np.random.default_rng(0).normal(0, 0.002, 600)
    spec = recipe(
        target__kind="log_return",
        target__horizon=1,
        features=["volume_change", "weekday"],
        train__epochs=12,
        train__learning_rate=0.01,
    )
    made = train_run(spec, A=bars(600, 0, rise))
    assert made.evaluation.verdict.tone == "good"
    assert made.explanation is not None
    assert next(iter(made.explanation.importance)) == "weekday"
    pd.testing.assert_frame_equal(pipeline.replay(made), made.forecast, check_exact=True)
    test = windows.prepare(made.spec, made.frame).splits.test
    assert test.known_NHK.shape == (made.rows["test"], 1, 1)
    answer = forecast.network(restore(made.spec, made.weights, 1), binary=False)
    now = answer(test.x_NLF, test.known_NHK, test.symbol_N)
    other = answer(test.x_NLF, -test.known_NHK, test.symbol_N)
    assert (now != other).any(axis=(1, 2))[test.known_NHK[:, 0, 0] != 0].all()


def test_any_number_of_rows_takes_the_default_split(bars: Bars, finish: Finish, recipe: Recipe) -> None:
    spec = dataclasses.replace(
        recipe(window__lookback=5, target__horizon=1, target__kind="log_return", features=["return"], train__epochs=1)
    )
    for rows in (118, 130, 138):
        made, _ = finish(pipeline.run(spec, frames.build({"A": bars(rows)})))
        assert made.rows["test"] >= 0.2 * rows - 2


def stand_still(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(close=5.0)


def below_zero(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(close=table["close"] - table["close"].median())


@pytest.mark.parametrize(
    ("change", "settings", "error", "said"),
    [
        (
            lambda t: t.iloc[:60],
            {"target__kind": "close"},
            DataError,
            r"val part has 9 usable rows, which give \d windows of lookback 10 \+ horizon 5; at least 5",
        ),
        (
            lambda t: t.iloc[:30],
            {"target__kind": "close"},
            DataError,
            r"train part has 1\d usable rows, which give \d win",
        ),
        (lambda t: t.iloc[:2], {"target__kind": "close"}, CoreError, r"10 rows; got 2"),
        (stand_still, {}, DataError, r"'close' is constant .5 on all 600 rows"),
        (below_zero, {}, DataError, r"takes logs, and \d+ values of 'close' are zero or below .first on 20"),
        (below_zero, {"target__kind": "log_return"}, DataError, r"takes logs, and \d+ values of 'close'"),
        (None, {"features": ["rsj:14"]}, FeatureError, r"no feature 'rsj'.*rsi"),
        (None, {"features": ["rsi:0"]}, FeatureError, r"rsi takes a whole number of sessions from \d+ to \d+; got '0'"),
        (None, {"features": ["column:dividend"]}, FeatureError, r"'dividend'; the table has open, high"),
        (None, {"target__column": "dividend"}, CoreError, r"'dividend'|dividend"),
        (None, {"window__lookback": 400}, DataError, r"3\d\d usable rows, which give 0 windows of lookback 400"),
        (None, {"target__horizon": 100}, DataError, r"val part has 90 usable rows, which give 0 windows"),
        (None, {"split__train": 700}, SpecError, r"and the series has 600"),
        (None, {"split__train": "1999-01-01"}, SpecError, r"split.train ends on 1999-01-01"),
        (lambda t: t.drop(columns="close"), {}, CoreError, r"column"),
    ],
)
def test_what_cannot_be_done_is_said_with_numbers(
    recipe: Recipe, bars: Bars, finish: Finish, change: Any, settings: dict[str, Any], error: type[CoreError], said: str
) -> None:
    table = change(bars()) if change else bars()
    with pytest.raises(error, match=said):
        finish(pipeline.run(recipe(**settings), frames.build({"A": table})))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("model__hidden", 0),
        ("model__hidden", 100_000),
        ("train__epochs", 0),
        ("model__dropout", 1.0),
        ("train__learning_rate", 0.0),
        ("window__lookback", 1),
        ("bands__coverage", 0.99),
        ("split__train", -0.5),
    ],
)
def test_a_hyper_parameter_out_of_range_is_refused(recipe: Recipe, path: str, value: float) -> None:
    with pytest.raises(SpecError, match=path.replace("__", ".") + r" .* must lie .*; got"):
        recipe(**{path: value})


def test_a_frame_that_breaks_the_contract_is_refused(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    with pytest.raises(DataError, match="sorted and unique"):
        finish(pipeline.run(recipe(), frame.iloc[::-1]))


def test_levels_that_rise_every_day_are_no_crash(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    made = train_run(
        recipe(target__kind="direction", target__horizon=1, features=["return", "rsi:14"]),
        A=bars(600, 0, np.full(600, 0.002) + np.random.default_rng(0).uniform(0, 0.001, 600)),
    )
    assert made.evaluation.scores["majority"]["hit_rate"] == 1.0
    assert made.evaluation.verdict.tone in {"bad", "none"}
    assert made.evaluation.verdict.skill <= 0
