"""The charts of the wider look: through time, by regime, step, value and lag, and of the width of the band."""

import numpy as np
import pytest

from core.charts import export
from core.charts.explanation import (
    dependence,
    feature_lag_map,
    importance_by_regime,
    importance_by_step,
    importance_over_time,
    interval_width,
)
from core.errors import SpecError
from core.explain.grouping import Groups, ImportanceSummary
from tests.charts.conftest import explanation

YEARS = [[3.0, 1.0], [2.0, 2.0], [1.0, 3.0], [1.0, 4.0]]
PARTS = [[9, 0, 0, 0, 0], [5, 4, 0, 0, 0], [0, 0, 2, 7, 0], [0, 0, 0, 2, 1]]


def groups(by, names, mean_GF, part_GP=None):
    mean_GF = np.array(mean_GF, dtype=float)
    parts = np.tile([8, 0, 0, 0, 0], (len(names), 1)) if part_GP is None else np.array(part_GP)
    return Groups(by=by, names=tuple(names), mean_GF=mean_GF, part_GP=parts)


def view(time=None, regime=None, features=("a", "b"), lean=(0.5, -0.5)):
    nothing = groups("regime", (), np.zeros((0, len(features))), np.zeros((0, 5), dtype=int))
    years = groups("year", ("2007", "2008", "2009", "2010"), YEARS, PARTS)
    return ImportanceSummary(
        features=features, time=time or years, regime=regime or nothing, width_F=None, lean_F=np.array(lean)
    )


def test_through_time_says_who_led_and_what_was_learned_from():
    chart = importance_over_time.compute(view(), "price")
    assert (chart.features, chart.left) == (("b", "a"), 0)
    assert chart.caption == (
        "b matters most in 2 of 3 years; the share of b changed most, from 25.0% (2007) to 75.0% "
        "(2009). The model was trained on 2007 to 2008."
    )  # 2010 has too few windows to speak of
    figure = importance_over_time.draw(chart)
    np.testing.assert_allclose(figure.data[0].z[0], [0.25, 0.5, 0.75, 0.8])
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0, 0.8)
    assert [trace.name for trace in figure.data[1:]] == ["train", "validation", "calibration", "test", "live"]
    np.testing.assert_allclose(figure.data[1].y, [1, 5 / 9, 0, 0])
    written = export.to_table(figure)
    assert written.columns.tolist() == ["series", "x", "y", "value"]
    assert written.iloc[0].tolist() == ["", "2007", "b", 0.25]


def test_through_time_with_little_to_compare():
    one = importance_over_time.compute(view(groups("stretch", ("2020-01-01",), [[1.0, 2.0]])), "price")
    assert one.caption == "8 windows within 2020-01-01: there is nothing to compare. b moves the forecast most."
    alone = importance_over_time.compute(
        view(groups("stretch", ("x", "y"), [[1.0], [2.0]]), features=("a",), lean=(0.0,)), "price"
    )
    assert alone.caption == (
        "a is alone, so its share is always 100%. The model was trained on x to y, each named by its first moment."
    )
    still = importance_over_time.compute(view(groups("year", ("2007", "2008"), np.zeros((2, 2)))), "price")
    assert still.caption == "No feature moves the forecast in any of 2 years."
    steady = importance_over_time.compute(view(groups("year", ("2007", "2008"), [[1.0, 2.0], [2.0, 4.0]])), "price")
    assert steady.caption == (
        "b matters most in 2 of 2 years, and no share changes by a hundredth. The model was trained on 2007 to 2008."
    )
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
    assert len(chart.features) == 14 and chart.left == 47 and chart.share_GF.sum(axis=1).max() < 1
    figure = importance_over_time.draw(chart)
    assert figure.data[0].texttemplate is None and figure.data[0].showscale


def test_regimes_compare_calm_and_storm():
    three = groups("regime", ("calm", "middle", "stormy"), [[1, 1], [1, 2], [1, 3]])
    chart = importance_by_regime.compute(view(regime=three), "price")
    assert chart.caption == (
        "All features together move the forecast by 4 in stormy times and by 2 in calm ones; the "
        "share of b differs most, 75.0% in stormy times against 50.0%."
    )
    assert [trace.name for trace in importance_by_regime.draw(chart).data] == [
        f"{name} (8 windows)" for name in ("calm", "middle", "stormy")
    ]
    same = importance_by_regime.compute(view(regime=groups("regime", ("calm", "stormy"), [[1, 1], [2, 2]])), "price")
    assert same.caption.endswith("by 2 in calm ones; no share differs by a hundredth.")
    none = importance_by_regime.compute(view(), "price")
    assert "did not change" in none.caption and len(importance_by_regime.draw(none).data) == 0


def test_steps_are_told_apart():
    chart = importance_by_step.compute(explanation([[[1.0, -3.0], [4.0, 0.0]]], features=("a", "b")), "price")
    assert chart.caption == (
        "b moves the forecast most 1 session ahead, 75.0% of what all move, but a, 100.0%, 2 "
        "sessions ahead; all features together move it by 4 and by 4."
    )
    assert [trace.name for trace in importance_by_step.draw(chart).data] == ["a", "b"]
    same = importance_by_step.compute(explanation([[[1.0, -3.0], [1.0, 2.0]]], features=("a", "b")), "price")
    assert "b moves the forecast most 1 session ahead, 75.0% of what all move, and 66.7% 2 sessions" in same.caption
    one = importance_by_step.compute(explanation([[[1.0, -3.0]]]), "price")
    assert (
        one.caption.startswith("The run forecasts one step, 1 session ahead,")
        and len(importance_by_step.draw(one).data) == 0
    )


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
        and "Colour shows b, which changes that most of all features (mean |correlation| 0." in chart.caption
        and chart.caption.startswith("High values of a raise the forecast (rank correlation 0.")
    )
    figure = dependence.draw(chart)
    np.testing.assert_array_equal(figure.data[0].x, planted().data_NF[:, 0])
    assert (figure.data[0].mode, figure.data[0].marker.showscale) == ("markers", True)
    chosen = dependence.compute(planted(), "price", 1, "a", "c")
    assert chosen.other == "c" and "Colour shows c, which is not seen to change that" in chosen.caption


def test_dependence_where_values_are_missing_or_constant():
    made = planted(40)
    made.data_NF[:5, 0], made.data_NF[5:10, 1] = np.nan, np.inf
    made.data_NF[:, 2] = -1.0
    chart = dependence.compute(made, "price", 1, "a")
    assert len(chart.value_N) == 35 and chart.caption.endswith("5 windows without a value of it left out.")
    assert [len(trace.x) for trace in dependence.draw(chart).data] == [5, 30]  # grey without a value of b
    still = dependence.compute(made, "price", 1, "c")
    assert still.caption == "c is −1 at all of 40 cutoffs, so what its value does cannot be seen."
    dependence.draw(still)
    made.data_NF[:] = np.nan
    none = dependence.compute(made, "price", 1, "a")
    assert "has no value of its own at any of 40 cutoffs" in none.caption and len(dependence.draw(none).data) == 0
    with pytest.raises(SpecError, match="Step 9"):
        dependence.compute(made, "price", 9, "a")


def test_dependence_of_one_feature_or_one_window():
    one = dependence.compute(explanation(np.ones((20, 1, 1)), features=("a",)), "price", 1, "a")
    assert "whatever its value" in one.caption and "no other feature to colour by" in one.caption
    dependence.draw(one)
    few = dependence.compute(explanation(np.arange(6.0).reshape(3, 1, 2)), "price", 1, "f0")
    assert few.other == "f1" and "too few to say" in few.caption
    dependence.draw(dependence.compute(explanation(np.ones((1, 1, 2))), "price", 1, "f0"))


def test_cells_name_the_largest_and_run_to_the_right():
    by_cell_LF = np.array([[1.0, 0.0], [0.0, 6.0], [1.0, 0.0]])
    chart = feature_lag_map.compute(("a", "b"), by_cell_LF, "price")
    assert chart.caption == (
        "b at lag 2 moves the forecast most, by 6 on average, 75.0% of the whole map; half of "
        "everything lies in 16.7% of its cells."
    )
    figure = feature_lag_map.draw(chart)
    np.testing.assert_array_equal(figure.data[0].z, [[0, 6, 0], [1, 0, 1]])
    assert figure.layout.xaxis.range == (3.5, 0.5) and figure.data[0].x.tolist() == [1, 2, 3]
    assert figure.layout.yaxis.ticktext == ("b", "a")
    assert "No feature" in feature_lag_map.compute(("a",), np.zeros((3, 1)), "price").caption
    feature_lag_map.draw(feature_lag_map.compute(("a",), np.zeros((3, 1)), "price"))


def test_long_windows_share_columns_and_keep_their_mean():
    by_cell_LF = np.random.default_rng(0).random((500, 61))
    chart = feature_lag_map.compute(tuple(f"f{i}" for i in range(61)), by_cell_LF, "price")
    assert chart.mean_LF.shape == (120, 20) and chart.left == 41 and chart.lag_L[[0, -1]].tolist() == [1, 501]
    weight_L = np.diff(chart.lag_L)
    np.testing.assert_allclose(
        sorted((chart.mean_LF * weight_L[:, None]).sum(axis=0)), sorted(by_cell_LF.sum(axis=0))[-20:]
    )
    figure = feature_lag_map.draw(chart)
    assert figure.layout.xaxis.tickvals[:3] == (1, 50, 100) and "lags" in figure.data[0].text[0][0]


def test_width_says_what_widens_it():
    wide = view(lean=(0.05, -0.9))
    chart = interval_width.compute(wide, np.array([1.0, 3.0]), 0.9, 240, "% a year")
    assert chart.caption == (
        "b moves the width of the 90% band most, by 3 % a year on average, 75.0% of what all move, "
        "over 240 explained forecasts; its high values narrow it (rank correlation −0.9)."
    )
    assert "leans neither way" in interval_width.compute(wide, np.array([3.0, 1.0]), 0.9, 240, "price").caption
    assert "is the same for all of 240" in interval_width.compute(wide, np.zeros(2), 0.9, 240, "price").caption
    families = interval_width.compute(view(lean=(np.nan, 0.5)), np.array([3.0, 1.0]), 0.9, 1, "price")
    assert families.caption.endswith("over 1 explained forecast.")
    assert [trace.marker.color for trace in interval_width.draw(families).data][-1] == "#8a8f98"


def test_foreign_names_stay_text(hostile):
    name, check = hostile
    names = (name, "b")
    made = explanation(np.random.default_rng(0).normal(size=(20, 2, 2)), features=names)
    foreign = view(regime=groups("regime", ("calm", "stormy"), [[1, 1], [2, 1]]), features=names)
    for figure in (
        importance_over_time.draw(importance_over_time.compute(foreign, "price")),
        importance_by_regime.draw(importance_by_regime.compute(foreign, "price")),
        importance_by_step.draw(importance_by_step.compute(made, "price")),
        feature_lag_map.draw(feature_lag_map.compute(names, np.ones((3, 2)), "price")),
        dependence.draw(dependence.compute(made, "price", 1, name)),
        dependence.draw(dependence.compute(made, "price", 1, "b", name)),
        interval_width.draw(interval_width.compute(foreign, np.ones(2), 0.9, 9, "price")),
    ):
        check(figure)
