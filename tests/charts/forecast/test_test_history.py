import numpy as np

from core.charts.forecast import test_history
from tests.charts.conftest import table


def test_zoom_shows_the_whole_test_part():
    made = table(y=lambda n, step: 100 + 3 * n)
    chart = test_history.compute(made, "lstm", "AAA", 1, unit="price", reference="last_value")
    assert chart.caption == (
        "Over 10 test forecasts of AAA, 1 session ahead, from 2020-01-01 to 2020-01-10, the 90% band "
        "held 40.0% of the outcomes and the mean absolute error was 9."
    )
    figure = test_history.draw(chart)
    band, outcome, reference, line = figure.data
    np.testing.assert_array_equal(band.y, np.concatenate([chart.track.hi_N, chart.track.lo_N[::-1]]))
    np.testing.assert_array_equal(outcome.y, chart.track.y_N)
    np.testing.assert_array_equal(reference.y, chart.reference_N)
    np.testing.assert_array_equal(line.y, chart.track.yhat_N)
    assert (figure.layout.xaxis.rangeslider.visible, figure.layout.template.layout.dragmode) == (False, "zoom")


def test_zoom_of_probabilities_counts_the_right_side():
    made = table(steps=(1,), count=4, banded=False, y=lambda n, s: n % 2, yhat=lambda n, s: [0.2, 0.9, 0.6, 0.7][n])
    chart = test_history.compute(made, "lstm", "AAA", 1, unit="probability of a rise", binary=True)
    assert "on the right side of 50% in 75.0%; 50.0% were rises" in chart.caption
    assert len(test_history.draw(chart).data) == 2


def test_zoom_of_a_baseline_and_of_one_forecast():
    chart = test_history.compute(table(count=1), "last_value", "AAA", 1, unit="price")
    assert chart.caption.endswith(
        "1 test forecast of AAA, 1 session ahead, from 2020-01-01 to 2020-01-01, the mean absolute error was 2."
    )
    assert len(test_history.draw(chart).data) == 2


def test_zoom_without_test_forecasts():
    made = table()
    chart = test_history.compute(made[made["part"] != "test"], "lstm", "AAA", 1, unit="price")
    assert chart.caption == "There are no test forecasts of AAA." and len(test_history.draw(chart).data) == 2
