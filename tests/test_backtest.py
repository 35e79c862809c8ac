"""Folds do not depend on later rows, repeat exactly, and give the same backtest in whatever order they finish."""

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
def collected(frame, recipe, results) -> Backtest:
    return backtest.collect(recipe(), frame, PLAN, results)


def test_a_backtest_equals_its_folds_run_one_by_one_and_collected_in_any_order(
    frame, recipe, finish, results, collected
) -> None:
    at_once, events = finish(backtest.run(recipe(), frame, PLAN))
    shuffled = backtest.collect(recipe(), frame, PLAN, (results[2], results[0], results[1]))
    for other in (at_once, shuffled):
        assert other.evaluation == collected.evaluation
        pd.testing.assert_frame_equal(other.forecast, collected.forecast, check_exact=True)
        assert [fold.scores for fold in other.folds] == [fold.scores for fold in collected.folds]
    fold_events = [event for event in events if isinstance(event, Fold)]
    assert [(event.fold, event.folds) for event in fold_events] == [(1, 3), (2, 3), (3, 3)]
    assert all(event.seconds > 0 for event in fold_events)
    assert any(isinstance(event, Stage) and event.text.startswith("Fold 3 of 3") for event in events)


def test_every_row_of_the_test_splits_is_a_cutoff_once(frame, collected) -> None:
    test = collected.forecast[collected.forecast["part"] == "test"]
    for _, rows in test.groupby("model", observed=True):
        assert list(rows["cutoff"]) == list(frame.index[-185:-5])
    assert [fold.rows["test"] for fold in collected.folds] == [60, 60, 60]
    assert [fold.rows["calib"] > 0 for fold in collected.folds] == [True, False, False]
    train_counts = [fold.rows["train"] for fold in collected.folds]
    assert train_counts == sorted(train_counts) and train_counts[0] < train_counts[2]
    lstm = test[test["model"] == "lstm"]
    assert (lstm["lo"] <= lstm["yhat"]).all() and (lstm["yhat"] <= lstm["hi"]).all()


def test_a_baseline_that_any_fold_lacks_is_left_out(frame, recipe, results) -> None:
    """As the seasonal decomposition while a season has not shown itself, or GARCH on a short first fold."""
    for lacking in range(3):
        part = [replace(r, table=r.table.drop(columns="har")) if r.fold == lacking + 1 else r for r in results]
        scores = backtest.collect(recipe(), frame, PLAN, tuple(part)).evaluation.scores
        assert "har" not in scores and "garch" in scores


def test_a_fold_does_not_depend_on_later_rows(frame, recipe, finish, results) -> None:
    changed = frame.copy()
    end = backtest.layout(recipe(), frame, PLAN)[0][1].end
    changed.iloc[end:] *= 1.5
    result, _ = finish(backtest.fold(recipe(), changed, PLAN, 2))
    pd.testing.assert_frame_equal(result.table, results[1].table, check_exact=True)


def test_one_fold_over_the_splits_of_a_run_equals_that_run(frame, recipe, finish) -> None:
    """Equal splits give an equal training, forecasts, intervals and scores."""
    plan = Plan(folds=1, stride=100, calib=0.1, val=0.1)
    single = finish(backtest.run(recipe(), frame, plan))[0]
    (fold,), index = backtest.layout(recipe(), frame, plan)
    spec = replace(recipe(), split=fold.split())
    run = finish(pipeline.run(spec, frame.loc[index[0] : index[-1]]))[0]
    past = run.forecast[run.forecast["part"] != "live"].reset_index(drop=True)
    names = dict.fromkeys(("model", "part", "symbol"), str)
    pd.testing.assert_frame_equal(single.forecast.astype(names), past.astype(names), check_exact=True)
    of_run = {name: scores for name, scores in run.evaluation.scores.items() if name != "network"}  # a run's alone
    assert single.evaluation.scores == of_run
    assert single.evaluation.verdict == run.evaluation.verdict
    assert single.folds[0].skill == pytest.approx(run.evaluation.scores["lstm"]["skill"])
    assert single.folds[0].coverage == pytest.approx(run.evaluation.bands["coverage"])
    assert single.spread["std"] == 0.0


def test_scores_of_each_fold_and_their_spread(collected) -> None:
    test = collected.forecast[(collected.forecast["part"] == "test") & (collected.forecast["model"] == "lstm")]
    second = test.iloc[60:120]
    error = np.log(second["yhat"]) - np.log(second["y"])
    assert collected.folds[1].scores["lstm"]["rmse"] == pytest.approx(np.sqrt((error**2).mean()))
    inside = ((second["lo"] <= second["y"]) & (second["y"] <= second["hi"])).mean()
    assert collected.folds[1].coverage == pytest.approx(inside)
    skills = [fold.skill for fold in collected.folds]
    assert collected.spread["mean"] == pytest.approx(np.mean(skills))
    assert collected.spread["std"] == pytest.approx(np.std(skills, ddof=1))
    assert collected.folds[0].scores[collected.folds[0].reference]["skill"] == 0.0


def test_a_fold_names_the_same_reference_while_running_as_at_the_end(frame, recipe, finish, collected) -> None:
    """Of its own validation split, whichever other folds are finished."""
    for number in (1, 3):
        result, events = finish(backtest.fold(recipe(), frame, PLAN, number))
        (event,) = [event for event in events if isinstance(event, Fold)]
        at_end = collected.folds[number - 1]
        assert event.reference == result.reference == at_end.reference != ""
        assert event.skill == pytest.approx(at_end.skill)
        alone = backtest.collect(recipe(), frame, PLAN, (result,)).folds[0]
        assert (alone.reference, alone.skill) == (at_end.reference, pytest.approx(at_end.skill))


def test_unfinished_folds_are_named_and_the_others_evaluated(frame, recipe, results) -> None:
    partial = backtest.collect(recipe(), frame, PLAN, (results[2], results[1]))
    assert partial.missing == (1,) and [fold.fold for fold in partial.folds] == [2, 3]
    assert partial.evaluation.bands["calibrated_on"] == "val"
    with pytest.raises(DataError, match="No fold is finished"):
        backtest.collect(recipe(), frame, PLAN, ())


def test_alarms_of_any_fold_apply_to_the_backtest(frame, recipe, results) -> None:
    leak = Alarm(name="look-ahead", text="dpo:20 looks ahead by 11 rows.", feature="dpo:20")
    leaky = [replace(result, alarms=(leak,), left_out={"har": "too short"}) for result in results[1:]]
    evaluation = backtest.collect(recipe(), frame, PLAN, (results[0], *leaky)).evaluation
    assert evaluation.alarms.count(leak) == 1 and evaluation.left_out["har"] == "too short"
    assert evaluation.verdict.tone == "bad" and "dpo:20 looks ahead" in evaluation.verdict.text


def test_a_rolling_backtest_of_a_direction_over_two_symbols(recipe, bars, finish) -> None:
    spec = recipe(
        data__symbols=["A", "B"],
        target__kind="direction",
        target__horizon=2,
        features=["return", "rsi:14"],
        train__epochs=1,
    )
    series = frames.build({"A": bars(), "B": bars(seed=1).iloc[::2]})
    plan = Plan(folds=2, stride=80, window="rolling", length=300, embargo=3)
    rolling = finish(backtest.run(spec, series, plan))[0]
    assert all(np.isnan(fold.coverage) for fold in rolling.folds) and rolling.evaluation.bands == {}
    assert 0 <= rolling.folds[0].scores["lstm"]["hit_rate"] <= 1
    first, second = (fold.rows["train"] for fold in rolling.folds)
    assert abs(first - second) < 40  # the second fold has no calibration split
    assert rolling.folds[0].last < rolling.folds[1].first


def test_the_warm_up_of_features_lies_before_a_rolling_window(recipe, bars, finish) -> None:
    spec = recipe(features=["return", "ma_ratio:100"], train__epochs=1)
    plan = Plan(folds=2, stride=60, window="rolling", length=200)
    result, _ = finish(backtest.fold(spec, frames.build({"A": bars()}), plan, 2))
    assert result.rows["train"] == 200 - 24 - 9 - 6 - 1 + 1  # minus validation, window, label and gap, not the warm-up


def test_impossible_backtests_are_rejected_before_training(frame, recipe, finish) -> None:
    with pytest.raises(SpecError, match=r"8 folds of 250 forecasts.* nothing is left"):
        backtest.check(recipe(), frame, Plan(folds=8, stride=250))
    with pytest.raises(DataError, match="windows of lookback 400"):
        backtest.check(recipe(window__lookback=400), frame, PLAN)
    with pytest.raises(SpecError, match="not in this series"):
        result = finish(backtest.fold(recipe(train__epochs=1), frame, PLAN, 1))[0]
        backtest.collect(recipe(), frame.drop(frame.index[-150]), PLAN, (result,))
