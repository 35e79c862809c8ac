"""The charts of a search: errors in order, the best settings as lines, slices, importances, and their sentences."""

import math

import pytest

from core.charts.tuning import search as charts
from core.tuning import space
from core.tuning.study import Trial

SPACE = space.parse_space("train.learning_rate=1e-4..1e-2,model.kind=lstm|gru,model.layers=1..3")


def trial(
    number: int, value: float, rate: float, kind: str = "lstm", layers: int = 1, state: str = "complete"
) -> Trial:
    params = {"train.learning_rate": rate, "model.kind": kind, "model.layers": layers}
    return Trial(number=number, params=params, state=state, value=value)


@pytest.fixture
def chart() -> charts.Trials:
    trials = (
        trial(1, 0.9, 1e-4),
        trial(2, math.nan, 1e-3, state="pruned"),
        trial(3, 0.5, 1e-3, "gru", 2),
        trial(4, 0.7, 1e-2, "gru", 3),
        trial(5, math.nan, 1e-2, state="failed"),
        trial(6, math.nan, 1e-2, state="running"),
        trial(7, 0.6, 3e-3, "gru", 2),
    )
    return charts.compute(SPACE, trials, "validation")


def test_the_history_has_the_least_error_so_far_and_marks_what_was_stopped(chart: charts.Trials) -> None:
    assert chart.best == 1 and chart.pruned == (2,) and chart.failed == (5,)
    assert "Of 4 complete trials, number 3 has the least error: 0.5" in chart.caption
    assert "1 trial was stopped early" in chart.caption
    least, complete, pruned, failed = charts.draw_history(chart).data
    assert list(least.y) == [0.9, 0.5, 0.5, 0.5] and list(complete.x) == [1, 3, 4, 7]
    assert list(pruned.x) == [2] and list(failed.x) == [5]


def test_lines_run_from_the_low_end_of_a_field_to_the_high_one(chart: charts.Trials) -> None:
    figure = charts.draw_lines(chart)
    others, *best = figure.data
    assert [line.name for line in best] == ["trial 4", "trial 7", "trial 3"]  # the best one is drawn last, on top
    assert list(best[-1].y) == pytest.approx([0.5, 1.0, 0.5])
    assert list(others.y)[:3] == pytest.approx([0.0, 0.0, 0.0]) and others.y[3] is None
    assert charts.describe_lines(chart) == (
        "Settings of the best trials, the best first: Learning rate 0.001, 0.003, 0.01; Model gru; Layers 2, 3."
    )


def test_a_slice_has_the_setting_of_each_trial_and_a_sentence(chart: charts.Trials) -> None:
    rate, kind, layers = SPACE
    dots, ring = charts.draw_slice(chart, rate).data
    assert list(dots.x) == [1e-4, 1e-3, 1e-2, 3e-3] and ring.x[0] == 1e-3
    assert charts.draw_slice(chart, rate).layout.xaxis.type == "log"
    assert list(charts.draw_slice(chart, kind).data[0].x) == [0, 1, 1, 1]
    assert charts.describe_slice(chart, kind) == "The best trials have gru."
    assert charts.describe_slice(chart, layers) == "The best trials lie between 2 and 3."


def test_importances_name_the_first_field_or_say_why_none_is_named() -> None:
    found = charts.Importances(share={"model.layers": 0.75, "model.kind": 0.25})
    assert "Layers separates the best trials" in found.caption and "75" in found.caption
    assert list(charts.draw_importances(found).data[0].x) == [75, 25]
    assert "ten complete trials" in charts.Importances(share={}).caption


def test_a_search_without_a_complete_trial_is_drawn_all_the_same() -> None:
    empty = charts.compute(SPACE, (), "backtest")
    assert empty.best is None and empty.caption == "No trial is complete yet."
    assert len(charts.draw_history(empty).data) == 0
    assert charts.describe_slice(empty, SPACE[0]) == empty.caption
    assert "naive reference" in empty.unit
