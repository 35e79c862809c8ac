"""Charts of several runs: what they compute from a comparison, what their captions say, and names that stay text."""

from dataclasses import replace

import numpy as np
import pytest

from core.charts.comparison import forecasts, importances, intervals, losses, pairs
from core.errors import SpecError
from core.evaluation.compare.comparison import compare
from tests.evaluation.compare.variants import variant


@pytest.fixture(scope="module")
def three(finished):
    return [variant(finished, number, 0.2 * number, seed=number) for number in range(3)]


@pytest.fixture(scope="module")
def result(three):
    return compare(three)


def test_forecasts_lie_over_one_line_of_outcomes(result, three):
    chart = forecasts.compute(result, "A", 5, unit="% a year")
    assert chart.yhat_RN.shape == (3, result.test.cutoffs) and len(chart.y_N) == result.test.cutoffs
    assert (np.diff(chart.time_N.astype(np.int64)) > 0).all()
    figure = forecasts.draw(chart)
    assert [trace.name for trace in figure.data] == ["outcome", "A · LSTM", "B · LSTM", "C · LSTM"]
    assert len({trace.line.color for trace in figure.data}) == 4 and len({t.line.dash for t in figure.data[1:]}) == 3
    at = int(np.argmax(np.ptp(chart.yhat_RN, axis=0)))
    assert f"differ most for {str(chart.time_N[at])[:10]}" in chart.caption
    with pytest.raises(SpecError, match="no forecast of A at step 7"):
        forecasts.compute(result, "A", 7, unit="")


def test_equal_forecasts_are_called_the_same(finished):
    chart = forecasts.compute(compare([finished, variant(finished, 1)]), "A", 5, unit="")
    assert "A and B forecast the same" in chart.caption


def test_pairs_have_the_better_run_first(result):
    chart = pairs.compute(result)
    assert (chart.skill_P > 0).all() and (np.diff(chart.skill_P) <= 0).all()
    inside = np.isfinite(chart.low_P)
    assert (chart.low_P[inside] < chart.skill_P[inside]).all() and (chart.skill_P < chart.high_P).all()
    assert (chart.significant_P == (chart.p_P < 0.05)).all()
    assert f"{chart.significant_P.sum()} of 3 differences are significant" in chart.caption
    figure = pairs.draw(chart)
    assert sum(len(trace.x) for trace in figure.data) == 3
    assert figure.layout.yaxis.ticktext[0].startswith(f"{chart.first_P[0]} against {chart.second_P[0]}<br>p ")


def test_a_pair_without_difference_is_drawn_at_zero(finished):
    chart = pairs.compute(compare([finished, variant(finished, 1)]))
    assert chart.skill_P.tolist() == [0.0] and "not significant" in chart.caption
    assert pairs.draw(chart).data[0].x[0] == 0


def test_loss_curves_are_comparable_only_for_one_loss(three):
    chart = losses.compute("ABC", three)
    assert chart.comparable and chart.unit == "epoch"
    lowest = min(epoch.val_loss for epoch in three[0].history.epochs)
    assert f"A {lowest:.4g}" in chart.caption
    assert [trace.name for trace in losses.draw(chart).data if trace.name] == ["A · LSTM", "B · LSTM", "C · LSTM"]
    other = replace(three[1], spec=replace(three[1].spec, model=replace(three[1].spec.model, head="point")))
    assert "heights cannot be compared" in losses.compute("AB", [three[0], other]).caption


def test_intervals_name_the_best_winkler_score(result):
    chart = intervals.compute(result, "% a year")
    best = int(np.argmin(chart.winkler_R))
    assert f"{'ABC'[best]} has the best intervals" in chart.caption
    assert len(intervals.draw(chart).data[0].x) == 3
    none = replace(result, runs=tuple(replace(run, bands={}) for run in result.runs))
    assert "no prediction interval" in intervals.compute(none, "").caption
    assert intervals.draw(intervals.compute(none, "")).layout.annotations


def test_importances_stand_side_by_side_and_names_stay_text(result, hostile):
    name, check = hostile
    code = next(iter(result.runs[0].importance))
    chart = importances.compute(result, {code: name}, "% a year")
    assert chart.features[0] == name and chart.value_RF.shape[0] == 3
    check(importances.draw(chart))
    assert f"{name} moves the forecasts of A, B and C most." in chart.caption
    one = replace(result, runs=(result.runs[0], *(replace(run, importance={}) for run in result.runs[1:])))
    assert importances.compute(one, {}, "").letters == ("A",)
    other = replace(result, runs=(result.runs[0], replace(result.runs[1], importance={"x": 9.0}), result.runs[2]))
    mixed = importances.compute(other, {}, "")
    assert mixed.features[0] == "x" and np.isnan(mixed.value_RF[0, 0]) and "B: x" in mixed.caption
    none = replace(result, runs=tuple(replace(run, importance={}) for run in result.runs))
    assert "None of these runs is explained" in importances.compute(none, {}, "").caption
    assert importances.draw(importances.compute(none, {}, "")).layout.annotations
