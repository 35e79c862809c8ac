"""The charts of a close look at one forecast: the step since the one before, the window's cells, similar windows."""

from dataclasses import replace

import numpy as np
import pytest

from core.charts.explanation import forecast_revision, similar_windows, window_attribution
from core.explain import recurrent_cell
from core.explain.local import ForecastRevision, LocalExplanation


def stepped(values, names=("a", "b", "last value")):
    return ForecastRevision(
        symbol="AAA",
        previous=np.datetime64("2020-01-01"),
        cutoff=np.datetime64("2020-01-02"),
        steps=(1,),
        names=names,
        old_P=np.arange(3.0),
        new_P=np.arange(3.0) + 10,
        previous_H=np.array([100.0]),
        forecast_H=np.array([100.0 + sum(values)]),
        values_PH=np.array(values)[:, None],
    )


def test_the_step_goes_from_the_forecast_before_to_this_one():
    chart = forecast_revision.compute(stepped([0.5, -2.0, 1.0]), "price", 1)
    assert chart.caption == (
        "Since 2020-01-01, the forecast for AAA, 1 session ahead, went from 100 to 99.5 on "
        "2020-01-02; b (1 → 11) did most, lowering it by 2."
    )
    figure = forecast_revision.draw(chart)
    assert list(figure.data[0].x) == [100.0, -2.0, 1.0, 0.5, 99.5]
    assert figure.layout.yaxis.ticktext[0] == "from 2020-01-01"
    assert forecast_revision.compute(stepped([0.0, 0.0, 0.0]), "price", 1).caption.endswith("no feature moved it.")


def day(rows=6, features=("a", "b")):
    cells_LF = np.zeros((rows, len(features)))
    cells_LF[-1, -1], cells_LF[0, 0] = -3.0, 1.0
    return LocalExplanation(
        symbol="AAA",
        features=tuple(features),
        time_L=np.arange(rows).astype("M8[D]"),
        attribution_LF=cells_LF,
        raw_LF=np.full(cells_LF.shape, 7.0),
        standardized_LF=cells_LF / 2,
        additivity_error=0.01,
        revision=None,
    )


def test_the_cells_stand_beside_the_windows_own_values():
    chart = window_attribution.compute(day(), "price")
    assert chart.caption == ("b on 1970-01-06 (7) did most, −3; the latest 5 sessions hold 75.0% of what is drawn.")
    left, right = window_attribution.draw(chart).data
    assert left.z[0].tolist() == [0, 0, 0, 0, 0, -3] and right.z[0][-1] == -1.5 and left.zmax == 3.0
    assert left.text[0][-1] == "b, 1970-01-06: −3" and right.text[0][-1] == "b, 1970-01-06: 7"


def test_a_long_window_of_many_features_says_what_is_not_drawn():
    chart = window_attribution.compute(day(200, tuple(f"f{i}" for i in range(20))), "price")
    assert chart.contribution_LF.shape == (120, 14) and chart.left == 6
    assert chart.caption.endswith("25.0% lies in what is not drawn.")
    still = day()
    still.attribution_LF[:] = 0
    assert window_attribution.compute(still, "price").caption == "No cell of the window moves the forecast for AAA."


def test_names_are_escaped(hostile):
    name, check = hostile
    check(window_attribution.draw(window_attribution.compute(day(features=(name, "b")), "price")))
    check(forecast_revision.draw(forecast_revision.compute(stepped([1.0, 0.0, 0.0], (name, "b", "c")), "price", 1)))


def test_similar_windows_and_what_followed(finished):
    prepared = recurrent_cell.prepare(finished)
    test, train = prepared.splits.test, prepared.splits.train
    chart = similar_windows.compute(prepared, "A", test.cutoff_N[4], 5)
    assert len(chart.cutoff_K) == 5 and max(chart.cutoff_K) <= train.cutoff_N[-1] and chart.session_R[-1] == 5
    assert (chart.path_KR[:, chart.session_R == 0] == 100).all() and chart.own_S[-1] == 100
    came = [prepared.kind.to_user(train.y_NH[train.cutoff_N == at][0, 0]) for at in chart.cutoff_K]
    np.testing.assert_allclose(chart.y_K, came)
    usual = prepared.kind.to_user(train.y_NH).mean()
    assert chart.above == int((chart.y_K > usual).sum())
    words = ("none", "one", "two", "three", "four", "five")[chart.above]
    assert (
        f"After the five most similar windows of the training part the target, 5 sessions ahead, was above its "
        f"training mean of {usual:.4g} % a year in {words}; it lay between" in chart.caption
    )
    assert chart.caption.endswith("standard deviations of a feature on average.")
    assert replace(chart, distance_K=chart.distance_K + 2).caption.endswith("nothing in the training part is like it.")
    figure = similar_windows.draw(chart)
    assert len(figure.data) == 6 and np.isfinite(figure.data[0].y).all()
    with pytest.raises(ValueError, match="no session"):
        similar_windows.compute(prepared, "A", np.datetime64("1999-01-01"), 5)
