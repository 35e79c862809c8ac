from dataclasses import replace

import numpy as np

from core.charts import text
from core.charts.explanation import time_segments
from core.explain.local import TimeSegments
from tests.charts.conftest import explanation

EDGES = np.array([0, 5, 8, 9, 10])


def segments(values_B, grid_BF, features=("a", "b"), known=0):
    """Segments of a window of ten rows; `known` adds known future covariates, of the second feature alone."""
    names = ("lags 6-10", "lags 3-5", "lag 2", "lag 1", "known ahead")[: 4 + known]
    grid_BF = np.asarray(grid_BF, dtype=float)
    block_P, feature_P = (at.ravel() for at in np.indices(grid_BF.shape))
    real = (block_P < 4) | (feature_P == 1)
    cells = explanation(
        [[grid_BF.ravel()[real]]], features=[f"{b}{f}" for b, f in zip(block_P[real], feature_P[real], strict=True)]
    )
    time_L = np.arange(10).astype("M8[D]")
    return TimeSegments(
        segments=explanation([[values_B]], features=names),
        segment_features=cells,
        features=tuple(features),
        segment_P=block_P[real],
        feature_P=feature_P[real],
        edge_B=EDGES,
        first_B=time_L[EDGES[:-1]],
        last_B=time_L[EDGES[1:] - 1],
        shared=True,
    )


GRID = [[1.0, 0.0], [0.5, -3.5], [0.0, 0.0], [0.0, 2.0]]
SUMS = [1.0, -3.0, 0.0, 2.0]


def test_bars_run_from_the_oldest_segment_to_the_latest():
    chart = time_segments.compute(segments(SUMS, GRID), "price", 1)
    assert chart.caption.startswith(text.forecast_and_average(chart.cutoff, 1, "AAA", 10.0, 10.0, "price"))
    assert all(fact in chart.caption for fact in ("2020-01-01", "AAA", " 10"))
    assert "lags 3–5 (1970-01-06 to 1970-01-08) contributed most, lowering it by 3" in chart.caption
    assert "latest 5 steps contributed 83.3% of the total." in chart.caption
    figure = time_segments.draw(chart)
    assert figure.layout.xaxis.ticktext == ("6–10", "3–5", "2", "1")
    assert list(figure.data[0].y) == SUMS and figure.data[0].text == ("+1.00", "−3.00", "0", "+2.00")
    assert figure.data[0].hovertext[3] == "lag 1 (1970-01-10): 2"


def test_the_map_has_the_same_segments():
    chart = time_segments.compute_map(segments(SUMS, GRID), "price", 1)
    assert "b at lags 3–5 contributed most, lowering it by 3.5" in chart.caption
    assert "over the whole window b did, with 78.6%" in chart.caption
    figure = time_segments.draw_map(chart)
    assert figure.data[0].text.tolist() == [["0", "−3.5", "0", "+2.0"], ["+1.0", "+0.5", "0", "0"]]
    assert figure.data[0].z.tolist() == [[0.0, -3.5, 0.0, 2.0], [1.0, 0.5, 0.0, 0.0]]
    assert figure.layout.xaxis.ticktext == ("6–10", "3–5", "2", "1") and figure.layout.yaxis.ticktext == ("b", "a")


def test_known_future_covariates_come_last():
    known = segments([*SUMS, -9.0], [*GRID, [0.0, -9.0]], known=1)
    bars, cells = time_segments.compute(known, "price", 1), time_segments.compute_map(known, "price", 1)
    assert "; known ahead contributed most, lowering it by 9, and the latest 5" in bars.caption
    assert cells.caption.startswith("b (known ahead) contributed most, lowering it by 9;")
    assert time_segments.draw(bars).layout.xaxis.ticktext[-1] == "known<br>ahead"


def test_numbers_share_their_decimals():
    assert time_segments._aligned_numbers(np.array([1234.5, -0.4, 0.6]), 3) == ["+1,234", "0", "+1"]
    assert time_segments._aligned_numbers(np.array([0.0123, -0.0004]), 2) == ["+0.012", "0"]
    assert time_segments._aligned_numbers(np.array([1.25e-9, 0.0]), 2) == ["+1e−09", "0"]


def test_labels_of_many_segments_take_two_lines():
    assert time_segments._short_names(("lags 3–5", "lag 1", "known ahead")) == ["3–5", "1", "known<br>ahead"]
    assert time_segments._short_names(("lags 21–60", *["lag 1"] * 6))[0] == "21–<br>60"


def test_rounding_is_no_contribution():
    nothing = segments([1e-7, -1e-7, 0.0, 0.0], np.full((4, 2), 1e-9))
    assert time_segments.compute(nothing, "price", 1).caption.endswith("; no segment of the window moves it.")
    assert time_segments.compute_map(nothing, "price", 1).caption.startswith("No feature moves the forecast")
    low, high = time_segments.draw(time_segments.compute(nothing, "price", 1)).layout.yaxis.range
    assert low < 0 < high and time_segments.draw_map(time_segments.compute_map(nothing, "price", 1)).data[0].zmax == 1.0


def test_a_short_window_is_not_summed_up():
    bars = time_segments.compute(segments(SUMS, GRID), "price", 1)
    assert replace(bars, oldest_lag_B=np.array([4.0, 3.0, 2.0, 1.0])).caption.endswith("lowering it by 3.")


def test_less_important_features_are_not_drawn_and_names_are_escaped(hostile):
    name, check = hostile
    grid_BF = np.tile(np.arange(1.0, 21.0), (4, 1))
    chart = time_segments.compute_map(
        segments(grid_BF.sum(axis=1), grid_BF, [f"f{i}" for i in range(19)] + [name]), "price", 1
    )
    assert chart.value_BF.shape == (4, 14) and chart.omitted == 6
    assert chart.caption.endswith(" 6 less important features are not drawn.")
    check(time_segments.draw_map(chart))
