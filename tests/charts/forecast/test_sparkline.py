import numpy as np

from core.charts.forecast import sparkline
from tests.charts.conftest import table


def test_the_forecast_goes_on_where_the_outcomes_end():
    chart = sparkline.compute(table(), "lstm")
    assert np.isfinite(chart.y_M).sum() == 12 and len(chart.yhat_H) == 2
    past, live = sparkline.draw(chart).data
    assert live.x[0] == past.x[-1] and live.y[0] == past.y[-1]
    assert list(live.y[1:]) == list(chart.yhat_H)


def test_without_a_live_forecast_only_the_outcomes_are_drawn():
    rows = table()
    chart = sparkline.compute(rows[rows["part"] != "live"], "lstm")
    assert len(sparkline.draw(chart).data[1].x) == 0
