"""A trial sees training and validation rows alone, and its windows are those of the whole recipe."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data import frame as frames
from core.datasets import windows
from core.events import Epoch
from core.spec import Spec
from core.tuning import trial
from core.tuning.trial import Result, Task
from tests.conftest import drain, market
from tests.tuning.conftest import tiny


def try_out(spec: Spec, frame: pd.DataFrame, **settings: Any) -> tuple[Result, list[Any]]:
    full = windows.resolve(spec, frame)
    cut = trial.cut(full, frame)
    return drain(trial.run(Task(spec=cut.spec, frame=cut.frame, **({"lookback": full.window.lookback} | settings))))


@pytest.mark.parametrize(
    "spec",
    [
        tiny(),
        tiny(split__calib=0.0, split__test=0.3),
        tiny(split__gap=9, target__horizon=3),
        tiny(split__train="2015-08-31", split__val="2015-11-15", split__calib=30, split__test=40),
        tiny(features=("ma_ratio:60", "return"), target__kind="log_return"),
    ],
)
def test_windows_are_those_of_the_whole_recipe_and_no_later_row_is_there(spec: Spec, series: pd.DataFrame) -> None:
    full = windows.resolve(spec, series)
    whole, cut = windows.prepare(full, series), trial.cut(full, series)
    part = windows.prepare(cut.spec, cut.frame, needed=trial.NEEDED)
    for name in trial.NEEDED:
        before, after = getattr(whole.splits, name), getattr(part.splits, name)
        assert np.array_equal(before.cutoff_N, after.cutoff_N) and np.array_equal(before.y_NH, after.y_NH), name
        assert np.array_equal(before.x_NLF, after.x_NLF), name
    later = whole.splits.calib if len(whole.splits.calib) else whole.splits.test
    first = later.cutoff_N.min()  # the first cutoff that is calibrated or tested on
    assert cut.frame.index[-1] <= first
    assert len(part.splits.test) == len(part.splits.calib) == 0
    assert part.splits.val.time_NH.max() == cut.frame.index[-1]


def test_other_test_rows_change_no_digit_of_a_trial(series: pd.DataFrame) -> None:
    spec = tiny()
    clean, _ = try_out(spec, series)
    whole = windows.prepare(windows.resolve(spec, series), series)
    first = whole.splits.calib.time_NH.min()
    poisoned = series.copy()
    poisoned.loc[poisoned.index >= first] *= 50.0
    assert not poisoned.equals(series)
    again, _ = try_out(spec, poisoned)
    assert clean.state == "complete" and repr(again.value) == repr(clean.value) and again.curve == clean.curve


def test_a_row_of_the_validation_split_does(series: pd.DataFrame) -> None:
    spec = tiny()
    whole = windows.prepare(windows.resolve(spec, series), series)
    poisoned = series.copy()
    poisoned.loc[poisoned.index == whole.splits.val.time_NH.max()] *= 1.2
    assert try_out(spec, poisoned)[0].value != try_out(spec, series)[0].value


def test_the_value_is_the_scaled_squared_error_on_the_validation_split(series: pd.DataFrame) -> None:
    from core.evaluation import baseline_tests
    from core.forecasting import forecast, table
    from core.training import trainer

    spec = windows.resolve(tiny(), series)
    prepared = windows.prepare(spec, series)
    trained, _ = drain(trainer.train(spec, prepared))
    compared = forecast.compare(spec, prepared, forecast.network(trained.net, False))
    val = table.to_matrix(compared.table, "val")
    expected = baseline_tests.mean_squared_error(val, "lstm", prepared.kind, prepared.score_SC)
    assert try_out(tiny(), series)[0].value == pytest.approx(expected, rel=1e-9)


def test_shorter_windows_are_scored_on_the_cutoffs_of_the_longest() -> None:
    table = market(300)
    table.iloc[180:182, table.columns.get_loc("volume")] = np.nan  # of it longer windows lose more
    frame = frames.build({"A": table})
    spec = windows.resolve(tiny(), frame)
    cut = trial.cut(spec, frame)
    short = replace(cut.spec, window=replace(cut.spec.window, lookback=5))
    own, longest = trial.prepare(short, cut.frame, 10)
    alone = windows.prepare(short, cut.frame, needed=trial.NEEDED)
    assert len(own.splits.val) < len(alone.splits.val)
    assert np.array_equal(own.splits.val.cutoff_row_N, longest.splits.val.cutoff_row_N)


def test_a_curve_above_its_limit_ends_the_trial_with_its_last_loss(series: pd.DataFrame) -> None:
    spec = tiny(train__epochs=5)
    whole, events = try_out(spec, series)
    assert whole.state == "complete" and max(whole.curve) == trial.RUNGS
    rung = sorted(whole.curve)[1]
    pruned, fewer = try_out(spec, series, limits={rung: 0.0})
    assert pruned.state == "pruned" and pruned.value == pruned.curve[rung] and max(pruned.curve) == rung
    assert sum(isinstance(e, Epoch) for e in fewer) < sum(isinstance(e, Epoch) for e in events)
    unpruned, _ = try_out(spec, series, limits={trial.RUNGS: 0.0})  # it is over anyway
    assert unpruned.value == whole.value


def test_a_problem_of_the_recipe_ends_a_trial_as_failed(series: pd.DataFrame) -> None:
    failed, _ = try_out(tiny(), series, lookback=150)
    assert failed.state == "failed" and "windows" in failed.problem and np.isnan(failed.value)


def test_a_backtest_trial_is_the_mean_error_ratio_of_folds_before_calibration(series: pd.DataFrame) -> None:
    result, events = try_out(tiny(), series, objective="backtest", folds=2)
    folds = [event for event in events if type(event).__name__ == "Fold"]
    assert len(folds) == 2 and result.state == "complete"
    assert result.value == pytest.approx(np.mean([1 - fold.skill for fold in folds]))
    pruned, _ = try_out(tiny(), series, objective="backtest", folds=2, limits={1: 0.0})
    assert pruned.state == "pruned" and pruned.value == pytest.approx(1 - folds[0].skill)
