import numpy as np
import pandas as pd
import pytest

from core.charts import style, thinning
from core.charts.data import candles, quality_marks
from core.data.sources import samples
from core.errors import DataError


def frame(count=10, volume=True, symbol="AAA"):
    """Rows whose prices and volume can be aggregated by eye: row k opens at k, closes at k + 1, from k − 1 to k + 3."""
    row_T = np.arange(count, dtype=float)
    table = pd.DataFrame(
        {"open": row_T, "high": row_T + 3, "low": row_T - 1, "close": row_T + 1, "volume": 10.0 + row_T},
        index=pd.bdate_range("2020-01-01", periods=count, name="time"),
    )
    return pd.concat({symbol: table if volume else table.drop(columns="volume")}, axis=1)


def test_a_candle_covers_its_rows():
    chart = candles.compute(frame(), "AAA", limit=4)
    assert chart.rows == 3 and chart.time_B.astype("M8[D]").tolist() == frame().index[[0, 1, 4, 7]].date.tolist()
    assert chart.open_B.tolist() == [0, 1, 4, 7] and chart.close_B.tolist() == [1, 4, 7, 10]
    assert chart.high_B.tolist() == [3, 6, 9, 12] and chart.low_B.tolist() == [-1, 0, 3, 6]
    assert chart.volume_B.tolist() == [10, 36, 45, 54]
    assert "Each candle covers 3 rows." in chart.caption and "between −1 and 12" in chart.caption


@pytest.mark.parametrize(("count", "limit"), [(0, 3), (1, 3), (3, 3), (4, 3), (5031, 300), (600, 300), (601, 300)])
def test_groups_cover_all_rows_once_and_only_the_first_is_smaller(count, limit):
    start = thinning.group_starts(count, limit)
    sizes = np.diff(np.append(start, count))
    assert len(start) <= limit and sizes.sum() == count
    assert not count or (start[0] == 0 and (sizes[1:] == sizes[-1]).all() and 0 < sizes[0] <= sizes[-1])


def test_few_rows_are_one_candle_each():
    chart = candles.compute(frame(), "AAA")
    assert chart.rows == 1 and len(chart.time_B) == 10 and "Each candle" not in chart.caption


def test_aggregated_prices_of_a_real_series_keep_its_extremes():
    data = pd.concat({"SP500": samples.load("SP500")}, axis=1)
    chart, table = candles.compute(data, "SP500"), data["SP500"]
    assert len(chart.time_B) <= candles.LIMIT
    assert (chart.high_B.max(), chart.low_B.min()) == (table["high"].max(), table["low"].min())
    assert chart.volume_B.sum() == pytest.approx(table["volume"].sum())
    assert chart.close_B[-1] == table["close"].iloc[-1] and chart.open_B[0] == table["open"].iloc[0]
    assert (chart.high_B >= np.maximum(chart.open_B, chart.close_B)).all()
    assert (chart.low_B <= np.minimum(chart.open_B, chart.close_B)).all()


def test_volume_has_a_panel_only_where_there_is_some():
    figure = candles.draw(candles.compute(frame(), "AAA"))
    assert [trace.type for trace in figure.data] == ["candlestick", "bar"]
    assert figure.layout.yaxis2.title.text == "volume" and figure.layout.xaxis.rangeslider.visible is False
    assert [trace.type for trace in candles.draw(candles.compute(frame(volume=False), "AAA")).data] == ["candlestick"]


def test_rising_and_falling_candles_differ_without_colour():
    trace = candles.draw(candles.compute(frame(), "AAA")).data[0]
    assert (trace.increasing.fillcolor, trace.decreasing.fillcolor) == (style.PAPER, style.BAD)


def test_weekends_are_left_out_and_marked_days_are_not():
    data = frame(30)
    assert candles.draw(candles.compute(data, "AAA")).layout.xaxis.rangebreaks[0].bounds == ("sat", "mon")
    day = data.index[12]
    closes = data["AAA", "close"].drop(day)
    marks = [quality_marks.place(closes, "absent", 1, [day])]
    chart = candles.compute(data.drop(index=day), "AAA", marks=marks)
    drawn = candles.draw(chart)
    assert [part.values for part in drawn.layout.xaxis.rangebreaks if part.values] == []
    assert "Marked on it: 1 missing row." in chart.caption and len(drawn.data) == 3


def test_rows_without_all_prices_are_left_out_and_none_is_no_error():
    data = frame()
    data.loc[data.index[3], ("AAA", "high")] = np.nan
    assert len(candles.compute(data, "AAA").time_T) == 9
    data["AAA", "open"] = np.nan
    chart = candles.compute(data, "AAA")
    assert "has no row" in chart.caption and not candles.draw(chart).data


def test_a_series_without_four_prices_is_refused():
    assert candles.suit(("close", "low", "high", "open")) and not candles.suit(("close", "volume"))
    with pytest.raises(DataError, match="no open, high, low of 'AAA'"):
        candles.compute(frame()[[("AAA", "close")]], "AAA")


def test_names_are_escaped():
    figure = candles.draw(candles.compute(frame(symbol="<b>x</b>"), "<b>x</b>"))
    assert figure.data[0].name == "&lt;b&gt;x&lt;/b&gt;" and "<b>" not in figure.layout.yaxis.title.text
