import numpy as np

from core.charts import heatmap

from .conftest import explanation


def test_features_by_time():
    made = explanation([[[1.0, -3.0]], [[0.0, 2.0]]], features=("a", "b"))
    chart = heatmap.compute(made, "price")
    assert chart.features == ("b", "a") and chart.contribution_NF.tolist() == [[-3.0, 1.0], [2.0, 0.0]]
    assert chart.caption == "The largest contribution, −3, came from b on 2020-01-01, 1 session ahead, among 2 windows."
    cells = heatmap.draw(chart).data[0]
    assert cells.z.tolist() == [[-3.0, 2.0], [1.0, 0.0]] and (cells.zmin, cells.zmax) == (-3.0, 3.0)


def test_windows_stand_in_time_order_and_are_thinned():
    chart = heatmap.compute(explanation(np.ones((700, 1, 20))), "price")
    assert chart.contribution_NF.shape == (200, 14)
    assert (np.diff(chart.cutoff_N) > np.timedelta64(0)).all()


def test_one_window_of_zeros():
    chart = heatmap.compute(explanation([[[0.0]]]), "price")
    assert chart.caption == "The largest contribution, 0, came from f0 on 2020-01-01, 1 session ahead, among 1 window."
    assert heatmap.draw(chart).data[0].zmax == 1.0


def test_feature_names_are_escaped(hostile):
    name, check = hostile
    check(heatmap.draw(heatmap.compute(explanation([[[1.0]]], features=(name,)), name)))
