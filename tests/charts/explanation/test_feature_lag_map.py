import numpy as np

from core.charts.explanation import feature_lag_map


def test_the_latest_lag_stands_on_the_right():
    by_cell_LF = np.array([[1.0, 0.0], [0.0, 6.0], [1.0, 0.0]])
    chart = feature_lag_map.compute(("a", "b"), by_cell_LF, "price")
    assert "b at lag 2 moves the forecast most, by 6 on average (75.0% of the total)" in chart.caption
    assert "half of the total comes from 16.7%" in chart.caption
    figure = feature_lag_map.draw(chart)
    np.testing.assert_array_equal(figure.data[0].z, [[0, 6, 0], [1, 0, 1]])
    assert figure.layout.xaxis.range == (3.5, 0.5) and figure.data[0].x.tolist() == [1, 2, 3]
    assert figure.layout.yaxis.ticktext == ("b", "a")
    assert "No feature" in feature_lag_map.compute(("a",), np.zeros((3, 1)), "price").caption
    feature_lag_map.draw(feature_lag_map.compute(("a",), np.zeros((3, 1)), "price"))


def test_long_windows_share_columns_and_keep_their_mean():
    by_cell_LF = np.random.default_rng(0).random((500, 61))
    chart = feature_lag_map.compute(tuple(f"f{i}" for i in range(61)), by_cell_LF, "price")
    assert chart.mean_LF.shape == (120, 20) and chart.omitted == 41 and chart.lag_L[[0, -1]].tolist() == [1, 501]
    weight_L = np.diff(chart.lag_L)
    np.testing.assert_allclose(
        sorted((chart.mean_LF * weight_L[:, None]).sum(axis=0)), sorted(by_cell_LF.sum(axis=0))[-20:]
    )
    figure = feature_lag_map.draw(chart)
    assert figure.layout.xaxis.tickvals[:3] == (1, 50, 100) and "lags" in figure.data[0].hovertext[0][0]


def test_names_are_escaped(hostile):
    name, check = hostile
    check(feature_lag_map.draw(feature_lag_map.compute((name, "b"), np.ones((3, 2)), "price")))
