import numpy as np
import pytest

from core.charts.explanation import dependence
from core.errors import SpecError
from tests.charts.conftest import explanation


def planted(count=120):
    """Contributions of a are a + a · b; c is noise."""
    data_NF = np.random.default_rng(0).normal(size=(count, 3))
    values_NHF = np.zeros((count, 1, 3))
    values_NHF[:, 0, 0] = data_NF[:, 0] * (1 + data_NF[:, 1])
    return explanation(values_NHF, features=("a", "b", "c"), data_NF=data_NF)


def test_a_known_interaction_gives_the_colour():
    chart = dependence.compute(planted(), "price", 1, "a")
    assert (
        chart.other == "b"
        and "Colour shows b, the feature with the strongest interaction (mean |correlation| 0." in chart.caption
        and chart.caption.startswith("High values of a raise the forecast (rank correlation 0.")
    )
    figure = dependence.draw(chart)
    np.testing.assert_array_equal(figure.data[0].x, planted().data_NF[:, 0])
    assert (figure.data[0].mode, figure.data[0].marker.showscale) == ("markers", True)
    chosen = dependence.compute(planted(), "price", 1, "a", "c")
    assert chosen.other == "c" and "Colour shows c, which does not interact with a" in chosen.caption


def test_dependence_where_values_are_missing_or_constant():
    missing = planted(40)
    missing.data_NF[:5, 0], missing.data_NF[5:10, 1] = np.nan, np.inf
    missing.data_NF[:, 2] = -1.0
    chart = dependence.compute(missing, "price", 1, "a")
    assert len(chart.value_N) == 35 and chart.caption.endswith("5 windows without a value are left out.")
    assert [len(trace.x) for trace in dependence.draw(chart).data] == [5, 30]  # grey without a value of b
    constant = dependence.compute(missing, "price", 1, "c")
    assert constant.caption.startswith("c is −1 at each of 40 cutoffs")
    dependence.draw(constant)
    missing.data_NF[:] = np.nan
    none = dependence.compute(missing, "price", 1, "a")
    assert "has no value of its own at any of 40 cutoffs" in none.caption and len(dependence.draw(none).data) == 0
    with pytest.raises(SpecError, match="Step 9"):
        dependence.compute(missing, "price", 9, "a")


def test_dependence_of_one_feature_or_one_window():
    one = dependence.compute(explanation(np.ones((20, 1, 1)), features=("a",)), "price", 1, "a")
    assert "whatever its value" in one.caption and "no other feature to colour by" in one.caption
    dependence.draw(one)
    few = dependence.compute(explanation(np.arange(6.0).reshape(3, 1, 2)), "price", 1, "f0")
    assert few.other == "f1" and "too few windows" in few.caption
    dependence.draw(dependence.compute(explanation(np.ones((1, 1, 2))), "price", 1, "f0"))


def test_names_are_escaped(hostile):
    name, check = hostile
    foreign = explanation(np.random.default_rng(0).normal(size=(20, 2, 2)), features=(name, "b"))
    check(dependence.draw(dependence.compute(foreign, "price", 1, name)))
    check(dependence.draw(dependence.compute(foreign, "price", 1, "b", name)))
