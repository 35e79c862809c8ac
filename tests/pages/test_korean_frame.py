"""Home, stories, library, the frame around every page and a training under way in Korean: no English is left."""

import time
from dataclasses import replace

import pytest

from core import pipeline
from core.data.sources import samples
from core.events import Stage
from core.jobs.job import Job, Timed
from core.language import use
from core.storage import runs
from tests.pages.conftest import IdleQueue, opened, text
from tests.pages.drawn import broken, english, texts
from tests.pages.test_runs import chosen
from tests.ui.jobs.test_progress import epoch
from ui import cache, language
from ui.jobs import registry, training
from ui.spinner import Spoken

EMPTY = (
    "evaluate",
    "calibration",
    "explain",
    "forecast",
    "scenario",
    "network",
    "importance_methods",
    "runs",
    "compare",
)


@pytest.fixture(autouse=True)
def korean(monkeypatch):
    """A browser in Korean; the test's side of a box calls its format function too, and belongs to no visitor."""
    monkeypatch.setattr(language, "_of_browser", lambda: "ko-KR")
    with use("ko"):
        yield


@pytest.fixture
def job(monkeypatch, idle):
    """Fields of a job → Home of the visitor who started it."""

    def start(**fields):
        now = time.time()
        known = {"title": training._title(samples.recipe("SUNSPOTS")), "status": "running", "events": ()} | fields
        job = Job(id="1", created=now, started=now, **known)
        monkeypatch.setattr(cache, "queue", lambda: IdleQueue(job))
        registry._entries()["1"] = registry.Entry(kind=registry.TRAINING, subject=(), owners={"me"})
        return opened("", visitor="me")

    return start


def test_home_of_a_newcomer(idle):
    app = opened("")
    assert "데모 실행" in [button.label for button in app.button]
    assert english(app) == []


@pytest.mark.parametrize("page", EMPTY)
def test_pages_without_a_run(idle, page):
    assert english(opened(page)) == []


def test_the_glossary(idle):
    app = opened("glossary")
    app.text_input(key="glossary-search").set_value("여우").run()
    assert english(app) == [] and "맞는 용어가 없습니다" in text(app)


@pytest.mark.parametrize("story", ["skill", "illusion"])
def test_the_stories(idle, story):
    app = opened("stories")
    app.segmented_control(key="story").set_value(story).run()
    if story == "illusion":
        for mistake in ("scaler", "split", "indicator"):
            app.toggle(key=f"leak-{mistake}").set_value(True).run()
        app.radio(key="learns").set_value("level").run()
    assert not app.exception
    assert [text for text in english(app) if text not in {box.value for box in app.error}] == []  # those are the core's
    assert broken(app) == []


def test_the_library(saved):
    app = opened("runs", **chosen(rows=[0]))
    assert english(app) == []
    app.button(key="delete-runs").click().run()
    assert english(app) == []


@pytest.mark.parametrize("tone", ["good", "none", "bad"])
def test_a_run_at_a_glance(idle, finished, tone):
    verdict = replace(finished.evaluation.verdict, tone=tone)
    runs.save(replace(finished, evaluation=replace(finished.evaluation, verdict=verdict)), cache.RUNS)
    assert english(opened("")) == []


def test_a_training_that_waits(job):
    assert english(job()) == []


def test_a_training_under_way(job):
    layers = {"layer 1": 0.3, "head": 0.2}
    epochs = tuple(
        replace(epoch(number, member), layer_norms=layers, final=False) for member in (1, 2, 3) for number in (1, 2, 3)
    )
    about = pipeline._describe_training(120, "cpu", "epoch", None)
    stages = (Timed(at=time.time(), event=Stage(name="train", text=about, unit="epoch")),)
    app = job(events=epochs, stages=stages, resumed=True)
    assert english(app) == []
    assert any("윈도우 120개로 학습하는 중" in one for one in texts(app))


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_training_that_ended_badly(job, status):
    assert english(job(status=status, lost=True, kept=True, traceback="…")) == []


def test_a_spinner_speaks_the_language_of_whoever_waits():
    words = Spoken("Loading the series …")
    assert str(words) == "시계열을 불러오는 중…"
    with use("en"):
        assert str(words) == "Loading the series …"
