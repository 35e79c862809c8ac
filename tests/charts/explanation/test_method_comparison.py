import numpy as np

from core.charts.explanation import method_comparison
from core.explain.importance import Importance

TRIO = ("a", "b", "c")


def importance(method, *values, features=TRIO):
    return Importance(method=method, features=features[: len(values)], values=values, windows=10)


def test_methods_that_agree():
    chart = method_comparison.compute((importance("gain", 0.1, 0.7, 0.2), importance("shapley", 1.0, 4.0, 2.0)))
    assert chart.methods == ("shapley", "gain") and chart.features == ("b", "c", "a")
    np.testing.assert_allclose(chart.share_MF[0], [1.0, 0.5, 0.25])
    assert chart.caption == "b ranks first with 2 of 2 methods; the rankings agree (rank correlation 1)."
    assert chart.interpretations == ()
    figure = method_comparison.draw(chart)
    assert figure.data[0].z.shape == (3, 2) and figure.data[0].text[0] == ["1", "1"]
    assert figure.layout.yaxis.ticktext == ("b", "c", "a")
    assert method_comparison.draw_ranks(chart).data[0].text[0] == ["1.00", "1.00"]


def test_disagreements_are_interpreted():
    chart = method_comparison.compute(
        (
            importance("shapley", 3.0, 2.0, 1.0),
            importance("treeshap", 1.0, 2.0, 3.0),
            importance("loss_permutation", -0.1, -0.2, 0.0),
        )
    )
    assert chart.caption == "c ranks first with 2 of 3 methods; the rankings disagree (rank correlation −1 to 0.5)."
    reasons = {sentence: reason for reason, sentence in method_comparison.INTERPRETATIONS.items()}
    assert [reasons[sentence] for sentence in chart.interpretations] == ["nothing", "error", "trees"]
    assert (chart.share_MF[1] == 0).all()  # a fall of the error is no importance


def test_one_feature_and_methods_without_a_ranking():
    one = method_comparison.compute((importance("shapley", 1.0),))
    assert "only one feature, a" in one.caption
    alone = method_comparison.compute((importance("shapley", 1.0, 2.0),))
    assert "b ranks first with the only method" in alone.caption
    zeros = method_comparison.compute((importance("shapley", 0.0, 0.0), importance("gain", 0.0, 0.0)))
    assert zeros.caption == "None of the 2 methods finds an important feature." and zeros.interpretations == ()
    assert method_comparison.draw_ranks(zeros).data[0].text[0] == ["", ""]


def test_feature_names_are_escaped(hostile):
    name, check = hostile
    check(method_comparison.draw(method_comparison.compute((importance("shapley", 1.0, 2.0, features=(name, "b")),))))
