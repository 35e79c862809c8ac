from dataclasses import replace

import numpy as np
import pytest

from core.charts import text
from core.charts.explanation import importance
from core.errors import SpecError
from tests.charts.conftest import explanation

VALUES = [[[1.0, -3.0], [0.0, 0.0]], [[-1.0, 5.0], [0.0, 2.0]]]


def test_features_by_mean_size():
    chart = importance.compute(explanation(VALUES, features=("a", "b")), "% a year")
    assert (chart.features, chart.mean_F.tolist()) == (("b", "a"), [2.5, 0.5])
    assert "b moves the forecast most, by 2.5 % a year on average over 2 explained forecasts" in chart.caption
    assert "83.3% of the total of 2 features" in chart.caption
    figure = importance.draw(chart)
    np.testing.assert_array_equal(figure.data[0].x, chart.mean_F)
    assert (figure.layout.yaxis.ticktext, figure.layout.yaxis.range) == (("b", "a"), (1.5, -0.5))


def test_one_step_alone():
    assert importance.compute(explanation(VALUES), "price", step=2).mean_F.tolist() == [1.0, 0.0]
    with pytest.raises(SpecError, match=r"Step 3 was not explained.*: 1, 2\."):
        importance.compute(explanation(VALUES), "price", step=3)


def test_nothing_moves_the_forecast():
    chart = importance.compute(explanation(np.zeros((1, 1, 1))), "price")
    assert "No feature moves the forecast" in chart.caption and "1 explained forecast." in chart.caption
    assert importance.draw(chart).data[0].x.tolist() == [0.0]


def test_a_single_feature_has_no_share():
    chart = importance.compute(explanation([[[2.0]], [[-4.0]]], features=("a",)), "price")
    assert "a is the only feature" in chart.caption and "by 3 on average over 2 explained forecasts" in chart.caption
    assert "%" not in chart.caption


def test_at_most_twenty_bars():
    chart = importance.compute(explanation(np.arange(1.0, 31.0).reshape(1, 1, 30)), "price")
    assert len(importance.draw(chart).data[0].x) == 20 and len(chart.features) == 30
    assert "30 features; the 10 least important, 11.8%, are not drawn" in chart.caption


def test_spread_over_networks_is_drawn_and_never_below_zero():
    chart = importance.compute(explanation(VALUES, features=("a", "b")), "price", spread={"a": 0.75, "b": 0.25})
    error = importance.draw(chart).data[0].error_x
    assert (error.array.tolist(), error.arrayminus.tolist()) == ([0.25, 0.75], [0.25, 0.5])
    unknown = importance.compute(explanation(VALUES, features=("a", "b")), "price", spread={"b": 0.25})
    assert importance.draw(unknown).data[0].error_x.array.tolist() == [0.25, 0.0]
    assert importance.draw(importance.compute(explanation(VALUES), "price", spread={})).data[0].error_x.array is None


def test_the_sampling_error_is_drawn_as_an_interval_unless_the_spread_over_networks_is_known():
    sampled = replace(
        explanation(VALUES, features=("a", "b")), importance_error_CF=np.array([[0.1, 0.2], [0.3, 0.4], [0.05, 0.01]])
    )
    chart = importance.compute(sampled, "price")
    order = [sampled.features.index(name) for name in chart.features]
    expected_F = 1.96 * np.array([0.05, 0.01])[order]
    np.testing.assert_allclose(importance.draw(chart).data[0].error_x.array, expected_F)
    share = expected_F[0] / chart.mean_F[0]
    assert (
        f"95 % intervals of the sampling of Shapley values (the largest bar ± {text.percent(share)})" in chart.caption
    )
    by_step = importance.compute(sampled, "price", step=2)
    assert by_step.error_F.tolist() == [[0.3, 0.4][sampled.features.index(name)] for name in by_step.features]
    spread = importance.compute(sampled, "price", spread={"a": 0.75, "b": 0.25})
    assert spread.bars_F is spread.spread_F and "sampling" not in spread.caption
    assert "sampling" not in importance.compute(explanation(VALUES), "price").caption


def test_lags_run_from_the_oldest_to_the_latest():
    chart = importance.compute_lags(explanation(VALUES), "price")
    assert (
        chart.caption.startswith("Lags 1 to 2 of 4 carry at least half")
        and "lag 1 carries most (40.0%)" in chart.caption
    )
    figure = importance.draw_lags(chart)
    assert (figure.data[0].x.tolist(), figure.data[0].y.tolist()) == ([1, 2, 3, 4], [4.0, 3.0, 2.0, 1.0])
    left, right = figure.layout.xaxis.range
    assert left > right


def test_one_lag_zeros_and_many_lags():
    one = importance.compute_lags(explanation(VALUES, by_lag=(2.0,)), "price")
    assert one.caption.startswith("Lag 1 of 1 carries at least half") and "(100.0%)" in one.caption
    zeros = importance.compute_lags(explanation(VALUES, by_lag=(0.0, 0.0)), "price")
    assert zeros.caption.startswith("None of the 2 lags")
    many = importance.draw_lags(importance.compute_lags(explanation(VALUES, by_lag=np.ones(300)), "price"))
    assert many.data[0].type == "scatter" and len(many.layout.xaxis.tickvals) < 14


def test_feature_names_are_escaped(hostile):
    name, check = hostile
    check(importance.draw(importance.compute(explanation(VALUES, features=(name, "b")), "price")))
