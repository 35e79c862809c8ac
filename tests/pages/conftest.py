"""Pages run without a browser, on folders of their own; the queue is replaced by one that tests control."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.errors import CoreError, JobError
from core.jobs.job import Job
from core.jobs.local import run
from core.storage import runs, visitors
from ui import cache

ROOT = Path(__file__).parents[2]


class IdleQueue:
    """A queue that runs nothing: it records what is submitted, and has the jobs that a test gives it."""

    def __init__(self, *jobs: Job) -> None:
        self.book = {job.id: job for job in jobs}
        self.submitted: list[tuple] = []
        self.cancelled: list[str] = []
        self.results: dict[str, object] = {}

    def jobs(self) -> tuple[Job, ...]:
        return tuple(self.book.values())

    def submit(self, *arguments: Any, **named: Any) -> str:
        self.submitted.append((arguments, named))
        return next(iter(self.book), "none")

    def job(self, job_id: str) -> Job:
        if job_id not in self.book:
            raise JobError(f"no job {job_id}")
        return self.book[job_id]

    def worker_memory(self) -> int | None:
        return None

    def result(self, job_id: str) -> object:
        if job_id not in self.results:
            raise JobError(f"no result of {job_id}")
        return self.results[job_id]

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)


class InstantQueue(IdleQueue):
    """A queue whose jobs are over, and their results saved, as soon as they are submitted; a title is a job's id."""

    def __init__(self) -> None:
        super().__init__()
        self.work: dict[str, Callable] = {}  # title → what was run

    def submit(self, function: Callable, *arguments: Any, title: str, on_result: Any = None, **named: Any) -> str:
        status, error, self.work[title] = "done", None, function
        try:
            self.results[title] = run(function(*arguments), lambda event: None)
            if on_result is not None:
                on_result(self.results[title])
                del self.results[title]
        except CoreError as problem:
            status, error = "failed", str(problem)
        self.book[title] = Job(id=title, title=title, status=status, events=(), created=0.0, error=error)
        return title


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> IdleQueue:
    """Empty folders and an idle queue."""
    queue = IdleQueue()
    monkeypatch.setattr(cache, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(cache, "DOWNLOADS", tmp_path / "cache")
    monkeypatch.setattr(cache, "queue", lambda: queue)
    st.cache_data.clear()
    st.cache_resource.clear()
    return queue


@pytest.fixture
def queue(idle: IdleQueue, monkeypatch: pytest.MonkeyPatch) -> InstantQueue:
    """Empty folders and a queue that runs every job at once."""
    instant = InstantQueue()
    monkeypatch.setattr(cache, "queue", lambda: instant)
    return instant


@pytest.fixture
def saved(idle, finished):
    """The small finished run, saved where the pages look."""
    return runs.save(finished, cache.RUNS)


def opened(page: str, **session: Any) -> AppTest:
    """The app turned to this page ("" is home) without an exception, with these values in its session.

    Unless it says who the visitor is, it is a new one who trained all the runs that are saved.
    """
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in ({"visitor": owner()} | session).items():
        app.session_state[name] = value
    return turn(app, page) if page else checked(app.run())


def owner() -> str:
    """A new visitor, to whom every saved run belongs."""
    visitor, recipe = visitors.new_id(), visitors.Recipe(text="")
    for line in runs.list_all(cache.RUNS)[::-1]:
        visitors.finish_training(visitor, visitors.Training(key=line.id, recipe=recipe, run=line.id), cache.RUNS)
    return visitor


def turn(app: AppTest, page: str) -> AppTest:
    """Another page in the same session, without an exception."""
    return checked(app.switch_page(f"pages/{page}.py" if page else "app.py").run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    """A click on the button with this label."""
    next(button for button in app.button if button.label == label).click().run()
    return checked(app)


def text(app: AppTest) -> str:
    """Everything that the page says in words, without the escapes of Markdown."""
    parts = [*app.markdown, *app.caption, *app.error, *app.warning, *app.info, *app.success]
    return plain("\n".join(str(part.value) for part in parts))


def plain(markdown: str) -> str:
    return markdown.replace("\\", "").replace("\u00a0", " ")


def captions(app: AppTest) -> dict[str, str]:
    """The key of each chart → the caption under it."""
    below, key = {}, None
    for element in elements(app.main):
        if element.type == "plotly_chart":
            key = element.key
        elif element.type == "caption" and key is not None:
            below[key], key = plain(element.value), None
    return below


def elements(block: Any) -> Iterator[Any]:
    """Everything in a block, from top to bottom."""
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from elements(child)
        else:
            yield child


def errors(app: AppTest) -> list[str]:
    """The boxes that say what went wrong; a verdict without skill is another red box."""
    return [plain(box.value) for box in app.error if box.icon == ":material/error:"]


def widget_keys(app: AppTest) -> set[str]:
    """The keys of all buttons and boxes on the page."""
    widgets = (*app.button, *app.number_input, *app.selectbox, *app.checkbox, *app.text_input)
    return {widget.key for widget in widgets if widget.key}
