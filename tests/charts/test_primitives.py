import numpy as np
import plotly.graph_objects as go
import pytest

from core.charts import primitives, style


def test_bars_stand_in_rows_with_their_numbers():
    bars = primitives.bars([2.0, -1.5], {"color": style.MODEL}, numbers=True)
    assert (bars.orientation, list(bars.x), list(bars.y)) == ("h", [2.0, -1.5], [0, 1])
    assert bars.text == ("2", "−1.5") and bars.textposition == "outside" and bars.hoverinfo == "skip"


def test_bars_take_other_rows_hover_and_options():
    bars = primitives.bars(
        np.array([1.0]), {}, row_R=np.array([4]), numbers=True, hover="%{x}", textposition="auto", name="skill"
    )
    assert (list(bars.y), bars.hovertemplate, bars.hoverinfo) == ([4], "%{x}", None)
    assert (bars.textposition, bars.name) == ("auto", "skill")
    assert primitives.bars([1.0], {}).text is None


def test_bar_layout_names_rows_and_leaves_room_for_numbers():
    figure = primitives.bar_layout(go.Figure(primitives.bars([4.0, 2.0], {})), ["a", "b"], 200, "error", largest=4.0)
    assert (figure.layout.yaxis.ticktext, figure.layout.xaxis.title.text) == (("a", "b"), "error")
    assert (figure.layout.height, figure.layout.xaxis.range) == (200, (0, 5.0))
    zeros = primitives.bar_layout(go.Figure(primitives.bars([0.0], {})), ["a"], 200, "error", largest=0.0)
    assert zeros.layout.xaxis.range == (0, 1)
    assert primitives.bar_layout(go.Figure(), ["a"], 200, "error").layout.xaxis.range is None


def test_heatmap_has_hover_labels_and_colours():
    value_RC, hover_RC = np.array([[1.0, -2.0, 0.0]]), [["one", "two", "three"]]
    cells = primitives.heatmap(value_RC, (-2, 2), style.LOW_HIGH, hover_RC, label_RC=[["1", "−2", "0"]], xgap=1)
    assert (list(cells.x), list(cells.y), cells.zmin, cells.zmax) == ([0, 1, 2], [0], -2, 2)
    assert [list(row) for row in cells.hovertext] == hover_RC
    assert (cells.hoverinfo, cells.texttemplate, cells.xgap) == ("text", "%{text}", 1)
    assert [list(row) for row in cells.text] == [["1", "−2", "0"]]
    assert cells.showscale is False and cells.colorbar.title.text is None


def test_heatmap_with_columns_and_a_colour_bar():
    bar = primitives.colour_bar("share", tickformat=".0%")
    cells = primitives.heatmap(np.zeros((2, 1)), (0, 1), style.LOW_HIGH, [["a"], ["b"]], column_C=["x"], colour_bar=bar)
    assert list(cells.x) == ["x"] and cells.text is None and cells.texttemplate is None
    assert (cells.showscale, cells.colorbar.title.text, cells.colorbar.tickformat) == (True, "share", ".0%")


@pytest.mark.parametrize(("values", "limits"), [([1.0, -3.0], (-3.0, 3.0)), ([0.0, 0.0], (-1.0, 1.0))])
def test_symmetric_limits(values, limits):
    assert primitives.symmetric_limits(np.array(values)) == limits


def test_waterfall_goes_from_base_to_total():
    steps = primitives.waterfall(10.0, [-3.0, 1.0], 8.0, ["10", "−3", "+1", "8"])
    assert (list(steps.x), list(steps.y)) == ([10.0, -3.0, 1.0, 8.0], [0, 1, 2, 3])
    assert steps.measure == ("absolute", "relative", "relative", "total") and steps.text == ("10", "−3", "+1", "8")
    assert (steps.increasing.marker.color, steps.decreasing.marker.color) == (style.HIGH, style.LOW)


def test_waterfall_range_is_close_around_the_steps():
    assert primitives.waterfall_range(100.0, [2.0]) == [pytest.approx(99.5), pytest.approx(102.8)]
    assert primitives.waterfall_range(100.0, [-2.0]) == [pytest.approx(97.0), pytest.approx(100.8)]
    assert primitives.waterfall_range(10.0, []) == [9.5, 10.8]
    assert primitives.waterfall_range(-1.0, [66.0]) == [pytest.approx(-34.0), pytest.approx(91.4)]  # "−1" on its left
    assert primitives.waterfall_range(0.0, [0.0]) == [-0.25, 0.4]


def test_reference_line_has_no_hover():
    line = primitives.reference_line([0, 1], [0.9, 0.9], "nominal", {"dash": "dash"}, showlegend=False)
    assert (line.mode, line.hoverinfo, line.name, line.line.dash) == ("lines", "skip", "nominal", "dash")
    assert (list(line.x), list(line.y), line.showlegend) == ([0, 1], [0.9, 0.9], False)
