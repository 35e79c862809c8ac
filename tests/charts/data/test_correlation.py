"""Tests of the correlation matrix and its groups of redundant features."""

import numpy as np
import pytest

from core.charts.data import correlation

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, 400))


def test_redundant_features_form_a_group_and_are_adjacent():
    chart = correlation.compute(("a", "b", "minus a", "c"), np.stack([A, B, -A, RNG.normal(size=400)], axis=1))
    assert {frozenset(group) for group in chart.groups} == {frozenset({"a", "minus a"})}
    first, second = (chart.features.index(name) for name in ("a", "minus a"))
    assert abs(first - second) == 1
    assert chart.correlation_FF[first, second] == pytest.approx(-1.0)
    assert all(fact in chart.caption for fact in ("4 features", "3 different", "minus a", "0.9"))
    figure = correlation.draw(chart)
    assert np.array_equal(figure.data[0].z, chart.correlation_FF)


def test_distinct_features_have_no_group():
    chart = correlation.compute(("a", "b"), np.stack([A, B], axis=1))
    assert chart.groups == ()
    assert "No two of the 2 features" in chart.caption and "0.9" in chart.caption


def test_a_constant_a_missing_value_and_a_single_feature():
    x_TF = np.stack([A, np.ones(400)], axis=1)
    x_TF[5, 0] = np.nan
    chart = correlation.compute(("a", "flat"), x_TF)
    assert chart.correlation_FF == pytest.approx(np.eye(2))
    single = correlation.compute(("a",), A[:, None])
    assert single.groups == () and "only one feature" in single.caption


def test_names_are_escaped():
    figure = correlation.draw(correlation.compute(("<b>x</b>", "y"), np.stack([A, B], axis=1)))
    assert not any("<b>" in name for name in figure.data[0].x)
