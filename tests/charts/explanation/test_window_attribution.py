import numpy as np

from core.charts.explanation import window_attribution
from core.explain.local import LocalExplanation


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


def test_contributions_next_to_values():
    chart = window_attribution.compute(day(), "price")
    assert "b on 1970-01-06 (7) contributed most, −3" in chart.caption
    assert "latest 5 steps contributed 75.0% of what is drawn" in chart.caption
    left, right = window_attribution.draw(chart).data
    assert left.z[0].tolist() == [0, 0, 0, 0, 0, -3] and right.z[0][-1] == -1.5 and left.zmax == 3.0
    assert left.hovertext[0][-1] == "b, 1970-01-06: −3" and right.hovertext[0][-1] == "b, 1970-01-06: 7"


def test_a_long_window_of_many_features_is_cut():
    chart = window_attribution.compute(day(200, tuple(f"f{i}" for i in range(20))), "price")
    assert chart.contribution_LF.shape == (120, 14) and chart.omitted == 6
    assert chart.caption.endswith("25.0% of the total is not drawn.")
    still = day()
    still.attribution_LF[:] = 0
    assert window_attribution.compute(still, "price").caption == "Nothing in the window moves the forecast for AAA."


def test_names_are_escaped(hostile):
    name, check = hostile
    check(window_attribution.draw(window_attribution.compute(day(features=(name, "b")), "price")))
