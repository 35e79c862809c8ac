import numpy as np
import pytest

from core.charts.training import lr_finder


def curve(current=1e-3, suggestion=0.00238):
    lr_N = np.geomspace(1e-5, 1.0, 50)
    return lr_finder.compute(lr_N, 0.5 - 0.1 * np.exp(-((np.log10(lr_N) + 2) ** 2)) + lr_N * 100, suggestion, current)


def test_the_suggestion_has_two_digits_and_is_compared_with_the_recipe():
    assert (curve().suggestion, curve().shown) == (0.0024, "2.4e-3")
    assert "fastest at 2.4e-3: the recipe's 1e-3 is 2.4 times smaller." in curve().caption
    assert "the recipe's 2.4e-2 is 10 times that" in curve(current=0.024).caption
    assert ": about what the recipe has" in curve(current=0.003).caption
    assert ": what the recipe has" in curve(current=0.0024).caption


@pytest.mark.parametrize(("rate", "words"), [(0.0024, "2.4e-3"), (1e-5, "1e-5"), (0.5, "0.5"), (1.0, "1")])
def test_rates_as_a_person_writes_them(rate, words):
    assert lr_finder.written(rate) == words
    assert float(words) == rate


def test_the_diamond_lies_on_the_curve_and_a_loss_that_explodes_does_not_flatten_it():
    chart = curve()
    figure = lr_finder.draw(chart)
    line, diamond, recipe = figure.data
    assert diamond.x[0] == 0.0024
    assert diamond.y[0] == pytest.approx(np.interp(np.log(0.0024), np.log(chart.lr_N), chart.loss_N))
    assert set(recipe.x) == {1e-3}
    assert chart.loss_N.max() > 50 > figure.layout.yaxis.range[1]
    assert figure.layout.yaxis.range[0] < line.y.min()
    assert figure.layout.xaxis.type == "log"
