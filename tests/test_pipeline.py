"""From a recipe and a frame to a run: reproducible, saved and loaded without loss, and impossible input rejected."""

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
from core.explain import explainer
from core.forecasting import forecast
from core.spec import Spec
from core.storage import runs
from core.training.trainer import restore
from core.types import Explanation, Run

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
Finish = Callable[..., Any]
TrainRun = Callable[..., Run]


def live(run: Run) -> pd.DataFrame:
    return run.forecast[run.forecast["part"] == "live"].reset_index(drop=True)


def values(table: pd.DataFrame) -> pd.DataFrame:
    """The table with text in place of categories, which depend on the other rows of the table that it comes from."""
    return table.astype(dict.fromkeys(("model", "part", "symbol"), str)).reset_index(drop=True)


def test_equal_recipes_and_frames_give_equal_numbers(
    finished: Run, frame: pd.DataFrame, recipe: Recipe, finish: Finish
) -> None:
    repeated, _ = finish(pipeline.run(recipe(), frame.copy()))
    assert repeated.evaluation == finished.evaluation
    assert (repeated.spec, repeated.data_digest, repeated.rows) == (finished.spec, finished.data_digest, finished.rows)
    pd.testing.assert_frame_equal(repeated.forecast, finished.forecast, check_exact=True)
    for name, value in finished.weights.items():
        np.testing.assert_array_equal(repeated.weights[name], value)
    first, second = finished.explanation, repeated.explanation
    assert first is not None and second is not None
    np.testing.assert_array_equal(first.values_NHF, second.values_NHF)


def test_the_resolved_recipe_of_a_run_reproduces_the_run(finished: Run, finish: Finish) -> None:
    repeated, _ = finish(pipeline.run(finished.spec, finished.frame))
    assert repeated.evaluation == finished.evaluation


def test_a_saved_run_replays_and_predicts_bit_for_bit(finished: Run, tmp_path: Path) -> None:
    runs.save(finished, tmp_path)
    loaded = runs.load(finished.id, tmp_path)
    pd.testing.assert_frame_equal(pipeline.replay(loaded), finished.forecast, check_exact=True)
    pd.testing.assert_frame_equal(values(pipeline.predict(loaded)), values(live(finished)), check_exact=True)
    pd.testing.assert_frame_equal(
        values(pipeline.predict(loaded, finished.frame)), values(live(finished)), check_exact=True
    )


def test_explaining_a_saved_run_reproduces_its_explanation(finished: Run, finish: Finish) -> None:
    explanation, events = finish(explainer.compute(finished))
    assert finished.explanation is not None
    np.testing.assert_array_equal(explanation.values_NHF, finished.explanation.values_NHF)
    assert isinstance(events[0], Stage) and any(isinstance(e, Progress) for e in events)


@pytest.mark.parametrize("method", ["exact", "gradients"])
def test_other_explanation_methods_agree(finished: Run, finish: Finish, method: str) -> None:
    explanation, _ = finish(explainer.compute(finished, method, limit=12))
    default, _ = finish(explainer.compute(finished, limit=12))
    assert method == "gradients" or explanation.additivity_error < 1e-6
    assert np.corrcoef(explanation.values_NHF.ravel(), default.values_NHF.ravel())[0, 1] > 0.9
    np.testing.assert_allclose(explanation.forecast_NH, default.forecast_NH, rtol=1e-5)


def test_chosen_cutoffs_are_explained_and_unknown_ones_rejected(finished: Run, finish: Finish) -> None:
    day = str(finished.forecast.loc[finished.forecast["part"] == "test", "cutoff"].iloc[0].date())
    explanation: Explanation = finish(explainer.compute(finished, symbol="A", cutoffs=(day,)))[0]
    assert explanation.cutoff_N.astype("M8[D]").astype(str).tolist() == [day]
    rows = finished.forecast[(finished.forecast["model"] == "lstm") & (finished.forecast["cutoff"] == day)]
    np.testing.assert_allclose(explanation.forecast_NH[0], rows["yhat"], rtol=1e-6)
    with pytest.raises(SpecError, match="1999-01-01"):
        finish(explainer.compute(finished, cutoffs=("1999-01-01",)))
    with pytest.raises(SpecError, match=r"'Z'.*\bA\b"):
        finish(explainer.compute(finished, symbol="Z"))
    with pytest.raises(SpecError, match="'magic'"):
        finish(explainer.compute(finished, "magic"))


def test_a_run_emits_its_stages_and_epochs(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    run, events = finish(pipeline.run(recipe(train__epochs=2), frame))
    assert [e.name for e in events if isinstance(e, Stage)] == ["features", "train", "evaluate", "explain"]
    assert [e.epoch for e in events if isinstance(e, Epoch)] == [1, 2]
    assert run.data_digest == frames.digest(frame)
    assert set(run.environment) >= {"python", "torch", "numpy", "pandas"}
    assert runs.NAME.fullmatch(run.id)


def test_every_model_is_scored_on_the_same_cutoffs_and_steps(finished: Run) -> None:
    forecast = finished.forecast
    assert list(finished.evaluation.scores) == [
        "lstm",
        "last_value",
        "drift",
        "seasonal",
        "mean",
        "ewma",
        "range_ewma",
        "har",
        "har_range",
        "har_leverage",
        "garch",
        "ridge",
        "nlinear",
        "network",
    ]
    assert {*finished.evaluation.left_out} == {"seasonal_decomposition", "arima", "lightgbm"}
    assert finished.rows.keys() == {"train", "val", "calib", "test", "dropped"}
    for split in ("val", "calib", "test"):
        tables = {
            name: rows[["symbol", "cutoff", "step", "time", "y"]].reset_index(drop=True)
            for name, rows in forecast[forecast["part"] == split].groupby("model", observed=True)
        }
        assert set(tables) == set(finished.evaluation.scores) - {"network"}  # which is a part of the model
        assert len(tables["lstm"]) == finished.rows[split]
        for table in tables.values():
            pd.testing.assert_frame_equal(table, tables["lstm"])
    assert forecast.loc[forecast["part"] != "live", ["y", "yhat"]].notna().all().all()


def test_quantiles_are_ordered_and_intervals_contain_the_median(finished: Run) -> None:
    lstm = finished.forecast[(finished.forecast["model"] == "lstm") & finished.forecast["part"].isin(["test", "live"])]
    quantile = lstm[[c for c in lstm if c.startswith("q")]].to_numpy()
    assert (np.diff(quantile, axis=1) >= 0).all()
    np.testing.assert_allclose(lstm[["lo", "hi"]], quantile[:, [1, -2]])  # the outer pair has a coverage of 95 %
    assert (lstm["lo"] <= lstm["q50"]).all() and (lstm["q50"] <= lstm["hi"]).all()


def test_live_forecasts_lie_in_the_future_and_have_no_outcome(finished: Run) -> None:
    rows = live(finished)
    assert rows["model"].tolist() == ["lstm"]
    assert rows["cutoff"].tolist() == [finished.frame.index[-1]]
    assert (rows["time"] > finished.frame.index[-1]).all()
    assert rows["y"].isna().all() and rows[["yhat", "lo", "hi"]].notna().all().all()


def test_a_saved_run_forecasts_newer_data_of_another_name(finished: Run, bars: Bars) -> None:
    newer = frames.build({"whatever": bars(640)})
    forecast = pipeline.predict(finished, newer)
    assert forecast["cutoff"].tolist() == [newer.index[-1]]
    assert forecast["symbol"].tolist() == ["A"]
    earlier = pipeline.predict(finished, newer.iloc[:600])
    assert not np.array_equal(forecast["yhat"], earlier["yhat"])


def test_data_that_a_saved_run_cannot_use_are_rejected(finished: Run, bars: Bars) -> None:
    with pytest.raises(DataError, match="cannot be calibrated"):
        pipeline.predict(finished, frames.build({"A": bars(300)}))
    with pytest.raises(DataError, match="2 rows; at least 3"):
        pipeline.predict(finished, frames.build({"A": bars(2)}))
    with pytest.raises(DataError, match=r"\bA\b.* B, C"):
        pipeline.predict(finished, frames.build({"B": bars(), "C": bars()}))
    with pytest.raises(CoreError, match="volume"):
        pipeline.predict(finished, frames.build({"A": bars().drop(columns="volume")}))


def test_a_direction_has_hit_rates_and_no_intervals(
    recipe: Recipe, bars: Bars, train_run: TrainRun, tmp_path: Path
) -> None:
    run = train_run(recipe(target__kind="direction", target__horizon=2), A=bars())
    scores = run.evaluation.scores
    assert set(scores) == {"lstm", "even_odds", "train_share", "last_value"} | {
        "seasonal",
        "mean",
        "majority",
        "ridge",
        "nlinear",
    }
    for entry in scores.values():
        assert 0 <= entry["hit_rate"] <= 1 and 0 <= entry["brier"] <= 1
    test = run.forecast[run.forecast["part"] == "test"]
    majority = test[test["model"] == "majority"]
    assert majority.groupby("step")["yhat"].nunique().tolist() == [1, 1]
    assert set(majority["yhat"]) <= {0.0, 1.0}
    assert scores["majority"]["hit_rate"] == pytest.approx((majority["y"] == majority["yhat"]).mean())
    assert run.evaluation.bands == {}
    assert run.forecast[["lo", "hi", "q50"]].isna().all().all()
    assert run.forecast.loc[run.forecast["model"] == "lstm", "yhat"].between(0, 1).all()
    runs.save(run, tmp_path)
    pd.testing.assert_frame_equal(pipeline.replay(runs.load(run.id, tmp_path)), run.forecast, check_exact=True)


def test_one_model_learns_two_symbols(recipe: Recipe, bars: Bars, train_run: TrainRun, tmp_path: Path) -> None:
    spec = recipe(data__symbols=["A", "B"], target__kind="close", target__horizon=2)
    run = train_run(spec, A=bars(), B=bars(seed=1) * 50)
    assert live(run)["symbol"].tolist() == ["A", "A", "B", "B"]
    test = run.forecast[(run.forecast["part"] == "test") & (run.forecast["model"] == "lstm")]
    assert test["symbol"].value_counts().nunique() == 1
    error = (test["yhat"] / test["y"] - 1).abs().groupby(test["symbol"].astype(str)).mean()
    assert (error < 0.3).all()  # each in its own units
    runs.save(run, tmp_path)
    loaded = runs.load(run.id, tmp_path)
    pd.testing.assert_frame_equal(pipeline.replay(loaded), run.forecast, check_exact=True)
    pd.testing.assert_frame_equal(values(pipeline.predict(loaded)), values(live(run)), check_exact=True)


def test_any_column_can_be_the_target(recipe: Recipe, train_run: TrainRun) -> None:
    index = pd.date_range("2020-01-01", periods=500, freq="h", name="time")
    hour = np.asarray(index.hour)
    load = np.sin(2 * np.pi * hour / 24) - 0.3 + 0.1 * np.random.default_rng(0).normal(size=500)  # partly negative
    table = pd.DataFrame({"load": load, "heat": np.cos(hour)}, index=index)
    spec = recipe(target__kind="column", target__column="load", target__horizon=4, features=["column:load", "hour_sin"])
    run = train_run(spec, A=table)
    assert run.spec.target.column == "load"
    assert live(run)["step"].tolist() == [1, 2, 3, 4]
    assert live(run)["time"].tolist() == list(index[-1] + pd.to_timedelta(np.arange(1, 5), unit="h"))
    assert run.evaluation.scores["lstm"]["mae_scaled"] > 0


def test_without_a_calibration_split_intervals_are_calibrated_on_validation(
    recipe: Recipe, bars: Bars, train_run: TrainRun, finished: Run
) -> None:
    run = train_run(recipe(split__calib=0), A=bars())
    assert run.rows["calib"] == 0
    assert run.evaluation.bands["calibrated_on"] == "val"
    assert finished.evaluation.bands["calibrated_on"] == "calib"
    assert set(run.forecast["part"]) == {"val", "test", "live"}
    pd.testing.assert_frame_equal(pipeline.replay(run), run.forecast, check_exact=True)


def test_windows_with_gaps_are_left_out_and_counted(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    table = bars()
    table.loc[table.index[100], "close"] = np.nan
    table.loc[table.index[500], "volume"] = np.nan
    spec = recipe(target__kind="log_return", target__horizon=1, features=["return", "volume_change"])
    run = train_run(spec, A=table)
    # The windows with the gap and the label before it; a missing volume affects the change of the next row too.
    assert run.rows["dropped"] >= 11 + 10
    assert run.forecast.loc[run.forecast["part"] != "live", ["y", "yhat"]].notna().all().all()


def test_the_model_uses_known_features_of_the_steps_to_forecast(
    recipe: Recipe, bars: Bars, train_run: TrainRun
) -> None:
    """Returns rise from Monday to Friday; then only the weekday of the next step is changed."""
    table = bars(600)
    return_T = 0.005 * (table.index.dayofweek.to_numpy() - 2) + np.random.default_rng(0).normal(0, 0.002, 600)
    spec = recipe(
        target__kind="log_return",
        target__horizon=1,
        features=["volume_change", "weekday"],
        train__epochs=25,
        train__learning_rate=0.01,
    )
    run = train_run(spec, A=bars(600, 0, return_T))
    scores = run.evaluation.scores
    assert scores["lstm"]["rmse"] < 0.8 * min(scores[name]["rmse"] for name in ("last_value", "mean", "seasonal"))
    assert run.evaluation.verdict.reference == "seasonal_decomposition"  # to know the weekday alone is no skill
    assert run.explanation is not None
    assert next(iter(run.explanation.importance)) == "weekday"
    pd.testing.assert_frame_equal(pipeline.replay(run), run.forecast, check_exact=True)
    test = windows.prepare(run.spec, run.frame).splits.test
    assert test.known_NHK.shape == (run.rows["test"], 1, 1)
    predict = forecast.network(restore(run.spec, run.weights, 1), binary=False)
    original_NHO = predict(test.x_NLF, test.known_NHK, test.symbol_N)
    changed_NHO = predict(test.x_NLF, -test.known_NHK, test.symbol_N)
    assert (original_NHO != changed_NHO).any(axis=(1, 2))[test.known_NHK[:, 0, 0] != 0].all()


def test_default_splits_fit_any_number_of_rows(bars: Bars, finish: Finish, recipe: Recipe) -> None:
    spec = recipe(
        window__lookback=5, target__horizon=1, target__kind="log_return", features=["return"], train__epochs=1
    )
    for rows in (118, 130, 138):
        run, _ = finish(pipeline.run(spec, frames.build({"A": bars(rows)})))
        assert run.rows["test"] >= 0.2 * rows - 2


def constant(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(close=5.0)


def partly_negative(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(close=table["close"] - table["close"].median())


@pytest.mark.parametrize(
    ("change", "settings", "error", "message"),
    [
        (
            lambda t: t.iloc[:60],
            {"target__kind": "close"},
            DataError,
            r"validation split has 9 usable rows, which give \d windows of lookback 10 \+ horizon 5; at least 5",
        ),
        (
            lambda t: t.iloc[:30],
            {"target__kind": "close"},
            DataError,
            r"training split has 1\d usable rows, which give \d win",
        ),
        (lambda t: t.iloc[:2], {"target__kind": "close"}, CoreError, r"10 rows.*\b2\b"),
        (constant, {}, DataError, r"'close' is constant .5 on all 600 rows"),
        (partly_negative, {}, DataError, r"takes logs, and \d+ values of 'close' are zero or below .*first on 20"),
        (partly_negative, {"target__kind": "log_return"}, DataError, r"takes logs, and \d+ values of 'close'"),
        (None, {"features": ["rsj:14"]}, FeatureError, r"'rsj'.*rsi"),
        (None, {"features": ["rsi:0"]}, FeatureError, r"rsi .*whole number .*from \d+ to \d+.* '0'"),
        (None, {"features": ["column:dividend"]}, FeatureError, r"'dividend'.* open, high"),
        (None, {"target__column": "dividend"}, CoreError, r"'dividend'.* open, high"),
        (None, {"window__lookback": 400}, DataError, r"3\d\d usable rows, which give 0 windows of lookback 400"),
        (None, {"target__horizon": 100}, DataError, r"validation split has 90 usable rows, which give 0 windows"),
        (None, {"split__train": 700}, SpecError, r"the series has 600"),
        (None, {"split__train": "1999-01-01"}, SpecError, r"split.train ends on 1999-01-01"),
        (lambda t: t.drop(columns="close"), {}, CoreError, r"column"),
    ],
)
def test_impossible_runs_are_rejected_with_the_numbers(
    recipe: Recipe,
    bars: Bars,
    finish: Finish,
    change: Any,
    settings: dict[str, Any],
    error: type[CoreError],
    message: str,
) -> None:
    table = change(bars()) if change else bars()
    with pytest.raises(error, match=message):
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
def test_numbers_out_of_range_are_rejected(recipe: Recipe, path: str, value: float) -> None:
    with pytest.raises(SpecError, match=path.replace("__", ".") + r" .*; got"):
        recipe(**{path: value})


def test_a_frame_that_breaks_the_contract_is_rejected(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    with pytest.raises(DataError, match="sorted and unique"):
        finish(pipeline.run(recipe(), frame.iloc[::-1]))


def test_a_run_on_levels_that_always_rise(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    evaluation = train_run(
        recipe(target__kind="direction", target__horizon=1, features=["return", "rsi:14"]),
        A=bars(600, 0, np.full(600, 0.002) + np.random.default_rng(0).uniform(0, 0.001, 600)),
    ).evaluation
    assert evaluation.scores["majority"]["hit_rate"] == 1.0
    assert evaluation.verdict.tone in {"bad", "none"}
    assert evaluation.verdict.skill <= 0
