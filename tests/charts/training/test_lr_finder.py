import numpy as np
import pytest

from core.charts.training import lr_finder


def curve(current=1e-3, suggestion=0.00238):
    lr_N = np.geomspace(1e-5, 1.0, 50)
    return lr_finder.compute(lr_N, 0.5 - 0.1 * np.exp(-((np.log10(lr_N) + 2) ** 2)) + lr_N * 100, suggestion, current)


def test_the_suggestion_has_two_digits_and_is_compared_with_the_recipe():
    assert (curve().suggestion, curve().suggestion_text) == (0.0024, "2.4e-3")
    assert "at 2.4e-3; the recipe's 1e-3 is 2.4 times smaller." in curve().caption
    assert "2.4e-2 is 10 times that" in curve(current=0.024).caption
    assert "3e-3 is close to it" in curve(current=0.003).caption
    assert "this is the recipe's rate" in curve(current=0.0024).caption


@pytest.mark.parametrize(("rate", "formatted"), [(0.0024, "2.4e-3"), (1e-5, "1e-5"), (0.5, "0.5"), (1.0, "1")])
def test_rates_have_at_most_two_digits(rate, formatted):
    assert lr_finder.format_rate(rate) == formatted
    assert float(formatted) == rate


def test_the_diamond_lies_on_the_curve_and_a_diverging_loss_does_not_flatten_it():
    chart = curve()
    figure = lr_finder.draw(chart)
    line, diamond, recipe = figure.data
    assert diamond.x[0] == 0.0024
    assert diamond.y[0] == pytest.approx(np.interp(np.log(0.0024), np.log(chart.lr_N), chart.loss_N))
    assert set(recipe.x) == {1e-3}
    assert chart.loss_N.max() > 50 > figure.layout.yaxis.range[1]
    assert figure.layout.yaxis.range[0] < line.y.min()
    assert figure.layout.xaxis.type == "log"
