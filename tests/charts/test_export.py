"""The numbers behind a figure."""

import io

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import export, style


def test_every_point_of_every_line_is_a_row_with_the_name_of_its_line():
    figure = go.Figure()
    figure.add_scatter(x=np.array(["2020-01-01", "2020-01-02"], dtype="M8[D]"), y=[1.0, 2.0], name="a &lt; b")
    figure.add_scatter(x=[3, 4], y=[5.0, None], name="<b>c</b>")
    made = export.table(figure)
    assert list(made["series"]) == ["a < b", "a < b", "c"]
    assert list(made["y"]) == [1.0, 2.0, 5.0]


def test_a_heat_map_has_a_row_for_each_cell_with_the_names_of_its_axis():
    figure = style.labels(go.Figure(go.Heatmap(z=[[1.0, 2.0], [3.0, np.nan]], x=[10, 20], y=[0, 1])), ["up", "down"])
    made = export.table(figure)
    assert made[["x", "y", "value"]].values.tolist() == [[10, "up", 1.0], [20, "up", 2.0], [10, "down", 3.0]]


def test_positions_beside_the_names_stay_numbers():
    figure = style.labels(go.Figure(go.Scatter(x=[1.0, 2.0], y=[0.1, 1.2])), ["up", "down"])
    assert list(export.table(figure)["y"]) == [0.1, 1.2]


def test_error_bars_come_along():
    figure = go.Figure(go.Bar(x=[1.0, 2.0], y=["a", "b"], error_x={"array": [0.1, 0.2]}))
    assert list(export.table(figure)["error"]) == [0.1, 0.2]


def test_an_empty_figure_is_an_empty_table():
    assert len(export.table(go.Figure())) == 0
    assert export.csv(go.Figure()).strip() == "series,x,y"


def test_a_name_that_a_spreadsheet_would_run_is_made_harmless():
    figure = go.Figure(go.Bar(x=[-1.0], y=["=HYPERLINK(0)"]))
    read = pd.read_csv(io.StringIO(export.csv(figure)))
    assert read["y"][0] == "'=HYPERLINK(0)"
    assert read["x"][0] == -1.0
