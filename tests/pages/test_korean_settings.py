"""The panels of the Data and the Train page in Korean: no English is left in what they draw."""

import json
import re
import time

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.charts.training import lr_finder as rates
from core.data import quality_summary
from core.datasets.windows import resolve
from core.events import Epoch
from core.language import shown, use
from core.spec import Data, Spec, with_values
from core.storage import checkpoints
from tests.pages import drawn
from tests.pages.conftest import captions, checked
from tests.pages.drawn import strings
from tests.pages.test_words import IN_FIGURES
from ui import cache, charts, session, widgets
from ui.data import calendar, covariates, macro, sources, tickers, upload
from ui.data import quality as findings
from ui.train import bar, features, interrupted, lr_finder, model_size, preflight, recipe, settings

NAMES = re.compile(  # of columns, features, symbols, encodings and calendars
    r"\b(open|high|low|close|volume|Adam|AdamW|RMSprop|Yahoo)\b|\b(zscore|diff|lag|mean|log|fracdiff|winsorize)\b"
    r"|[a-z]+\.org|fred:\w+|\w+ \([\w/]+\)$|pandas-ta-classic|utf-8[\w-]*|latin-?\w*|\bs?LSTM|[A-Z]+-lite"
    r"|Seg|Linear|float\d+|bf\d+"
)


def bundled():
    session.set_recipe(with_values(Spec(), {"data.start": "2010-01-01", "data.end": "2015-12-31"}))
    sources.choose()


def other_sources():
    macro.choose()
    tickers.choose(tickers.YAHOO)
    tickers.choose(tickers.KRX)
    upload.choose()


def joined():
    for entry in ("sample:WTI@1", "fred:UNRATE@45", "news:AAPL@0"):
        covariates._add(entry)
    covariates.choose(Data(source="yahoo", symbols=("AAPL",)))


def series_and_its_quality():
    series = cache.frame(Spec().data, None)
    findings.draw_level(series)
    findings.draw_findings(series)
    calendar.choose(Spec().data, series)


def all_settings():
    st.session_state.setdefault(settings.MORE, True)
    settings.choose(Spec(), Spec().target, widgets.grid(3, 3), st.container())


def picker():
    st.session_state.setdefault("picker-open", True)
    features.choose(Spec(), Spec().target, cache.frame(Spec().data, None))


def checks():
    spec, series = Spec(), cache.frame(Spec().data, None)
    st.session_state.setdefault("correlated-open", True)
    preflight.check_lookahead(spec, series)
    preflight.draw(spec, series, st.container(), st.container())
    st.markdown(model_size.describe(spec, series))


def tools():
    spec, series = Spec(), cache.frame(Spec().data, None)
    bar.draw()
    bar.draw_words(spec, resolve(spec, series), series)
    lr_finder.draw(spec, series)
    curve = rates.compute(np.array([1e-4, 1e-3, 1e-2]), np.array([1.0, 0.5, 2.0]), 1e-3, 2e-3)
    lr_finder._draw_curve(curve, "none", stale=True)


def another_address():
    st.session_state[recipe.OFFER] = '{"data.source":"yahoo","data.symbols":["AAPL"]}'
    recipe.draw_address()
    recipe.draw_undo()


PANELS = {
    panel.__name__: panel
    for panel in (
        bundled,
        other_sources,
        joined,
        series_and_its_quality,
        all_settings,
        picker,
        checks,
        tools,
        another_address,
    )
}


def script(name, code):
    """What AppTest runs: one panel by itself, for a visitor who reads this language."""
    import streamlit as st

    from tests.pages.test_korean_settings import PANELS
    from ui import language

    st.session_state["language"] = code
    language.use()
    PANELS[name]()


def draw(name, code="ko"):
    with use(code):
        return checked(AppTest.from_function(script, kwargs={"name": name, "code": code}, default_timeout=60).run())


def left(app):
    """The texts with English in them, without the names that are the same in every language."""
    seen = [text for text in drawn.english(app) if text != "off"]  # the completion of a browser in a box
    seen += [text for chart in app.get("plotly_chart") for text in strings(json.loads(chart.proto.spec), IN_FIGURES)]
    return [text for text in seen if drawn._is_english(NAMES.sub("", drawn._plain(text)))]


@pytest.fixture(autouse=True)
def alone(monkeypatch, idle, frame):
    """Panels on 600 steps of a market, without the menus of charts and the sentences of the core, which are not
    theirs."""
    monkeypatch.setattr(cache, "frame", lambda data, upload: frame)
    monkeypatch.setattr(charts, "_caption", lambda figure, caption, key: st.caption(shown(caption)))
    monkeypatch.setattr(quality_summary, "summarise", lambda issues: ())
    monkeypatch.setattr(calendar, "describe_calendar", lambda *parts: "")
    monkeypatch.setattr(findings, "_describe_seasons", lambda *parts: "")


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_has_no_english(name):
    app = draw(name)
    assert any(re.search("[가-힣]", text) for text in drawn.texts(app))
    assert left(app) == []


def test_the_boxes_that_correct_a_file_have_no_english():
    app = draw("other_sources")
    app.file_uploader(key="file").upload("mine.csv", b"date,name,v\n2024-01-01,A,1\n2024-01-02,A,-999\n", "text/csv")
    with use("ko"):
        checked(app.run())
    labels = [box.label for box in (*app.selectbox, *app.multiselect, *app.number_input, *app.expander)]
    assert "날짜 열" in labels and "예측할 열" in labels
    assert [label for label in labels if not re.search("[가-힣]", label) and label not in ("FRED",)] == []


def test_the_picker_says_in_korean_what_is_offered_and_what_is_not_found():
    app = draw("picker")
    with use("ko"):
        app.text_input(key="picker-search").set_value("상대 강도").run()
        assert app.selectbox(key="picker-entry-상대 강도").options[0] == "상대 강도 지수(RSI)"
        app.text_input(key="picker-search").set_value("여우").run()
    assert any("'여우'에 맞는 특성이 없습니다" in box.value for box in app.info)


def test_what_visitors_share_is_in_no_language():
    """A chart that a Korean visitor has computed first speaks English to the next one."""
    korean, english = captions(draw("checks")), captions(draw("checks", "en"))
    assert re.search("[가-힣]", korean["correlation"]) and not re.search("[가-힣]", english["correlation"])


@pytest.mark.parametrize(
    ("values", "step", "member", "words"),
    [
        ({}, 600, 1, "1,500스텝 중 600스텝을 마친 뒤 중단되었습니다. 이어서 학습해도 결과는 같습니다."),
        ({"train.epochs": 30}, 600, 1, "에포크 30개 중 12개를 마친 뒤 중단되었습니다."),
        ({"train.ensemble": 3}, 600, 2, "전 2번째 신경망의 1,500스텝 중 600스텝을 마친 뒤 중단되었습니다."),
        ({"train.ensemble": 3}, None, 2, "전 2번째 신경망을 시작하기 전에 중단되었습니다."),
        ({}, None, 1, "시간 전 중단되었습니다."),
    ],
)
def test_an_interrupted_training_is_described_in_korean(values, step, member, words):
    losses = {"train_loss": 0.5, "val_loss": 0.5, "lr": 1e-3, "seconds": 1.0, "eta": 1.0}
    last = None if step is None else Epoch(epoch=12, epochs=30, step=step, steps=1500, **losses)
    line = checkpoints.InterruptedRun(
        key="a",
        spec=with_values(Spec(), values),
        upload=None,
        last=last,
        member=member,
        saved_at=time.time() - 3 * 3600,
    )
    with use("ko"):
        said = interrupted.describe(line)
    assert words in said and "3시간 전" in said


def test_changes_of_a_recipe_are_listed_in_korean(finished):
    other = with_values(
        finished.spec, {"model.hidden": 16, "baselines.slow": True, "features": finished.spec.features[::-1]}
    )
    with use("ko"):
        said = recipe._compare(finished, other, finished.data_digest)
        same = recipe._compare(finished, finished.spec, finished.data_digest)
    assert said.startswith(f"실행 {finished.id} 이후 바뀐 것: ") and "아니요 → 예" in said and "순서 바뀜" in said
    assert same == f"실행 {finished.id}의 설정과 같습니다."
