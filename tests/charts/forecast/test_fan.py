import numpy as np
import pandas as pd

from core.charts.forecast import fan
from tests.charts.conftest import rows, table


def trace(figure, name):
    (found,) = [t for t in figure.data if t.name == name]
    return found


def test_fan_over_steps():
    chart = fan.compute(table(), "lstm", "AAA", 2, unit="price", history=5, reference="last_value")
    assert chart.y_M.tolist() == [107.0, 108.0, 109.0, 110.0, 111.0]
    assert chart.past.yhat_N.tolist() == [105.0, 106.0, 107.0, 108.0, 109.0]
    assert chart.reference_N.tolist() == [104.0, 105.0, 106.0, 107.0, 108.0]
    assert [b.coverage for b in chart.bands] == [0.95, 0.9, 0.8, 0.5]
    assert (chart.live_H.tolist(), chart.bands[0].lo_H.tolist()) == ([201.0, 202.0], [193.0, 194.0])
    assert chart.caption == (
        "From 2020-01-12, the LSTM forecasts 202 for 2020-01-14 (2 sessions ahead), with a 95% band "
        "from 194 to 210. Its bands are pointwise: each step holds its share, a whole path holds "
        "less."
    )
    assert fan.compute(table(), "lstm", "AAA", 2, unit="price", joint=True).caption.endswith(
        "Its bands are joint: each holds whole paths."
    )


def test_figure_of_a_fan_carries_its_numbers():
    chart = fan.compute(table(), "lstm", "AAA", 2, unit="price", history=5, reference="last_value")
    figure = fan.draw(chart)
    np.testing.assert_array_equal(trace(figure, "outcome").y, chart.y_M)
    np.testing.assert_array_equal(trace(figure, "LSTM, 2 ahead").y, chart.past.yhat_N)
    np.testing.assert_array_equal(trace(figure, "last value").y, chart.reference_N)
    np.testing.assert_array_equal(trace(figure, "live forecast").y, [201, 202])
    wide, _, _, narrow = [t for t in figure.data if t.name == "live 95, 90, 80, 50%, pointwise"]
    assert (wide.y.tolist(), narrow.y.tolist()) == ([209, 210, 194, 193], [203, 204, 200, 199])
    shades = [t.fillcolor for t in figure.data if t.name == wide.name]
    assert shades == sorted(shades, reverse=True)  # from light to dark
    assert trace(figure, "LSTM, 2 ahead").customdata[-1] == "2020-01-10"
    assert [(s.name, s.x0) for s in figure.layout.shapes] == [("last observed", "2020-01-12")]


def test_a_single_live_forecast_has_bars():
    figure = fan.draw(fan.compute(table(steps=(5,)), "lstm", "AAA", 5, unit="% a year"))
    bars = [t for t in figure.data if t.name == "live 95, 90, 80, 50%"]
    assert [t.y.tolist() for t in bars] == [[197, 213], [199, 211], [201, 209], [203, 207]]
    widths = [t.line.width for t in bars]
    assert widths == sorted(widths)
    assert [t.showlegend for t in bars] == [False, True, False, False]


def test_a_run_saved_without_the_widest_band_draws_the_others():
    old = table().drop(columns=["q025", "q975"])
    chart = fan.compute(old, "lstm", "AAA", 1, unit="price")
    assert [b.coverage for b in chart.bands] == [0.9, 0.8, 0.5]
    assert "live 90, 80, 50%, pointwise" in {t.name for t in fan.draw(chart).data}


def test_direction_has_a_line_at_one_half_and_no_band():
    made = table(banded=False, y=lambda n, s: n % 2, yhat=lambda n, s: 0.6)
    made.loc[made["part"] == "live", "yhat"] = [0.48, 0.51]
    chart = fan.compute(made, "lstm", "AAA", 1, unit="probability of a rise", binary=True)
    assert chart.bands == ()
    assert chart.caption == (
        "From 2020-01-12, the LSTM forecasts 51.0% for 2020-01-14 (2 sessions ahead): the "
        "probability that AAA is higher then."
    )
    figure = fan.draw(chart)
    assert {t.name for t in figure.data} == {"outcome", "LSTM, 1 ahead", "live forecast"}
    assert 0.5 in [s.y0 for s in figure.layout.shapes]
    assert trace(figure, "outcome").mode == "markers"


def test_history_reaches_back_over_the_parts_before_the_test():
    chart = fan.compute(table(), "lstm", "AAA", 1, unit="price", history=500)
    assert len(chart.y_M) == 12 and len(chart.past.y_N) == 10


def test_a_newer_live_forecast_replaces_the_stored_one():
    newer = rows(
        "lstm", "live", pd.DatetimeIndex(["2020-02-01"]), (1, 2), lambda n, s: np.nan, lambda n, s: 300 + s, banded=True
    )
    chart = fan.compute(table(), "lstm", "AAA", 1, unit="price", live=newer)
    assert chart.live_H.tolist() == [301.0, 302.0] and str(chart.cutoff)[:10] == "2020-02-01"


def test_without_a_live_forecast_the_past_is_still_drawn():
    made = table()
    chart = fan.compute(made[made["part"] != "live"], "lstm", "AAA", 1, unit="price", history=1)
    assert chart.caption == "The chart shows 1 outcome of AAA; there is no live forecast."
    assert "live forecast" not in {t.name for t in fan.draw(chart).data}


def test_units_and_models_are_escaped(hostile):
    name, check = hostile
    made = table(symbol=name)
    made["model"] = made["model"].cat.rename_categories({"lstm": name})
    check(fan.draw(fan.compute(made, name, name, 1, unit=name)))


def test_every_line_under_the_pointer_can_be_clicked():
    figure = fan.draw(fan.compute(table(), "lstm", "AAA", 1, unit="price", history=12, reference="last_value"))
    hovered = [t for t in figure.data if t.hoverinfo != "skip"]
    assert len(hovered) == 4 and all("markers" in t.mode and t.customdata for t in hovered)
    assert trace(figure, "outcome").customdata[:3] == (None, None, "2020-01-01")  # two days of validation come first
    assert trace(figure, "live forecast").customdata == ("2020-01-12", "2020-01-12")
