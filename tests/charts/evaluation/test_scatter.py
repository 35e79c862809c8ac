import numpy as np

from core.charts.evaluation import scatter
from core.charts.forecast import past_forecasts
from tests.charts.conftest import table


def made(**more):
    return past_forecasts.compute(table(steps=(1,), **more), "lstm", "AAA", 1, unit="price")


def test_points_with_the_diagonal():
    chart = scatter.compute(made(y=lambda n, s: 94 + 3 * n))
    assert chart.caption == "30.0% of 10 forecasts lay above the outcome; the correlation of forecast and outcome is 1."
    dots, diagonal = scatter.draw(chart).data
    np.testing.assert_array_equal(dots.x, chart.yhat_N)
    np.testing.assert_array_equal(dots.y, chart.y_N)
    assert dots.customdata[0] == "2020-01-01"
    assert list(diagonal.x) == list(diagonal.y) == [94.0, 121.0]


def test_what_does_not_vary_has_no_correlation():
    for chart in (scatter.compute(made(yhat=lambda n, s: 100.0)), scatter.compute(made(count=1))):
        assert np.isnan(chart.correlation) and "cannot be computed" in chart.caption
        assert len(scatter.draw(chart).data) == 2


def test_no_forecast_at_all():
    chart = scatter.compute(past_forecasts.compute(table(), "lstm", "AAA", 1, unit="price", split="calib"))
    assert chart.caption == "There is no forecast to compare with its outcome."
    assert len(scatter.draw(chart).data) == 1


def test_reliability_in_bins_of_equal_numbers():
    chart = scatter.reliability(
        made(count=40, banded=False, y=lambda n, s: float(n >= 30), yhat=lambda n, s: 0.4 if n < 20 else 0.7)
    )
    assert (chart.announced_B.round(9).tolist(), chart.came_B.tolist()) == ([0.4, 0.7], [0.0, 0.5])
    assert chart.caption == (
        "In 2 bins of announced probability from 40.0% to 70.0%, the share of rises that came "
        "differs by 30.0% on average, over 40 forecasts."
    )
    dots = scatter.draw_reliability(chart).data[0]
    np.testing.assert_array_equal(dots.y, chart.came_B)


def test_reliability_of_one_forecast_and_of_none():
    one = scatter.reliability(made(count=1, y=lambda n, s: 1.0, yhat=lambda n, s: 0.6))
    assert "1 bin of announced" in one.caption and len(scatter.draw_reliability(one).data) == 2
    none = scatter.reliability(past_forecasts.compute(table(), "lstm", "AAA", 1, unit="", split="calib"))
    assert none.caption.startswith("There is no forecast") and len(scatter.draw_reliability(none).data) == 2
