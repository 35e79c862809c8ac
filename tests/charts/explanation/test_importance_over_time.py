import numpy as np

from core.charts import export
from core.charts.explanation import importance_over_time
from tests.charts.explanation.views import groups, view


def test_caption_has_the_leader_the_change_and_the_training_years():
    chart = importance_over_time.compute(view(), "price")
    assert (chart.features, chart.omitted) == (("b", "a"), 0)
    assert "b matters most in 2 of 3 years" in chart.caption  # 2010 has too few windows
    assert "share of b changes most, from 25.0% (2007) to 75.0% (2009)" in chart.caption
    assert "trained on 2007 to 2008." in chart.caption
    figure = importance_over_time.draw(chart)
    np.testing.assert_allclose(figure.data[0].z[0], [0.25, 0.5, 0.75, 0.8])
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0, 0.8)
    assert [trace.name for trace in figure.data[1:]] == ["training", "validation", "calibration", "test", "live"]
    np.testing.assert_allclose(figure.data[1].y, [1, 5 / 9, 0, 0])
    table = export.to_table(figure)
    assert table.columns.tolist() == ["series", "x", "y", "value"]
    assert table.iloc[0].tolist() == ["", "2007", "b", 0.25]


def test_little_to_compare():
    one = importance_over_time.compute(view(groups("stretch", ("2020-01-01",), [[1.0, 2.0]])), "price")
    assert "8 windows within 2020-01-01" in one.caption and "b moves the forecast most" in one.caption
    alone = importance_over_time.compute(
        view(groups("stretch", ("x", "y"), [[1.0], [2.0]]), features=("a",), lean=(0.0,)), "price"
    )
    assert "a is the only feature" in alone.caption and "trained on x to y (each period is named" in alone.caption
    still = importance_over_time.compute(view(groups("year", ("2007", "2008"), np.zeros((2, 2)))), "price")
    assert "No feature moves the forecast in any of 2 years" in still.caption
    steady = importance_over_time.compute(view(groups("year", ("2007", "2008"), [[1.0, 2.0], [2.0, 4.0]])), "price")
    assert "b matters most in 2 of 2 years, and no share changes" in steady.caption
    assert "trained on 2007 to 2008." in steady.caption
    for chart in (one, alone, still, steady):
        importance_over_time.draw(chart)


def test_many_features_and_years():
    mean_GF = np.arange(30 * 61, dtype=float).reshape(30, 61) + 1
    chart = importance_over_time.compute(
        view(
            groups("year", [str(1990 + g) for g in range(30)], mean_GF),
            features=tuple(f"f{i}" for i in range(61)),
            lean=np.zeros(61),
        ),
        "price",
    )
    assert len(chart.features) == 14 and chart.omitted == 47 and chart.share_GF.sum(axis=1).max() < 1
    figure = importance_over_time.draw(chart)
    assert figure.data[0].texttemplate is None and figure.data[0].showscale


def test_names_are_escaped(hostile):
    name, check = hostile
    check(importance_over_time.draw(importance_over_time.compute(view(features=(name, "b")), "price")))
