"""A search as a person runs it: ticked, started, killed with the whole app, gone on with, and its best recipe used."""

import json
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from core.tuning import study
from tests.browser.conftest import DESKTOP, SLOW, caption, fill, heading, serve

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]
TINY = {"window.lookback": 10, "model.hidden": 8, "train.epochs": 2, "data.start": "2016-01-01"}


def open_search(tab: Page, url: str) -> None:
    tab.goto(f"{url}/train?recipe={quote(json.dumps(TINY))}")
    heading(tab, "Train")
    expect(tab.get_by_label("Hidden size", exact=True)).to_have_value("8")
    tab.get_by_role("link", name="Search", exact=True).click()
    heading(tab, "Search")


def kill(pid: int) -> None:
    """The app and its workers, as a power cut would."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=20)


def test_a_search_survives_the_death_of_the_app_and_its_best_recipe_is_used(chromium: Browser, tmp_path: Path) -> None:
    context = chromium.new_context(viewport=DESKTOP)
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    with serve(tmp_path) as first:
        open_search(tab, first.url)
        fill(tab, "Hidden size from", 2)
        fill(tab, "Hidden size to", 9)
        fill(tab, "At most", 30)
        tab.get_by_role("button", name="Start the search").click()
        expect(caption(tab, "search-history")).to_contain_text("complete trial", timeout=SLOW)
        expect(tab.get_by_role("button", name="Cancel")).to_be_visible()
        kill(first.pid)
    (of,) = study.list_all(first.runs)
    before = [one for one in study.trials(of.id, first.runs) if one.over]
    assert before and len(before) < 30
    study.extend(of.id, len(before) + 2, None, first.runs)
    with serve(tmp_path) as second:
        tab.goto(f"{second.url}/search")
        tab.get_by_role("button", name="Go on").click()
        done = len(before) + 2
        expect(tab.get_by_text(f"{done} of {done} trials")).to_be_visible(timeout=SLOW)
        expect(tab.get_by_role("button", name="Cancel")).to_have_count(0)
        assert list(study.trials(of.id, second.runs)[: len(before)]) == before
        best = study.best(study.trials(of.id, second.runs))[0]
        tab.get_by_role("button", name="Use this recipe").click()
        heading(tab, "Train")
        expect(tab.get_by_label("Hidden size", exact=True)).to_have_value(str(best.params["model.hidden"]))
        expect(tab.get_by_test_id("stException")).to_have_count(0)
    context.close()
