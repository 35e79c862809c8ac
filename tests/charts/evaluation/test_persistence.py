import numpy as np
import pytest

from core.charts.evaluation import persistence
from core.charts.forecast import past_forecasts
from tests.charts.conftest import table

RANDOM_WALK = 100 + np.cumsum(np.random.default_rng(0).normal(size=80))


def chart_of(late, correlation=None):
    forecast = table(
        steps=(1,), count=78, y=lambda n, step: RANDOM_WALK[n + 1], yhat=lambda n, step: RANDOM_WALK[n + 1 - late]
    )
    correlation = {-2: 0.1, -1: 0.98, 0: 0.05} if correlation is None else correlation
    return persistence.compute(past_forecasts.compute(forecast, "lstm", "AAA", 1, unit="price"), correlation)


def test_a_persistent_forecast_lies_on_the_shifted_target():
    chart = chart_of(late=1)
    np.testing.assert_allclose(chart.yhat_N, chart.shifted_N)
    np.testing.assert_allclose(chart.shifted_N[1:], chart.y_N[:-1])
    assert len(chart.y_N) == persistence.SHOWN
    assert "40 steps" in chart.caption and "LSTM's forecast is 0 away from the previous value" in chart.caption
    assert "lag −1 (0.98; 0.05 at lag 0)" in chart.lag_caption
    assert "just repeats the last value" in chart.lag_caption


def test_a_skilful_forecast_peaks_at_its_own_target():
    chart = chart_of(late=0, correlation={-1: 0.1, 0: 0.9, 1: 0.0})
    assert chart.peak_lag == 0 and chart.lag_caption.endswith("it moves with its target.")
    assert "3 steps late" in chart_of(late=3, correlation={-3: 0.9, 0: 0.1}).lag_caption


def test_figures_draw_the_computed_numbers():
    chart = chart_of(late=1)
    lines = persistence.draw(chart).data
    assert [line.name for line in lines] == ["target", "target, one step late", "forecast (LSTM)"]
    np.testing.assert_allclose(lines[2].y, chart.yhat_N)
    bars = persistence.draw_lags(chart).data[0]
    assert bars.y == chart.correlation_G
    assert bars.marker.color[1] == persistence.style.BAD and len(set(bars.marker.color)) == 2


@pytest.mark.parametrize("count", [1, 2])
def test_a_forecast_that_does_not_change(count):
    chart = chart_of(late=1, correlation={})
    assert chart.peak_lag is None
    assert "does not change" in persistence.draw_lags(chart).layout.annotations[0].text.replace("<br>", " ")
    short = persistence.compute(
        past_forecasts.compute(table(steps=(1,), count=count), "lstm", "AAA", 1, unit="price"), {}
    )
    assert len(persistence.draw(short).data) == 3
    assert ("undefined away from the previous value" in short.caption) == (count == 1)
