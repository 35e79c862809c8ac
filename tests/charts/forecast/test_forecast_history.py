import numpy as np

from core.charts.forecast import forecast_history
from tests.charts.conftest import table


def test_the_whole_test_split_is_drawn():
    forecast = table(y=lambda n, step: 100 + 3 * n)
    chart = forecast_history.compute(forecast, "lstm", "AAA", 1, unit="price", reference="last_value")
    assert "10 test forecasts of AAA, 1 step ahead, from 2020-01-01 to 2020-01-10" in chart.caption
    assert all(fact in chart.caption for fact in ("90%", "covered 40.0%", "error was 9."))
    figure = forecast_history.draw(chart)
    interval, outcome, reference, line = figure.data
    np.testing.assert_array_equal(interval.y, np.concatenate([chart.past.hi_N, chart.past.lo_N[::-1]]))
    np.testing.assert_array_equal(outcome.y, chart.past.y_N)
    np.testing.assert_array_equal(reference.y, chart.reference_N)
    np.testing.assert_array_equal(line.y, chart.past.yhat_N)
    assert (figure.layout.xaxis.rangeslider.visible, figure.layout.template.layout.dragmode) == (False, "zoom")


def test_the_hit_rate_of_probabilities():
    forecast = table(steps=(1,), count=4, banded=False, y=lambda n, s: n % 2, yhat=lambda n, s: [0.2, 0.9, 0.6, 0.7][n])
    chart = forecast_history.compute(forecast, "lstm", "AAA", 1, unit="probability of a rise", binary=True)
    assert "correctly in 75.0%" in chart.caption and "50.0% were rises" in chart.caption
    assert len(forecast_history.draw(chart).data) == 2


def test_a_baseline_with_a_single_forecast():
    chart = forecast_history.compute(table(count=1), "last_value", "AAA", 1, unit="price")
    assert "1 test forecast of AAA, 1 step ahead, from 2020-01-01 to 2020-01-01" in chart.caption
    assert chart.caption.endswith("the mean absolute error was 2.") and "covered" not in chart.caption
    assert len(forecast_history.draw(chart).data) == 2


def test_a_table_without_test_forecasts():
    forecast = table()
    chart = forecast_history.compute(forecast[forecast["part"] != "test"], "lstm", "AAA", 1, unit="price")
    assert chart.caption == "There are no test forecasts of AAA." and len(forecast_history.draw(chart).data) == 2


def test_the_chosen_forecast_has_a_ring_and_one_outside_the_test_split_has_none():
    chart = forecast_history.compute(table(count=10), "lstm", "AAA", 1, unit="USD")
    cutoff = chart.past.cutoff_N[4]
    ring = forecast_history.draw(chart, chosen=cutoff).data[-1]
    assert (ring.name, [*ring.y]) == ("chosen forecast", [chart.past.yhat_N[4]])
    plain = len(forecast_history.draw(chart).data)
    assert len(forecast_history.draw(chart, chosen=cutoff).data) == plain + 1
    assert len(forecast_history.draw(chart, chosen=cutoff + 400 * (cutoff - chart.past.cutoff_N[3])).data) == plain
