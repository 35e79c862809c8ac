import numpy as np

from core.charts.evaluation import scatter
from core.charts.forecast import past_forecasts
from tests.charts.conftest import table


def track(**settings):
    return past_forecasts.compute(table(steps=(1,), **settings), "lstm", "AAA", 1, unit="price")


def test_points_with_the_diagonal():
    chart = scatter.compute(track(y=lambda n, s: 94 + 3 * n))
    assert "30.0% of 10 forecasts" in chart.caption and chart.caption.endswith(
        "correlation of forecast and outcome is 1."
    )
    dots, diagonal = scatter.draw(chart).data
    np.testing.assert_array_equal(dots.x, chart.yhat_N)
    np.testing.assert_array_equal(dots.y, chart.y_N)
    assert dots.customdata[0] == "2020-01-01"
    assert list(diagonal.x) == list(diagonal.y) == [94.0, 121.0]


def test_constant_forecasts_have_no_correlation():
    for chart in (scatter.compute(track(yhat=lambda n, s: 100.0)), scatter.compute(track(count=1))):
        assert np.isnan(chart.correlation) and "no correlation can be computed" in chart.caption
        assert len(scatter.draw(chart).data) == 2


def test_no_forecast_at_all():
    chart = scatter.compute(past_forecasts.compute(table(), "lstm", "AAA", 1, unit="price", split="calib"))
    assert chart.caption == scatter.NO_FORECAST
    assert len(scatter.draw(chart).data) == 1


def test_reliability_in_bins_of_equal_numbers():
    chart = scatter.compute_reliability(
        track(count=40, banded=False, y=lambda n, s: float(n >= 30), yhat=lambda n, s: 0.4 if n < 20 else 0.7)
    )
    assert (chart.forecast_B.round(9).tolist(), chart.observed_B.tolist()) == ([0.4, 0.7], [0.0, 0.5])
    assert all(fact in chart.caption for fact in ("2 bins", "from 40.0% to 70.0%", "30.0% on average", "40 forecasts"))
    dots = scatter.draw_reliability(chart).data[0]
    np.testing.assert_array_equal(dots.y, chart.observed_B)


def test_reliability_of_one_forecast_and_of_none():
    one = scatter.compute_reliability(track(count=1, y=lambda n, s: 1.0, yhat=lambda n, s: 0.6))
    assert "1 bin of forecast probability" in one.caption and len(scatter.draw_reliability(one).data) == 2
    none = scatter.compute_reliability(past_forecasts.compute(table(), "lstm", "AAA", 1, unit="", split="calib"))
    assert none.caption == scatter.NO_FORECAST and len(scatter.draw_reliability(none).data) == 2
