"""Tests of the chart of one feature over time."""

import numpy as np
import pandas as pd

from core.charts.data import feature


def values(*numbers):
    return pd.Series(numbers, index=pd.date_range("2020-01-01", periods=len(numbers), name="time"), dtype=float)


def test_the_caption_has_count_quartiles_range_and_rows_lost_at_the_start():
    chart = feature.compute("AAA", "rsi:3", values(np.nan, np.nan, 1.0, 2.0, 3.0, 4.0, 5.0))
    assert chart.caption.startswith("5 values of rsi:3 on AAA")
    assert all(fact in chart.caption for fact in ("between 2 and 4", "between 1 and 5", "first 2 rows"))
    assert feature.draw(chart).data[0].y.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_constant_feature_and_one_without_values():
    assert "all equal to 2" in feature.compute("AAA", "f", values(2.0, 2.0)).caption
    empty = feature.compute("AAA", "f", values(np.nan, np.nan))
    assert empty.caption == "f has no value on AAA." and empty.warm_up == 2
    assert feature.draw(empty).layout.annotations[0].text == "f has no value on AAA."


def test_a_long_feature_is_thinned_and_its_name_escaped(hostile):
    name, check = hostile
    chart = feature.compute("AAA", name, values(*np.sin(np.arange(9000.0))))
    figure = feature.draw(chart)
    assert len(figure.data[0].y) <= 3000
    check(figure)
