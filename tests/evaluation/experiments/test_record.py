"""What a run leaves behind as a try, and how tries are told apart and grouped."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.evaluation.experiments import record
from core.evaluation.trading import positions
from core.spec import Spec
from core.types import Run
from tests.evaluation.trial import ASKED, trial


def test_a_try_holds_the_losses_behind_the_verdict(finished: Run) -> None:
    made, said = record.of_run(finished), finished.evaluation.verdict
    assert (made.run_id, made.skill, made.p_value, made.reference) == (
        finished.id,
        said.skill,
        said.p_value,
        said.reference,
    )
    assert 1 - np.sqrt(made.loss_N.mean() / made.reference_N.mean()) == pytest.approx(said.skill)
    scores, lstm = finished.evaluation.scores, finished.evaluation.scores["lstm"]["mse_scaled"]
    for name, loss_N in (("last_value", made.last_N), (said.reference, made.reference_N)):
        assert loss_N.mean() / made.loss_N.mean() == pytest.approx(scores[name]["mse_scaled"] / lstm)
    test = finished.forecast[(finished.forecast["part"] == "test") & (finished.forecast["model"] == "lstm")]
    assert (made.first, made.last) == (test["cutoff"].min(), test["cutoff"].max())
    assert len(made.return_T) == 0  # a volatility has no sign to trade
    assert made.recipe["model"]["hidden"] == 8


def test_the_question_is_what_is_asked_and_not_how_it_is_answered(finished: Run) -> None:
    def key(**target: object) -> str:
        return record.of_run(replace(finished, spec=replace(spec, target=replace(spec.target, **target)))).question

    spec = finished.spec
    other = replace(
        spec,
        features=("return",),
        seed=9,
        model=replace(spec.model, kind="gru"),
        data=replace(spec.data, join=("sample:WTI@1",)),
    )
    forecast = finished.forecast.assign(model=finished.forecast["model"].cat.rename_categories({"lstm": "gru"}))
    assert record.of_run(replace(finished, spec=other, forecast=forecast)).question == key()
    assert len({key(), key(horizon=6), key(column="open"), key(kind="max_drawdown")}) == 4


def test_the_forecasts_of_a_return_are_traded(
    train_run: Callable[..., Run], recipe: Callable[..., Spec], bars: Callable[..., pd.DataFrame]
) -> None:
    run = train_run(recipe(target__kind="log_return", target__horizon=1), A=bars())
    made = record.of_run(run)
    np.testing.assert_array_equal(made.return_T, positions.returns(run))
    assert len(made.return_T) == len(made.cutoff_N) and np.ptp(made.return_T) > 0


def test_the_same_recipe_on_the_same_data_is_a_second_look_and_no_second_try() -> None:
    first, again = trial(0), replace(trial(0), run_id="20200102-000000-0123abcd", created="2020-01-02T00:00:00")
    other, newer = trial(1), replace(trial(2), spec_id=first.spec_id, data_digest="e")
    (one,) = record.questions([again, newer, other, first])
    assert [t.run_id for t in one.tries] == [first.run_id, other.run_id, newer.run_id]
    assert (len(one.looks), one.looked(again), one.number(again), one.number(newer)) == (4, 4, 1, 3)


def test_looks_count_where_their_test_parts_meet() -> None:
    looks = [trial(0, np.ones(10)), trial(1, np.ones(10), start="2020-01-10"), trial(2, np.ones(9), start="2020-01-11")]
    (one,) = record.questions(looks)
    assert [one.looked(look) for look in looks] == [2, 3, 2]


def test_questions_come_newest_first_with_a_title() -> None:
    asked = ASKED | {"kind": "column", "column": "load", "horizon": 24, "interval": "1h", "symbols": ["X", "Y"]}
    later = replace(trial(1), question="ba9876543210", asked=asked, created="2021-01-01")
    zone = replace(trial(0), asked=ASKED | {"kind": "direction", "dead_zone": 0.002})
    found = record.questions([zone, later])
    assert [one.title for one in found] == [
        "X, Y: any column of load, 24 sessions ahead (sample, 1h)",
        "A: direction, 1 session ahead, moves of 0.2% or more (sample)",
    ]
    assert record.questions([]) == ()


def test_a_label_says_what_sets_a_recipe_apart() -> None:
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
    made = record.labels([trial(k, recipe=base | change) for k, change in enumerate(changes)])
    assert made == (
        "LSTM",
        "LSTM · seed 3",
        "LSTM · 2 features",
        "LSTM · lookback 30 · log",
        "GRU · hidden 32 · bidirectional",
    )
    assert record.labels([trial(0), trial(0, np.ones(5))]) == (
        "LSTM · tested to 2020-01-02",
        "LSTM · tested to 2020-01-05",
    )
    assert record.labels([trial(0, recipe={})]) == ("MODEL",)
