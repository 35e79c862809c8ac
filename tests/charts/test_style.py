import numpy as np
import plotly.graph_objects as go

from core.charts import style


def test_axis_titles_are_escaped_and_long_ones_broken():
    figure = style.apply_layout(go.Figure(), "<i>y</i>", 300, "a very long title of an axis (units)")
    assert figure.layout.yaxis.title.text == "&lt;i&gt;y&lt;/i&gt;"
    assert figure.layout.xaxis.title.text == "a very long title of an axis<br>(units)"
    three = style.wrap_title("skill against range-based EWMA volatility (log volatility)", 15)
    assert three == "skill against<br>range-based<br>EWMA volatility<br>(log volatility)"
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
    assert style.translucent("#0f5c85", 0.5) == "rgba(15,92,133,0.5)"


def test_a_time_mark_is_a_named_vertical_line():
    (line,) = style.mark_time(go.Figure(), np.datetime64("2020-01-05T00:00:00"), "cutoff").layout.shapes
    assert (line.x0, line.x1, line.name, line.showlegend) == ("2020-01-05", "2020-01-05", "cutoff", True)


def test_dates_are_as_fine_as_the_series():
    """A plain axis labels the noon between two days, and the first of January of each year."""
    days = style.format_dates(go.Figure(), np.arange("2020-01-01", "2020-01-06", dtype="M8[D]")).layout.xaxis
    assert (days.tickvals, days.tickformat) == (tuple(f"2020-01-0{day}" for day in range(1, 6)), "%b %-d\n%Y")
    one = style.format_dates(go.Figure(), np.array(["2008-01-01"], dtype="M8[D]")).layout.xaxis
    assert one.dtick is None and len(one.tickvals) == 1  # a band that reaches back for years has no tick every day
    many = style.format_dates(go.Figure(), np.arange("2020-01-01", "2020-03-06", dtype="M8[D]")).layout.xaxis
    assert many.dtick is None and many.tickformatstops[0].dtickrange == (None, 86_400_000)
    months = np.arange("2020-01", "2021-01", dtype="M8[M]").astype("M8[ns]")
    assert style.format_dates(go.Figure(), months).layout.xaxis.hoverformat == "%b %Y"
    years = np.arange("1900", "1950", dtype="M8[Y]").astype("M8[ns]")
    assert style.format_dates(go.Figure(), years).layout.xaxis.hoverformat == "%Y"


def test_dates_of_an_exchange_leave_its_weekends_out():
    days = np.arange("2020-01-01", "2020-03-01", dtype="M8[D]")
    weekdays = days[np.is_busday(days)]
    assert style.format_dates(go.Figure(), weekdays).layout.xaxis.rangebreaks[0].bounds == ("sat", "mon")
    assert style.format_dates(go.Figure(), days).layout.xaxis.rangebreaks == ()


def test_thousands_are_separated_on_axes_as_in_captions():
    layout = style.apply_layout(go.Figure(), "y", 300).layout.template.layout
    assert layout.xaxis.separatethousands and layout.yaxis.separatethousands


def test_cells_of_a_heat_map_are_not_torn_by_holidays():
    days = np.arange("2020-01-01", "2020-03-01", dtype="M8[D]")
    days = days[np.is_busday(days, holidays=["2020-01-20"])]
    for cells, count in ((False, 2), (True, 1)):
        assert len(style.format_dates(go.Figure(), days, cells=cells).layout.xaxis.rangebreaks) == count
