"""The experiment record of a run, and how experiments are distinguished, grouped and labelled."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.evaluation.experiments import record
from core.evaluation.trading import positions
from core.spec import Spec
from core.types import Run
from tests.evaluation.sample_experiments import TASK, experiment


def test_a_record_has_the_losses_behind_the_verdict(finished: Run) -> None:
    result, verdict = record.of_run(finished), finished.evaluation.verdict
    assert (result.run_id, result.skill, result.p_value, result.reference) == (
        finished.id,
        verdict.skill,
        verdict.p_value,
        verdict.reference,
    )
    assert 1 - np.sqrt(result.loss_N.mean() / result.reference_N.mean()) == pytest.approx(verdict.skill)
    scores, lstm = finished.evaluation.scores, finished.evaluation.scores["lstm"]["mse_scaled"]
    for name, loss_N in (("last_value", result.last_N), (verdict.reference, result.reference_N)):
        assert loss_N.mean() / result.loss_N.mean() == pytest.approx(scores[name]["mse_scaled"] / lstm)
    test = finished.forecast[(finished.forecast["part"] == "test") & (finished.forecast["model"] == "lstm")]
    assert (result.first, result.last) == (test["cutoff"].min(), test["cutoff"].max())
    assert len(result.return_T) == 0  # a volatility has no sign to trade
    assert result.recipe["model"]["hidden"] == 8


def test_the_task_does_not_depend_on_the_recipe(finished: Run) -> None:
    def key(**target: object) -> str:
        return record.of_run(replace(finished, spec=replace(spec, target=replace(spec.target, **target)))).task_key

    spec = finished.spec
    other = replace(
        spec,
        features=("return",),
        seed=9,
        model=replace(spec.model, kind="gru"),
        data=replace(spec.data, join=("sample:WTI@1",)),
    )
    forecast = finished.forecast.assign(model=finished.forecast["model"].cat.rename_categories({"lstm": "gru"}))
    assert record.of_run(replace(finished, spec=other, forecast=forecast)).task_key == key()
    assert len({key(), key(horizon=6), key(column="open"), key(kind="max_drawdown")}) == 4


def test_the_forecasts_of_a_return_are_traded(
    train_run: Callable[..., Run], recipe: Callable[..., Spec], bars: Callable[..., pd.DataFrame]
) -> None:
    run = train_run(recipe(target__kind="log_return", target__horizon=1), A=bars())
    result = record.of_run(run)
    np.testing.assert_array_equal(result.return_T, positions.net_returns(run))
    assert len(result.return_T) == len(result.cutoff_N) and np.ptp(result.return_T) > 0


def test_the_same_recipe_on_the_same_data_is_a_second_evaluation_of_one_experiment() -> None:
    first, again = (
        experiment(0),
        replace(experiment(0), run_id="20200102-000000-0123abcd", created="2020-01-02T00:00:00"),
    )
    other, newer = experiment(1), replace(experiment(2), spec_id=first.spec_id, data_digest="e")
    (task,) = record.group_by_task([again, newer, other, first])
    assert [t.run_id for t in task.experiments] == [first.run_id, other.run_id, newer.run_id]
    assert (len(task.evaluations), task.count_evaluations(again), task.number(again), task.number(newer)) == (
        4,
        4,
        1,
        3,
    )


def test_evaluations_count_if_their_test_periods_overlap() -> None:
    evaluations = [
        experiment(0, np.ones(10)),
        experiment(1, np.ones(10), start="2020-01-10"),
        experiment(2, np.ones(9), start="2020-01-11"),
    ]
    (task,) = record.group_by_task(evaluations)
    assert [task.count_evaluations(evaluation) for evaluation in evaluations] == [2, 3, 2]


def test_tasks_come_newest_first_with_a_title() -> None:
    hourly = TASK | {"kind": "column", "column": "load", "horizon": 24, "interval": "1h", "symbols": ["X", "Y"]}
    later = replace(experiment(1), task_key="ba9876543210", task=hourly, created="2021-01-01")
    zone = replace(experiment(0), task=TASK | {"kind": "direction", "dead_zone": 0.002})
    tasks = record.group_by_task([zone, later])
    assert [task.title for task in tasks] == [
        "X, Y: load, 24 steps ahead (sample, 1h)",
        "A: direction, 1 step ahead, moves of 0.2% or more (sample)",
    ]
    assert record.group_by_task([]) == ()


def test_a_label_names_the_settings_that_differ() -> None:
    base = {
        "model": {"kind": "lstm", "hidden": 64, "bidirectional": False},
        "window": {"lookback": 60, "log": False},
        "features": ["return"],
        "seed": 0,
    }
    changes = [
        {},
        {"seed": 3},
        {"features": ["return", "rsi:14"]},
        {"window": {"lookback": 30, "log": True}},
        {"model": {"kind": "gru", "hidden": 32, "bidirectional": True}},
    ]
    result = record.label_experiments([experiment(k, recipe=base | change) for k, change in enumerate(changes)])
    assert result == (
        "LSTM",
        "LSTM · seed 3",
        "LSTM · 2 features",
        "LSTM · lookback 30 · log",
        "GRU · hidden 32 · bidirectional",
    )
    assert record.label_experiments([experiment(0), experiment(0, np.ones(5))]) == (
        "LSTM · tested to 2020-01-02",
        "LSTM · tested to 2020-01-05",
    )
    assert record.label_experiments([experiment(0, recipe={})]) == ("model",)
