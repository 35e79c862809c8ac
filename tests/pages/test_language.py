"""The switch between English and Korean: menu, verdict and captions, remembered with the visitor."""

import dataclasses

import pytest

from core.language import use
from core.storage import runs, visitors
from tests.pages.conftest import opened, owner, text, turn
from ui import cache, language

pytestmark = pytest.mark.usefixtures("saved")


def korean(value):
    return any("가" <= letter <= "힣" for letter in value)


def captions(app):
    return [caption.value for caption in app.caption]


def switch(app, code):
    """Choose a language. `use`: the test's side of a box calls its format function too, and belongs to no visitor."""
    before = app.session_state["language"]
    app.segmented_control(f"switch-to-{before}").set_value(code)
    with use(before):
        app.run()
    assert not app.exception
    return app


def test_a_browser_in_korean_sees_korean(monkeypatch):
    monkeypatch.setattr(language, "_of_browser", lambda: "ko-KR")
    with use("ko"):
        app = opened("forecast")
    assert app.title[0].value == "예측"
    assert any("테스트 예측" in caption and "구간은 실제값의" in caption for caption in captions(app))
    assert any("실력" in element.value for element in app.markdown)


def test_switching_there_and_back():
    app = opened("forecast")
    assert app.title[0].value == "Forecast"
    before = captions(app)
    assert not any(map(korean, before))
    switch(app, "ko")
    assert app.title[0].value == "예측"
    assert any(map(korean, captions(app)))
    with use("ko"):
        app = turn(app, "explain")
        assert app.title[0].value == "설명"
        app = turn(app, "forecast")
    switch(app, "en")
    assert captions(app) == before


def test_the_choice_is_remembered_with_the_visitor():
    visitor = owner()
    switch(opened("", visitor=visitor), "ko")
    assert visitors.load(visitor, cache.RUNS).language == "ko"
    with use("ko"):
        assert opened("glossary", visitor=visitor).title[0].value == "용어집"
    assert opened("glossary").title[0].value == "Glossary"  # somebody else


def test_nothing_shared_keeps_the_language_of_one_visitor(monkeypatch):
    """Two visitors on one server, whose caches they share."""
    english = text(opened("evaluate"))
    monkeypatch.setattr(language, "_of_browser", lambda: "ko-KR")
    with use("ko"):
        assert korean(text(opened("evaluate")))
    monkeypatch.setattr(language, "_of_browser", lambda: "en-US")
    assert text(opened("evaluate")) == english


def test_a_saved_run_is_english(finished):
    with use("ko"):
        runs.save(dataclasses.replace(finished, id="20200101-000000-00000000"), cache.RUNS)
    texts = [path.read_text() for path in cache.RUNS.glob("*/*.json")]
    assert texts
    assert not any(map(korean, texts))
