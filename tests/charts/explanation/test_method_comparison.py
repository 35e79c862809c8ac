import numpy as np

from core.charts.explanation import method_comparison
from core.explain.importance import Importance

TRIO = ("a", "b", "c")


def one(method, *values, features=TRIO):
    return Importance(method=method, features=features[: len(values)], values=values, windows=10)


def test_methods_that_agree():
    chart = method_comparison.compute((one("gain", 0.1, 0.7, 0.2), one("shapley", 1.0, 4.0, 2.0)))
    assert chart.methods == ("shapley", "gain") and chart.features == ("b", "c", "a")
    np.testing.assert_allclose(chart.share_MF[0], [1.0, 0.5, 0.25])
    assert chart.caption == "b comes first for 2 of 2 methods; they agree, with rank correlations of 1."
    assert chart.means == ()
    figure = method_comparison.draw(chart)
    assert figure.data[0].z.shape == (3, 2) and figure.data[0].text[0] == ["1", "1"]
    assert figure.layout.yaxis.ticktext == ("b", "c", "a")
    assert method_comparison.draw_ranks(chart).data[0].text[0] == ["1.00", "1.00"]


def test_where_methods_disagree_the_chart_says_what_that_means():
    chart = method_comparison.compute(
        (one("shapley", 3.0, 2.0, 1.0), one("treeshap", 1.0, 2.0, 3.0), one("loss_permutation", -0.1, -0.2, 0.0))
    )
    assert chart.caption.startswith(
        "c comes first for 2 of 3 methods; they disagree, with rank correlations of −1 to 0.5"
    )
    assert [next(k for k, text in method_comparison.MEANS.items() if text == said) for said in chart.means] == [
        "nothing",
        "error",
        "trees",
    ]
    assert (chart.share_MF[1] == 0).all()  # a fall of the error is no importance


def test_one_feature_and_methods_that_rank_nothing():
    assert (
        method_comparison.compute((one("shapley", 1.0),)).caption
        == "There is one feature, a, so there is nothing to rank."
    )
    assert (
        method_comparison.compute((one("shapley", 1.0, 2.0),)).caption
        == "b comes first for the one method that is here."
    )
    still = method_comparison.compute((one("shapley", 0.0, 0.0), one("gain", 0.0, 0.0)))
    assert still.caption == "None of the 2 methods finds a feature that matters." and still.means == ()
    assert method_comparison.draw_ranks(still).data[0].text[0] == ["", ""]


def test_feature_names_are_escaped(hostile):
    name, check = hostile
    check(method_comparison.draw(method_comparison.compute((one("shapley", 1.0, 2.0, features=(name, "b")),))))
