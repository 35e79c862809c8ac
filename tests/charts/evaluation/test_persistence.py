import numpy as np
import pytest

from core.charts.evaluation import persistence
from core.charts.forecast import past_forecasts
from tests.charts.conftest import table

WALK = 100 + np.cumsum(np.random.default_rng(0).normal(size=80))


def made(late, correlation=None):
    forecast = table(steps=(1,), count=78, y=lambda n, step: WALK[n + 1], yhat=lambda n, step: WALK[n + 1 - late])
    there = {-2: 0.1, -1: 0.98, 0: 0.05} if correlation is None else correlation
    return persistence.compute(past_forecasts.compute(forecast, "lstm", "AAA", 1, unit="price"), there)


def test_a_copy_of_yesterday_lies_on_the_target_shifted_by_one():
    chart = made(late=1)
    np.testing.assert_allclose(chart.yhat_N, chart.shifted_N)
    np.testing.assert_allclose(chart.shifted_N[1:], chart.y_N[:-1])
    assert len(chart.y_N) == persistence.SHOWN
    assert "the LSTM's forecast lies 0 from the value of the session before" in chart.caption
    assert chart.lags_say == (
        "The forecast's moves agree most with the target's at lag −1 (correlation 0.98; 0.05 at "
        "lag 0): it repeats the move of the session before."
    )


def test_a_forecast_that_knows_peaks_at_its_own_target():
    chart = made(late=0, correlation={-1: 0.1, 0: 0.9, 1: 0.0})
    assert chart.peak == 0 and chart.lags_say.endswith("it moves with its target.")
    assert made(late=3, correlation={-3: 0.9, 0: 0.1}).lags_say.endswith("it moves 3 sessions late.")


def test_what_is_drawn_is_what_was_computed():
    chart = made(late=1)
    lines = persistence.draw(chart).data
    assert [line.name for line in lines] == ["target", "target, one session late", "forecast (LSTM)"]
    np.testing.assert_allclose(lines[2].y, chart.yhat_N)
    bars = persistence.draw_lags(chart).data[0]
    assert bars.y == chart.correlation_G
    assert bars.marker.color[1] == persistence.style.BAD and len(set(bars.marker.color)) == 2


@pytest.mark.parametrize("count", [1, 2])
def test_nothing_moves_and_it_is_said(count):
    chart = made(late=1, correlation={})
    assert chart.peak is None
    assert "does not move" in persistence.draw_lags(chart).layout.annotations[0].text.replace("<br>", " ")
    short = persistence.compute(
        past_forecasts.compute(table(steps=(1,), count=count), "lstm", "AAA", 1, unit="price"), {}
    )
    assert len(persistence.draw(short).data) == 3
