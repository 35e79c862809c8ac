"""Errors that people meet: whole sentences in Korean, and English for everything that is not a screen."""

import ast
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data import frame
from core.data.sources import fred, histories, krx, network, samples, yahoo
from core.datasets import windows
from core.errors import CoreError, DataError, SourceError, words
from core.jobs.book import Book
from core.jobs.worker import outcome_of_error, rebuild_error
from core.language import Message, message
from core.spec import Spec, from_dict
from core.spec.parts import Data, Target, Window
from core.storage import runs
from tests.language.conftest import ENGLISH, korean

CORE = Path(__file__).resolve().parents[2] / "core"
KINDS = {kind.__name__ for kind in (CoreError, *CoreError.__subclasses__(), SourceError)} | {"Cancelled"}
# What only programmers see: the command line, the Python API, and the contract of a frame.
PROGRAMMERS = ("core/cli/", "core/api/")
CONTRACT = ("A frame needs", "The times of a frame", "The columns of a frame", "The frame contains")
DEFAULTS = "There are no default features"


def series(rows: int) -> pd.DataFrame:
    walk = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, rows)))
    table = pd.DataFrame({"close": walk}, index=pd.bdate_range("2015-01-01", periods=rows))
    return frame.build({"A": table})


def prepare(spec: Spec, rows: int) -> object:
    full = series(rows)
    return windows.prepare(windows.resolve(spec, full), full)


def untranslated(path: Path) -> list[str]:
    """The errors of a module whose words are a plain text."""
    plain = []
    for node in ast.walk(ast.parse(path.read_text())):
        name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if name in KINDS and node.args and isinstance(node.args[0], ast.JoinedStr | ast.Constant):
            first = getattr(node.args[0], "values", [node.args[0]])[0]
            begin = first.value if isinstance(first, ast.Constant) else ""
            if not begin.startswith((*CONTRACT, DEFAULTS)):
                plain.append(f"{path.name}:{node.lineno} {begin}")
    return plain


def test_every_error_that_people_meet_is_a_message():
    files = [path for path in CORE.rglob("*.py") if not f"core/{path.relative_to(CORE)}".startswith(PROGRAMMERS)]
    assert len(files) > 200
    assert [error for path in sorted(files) for error in untranslated(path)] == []


CASES = [
    (lambda: yahoo.parse_ticker("A/B"), "'A/B' is no ticker.", "'A/B'는 티커가 아닙니다."),
    (lambda: krx.parse_code("12"), "'12' is no code of the Korean exchange.", "'12'는 한국거래소의 종목 코드가"),
    (lambda: fred.parse_code("A-B"), "'A-B' is no series of FRED.", "'A-B'는 FRED 시계열의 이름이 아닙니다."),
    (lambda: samples.load("NOPE"), "There is no sample 'NOPE'.", "'NOPE'라는 내장 예제가 없습니다."),
    (lambda: prepare(Spec(), 60), "The training split has 17 usable rows,", "학습 구간에서 쓸 수 있는 행은 17개이고,"),
    (
        lambda: prepare(replace(Spec(), window=Window(lookback=400)), 500),
        "The training split has 303 usable rows,",
        "window.lookback≤288로 설정하거나 더 긴 기간의 데이터를 불러오세요.",
    ),
    (
        lambda: prepare(replace(Spec(), target=Target(kind="column", column="zz")), 500),
        "target.column is 'zz', but the series has close.",
        "target.column이 'zz'인데 시계열에 있는 열은 close입니다.",
    ),
    (
        lambda: prepare(replace(Spec(), features=("rsy:9",)), 500),
        "There is no feature 'rsy'. Did you mean rsi? A column of the data is written column:NAME.",
        "'rsy'라는 특성이 없습니다. 혹시 rsi를 찾으시나요?",
    ),
    (
        lambda: frame.clip(series(60), "2030-01-01", None),
        "A has no row from 2030-01-01 to its end; it runs from 2015-01-01 to",
        "A에는 2030-01-01부터 끝까지 행이 없습니다.",
    ),
    (lambda: replace(Spec(), data=Data(symbols=())), "data.symbols is empty.", "data.symbols가 비어 있습니다."),
    (
        lambda: from_dict({"target": {"kind": "x"}}),
        "target.kind is one of close,",
        "target.kind는 다음 중 하나여야 합니다: close,",
    ),
    (
        lambda: from_dict({"train": {"epochs": -1}}),
        "train.epochs (epochs) must lie between 1 and 2000; got -1.",
        "train.epochs(에포크) 값은 1 이상 2000 이하이어야 합니다.",
    ),
    (
        lambda: from_dict({"train": {"epochs": "x"}}),
        "train.epochs takes a whole number or nothing; got 'x'.",
        "train.epochs에는 정수 또는 없음을 씁니다.",
    ),
    (
        lambda: runs.load("nope", Path("/tmp/none")),
        "There is no run called 'nope' in /tmp/none.",
        "/tmp/none에 'nope'라는 실행이 없습니다.",
    ),
    (lambda: Book().find("x"), "There is no job x;", "작업 x가 없습니다."),
]


@pytest.mark.parametrize(("cause", "english", "expected"), CASES)
def test_what_a_newcomer_gets_wrong_is_said_in_korean(cause, english, expected):
    with pytest.raises(CoreError) as caught:
        cause()
    spoken = korean(words(caught.value))
    assert english in str(caught.value)
    assert expected in spoken
    assert ENGLISH.search(spoken) is None


def test_a_network_that_is_away_is_said_in_korean():
    reason = network.outage_reason(TimeoutError(), yahoo.YAHOO.name)
    yahoo.YAHOO.leave_alone(reason, 300)
    try:
        outage = yahoo.YAHOO.outage()
    finally:
        yahoo.forget()
    assert outage == f"Yahoo did not answer in time. {histories.retry_hint(300)}"
    assert korean(outage).startswith("야후가 제때 응답하지 않았습니다. 5분 뒤에 다시 시도하세요.")


def test_an_error_of_a_worker_keeps_its_parts():
    error = DataError(message("The column {name} has no values. Choose another column.", name="'x'"))
    outcome = pickle.loads(pickle.dumps(outcome_of_error(error)))  # noqa: S301  # as the scheduler hands it on
    again = rebuild_error(outcome.kind, outcome.error)
    assert type(again) is DataError
    assert str(again) == "The column 'x' has no values. Choose another column."
    assert korean(words(again)) == "'x' 열에 값이 없습니다. 다른 열을 고르세요."


def test_an_error_around_an_error_is_translated_with_it():
    inner = DataError(message("The column {name} has no values. Choose another column.", name="'x'"))
    key = "The joined series {name} cannot be loaded: {error} Or leave the series out."
    outer = message(key, name="Y", error=words(inner))
    assert outer == f"The joined series Y cannot be loaded: {inner} Or leave the series out."
    assert "'x' 열에 값이 없습니다. 다른 열을 고르세요." in korean(outer)


@pytest.mark.parametrize("error", [DataError(), DataError("plain"), OSError(28, "No space left"), ValueError("odd")])
def test_the_words_of_any_error_are_its_text(error):
    assert words(error) == str(error)
    assert not isinstance(words(error), Message)
