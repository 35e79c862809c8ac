"""Tests of the chart of feature availability."""

import numpy as np

from core.charts.data import feature_availability
from core.types import FeatureAvailability, SymbolAvailability

START, END = np.datetime64("2020-01-01"), np.datetime64("2020-12-31")


def availability(*features):
    """One symbol of 200 rows that loses those of its worst feature; each feature is (first, last, missing)."""
    reaches = tuple(
        FeatureAvailability(feature=f"f{n}", first=np.datetime64(first), last=np.datetime64(last), missing=missing)
        for n, (first, last, missing) in enumerate(features)
    )
    usable = 200 - max(missing for _, _, missing in features)
    return SymbolAvailability(symbol="AAA", total=200, usable=usable, start=START, end=END, features=reaches)


def test_the_feature_with_the_most_missing_values_comes_first_in_another_colour():
    chart = feature_availability.compute(availability((START, END, 1), ("2020-03-01", END, 60)))
    assert (chart.features, chart.missing_F) == (("f1", "f0"), (60, 1))
    assert all(fact in chart.caption for fact in ("140 of 200", "60", "f1", "2020-03-01"))
    worst, other = feature_availability.draw(chart).data
    assert worst.x == ("2020-03-01", "2020-12-31") and worst.line.color != other.line.color
    assert worst.hovertext == ("f1, 60 rows without a value",) * 2


def test_a_feature_without_values_is_named_but_not_drawn():
    chart = feature_availability.compute(availability(("NaT", "NaT", 200), (START, END, 0)))
    assert "f0" in chart.caption and "no value at all" in chart.caption
    assert len(feature_availability.draw(chart).data) == 1


def test_without_missing_values_no_row_is_lost():
    caption = feature_availability.compute(availability((START, END, 0))).caption
    assert "200 rows of AAA" in caption and "lost" not in caption


def test_at_most_twelve_features_are_drawn():
    chart = feature_availability.compute(availability(*[(START, END, n) for n in range(20)]))
    assert len(chart.features) == 12 and chart.missing_F[0] == 19
