from dataclasses import replace

import numpy as np

from core.charts import text
from core.charts.explanation import waterfall
from tests.charts.conftest import explanation


def test_from_the_average_to_the_forecast():
    explained = explanation([[[0.0, 0.0]], [[1.0, -3.0]]], features=("a", "b"), data_NF=[[0.0, 0.0], [70.5, 2.0]])
    chart = waterfall.compute(explained, "% a year")
    assert (chart.base, chart.forecast, chart.features) == (10.0, 8.0, ("b", "a"))
    assert chart.contribution_F.tolist() == [-3.0, 1.0] and chart.value_F.tolist() == [2.0, 70.5]
    assert chart.caption.startswith(text.forecast_and_average(chart.cutoff, 1, "AAA", 8.0, 10.0, "% a year"))
    assert all(fact in chart.caption for fact in ("2020-01-02", "AAA", " 8 % a year", " 10 % a year"))
    assert chart.caption.endswith("; b (2) contributed most, lowering it by 3 % a year.")
    steps = waterfall.draw(chart).data[0]
    assert list(steps.x) == [10.0, -3.0, 1.0, 8.0]
    assert list(steps.measure) == ["absolute", "relative", "relative", "total"]
    assert list(steps.text) == ["10", "−3", "+1", "8"]


def test_a_sampled_contribution_has_its_error():
    sampled = replace(explanation([[[1.0, -3.0]]], features=("a", "b")), error_NHF=np.array([[[0.5, 0.25]]]))
    assert waterfall.compute(sampled, "price").caption.endswith("lowering it by 3 (± 0.49 from sampling).")


def test_the_rest_is_summed():
    chart = waterfall.compute(explanation(np.arange(1.0, 14.0).reshape(1, 1, 13)), "price")
    assert len(chart.features) == 10 and chart.other_count == 3 and chart.others == 1.0 + 2.0 + 3.0
    figure = waterfall.draw(chart)
    assert figure.layout.yaxis.ticktext[-2] == "3 other features" and figure.data[0].x[-2] == 6.0
    assert chart.base + chart.contribution_F.sum() + chart.others == chart.forecast


def test_an_unexplained_rest_is_shown():
    chart = waterfall.compute(explanation([[[1.0, -3.0]]], gap=0.5), "price")
    assert chart.unexplained == 0.5
    figure = waterfall.draw(chart)
    assert figure.layout.yaxis.ticktext[-2] == "unexplained"
    assert list(figure.data[0].x) == [10.0, -3.0, 1.0, 0.5, 8.5]
    assert waterfall.compute(explanation([[[1.0, -3.0]]], gap=1e-6), "price").unexplained == 0.0


def test_another_window_and_step():
    explained = explanation([[[1.0], [2.0]], [[3.0], [4.0]]])
    assert waterfall.compute(explained, "price", window=0, step=1).forecast == 11.0
    assert waterfall.compute(explained, "price").forecast == 14.0


def test_nothing_moves():
    chart = waterfall.compute(explanation([[[0.0]]]), "price")
    start = text.forecast_and_average(chart.cutoff, 1, "AAA", 10.0, 10.0, "price")
    assert chart.caption == f"{start}; no feature moves it."
    low, high = waterfall.draw(chart).layout.xaxis.range
    assert low < 10.0 < high


def test_feature_names_are_escaped(hostile):
    name, check = hostile
    check(waterfall.draw(waterfall.compute(explanation([[[1.0]]], features=(name,)), "price")))
