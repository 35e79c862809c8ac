"""The map of selection weights on numbers that can be checked by eye."""

import numpy as np

from core.charts.cell import selection
from core.explain.selection import SelectionWeights

DAYS = np.array(["2020-01-01", "2020-01-02"], dtype="M8[ns]")


def chart(features=("a", "b", "c")):
    weight_LF = np.array([[0.1, 0.7, 0.2], [0.3, 0.5, 0.2]])
    return selection.compute(SelectionWeights(symbol="A", time_L=DAYS, features=features, weight_LF=weight_LF))


def test_the_largest_mean_weight_comes_first():
    made = chart()
    assert made.features == ("b", "a", "c") and made.weight_LF[:, 0].tolist() == [0.7, 0.5]
    assert all(fact in made.caption for fact in ("b has", "60.0% on average", "50.0% to 70.0%", "33.3% each"))
    cells = selection.draw(made).data[0]
    assert cells.z.tolist() == made.weight_LF.T.tolist() and cells.zmax == 0.7
    assert cells.hovertext[0][0] == "b, 2020-01-01: 70.0%"


def test_feature_names_are_escaped(hostile):
    name, check = hostile
    check(selection.draw(chart((name, "b", "c"))))
