"""A damaged run is said to be one; nobody lands on it by default, and no page shows a traceback."""

import dataclasses
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.storage import runs, summaries
from core.types import Run
from tests.pages.conftest import ROOT, checked, opened, owner, turn
from ui import cache


@pytest.fixture
def two(saved: Run, finished: Run) -> tuple[str, str]:
    """The ids of the newest run, and of one before it."""
    return runs.save(dataclasses.replace(finished, id="20301231-000000-0123abcd"), cache.RUNS).id, saved.id


def damage(run_id: str) -> None:
    """Flip a bit in the weights of a run."""
    path = cache.RUNS / run_id / "weights.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])


def test_the_default_is_the_newest_sound_run(two: tuple[str, str]) -> None:
    damage(two[0])
    for page in ("", "forecast"):
        app = opened(page)
        assert not app.error and app.session_state["shown"] == two[1]


def first_page(page: str, **session: str) -> AppTest:
    """The app as a visitor with all runs opens it at this page."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in ({"visitor": owner()} | session).items():
        app.session_state[name] = value
    return checked(app.switch_page(page).run())


@pytest.mark.parametrize("page", ["app.py", "pages/forecast.py"])
def test_damage_that_is_found_on_opening_is_said_and_the_next_run_is_shown(
    two: tuple[str, str], page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "LARGE", 10)  # as if the weights were too large for the list
    damage(two[0])
    for errors in ([True], []):  # from then on the list knows
        app = first_page(page)
        assert [two[0] in box.value for box in app.error] == errors and app.session_state["shown"] == two[1]


@pytest.mark.parametrize("page", ["app.py", "pages/forecast.py"])
def test_a_damaged_run_that_was_opened_is_said_once(two: tuple[str, str], page: str) -> None:
    damage(two[0])
    app = first_page(page, run=two[0])
    assert [two[0] in box.value for box in app.error] == [True] and app.session_state["shown"] == two[0]
    app = turn(app, "evaluate")
    assert not app.error and app.session_state["shown"] == two[1]


def test_a_folder_that_cannot_be_read_is_said(two: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    app, iterdir = opened("stories"), Path.iterdir

    def refuse(self: Path) -> object:
        if self == cache.RUNS:
            raise OSError(13, "Permission denied")
        return iterdir(self)

    monkeypatch.setattr(Path, "iterdir", refuse)
    app = turn(app, "runs")
    assert ["Permission denied" in box.value for box in app.error] == [True]
