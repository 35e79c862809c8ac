"""Tests of the table behind a figure."""

import io

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import export, style


def test_every_point_is_a_row_with_the_name_of_its_series():
    figure = go.Figure()
    figure.add_scatter(x=np.array(["2020-01-01", "2020-01-02"], dtype="M8[D]"), y=[1.0, 2.0], name="a &lt; b")
    figure.add_scatter(x=[3, 4], y=[5.0, None], name="<b>c</b>")
    table = export.to_table(figure)
    assert list(table["series"]) == ["a < b", "a < b", "c"]
    assert list(table["y"]) == [1.0, 2.0, 5.0]


def test_every_heat_map_cell_is_a_row_with_axis_names():
    figure = style.label_positions(
        go.Figure(go.Heatmap(z=[[1.0, 2.0], [3.0, np.nan]], x=[10, 20], y=[0, 1])), ["up", "down"]
    )
    table = export.to_table(figure)
    assert table[["x", "y", "value"]].values.tolist() == [[10, "up", 1.0], [20, "up", 2.0], [10, "down", 3.0]]


def test_positions_without_a_name_stay_numbers():
    figure = style.label_positions(go.Figure(go.Scatter(x=[1.0, 2.0], y=[0.1, 1.2])), ["up", "down"])
    assert list(export.to_table(figure)["y"]) == [0.1, 1.2]


def test_error_bars_are_exported():
    figure = go.Figure(go.Bar(x=[1.0, 2.0], y=["a", "b"], error_x={"array": [0.1, 0.2]}))
    assert list(export.to_table(figure)["error"]) == [0.1, 0.2]


def test_an_empty_figure_gives_an_empty_table():
    assert len(export.to_table(go.Figure())) == 0
    assert export.to_csv(go.Figure()).strip() == "series,x,y"


def test_formulas_in_names_are_quoted():
    figure = go.Figure(go.Bar(x=[-1.0], y=["=HYPERLINK(0)"]))
    read = pd.read_csv(io.StringIO(export.to_csv(figure)))
    assert read["y"][0] == "'=HYPERLINK(0)"
    assert read["x"][0] == -1.0


def test_numbers_and_names_of_a_figure_become_parquet():
    figure = go.Figure(go.Scatter(x=["2020-01-01", "2020-01-02"], y=[1.0, 2.5], name="a"))
    figure.add_bar(x=[3, 4], y=["up", "down"], name="b")
    read = pd.read_parquet(io.BytesIO(export.to_parquet(figure)))
    assert read["series"].tolist() == ["a", "a", "b", "b"]
    assert read["x"].tolist() == ["2020-01-01", "2020-01-02", "3", "4"]
    assert pd.read_parquet(io.BytesIO(export.to_parquet(go.Figure(figure.data[0]))))["y"].tolist() == [1.0, 2.5]
