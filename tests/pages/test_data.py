"""The Data page: what is odd is drawn and said in few sentences, and one click trains a bundled series."""

import json

import pandas as pd
import pytest

from core.data.load import from_csv
from core.data.sources.samples import SAMPLES, recipe
from core.data.sources.uploads import save
from core.spec import Data, Spec, Target, from_dict, to_dict
from tests.pages.conftest import opened, text
from ui import cache


def traces(app) -> list[str]:
    """The names of what the level chart draws."""
    return [trace["name"] for trace in json.loads(app.get("plotly_chart")[0].proto.spec)["data"]]


def test_oddities_are_drawn_and_told(idle):
    app = opened("data")
    assert traces(app) == ["SP500 close", "outlier (12)"]
    said = text(app).replace("\\", "")
    assert "Marked on it: 12 outliers" in said
    assert [len(app.warning), len(app.info)] == [0, 1]  # closures of the exchange are no finding at all
    assert "All findings with their dates" in [one.label for one in app.expander]
    shown = app.dataframe[0].value
    assert shown["finding"].tolist() == ["outlier"] and "2008-10-13" in shown["when (the first 20)"][0]


def test_many_columns_share_their_sentences(idle):
    times = pd.date_range("2024-01-01", periods=300, freq="h")
    rows = [
        f"{time},{','.join(str((at * k) % 17 + (500 if at == 77 else 0)) for k in (3, 5, 7))}"
        for at, time in enumerate(times)
        if not 100 <= at < 120
    ]
    frame = from_csv("\n".join(["date,a,b,c", *rows]).encode(), "x.csv", "<b>X</b>")
    app = opened("")
    app.session_state["upload"] = save(frame, cache.FETCHED / "uploads")
    data = Data(source="file", symbols=("<b>X</b>",))
    app.session_state["recipe"] = to_dict(Spec(data=data, target=Target(kind="column", column="a")))
    app.switch_page("pages/data.py").run()
    assert not app.exception
    assert len(app.warning) + len(app.info) <= 4


def test_one_click_trains_the_recipe_and_turns_to_train(idle):
    app = opened("data")
    app.selectbox(key="sample").set_value("GLUCOSE").run()
    assert "Forecasts the blood glucose of the next hour" in text(app)
    app.button(key="train-recipe").click().run()
    assert not app.exception
    (function, spec, frame, _), named = idle.submitted[0]
    assert function.__module__ == "core.pipeline" and named["on_result"].func is cache._finish
    assert (spec.target, spec.features, spec.window.lookback) == (
        recipe("GLUCOSE").target,
        recipe("GLUCOSE").features,
        recipe("GLUCOSE").window.lookback,
    )
    assert frame.index[0] >= pd.Timestamp("2010-09-01")
    assert from_dict(app.session_state["recipe"]).features == recipe("GLUCOSE").features


def test_a_bounded_series_stays_bounded_until_the_whole_is_asked_for(idle):
    app = opened("")
    app.session_state["recipe"] = to_dict(recipe("SST"))
    app.switch_page("pages/data.py").run()
    assert app.checkbox(key="sample-bounds").label == "Only from 2016-08-01, as in its recipe"
    assert from_dict(app.session_state["recipe"]) == recipe("SST")
    app.checkbox(key="sample-bounds").uncheck().run()
    assert from_dict(app.session_state["recipe"]).data == Data(symbols=("SST",))
    assert "SST temperature from 2016-02" in text(app).replace("\\", "")


@pytest.mark.parametrize(("field", "names"), [("medicine", ["GLUCOSE"]), (None, list(SAMPLES))])
def test_a_field_narrows_the_list(idle, field, names):
    app = opened("data")
    app.pills(key="sample-field").set_value(field).run()
    assert not app.exception
    assert len(app.selectbox(key="sample").options) == len(names)
