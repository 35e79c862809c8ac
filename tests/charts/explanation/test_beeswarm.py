import numpy as np

from core.charts.explanation import beeswarm
from tests.charts.conftest import explanation

VALUES = np.array([[[0.1, -3.0]], [[0.2, 1.0]], [[0.3, 5.0]]])


def test_points_ranks_and_caption():
    chart = beeswarm.compute(
        explanation(VALUES, features=("a", "b"), data_NF=[[7.0, 30.0], [7.0, 20.0], [7.0, 10.0]]), "price"
    )
    assert chart.features == ("b", "a")
    assert chart.contribution_NF[:, 0].tolist() == [-3.0, 1.0, 5.0]
    assert chart.rank_NF.tolist() == [[1.0, 0.5], [0.5, 0.5], [0.0, 0.5]]  # a constant feature has no high or low
    assert "contributions of b range from −3 to 5" in chart.caption
    assert "high values lower the forecast (rank correlation −1)" in chart.caption
    marks = beeswarm.draw(chart).data[0]
    assert marks.x.tolist() == [-3.0, 1.0, 5.0, 0.1, 0.2, 0.3]
    assert marks.marker.color.tolist() == [1.0, 0.5, 0.0, 0.5, 0.5, 0.5]
    assert marks.customdata[:3] == ("2020-01-01", "2020-01-02", "2020-01-03")


def test_jitter_grows_with_density_stays_in_its_row_and_repeats():
    values = np.zeros((50, 1, 2))
    values[:, 0, 1] = np.linspace(-1, 1, 50)
    chart = beeswarm.compute(explanation(values), "price")
    spread = dict(zip(chart.features, np.ptp(chart.jitter_NF, axis=0), strict=True))
    assert spread["f0"] > 0.5 and spread["f1"] <= 0.1
    assert np.abs(chart.jitter_NF).max() <= 0.4
    np.testing.assert_array_equal(chart.jitter_NF, beeswarm.compute(explanation(values), "price").jitter_NF)


def test_one_window_and_missing_values():
    one = beeswarm.compute(explanation([[[2.0]]]), "price")
    assert one.rank_NF.tolist() == [[0.5]] and one.jitter_NF.tolist() == [[0.0]]
    assert "range from 2 to 2" in one.caption and one.caption.endswith("cannot be determined from 1 window.")
    holes = beeswarm.compute(explanation(VALUES[:, :, :1], data_NF=[[np.nan], [1.0], [2.0]]), "price")
    assert holes.rank_NF.ravel().tolist() == [0.5, 0.0, 1.0]
    assert len(beeswarm.draw(one).data[0].x) == 1


def test_many_windows_are_thinned():
    chart = beeswarm.compute(explanation(np.random.default_rng(0).normal(size=(4000, 1, 20))), "price")
    assert len(chart.features) == 14 and chart.contribution_NF.size <= 3000
    assert chart.omitted == 6 and chart.caption.endswith(" 6 less important features are not drawn.")


def test_feature_names_are_escaped(hostile):
    name, check = hostile
    check(beeswarm.draw(beeswarm.compute(explanation(VALUES, features=(name, "b")), name)))
