"""The charts of one forecast by stretches of its window: bars, and features in each."""

from dataclasses import replace

import numpy as np

from core.charts.explanation import time_segments
from core.explain.local import TimeSegments
from tests.charts.conftest import explanation

EDGES = np.array([0, 5, 8, 9, 10])


def found(values_B, grid_BF, features=("a", "b"), known=0):
    """Stretches of a window of ten rows; the known one, where there is one, holds the second feature alone."""
    names = ("lags 6-10", "lags 3-5", "lag 2", "lag 1", "known ahead")[: 4 + known]
    grid_BF = np.asarray(grid_BF, dtype=float)
    block_P, feature_P = (at.ravel() for at in np.indices(grid_BF.shape))
    kept = (block_P < 4) | (feature_P == 1)
    cells = explanation(
        [[grid_BF.ravel()[kept]]], features=[f"{b}{f}" for b, f in zip(block_P[kept], feature_P[kept], strict=True)]
    )
    time_L = np.arange(10).astype("M8[D]")
    return TimeSegments(
        segments=explanation([[values_B]], features=names),
        segment_features=cells,
        features=tuple(features),
        segment_P=block_P[kept],
        feature_P=feature_P[kept],
        edge_B=EDGES,
        first_B=time_L[EDGES[:-1]],
        last_B=time_L[EDGES[1:] - 1],
        shared=True,
    )


GRID = [[1.0, 0.0], [0.5, -3.5], [0.0, 0.0], [0.0, 2.0]]
SUMS = [1.0, -3.0, 0.0, 2.0]


def test_bars_run_from_the_oldest_stretch_to_the_latest():
    chart = time_segments.compute(found(SUMS, GRID), "price", 1)
    assert chart.caption == (
        "From 2020-01-01, 1 session ahead, the forecast for AAA is 10 where the average is 10; lags "
        "3–5 (1970-01-06 to 1970-01-08) did most, lowering it by 3. The latest 5 sessions did 83.3% "
        "of all."
    )
    figure = time_segments.draw(chart)
    assert figure.layout.xaxis.ticktext == ("6–10", "3–5", "2", "1")
    assert list(figure.data[0].y) == SUMS and figure.data[0].text == ("+1.00", "−3.00", "0", "+2.00")
    assert figure.data[0].hovertext[3] == "lag 1 (1970-01-10): 2"


def test_the_map_has_the_same_stretches():
    chart = time_segments.by_feature(found(SUMS, GRID), "price", 1)
    assert chart.caption == (
        "b at lags 3–5 did most, lowering it by 3.5; over the whole window b did, 78.6% of what is drawn."
    )
    figure = time_segments.draw_map(chart)
    assert figure.data[0].text.tolist() == [["0", "−3.5", "0", "+2.0"], ["+1.0", "+0.5", "0", "0"]]
    assert figure.data[0].z.tolist() == [[0.0, -3.5, 0.0, 2.0], [1.0, 0.5, 0.0, 0.0]]
    assert figure.layout.xaxis.ticktext == ("6–10", "3–5", "2", "1") and figure.layout.yaxis.ticktext == ("b", "a")


def test_what_is_known_ahead_stands_behind_the_latest():
    made = found([*SUMS, -9.0], [*GRID, [0.0, -9.0]], known=1)
    bars, cells = time_segments.compute(made, "price", 1), time_segments.by_feature(made, "price", 1)
    assert "; known ahead did most, lowering it by 9. The latest 5" in bars.caption
    assert cells.caption.startswith("b known ahead did most, lowering it by 9;")
    assert time_segments.draw(bars).layout.xaxis.ticktext[-1] == "known<br>ahead"


def test_numbers_are_written_alike():
    assert time_segments._alike(np.array([1234.5, -0.4, 0.6]), 3) == ["+1,234", "0", "+1"]
    assert time_segments._alike(np.array([0.0123, -0.0004]), 2) == ["+0.012", "0"]
    assert time_segments._alike(np.array([1.25e-9, 0.0]), 2) == ["+1e−09", "0"]


def test_labels_of_many_stretches_take_two_lines():
    assert time_segments._short(("lags 3–5", "lag 1", "known ahead")) == ["3–5", "1", "known<br>ahead"]
    assert time_segments._short(("lags 21–60", *["lag 1"] * 6))[0] == "21–<br>60"


def test_rounding_is_no_contribution():
    nothing = found([1e-7, -1e-7, 0.0, 0.0], np.full((4, 2), 1e-9))
    assert time_segments.compute(nothing, "price", 1).caption.endswith("; no stretch of the window moves it.")
    assert time_segments.by_feature(nothing, "price", 1).caption.startswith(
        "No feature moves the forecast in any stretch"
    )
    low, high = time_segments.draw(time_segments.compute(nothing, "price", 1)).layout.yaxis.range
    assert low < 0 < high and time_segments.draw_map(time_segments.by_feature(nothing, "price", 1)).data[0].zmax == 1.0


def test_a_window_all_of_which_is_recent_is_not_summed_up():
    bars = time_segments.compute(found(SUMS, GRID), "price", 1)
    assert replace(bars, far_B=np.array([4.0, 3.0, 2.0, 1.0])).caption.endswith("lowering it by 3.")


def test_features_that_do_less_are_not_drawn_and_names_are_escaped(hostile):
    name, check = hostile
    grid_BF = np.tile(np.arange(1.0, 21.0), (4, 1))
    chart = time_segments.by_feature(
        found(grid_BF.sum(axis=1), grid_BF, [f"f{i}" for i in range(19)] + [name]), "price", 1
    )
    assert chart.value_BF.shape == (4, 14) and chart.left == 6
    assert chart.caption.endswith("6 features that did less are not drawn.")
    check(time_segments.draw_map(chart))
