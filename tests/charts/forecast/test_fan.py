import numpy as np
import pandas as pd
import pytest

from core.charts.forecast import fan
from tests.charts.conftest import rows, table


def trace(figure, name):
    (match,) = [t for t in figure.data if t.name == name]
    return match


def test_fan_of_several_steps():
    chart = fan.compute(table(), "lstm", "AAA", 2, unit="price", history=5, reference="last_value")
    assert chart.y_M.tolist() == [107.0, 108.0, 109.0, 110.0, 111.0]
    assert chart.past.yhat_N.tolist() == [105.0, 106.0, 107.0, 108.0, 109.0]
    assert chart.reference_N.tolist() == [104.0, 105.0, 106.0, 107.0, 108.0]
    assert [b.coverage for b in chart.intervals] == [0.95, 0.9, 0.8, 0.5]
    assert (chart.live_H.tolist(), chart.intervals[0].lo_H.tolist()) == ([201.0, 202.0], [193.0, 194.0])
    assert "From 2020-01-12, the LSTM forecasts 202 for 2020-01-14 (2 steps ahead)" in chart.caption
    assert all(fact in chart.caption for fact in ("95%", "from 194 to 210", "pointwise"))
    assert "are joint" in fan.compute(table(), "lstm", "AAA", 2, unit="price", joint=True).caption


def test_the_figure_has_the_numbers_of_the_fan():
    chart = fan.compute(table(), "lstm", "AAA", 2, unit="price", history=5, reference="last_value")
    figure = fan.draw(chart)
    np.testing.assert_array_equal(trace(figure, "outcome").y, chart.y_M)
    np.testing.assert_array_equal(trace(figure, "LSTM, 2 steps ahead").y, chart.past.yhat_N)
    np.testing.assert_array_equal(trace(figure, "last value").y, chart.reference_N)
    np.testing.assert_array_equal(trace(figure, "live forecast").y, [201, 202])
    wide, _, _, narrow = [t for t in figure.data if t.name == "live 95, 90, 80, 50%, pointwise"]
    assert (wide.y.tolist(), narrow.y.tolist()) == ([209, 210, 194, 193], [203, 204, 200, 199])
    shades = [t.fillcolor for t in figure.data if t.name == wide.name]
    assert shades == sorted(shades, reverse=True)  # from light to dark
    assert trace(figure, "LSTM, 2 steps ahead").customdata[-1] == "2020-01-10"
    assert [(s.name, s.x0) for s in figure.layout.shapes] == [("last observed", "2020-01-12")]


def test_a_single_live_forecast_has_bars():
    figure = fan.draw(fan.compute(table(steps=(5,)), "lstm", "AAA", 5, unit="% a year"))
    bars = [t for t in figure.data if t.name == "live 95, 90, 80, 50%"]
    assert [t.y.tolist() for t in bars] == [[197, 213], [199, 211], [201, 209], [203, 207]]
    widths = [t.line.width for t in bars]
    assert widths == sorted(widths)
    assert [t.showlegend for t in bars] == [False, True, False, False]


def test_an_older_run_without_the_widest_interval_draws_the_others():
    old = table().drop(columns=["q025", "q975"])
    chart = fan.compute(old, "lstm", "AAA", 1, unit="price")
    assert [b.coverage for b in chart.intervals] == [0.9, 0.8, 0.5]
    assert "live 90, 80, 50%, pointwise" in {t.name for t in fan.draw(chart).data}


def test_a_direction_has_a_line_at_one_half_and_no_interval():
    forecast = table(banded=False, y=lambda n, s: n % 2, yhat=lambda n, s: 0.6)
    forecast.loc[forecast["part"] == "live", "yhat"] = [0.48, 0.51]
    chart = fan.compute(forecast, "lstm", "AAA", 1, unit="probability of a rise", binary=True)
    assert chart.intervals == ()
    assert "probability that AAA is higher on 2020-01-14 (2 steps ahead)" in chart.caption
    assert "From 2020-01-12" in chart.caption and "51.0%" in chart.caption
    figure = fan.draw(chart)
    assert {t.name for t in figure.data} == {"outcome", "LSTM, 1 step ahead", "live forecast"}
    assert 0.5 in [s.y0 for s in figure.layout.shapes]
    assert trace(figure, "outcome").mode == "markers"


def test_history_reaches_back_before_the_test_split():
    chart = fan.compute(table(), "lstm", "AAA", 1, unit="price", history=500)
    assert np.isfinite(chart.y_M).sum() == 12 and len(chart.past.y_N) == 10


def test_the_line_of_outcomes_breaks_where_windows_between_splits_are_left_out():
    chart = fan.compute(table(), "lstm", "AAA", 2, unit="price", history=500)
    assert chart.y_M.tolist()[:3] == [102.0, 103.0, pytest.approx(np.nan, nan_ok=True)]
    assert chart.cutoff_M[:4] == (None, None, None, "2020-01-01")
    drawn = trace(fan.draw(chart), "outcome")
    assert np.isnan(drawn.y[2]) and not drawn.connectgaps


def test_outcomes_of_other_steps_fill_the_line_of_a_level():
    chart = fan.compute(table(), "lstm", "AAA", 2, unit="price", history=500, level=True)
    times = [str(time)[:10] for time in chart.time_M]
    assert times[:4] == ["2019-12-02", "2019-12-03", "2019-12-04", "2020-01-02"]
    assert times[3:6] == ["2020-01-02", "2020-01-02", "2020-01-03"]  # the break, then the first step's
    assert chart.y_M[[0, 1, 2, 4, 5]].tolist() == [101.0, 102.0, 103.0, 101.0, 102.0]
    assert chart.cutoff_M[3:6] == (None, None, "2020-01-01")


def test_a_newer_live_forecast_replaces_the_stored_one():
    newer = rows(
        "lstm", "live", pd.DatetimeIndex(["2020-02-01"]), (1, 2), lambda n, s: np.nan, lambda n, s: 300 + s, banded=True
    )
    chart = fan.compute(table(), "lstm", "AAA", 1, unit="price", live=newer)
    assert chart.live_H.tolist() == [301.0, 302.0] and str(chart.cutoff)[:10] == "2020-02-01"


def test_without_a_live_forecast_the_past_is_still_drawn():
    forecast = table()
    chart = fan.compute(forecast[forecast["part"] != "live"], "lstm", "AAA", 1, unit="price", history=1)
    assert "1 outcome of AAA" in chart.caption and "no live forecast" in chart.caption
    assert "live forecast" not in {t.name for t in fan.draw(chart).data}


def test_units_and_models_are_escaped(hostile):
    name, check = hostile
    forecast = table(symbol=name)
    forecast["model"] = forecast["model"].cat.rename_categories({"lstm": name})
    check(fan.draw(fan.compute(forecast, name, name, 1, unit=name)))


def test_every_line_with_a_hover_can_be_clicked():
    figure = fan.draw(fan.compute(table(), "lstm", "AAA", 1, unit="price", history=12, reference="last_value"))
    hovered = [t for t in figure.data if t.hoverinfo != "skip"]
    assert len(hovered) == 4 and all("markers" in t.mode and t.customdata for t in hovered)
    assert trace(figure, "outcome").customdata[:3] == (None, None, "2020-01-01")  # two days of validation come first
    assert trace(figure, "live forecast").customdata == ("2020-01-12", "2020-01-12")
