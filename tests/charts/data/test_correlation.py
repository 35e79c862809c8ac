"""Features that say the same stand together and are named as one."""

import numpy as np
import pytest

from core.charts.data import correlation

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, 400))


def test_alike_features_form_a_group_and_stand_side_by_side():
    chart = correlation.compute(("a", "b", "minus a", "c"), np.stack([A, B, -A, RNG.normal(size=400)], axis=1))
    assert {frozenset(group) for group in chart.groups} == {frozenset({"a", "minus a"})}
    at = [chart.features.index(name) for name in ("a", "minus a")]
    assert abs(at[0] - at[1]) == 1
    assert chart.correlation_FF[at[0], at[1]] == pytest.approx(-1.0)
    assert "3 different things" in chart.caption
    figure = correlation.draw(chart)
    assert np.array_equal(figure.data[0].z, chart.correlation_FF)


def test_different_features_are_said_to_differ():
    chart = correlation.compute(("a", "b"), np.stack([A, B], axis=1))
    assert chart.groups == ()
    assert "no two" in chart.caption


def test_a_constant_a_hole_and_a_single_feature_are_taken():
    held = np.stack([A, np.ones(400)], axis=1)
    held[5, 0] = np.nan
    chart = correlation.compute(("a", "flat"), held)
    assert chart.correlation_FF == pytest.approx(np.eye(2))
    assert correlation.compute(("a",), A[:, None]).groups == ()


def test_names_are_escaped():
    figure = correlation.draw(correlation.compute(("<b>x</b>", "y"), np.stack([A, B], axis=1)))
    assert not any("<b>" in name for name in figure.data[0].x)
