import numpy as np
import plotly.graph_objects as go

from core.charts import style


def test_axis_titles_are_escaped_and_long_ones_broken():
    figure = style.apply_layout(go.Figure(), "<i>y</i>", 300, "a very long title of an axis (units)")
    assert figure.layout.yaxis.title.text == "&lt;i&gt;y&lt;/i&gt;"
    assert figure.layout.xaxis.title.text == "a very long title of an axis<br>(units)"
    assert (figure.layout.height, figure.layout.hovermode) == (300, "x unified")
    assert figure.layout.template.layout.legend.orientation == "h"


def test_hours_are_shown_only_for_intraday_times():
    days, hours = np.array(["2020-01-01"], dtype="M8[ns]"), np.array(["2020-01-01T10"], dtype="M8[ns]")
    assert style.format_dates(go.Figure(), days).layout.xaxis.hoverformat == "%Y-%m-%d"
    assert style.format_dates(go.Figure(), hours).layout.xaxis.hoverformat == "%Y-%m-%d %H:%M"


def test_position_labels_have_the_first_on_top():
    axis = style.label_positions(go.Figure(), ["2020", "1"]).layout.yaxis
    assert (axis.tickvals, axis.ticktext, axis.range) == ((0, 1), ("2020", "1"), (1.5, -0.5))


def test_translucent_colours_are_rgba():
    assert style.translucent("#2f6f8f", 0.5) == "rgba(47,111,143,0.5)"


def test_a_time_mark_is_a_named_vertical_line():
    (line,) = style.mark_time(go.Figure(), np.datetime64("2020-01-05T00:00:00"), "cutoff").layout.shapes
    assert (line.x0, line.x1, line.name, line.showlegend) == ("2020-01-05", "2020-01-05", "cutoff", True)
