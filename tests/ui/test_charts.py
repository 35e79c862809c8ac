"""Every chart on the screen goes through one module, which gives it its theme and the text that is read aloud."""

import ast
import json
from collections import namedtuple

import pytest
from streamlit.testing.v1 import AppTest

from core.charts import style, themes
from tests.pages.conftest import ROOT, captions, opened
from ui import charts

DRAWING = {
    "altair_chart",
    "area_chart",
    "bar_chart",
    "bokeh_chart",
    "echarts_chart",
    "graphviz_chart",
    "line_chart",
    "plotly_chart",
    "pydeck_chart",
    "pyplot",
    "scatter_chart",
    "vega_lite_chart",
}
Event, Selection = namedtuple("Event", "selection"), namedtuple("Selection", "points")
CAPTION = 'Prices rose by 3% <script>alert("1")</script> *in May*.'


def drawing_calls(path):
    return [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in DRAWING
    ]


def test_only_this_module_draws_charts_and_each_with_its_text():
    screens = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]
    elsewhere = [path for path in screens if path != ROOT / "ui" / "charts.py" and drawing_calls(path)]
    assert elsewhere == []
    calls = drawing_calls(ROOT / "ui" / "charts.py")
    assert len(calls) == 4
    assert all("alt" in {keyword.arg for keyword in call.keywords} for call in calls)


def script():
    import plotly.graph_objects as go

    from core.charts import style
    from tests.ui.test_charts import CAPTION
    from ui import charts

    def figure():
        line = go.Scatter(x=[1, 2], y=[1, 2], customdata=["a", "b"], line={"color": style.MODEL})
        return style.apply_layout(go.Figure(line), "y", 240)

    charts.show(figure(), CAPTION, "plain")
    charts.select_point(figure(), CAPTION, "clicked")
    charts.show_live({"series": [{"type": "line", "color": style.MODEL}]}, CAPTION, "live", 200)


def drawn():
    app = AppTest.from_function(script, default_timeout=30).run()
    assert not app.exception
    return app


def test_a_screen_reader_gets_the_sentence_of_the_chart_as_plain_text():
    app = drawn()
    assert [chart.proto.alt for chart in app.get("plotly_chart")] == [CAPTION] * 2
    assert [chart.proto.alt for chart in app.get("echarts_chart")] == [CAPTION]


@pytest.mark.parametrize("dark", [False, True])
def test_charts_follow_the_theme_of_the_visitor(monkeypatch, dark):
    monkeypatch.setattr(charts, "_dark", lambda: dark)
    app, expected = drawn(), themes.DARK[style.MODEL] if dark else style.MODEL
    for chart in app.get("plotly_chart"):
        spec = json.loads(chart.proto.spec)
        assert spec["data"][0]["line"]["color"] == expected
        assert (spec["layout"]["template"]["layout"]["paper_bgcolor"] == style.PAPER) is not dark
    assert expected in app.get("echarts_chart")[0].proto.spec


@pytest.mark.parametrize("page", ["", "data", "forecast", "evaluate", "explain"])
def test_on_every_page_the_text_of_a_chart_is_its_caption(saved, page):
    app = opened(page)
    texts = {chart.key: chart.proto.alt for chart in app.get("plotly_chart")}
    assert texts and all(len(text) > 20 for text in texts.values())
    assert texts.keys() == captions(app).keys()
    # A chart has its height before it is drawn, so that nothing below it moves.
    assert all(json.loads(chart.proto.spec)["layout"].get("height") for chart in app.get("plotly_chart"))


def test_charts_side_by_side_are_equally_high(saved):
    for page, pair in (
        ("evaluate", ("skill", "by-step")),
        ("evaluate", ("evaluate-Coverage of the band", "evaluate-Forecast and outcome")),
    ):
        heights = {
            chart.key: json.loads(chart.proto.spec)["layout"]["height"] for chart in opened(page).get("plotly_chart")
        }
        assert heights[pair[0]] == heights[pair[1]], pair
    heights = [json.loads(c.proto.spec)["layout"]["height"] for c in opened("explain").get("plotly_chart")]
    assert heights[0] == heights[1]


def test_a_click_counts_once_and_again_after_another():
    def page() -> None:
        import streamlit as st

        from ui import charts

        st.session_state["told"] = charts.new_click("chart")

    def click(app, *cutoffs):
        points = [{"customdata": [cutoff]} for cutoff in cutoffs]
        app.session_state["chart"] = Event(selection=Selection(points=points))
        app.run()
        assert not app.exception
        return app.session_state["told"]

    app = AppTest.from_function(page)
    assert click(app, "2020-01-02") == "2020-01-02"
    assert click(app, "2020-01-02") is None  # the browser repeats it with its next message
    assert click(app) is None
    assert click(app, "2020-01-02") == "2020-01-02"
    assert click(app, "2020-01-03") == "2020-01-03"
