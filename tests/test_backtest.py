"""Folds are trained blind to what follows, repeat, and come together the same in whatever order they end."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core import backtest, pipeline
from core.data import frame as frames
from core.errors import DataError, SpecError
from core.evaluation.backtest.plan import Plan
from core.evaluation.backtest.result import Backtest, FoldResult
from core.events import Fold, Stage
from core.types import Alarm

PLAN = Plan(folds=3, stride=60)


@pytest.fixture(scope="module")
def results(frame, recipe, finish) -> tuple[FoldResult, ...]:
    return tuple(finish(backtest.fold(recipe(), frame, PLAN, number))[0] for number in (1, 2, 3))


@pytest.fixture(scope="module")
def walked(frame, recipe, results) -> Backtest:
    return backtest.collect(recipe(), frame, PLAN, results)


def test_all_folds_together_are_the_folds_one_by_one_in_any_order(frame, recipe, finish, results, walked) -> None:
    again, events = finish(backtest.run(recipe(), frame, PLAN))
    shuffled = backtest.collect(recipe(), frame, PLAN, (results[2], results[0], results[1]))
    for other in (again, shuffled):
        assert other.evaluation == walked.evaluation
        pd.testing.assert_frame_equal(other.forecast, walked.forecast, check_exact=True)
        assert [fold.scores for fold in other.folds] == [fold.scores for fold in walked.folds]
    told = [event for event in events if isinstance(event, Fold)]
    assert [(event.fold, event.folds) for event in told] == [(1, 3), (2, 3), (3, 3)]
    assert all(event.seconds > 0 for event in told)
    assert any(isinstance(event, Stage) and event.text.startswith("Fold 3 of 3: training") for event in events)


def test_every_session_of_the_folds_is_forecast_from_once(frame, walked) -> None:
    test = walked.forecast[walked.forecast["part"] == "test"]
    for _, rows in test.groupby("model", observed=True):
        assert list(rows["cutoff"]) == list(frame.index[-185:-5])
    assert [fold.rows["test"] for fold in walked.folds] == [60, 60, 60]
    assert [fold.rows["calib"] > 0 for fold in walked.folds] == [True, False, False]
    trained = [fold.rows["train"] for fold in walked.folds]
    assert trained == sorted(trained) and trained[0] < trained[2]
    lstm = test[test["model"] == "lstm"]
    assert (lstm["lo"] <= lstm["yhat"]).all() and (lstm["yhat"] <= lstm["hi"]).all()


def test_the_future_of_a_fold_does_not_touch_it(frame, recipe, finish, results) -> None:
    changed = frame.copy()
    end = backtest.layout(recipe(), frame, PLAN)[0][1].end
    changed.iloc[end:] *= 1.5
    again, _ = finish(backtest.fold(recipe(), changed, PLAN, 2))
    pd.testing.assert_frame_equal(again.table, results[1].table, check_exact=True)


def test_one_fold_over_the_parts_of_a_run_is_that_run(frame, recipe, finish) -> None:
    """The same rows in the same parts: the same training, the same forecasts, band and scores."""
    plan = Plan(folds=1, stride=100, calib=0.1, val=0.1)
    made = finish(backtest.run(recipe(), frame, plan))[0]
    (fold,), index = backtest.layout(recipe(), frame, plan)
    spec = replace(recipe(), split=fold.split())
    whole = finish(pipeline.run(spec, frame.loc[index[0] : index[-1]]))[0]
    past = whole.forecast[whole.forecast["part"] != "live"].reset_index(drop=True)
    names = dict.fromkeys(("model", "part", "symbol"), str)
    pd.testing.assert_frame_equal(made.forecast.astype(names), past.astype(names), check_exact=True)
    assert made.evaluation.scores == whole.evaluation.scores
    assert made.evaluation.verdict == whole.evaluation.verdict
    assert made.folds[0].skill == pytest.approx(whole.evaluation.verdict.skill)
    assert made.folds[0].coverage == pytest.approx(whole.evaluation.bands["coverage"])
    assert made.spread["std"] == 0.0


def test_scores_by_fold_and_their_spread(walked) -> None:
    test = walked.forecast[(walked.forecast["part"] == "test") & (walked.forecast["model"] == "lstm")]
    second = test.iloc[60:120]
    error = np.log(second["yhat"]) - np.log(second["y"])
    assert walked.folds[1].scores["lstm"]["rmse"] == pytest.approx(np.sqrt((error**2).mean()))
    inside = ((second["lo"] <= second["y"]) & (second["y"] <= second["hi"])).mean()
    assert walked.folds[1].coverage == pytest.approx(inside)
    skills = [fold.skill for fold in walked.folds]
    assert walked.spread["mean"] == pytest.approx(np.mean(skills))
    assert walked.spread["std"] == pytest.approx(np.std(skills, ddof=1))
    assert walked.folds[0].scores[walked.evaluation.verdict.reference]["skill"] == 0.0


def test_a_missing_fold_is_named_and_the_others_stand(frame, recipe, results) -> None:
    made = backtest.collect(recipe(), frame, PLAN, (results[2], results[1]))
    assert made.missing == (1,) and [fold.fold for fold in made.folds] == [2, 3]
    assert made.evaluation.bands["calibrated_on"] == "val"
    with pytest.raises(DataError, match="No fold is finished"):
        backtest.collect(recipe(), frame, PLAN, ())


def test_what_any_fold_was_warned_of_is_said_of_all(frame, recipe, results) -> None:
    leak = Alarm(name="look-ahead", text="dpo:20 looks ahead by 11 rows.", feature="dpo:20")
    warned = [replace(result, alarms=(leak,), left_out={"har": "too short"}) for result in results[1:]]
    made = backtest.collect(recipe(), frame, PLAN, (results[0], *warned)).evaluation
    assert made.alarms.count(leak) == 1 and made.left_out["har"] == "too short"
    assert made.verdict.tone == "bad" and "dpo:20 looks ahead" in made.verdict.text


def test_a_rolling_window_of_a_direction_over_two_symbols(recipe, bars, finish) -> None:
    spec = recipe(
        data__symbols=["A", "B"],
        target__kind="direction",
        target__horizon=2,
        features=["return", "rsi:14"],
        train__epochs=1,
    )
    series = frames.build({"A": bars(), "B": bars(seed=1).iloc[::2]})
    made = finish(backtest.run(spec, series, Plan(folds=2, stride=80, window="rolling", length=300, embargo=3)))[0]
    assert all(np.isnan(fold.coverage) for fold in made.folds) and made.evaluation.bands == {}
    assert 0 <= made.folds[0].scores["lstm"]["hit_rate"] <= 1
    first, second = (fold.rows["train"] for fold in made.folds)
    assert abs(first - second) < 40  # the second has no calibration part
    assert made.folds[0].last < made.folds[1].first


def test_features_are_warm_before_a_rolling_window(recipe, bars, finish) -> None:
    spec = recipe(features=["return", "ma_ratio:100"], train__epochs=1)
    plan = Plan(folds=2, stride=60, window="rolling", length=200)
    made, _ = finish(backtest.fold(spec, frames.build({"A": bars()}), plan, 2))
    assert made.rows["train"] == 200 - 24 - 9 - 6 - 1 + 1  # less validation, window, label and gap; none for warm-up


def test_what_cannot_be_done_is_said_before_anything_is_trained(frame, recipe, finish) -> None:
    with pytest.raises(SpecError, match="nothing is left to learn from"):
        backtest.check(recipe(), frame, Plan(folds=8, stride=250))
    with pytest.raises(DataError, match="windows of lookback 400"):
        backtest.check(recipe(window__lookback=400), frame, PLAN)
    with pytest.raises(SpecError, match="not in this series"):
        made = finish(backtest.fold(recipe(train__epochs=1), frame, PLAN, 1))[0]
        backtest.collect(recipe(), frame.drop(frame.index[-150]), PLAN, (made,))
