"""Pages run without a browser, on folders of their own; the queue is replaced where no training is meant."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.runs import store
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
        from core.errors import JobError

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


@pytest.fixture
def saved(idle, finished):
    """The small finished run, saved where the pages look."""
    return store.save(finished, cache.RUNS)


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
