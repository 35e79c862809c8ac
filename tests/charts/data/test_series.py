import numpy as np
import pandas as pd
import pytest

from core.charts.data import series
from core.errors import DataError


def frame(symbol="AAA", column="close"):
    index = pd.date_range("2020-01-01", periods=4, name="time")
    return pd.DataFrame({(symbol, column): [1.0, np.nan, 3.0, 2.0]}, index=index)


def test_level_omits_missing_values_and_shades_the_splits():
    days = pd.date_range("2020-01-01", periods=4)
    chart = series.compute_level(frame(), "AAA", "close", {"train": (days[0], days[1]), "test": (days[2], days[3])})
    assert chart.level_T.tolist() == [1.0, 3.0, 2.0]
    assert chart.caption.startswith("3 values of AAA close from 2020-01-01 to 2020-01-04, between 1 and 3")
    assert "training starts on 2020-01-01" in chart.caption and "test starts on 2020-01-03" in chart.caption
    figure = series.draw_level(chart)
    np.testing.assert_array_equal(figure.data[0].y, chart.level_T)
    assert [(s.name, s.x0, s.x1) for s in figure.layout.shapes] == [
        ("training", "2020-01-01", "2020-01-02"),
        ("test", "2020-01-03", "2020-01-04"),
    ]


def test_a_long_level_is_thinned():
    index = pd.date_range("2000-01-01", periods=9000, name="time")
    chart = series.compute_level(pd.DataFrame({("A", "v"): np.sin(np.arange(9000.0))}, index=index), "A", "v")
    assert len(chart.level_T) == 9000 and len(series.draw_level(chart).data[0].y) <= 3000


def test_an_unknown_column_is_refused():
    with pytest.raises(DataError, match="no column 'open' of 'AAA'"):
        series.compute_level(frame(), "AAA", "open")


def test_symbol_and_column_names_are_escaped(hostile):
    name, check = hostile
    check(series.draw_level(series.compute_level(frame(name, name), name, name)))


def test_histogram_counts_every_finite_label():
    chart = series.compute_labels(np.array([[-1.0], [0.0], [1.0], [2.0], [np.nan], [3.0]]), unit="log return")
    assert chart.count_B.sum() == 5 and (chart.edge_B[0], chart.edge_B[-1]) == (-1.0, 3.0)
    assert chart.caption.startswith("5 labels from −1 to 3")
    assert "median of 1" in chart.caption and "60.0% above zero" in chart.caption
    np.testing.assert_array_equal(series.draw_labels(chart).data[0].y, chart.count_B)


def test_histogram_of_binary_labels():
    chart = series.compute_labels(np.array([0.0, 1.0, 1.0, 1.0]), unit="probability of a rise", binary=True)
    assert chart.count_B.tolist() == [1, 3]
    assert "75.0%" in chart.caption and "4 labels" in chart.caption
    assert series.draw_labels(chart).layout.xaxis.ticktext == ("no rise", "rise")


def test_constant_and_missing_labels():
    constant = series.compute_labels(np.full(3, 5.0), unit="price")
    assert "3 labels" in constant.caption and constant.caption.endswith(" 5.")
    assert series.draw_labels(constant).data[0].y.tolist() == [3]
    empty = series.compute_labels(np.array([np.nan]), unit="price")
    assert "no labels" in empty.caption
    assert series.draw_labels(empty).data[0].y.tolist() == [0]
