"""The Data page: anomalies are drawn and described in few sentences, and one click trains a bundled series."""

import json

import pandas as pd
import pytest

from core.data.frame import build
from core.data.sources.samples import SAMPLES, recipe
from core.data.sources.uploads import save
from core.spec import Data, Spec, Target, from_dict, to_dict
from tests.pages.conftest import captions, opened, text, turn
from ui import cache
from ui.jobs import training


def traces(app) -> list[str]:
    """The names of what the level chart draws."""
    return [trace["name"] for trace in json.loads(app.get("plotly_chart")[0].proto.spec)["data"]]


def test_anomalies_are_drawn_and_listed(idle):
    app = opened("data")
    assert traces(app)[:2] == ["SP500", "volume"] and "(12)" in traces(app)[2]
    assert "12 outliers" in captions(app)["level"]
    assert [len(app.warning), len(app.info)] == [0, 1]  # closures of the exchange are no finding at all
    assert "All findings with their dates" in [box.label for box in app.expander]
    shown = app.dataframe[0].value
    assert shown["finding"].tolist() == ["outlier"] and "2008-10-13" in shown["when (the first 20)"][0]


def test_prices_are_candles_and_any_column_a_line(idle):
    app = opened("data")
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert [trace["type"] for trace in spec["data"]] == ["candlestick", "bar", "scatter"]
    app.selectbox(key="level-column").set_value("close").run()
    assert traces(app)[0] == "SP500 close" and "(12)" in traces(app)[1]
    app.selectbox(key="sample").set_value("COMMITS").run()
    assert traces(app)[0] == "COMMITS commits" and not app.exception


@pytest.mark.parametrize("column", ["candles", "close"])
def test_the_page_stays_light(idle, column):
    """All charts of the page over the longest bundled series of prices, as they are sent to the browser."""
    app = opened("data")
    app.selectbox(key="level-column").set_value(column).run()
    assert sum(len(chart.proto.spec) for chart in app.get("plotly_chart")) < 400_000


def test_the_seasons_of_the_training_rows_stand_below_the_chart(idle):
    app = opened("data")
    assert "Seasons in the training rows: none found." in text(app)
    app.selectbox(key="sample").set_value("COMMITS").run()
    assert "Seasons in the training rows: a week (7 rows)." in text(app)


def test_many_columns_share_their_sentences(idle):
    times = pd.date_range("2024-01-01", periods=300, freq="h", name="time")
    rows = range(300)
    columns = {f"x{k}": [float(row * k % 17 + 500 * (row == 77)) for row in rows] for k in (3, 5, 7)}
    table = pd.DataFrame(columns, index=times)
    frame = build({"<b>X</b>": table.drop(times[100:120])})
    data = Data(source="file", symbols=("<b>X</b>",))
    app = opened(
        "data",
        upload=save(frame, cache.DOWNLOADS / "uploads"),
        recipe=to_dict(Spec(data=data, target=Target(kind="column", column="x3"))),
    )
    assert len(app.warning) + len(app.info) <= 4


def test_one_click_trains_the_recipe_and_opens_the_train_page(idle):
    app = opened("data")
    app.selectbox(key="sample").set_value("GLUCOSE").run()
    assert SAMPLES["GLUCOSE"].forecasts in text(app)
    app.button(key="train-recipe").click().run()
    assert not app.exception
    (function, spec, frame, _), named = idle.submitted[0]
    assert function.__module__ == "core.pipeline" and named["on_result"].args[1].func is training.save
    assert (spec.target, spec.features, spec.window.lookback) == (
        recipe("GLUCOSE").target,
        recipe("GLUCOSE").features,
        recipe("GLUCOSE").window.lookback,
    )
    assert frame.index[0] >= pd.Timestamp("2010-09-01")
    assert from_dict(app.session_state["recipe"]).features == recipe("GLUCOSE").features


def test_a_bounded_series_stays_bounded_until_all_of_it_is_asked_for(idle):
    app = opened("data", recipe=to_dict(recipe("SST")))
    assert "2016-08-01" in app.checkbox(key="sample-bounds").label
    assert from_dict(app.session_state["recipe"]) == recipe("SST")
    app.checkbox(key="sample-bounds").uncheck().run()
    assert from_dict(app.session_state["recipe"]).data == Data(symbols=("SST",))
    assert "2016-02" in captions(app)["level"]


@pytest.mark.parametrize(("field", "names"), [("medicine", ["GLUCOSE"]), (None, list(SAMPLES))])
def test_a_field_narrows_the_list(idle, field, names):
    app = opened("data")
    app.pills(key="sample-field").set_value(field).run()
    assert not app.exception
    assert len(app.selectbox(key="sample").options) == len(names)


@pytest.mark.parametrize("name", ["GLUCOSE", "SST", "COMMITS", "WTI", "AAPL", "ELECTRICITY", "FLIGHTS", "CO2", "JPM"])
def test_every_kind_of_bundled_series_can_be_chosen(idle, name):
    app = opened("data")
    app.selectbox(key="sample").set_value(name).run()
    assert not app.exception
    assert name in text(app)
    turn(app, "train")
    assert name in text(app) and not app.error


def test_every_option_names_its_ticker(idle):
    app = opened("data")
    options = app.selectbox(key="sample").options
    assert [option.split(" ")[0] for option in options] == list(SAMPLES)
    assert "AAPL — Apple (finance, daily)" in options


def test_several_series_are_chosen_and_trained_together(idle):
    app = opened("data")
    app.selectbox(key="sample").set_value("AAPL").run()
    app.multiselect(key="sample-with-AAPL").set_value(["IBM", "MSFT"]).run()
    assert from_dict(app.session_state["recipe"]).data == Data(symbols=("AAPL", "IBM", "MSFT"))
    app.button(key="train-recipe").click().run()
    (_, spec, frame, _), _ = idle.submitted[0]
    assert spec.data.symbols == ("AAPL", "IBM", "MSFT") and len(frame) == 3270
    again = opened("data", recipe=to_dict(spec))
    assert again.multiselect(key="sample-with-AAPL").value == ["IBM", "MSFT"]


def test_series_that_do_not_fit_are_refused_in_one_sentence(idle):
    app = opened("data")
    app.multiselect(key="sample-with-SP500").set_value(["COMMITS"]).run()
    (problem,) = app.error
    assert "SP500 and COMMITS cannot be chosen together" in problem.value and not app.exception


def test_what_is_no_ticker_is_refused(idle):
    app = opened("data")
    app.segmented_control(key="source").set_value("yahoo").run()
    app.text_input(key="ticker").set_value("NO/SUCH").run()
    assert not app.exception
    assert [box for box in app.error if "NO/SUCH" in box.value]


def test_the_calendar_that_dates_the_forecasts_is_named_and_can_be_chosen(idle):
    app = opened("data")
    assert "dated by the sessions of XNYS, recognised" in text(app)
    app.selectbox(key="calendar-sample-SP500").set_value("none").run()
    assert "No exchange's calendar dates the forecasts" in text(app)
    assert app.session_state["recipe"]["data"]["calendar"] == "none"
    assert app.session_state["recipe"]["target"]["kind"] == to_dict(Spec())["target"]["kind"]
