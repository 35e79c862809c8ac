"""One feature over time."""

import numpy as np
import pandas as pd

from core.charts.data import feature


def values(*numbers):
    return pd.Series(numbers, index=pd.date_range("2020-01-01", periods=len(numbers), name="time"), dtype=float)


def test_the_sentence_tells_range_middle_and_what_is_lost_at_the_start():
    chart = feature.compute("AAA", "rsi:3", values(np.nan, np.nan, 1.0, 2.0, 3.0, 4.0, 5.0))
    assert chart.caption == (
        "5 values of rsi:3 on AAA, half of them from 2 to 4, all from 1 to 5; none in the first 2 sessions."
    )
    assert feature.draw(chart).data[0].y.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_flat_feature_and_one_without_values_are_said_to_be_so():
    assert "tells a model nothing" in feature.compute("AAA", "f", values(2.0, 2.0)).caption
    nothing = feature.compute("AAA", "f", values(np.nan, np.nan))
    assert nothing.caption == "f has no value on AAA." and nothing.before == 2
    assert feature.draw(nothing).layout.annotations[0].text == "f has no value on AAA."


def test_a_long_feature_is_drawn_light_and_its_name_is_escaped(hostile):
    name, check = hostile
    chart = feature.compute("AAA", name, values(*np.sin(np.arange(9000.0))))
    figure = feature.draw(chart)
    assert len(figure.data[0].y) <= 3000
    check(figure)
