"""Pages run without a browser, on folders of their own; the queue is replaced where no training is meant."""

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.errors import CoreError, JobError
from core.jobs.job import Job
from core.jobs.local import run
from core.storage import runs
from ui import cache

ROOT = Path(__file__).parents[2]


class Idle:
    """A queue without jobs: what the pages see when nothing is under way."""

    def __init__(self) -> None:
        self.submitted: list[tuple] = []

    def jobs(self) -> tuple:
        return ()

    def submit(self, *arguments, **named) -> str:
        self.submitted.append((arguments, named))
        return "none"

    def job(self, name: str):
        raise JobError(f"no job {name}")


@pytest.fixture
def idle(monkeypatch, tmp_path) -> Idle:
    """Empty folders and an idle queue."""
    queue = Idle()
    monkeypatch.setattr(cache, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(cache, "FETCHED", tmp_path / "cache")
    monkeypatch.setattr(cache, "queue", lambda: queue)
    st.cache_data.clear()
    st.cache_resource.clear()
    return queue


class AtOnce:
    """A queue whose jobs are over, and their results saved, as soon as they are submitted; titles tell jobs apart. What
    was saved is not held."""

    def __init__(self) -> None:
        self.titles: dict[str, Callable] = {}
        self.ended: dict[str, Job] = {}
        self.results: dict[str, object] = {}

    def jobs(self) -> tuple:
        return ()

    def submit(self, function, *arguments, title, on_result=None) -> str:
        status, error, self.titles[title] = "done", None, function
        try:
            self.results[title] = run(function(*arguments), lambda event: None)
            if on_result is not None:
                on_result(self.results[title])
                del self.results[title]
        except CoreError as problem:
            status, error = "failed", str(problem)
        self.ended[title] = Job(id=title, title=title, status=status, events=(), created=0.0, error=error)
        return title

    def has_job(self, job_id: str) -> bool:
        return job_id in self.ended

    def job(self, job_id: str) -> Job:
        if job_id not in self.ended:
            raise JobError(f"no job {job_id}")
        return self.ended[job_id]

    def result(self, job_id: str):
        if job_id not in self.results:
            raise JobError(f"no result of {job_id}")
        return self.results[job_id]


@pytest.fixture
def queue(idle, monkeypatch) -> AtOnce:
    made = AtOnce()
    monkeypatch.setattr(cache, "queue", lambda: made)
    return made


@pytest.fixture
def saved(idle, finished):
    """The small finished run, saved where the pages look."""
    return runs.save(finished, cache.RUNS)


def opened(page: str) -> AppTest:
    """The app turned to this page ("" is home), without an exception."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run()
    if page:
        app.switch_page(f"pages/{page}.py").run()
    assert not app.exception, app.exception
    return app


def text(app: AppTest) -> str:
    """Everything that the page says in words."""
    parts = [*app.markdown, *app.caption, *app.error, *app.warning, *app.info, *app.success]
    return "\n".join(str(part.value) for part in parts)
