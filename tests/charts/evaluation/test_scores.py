import math
from dataclasses import replace

import numpy as np

from core.charts.evaluation import scores
from tests.charts.conftest import evaluation


def test_skill_is_sorted_and_names_its_reference():
    chart = scores.compute_skill(evaluation({"lstm": 0.028, "ewma": 0.0, "mean": -0.4, "x": math.nan}), "lstm")
    assert chart.names == ("lstm", "ewma", "mean", "x")
    assert "LSTM's error is 2.8% smaller than that of EWMA" in chart.caption and "number 1 of 4 models" in chart.caption
    figure = scores.draw_skill(chart)
    np.testing.assert_array_equal(figure.data[0].x, chart.skill_M)
    assert figure.layout.yaxis.ticktext == (
        "<b>LSTM</b>  +2.8%",
        "EWMA volatility  (reference)",
        "historical mean  −40.0%",
        "x  undefined",
    )
    assert figure.layout.xaxis.title.text == "skill against<br>EWMA volatility"


def test_very_negative_skill_is_a_multiple_of_the_error():
    chart = scores.compute_skill(evaluation({"lstm": -17.72, "last_value": 0.0}, reference="last_value"), "lstm")
    assert "18.72 times that of the last value" in chart.caption and "number 2 of 2 models" in chart.caption
    assert scores.draw_skill(chart).layout.yaxis.ticktext[1] == "<b>LSTM</b>  18.72 × error"


def test_a_perfect_reference_and_a_tie():
    perfect = scores.compute_skill(evaluation({"lstm": -math.inf, "ewma": math.nan}), "lstm")
    assert "undefined: EWMA volatility makes no error at all" in perfect.caption
    assert len(scores.draw_skill(perfect).data) == 1
    tie = scores.compute_skill(evaluation({"lstm": 0.0, "ewma": 0.0}), "lstm")
    assert "equals that of EWMA" in tie.caption and "number 1 of 2 models" in tie.caption


def test_networks_of_an_ensemble_are_ticks_on_its_bar_without_a_legend():
    ensemble = replace(evaluation({"ewma": 0.0, "lstm": 0.05}), members=({"skill": 0.04}, {"skill": 0.06}))
    chart = scores.compute_skill(ensemble, "lstm")
    assert "2 networks of its ensemble have skills from 4.0% to 6.0%" in chart.caption
    bars, ticks = scores.draw_skill(chart).data
    assert (ticks.x, [chart.names[at] for at in ticks.y]) == ((0.04, 0.06), ["lstm", "lstm"])
    assert not bars.showlegend and not ticks.showlegend


def by_step(**errors):
    return {
        name: [{"step": s, "rmse": e, "mae": e / 2} for s, e in enumerate(values, start=1)]
        for name, values in errors.items()
    }


def test_error_by_step_has_a_line_for_each_model():
    scored = evaluation({"lstm": 0.1, "drift": 0.0}, by_step=by_step(drift=(1.5, 3.0), lstm=(2.0, 3.5)))
    chart = scores.compute_by_step(scored, "lstm")
    assert (chart.steps, chart.error_H) == ((1, 2), {"lstm": (2.0, 3.5), "drift": (1.5, 3.0)})
    assert "LSTM's root mean squared error is 2 at 1 step and 3.5 at 2 steps ahead; 1 of 1 other model" in chart.caption
    figure = scores.draw_by_step(chart)
    assert {t.name: t.y for t in figure.data} == {"LSTM": (2.0, 3.5), "drift": (1.5, 3.0)}
    assert figure.layout.yaxis.title.text == "RMSE (price)"
    assert scores.compute_by_step(scored, "lstm", "mae").error_H["lstm"] == (1.0, 1.75)


def test_the_best_of_many_models_are_drawn_and_the_legend_has_the_others():
    errors = {"lstm": (9.0, 9.0)} | {f"rule{i}": (1.0, float(i)) for i in range(12)}
    figure = scores.draw_by_step(scores.compute_by_step(evaluation({}, by_step=by_step(**errors)), "lstm"))
    assert [t.name for t in figure.data if t.visible is True] == ["LSTM", *(f"rule{i}" for i in range(5))]
    assert len(figure.data) == 13 and {t.visible for t in figure.data[6:]} == {"legendonly"}
    assert len({(t.line.color, t.line.dash) for t in figure.data}) == 13
    assert figure.layout.height > 340


def test_a_single_step_becomes_bars_with_the_best_on_top():
    chart = scores.compute_by_step(evaluation({}, by_step=by_step(lstm=(2.0,), drift=(1.5,), mean=(4.0,))), "lstm")
    assert "is 2 at 1 step ahead; 1 of 2 other models" in chart.caption
    figure = scores.draw_by_step(chart)
    assert list(figure.data[0].x) == [1.5, 2.0, 4.0]
    assert figure.layout.yaxis.ticktext == ("drift", "<b>LSTM</b>", "historical mean")


def test_models_are_escaped(hostile):
    name, check = hostile
    foreign = evaluation({name: 0.0}, by_step=by_step(**{name: (1.0, 2.0)}), reference=name)
    check(scores.draw_skill(scores.compute_skill(foreign, name)))
    check(scores.draw_by_step(scores.compute_by_step(foreign, name)))
