"""Sentences, particles and figures in English and Korean."""

import pickle
import threading

import numpy as np
import pytest

from core.evaluation import verdict as verdicts
from core.language import current, figures, join, message, message_n, shown, tr, tr_n, use
from core.language.choice import ask, closest
from core.language.particles import attach
from core.language.sentences import in_english
from core.storage import sentences
from core.storage.serialize import dumps


@pytest.mark.parametrize(
    ("word", "particle", "expected"),
    [
        ("모형", "은", "모형은"),
        ("변동성", "이", "변동성이"),
        ("릿지 회귀", "을", "릿지 회귀를"),
        ("기준", "과", "기준과"),
        ("서울", "으로", "서울로"),
        ("예측", "으로", "예측으로"),
        ("LSTM", "은", "LSTM은"),
        ("GARCH", "은", "GARCH는"),
        ("NLinear", "과", "NLinear와"),
        ("SP500", "을", "SP500을"),
        ("HAR", "으로", "HAR로"),
        ("AAPL", "이", "AAPL이"),
        ("Apple", "은", "Apple은"),
        ("Ridge", "은", "Ridge는"),
        ("LightGBM", "을", "LightGBM을"),
        ("Macro", "은", "Macro는"),
        ("Facebook", "은", "Facebook은"),
        ("12.3%", "이", "12.3%가"),
        ("3", "은", "3은"),
        ("1,002", "은", "1,002는"),
        ("7", "으로", "7로"),
        ("10", "으로", "10으로"),
        ("GARCH(p = 0.200)", "과", "GARCH(p = 0.200)와"),
        ("'내일 = 오늘'", "은", "'내일 = 오늘'은"),
        ("", "은", "는"),
    ],
)
def test_particles_follow_the_last_sound(word, particle, expected):
    assert attach(word, particle) == expected


def test_the_language_is_english_unless_somebody_says_otherwise():
    assert current() == "en"
    with use("ko"):
        assert current() == "ko"
        heard = []
        thread = threading.Thread(target=lambda: heard.append(current()))  # a worker
        thread.start()
        thread.join()
    assert heard == ["en"]
    assert current() == "en"


def test_a_visitor_is_asked_where_no_block_says_which(monkeypatch):
    monkeypatch.setattr("core.language.choice._of_visitor", [])
    ask(lambda: "ko")
    assert current() == "ko"
    with use("en"):
        assert current() == "en"


@pytest.mark.parametrize(
    ("locale", "language"), [("ko-KR", "ko"), ("ko", "ko"), ("en_GB", "en"), ("de", "en"), (None, "en")]
)
def test_the_closest_language_of_a_browser(locale, language):
    assert closest(locale) == language


def test_a_message_is_english_until_it_is_shown():
    verdict = verdicts.build_verdict("lstm", "last_value", 0.123, 0.0004)
    english = str(verdict.text)
    with use("ko"):
        assert verdict.text == english
        korean = shown(verdict.text)
        assert in_english(verdict.text) == english
    assert korean.startswith("실력이 있다는 증거: LSTM의 평균 제곱근 오차는")
    assert "마지막 값보다 12.3% 작습니다(p < 0.001)" in korean
    assert shown(verdict.text) == english


def test_messages_within_messages_and_lists_are_translated():
    said = join(
        [
            message(
                "The series is predictable: {baseline} is better than that ({p}).", baseline=message("the drift"), p="p"
            ),
            "Name",
        ]
    )
    with use("ko"):
        assert shown(said) == "이 시계열은 예측할 수 있습니다. 드리프트가 그보다 낫습니다(p). Name"


def test_plurals():
    assert [str(message_n("{count} row", "{count} rows", n)) for n in (1, 1002)] == ["1 row", "1,002 rows"]
    with use("ko"):
        assert tr_n("{count} row", "{count} rows", 1002) == "1,002개 행"


def test_a_sentence_without_a_translation_is_english():
    with use("ko"):
        assert tr("No such {thing}.", thing="x") == "No such x."


def test_braces_of_a_value_are_no_placeholders():
    with use("ko"):
        assert "{model}" in tr("forecast of the {model}", model="{model}")


def test_messages_survive_pickle_and_storage():
    verdict = verdicts.build_verdict("lstm", "ewma", -0.2, 0.3)
    again = pickle.loads(pickle.dumps(verdict))  # noqa: S301
    parts = sentences.parts_of(verdict)
    restored = sentences.restore(str(verdict.text), parts)
    old = sentences.restore(str(verdict.text), {})
    assert dumps(parts)
    with use("ko"):
        assert shown(again.text) == shown(verdict.text) == shown(restored) != str(verdict.text)
        assert shown(old) == str(verdict.text)  # of a run of an earlier version


def test_figures_of_both_languages():
    days = [np.datetime64(text) for text in ("2026-11-29", "2026-11-29T10:30")]
    english = [figures.number(1234.5), figures.number(1.5e6), figures.percent(0.12), *map(figures.day, days)]
    with use("ko"):
        korean = [figures.number(1234.5), figures.number(1.5e6), figures.percent(0.12), *map(figures.day, days)]
    assert english == ["1,234", "1.5 million", "12.0%", "2026-11-29", "2026-11-29 10:30"]
    assert korean == ["1,234", "150만", "12.0%", "2026년 11월 29일", "2026년 11월 29일 10:30"]


@pytest.mark.parametrize("value", [0.0, -0.0, 3.14159, -1234567.0, 1e-7, 2.5e9, float("nan")])
def test_korean_numbers_say_the_same(value):
    with use("ko"):
        text = figures.number(value)
    sign = "−" if value < 0 else ""
    assert text.startswith(sign)
    assert "-" not in text
