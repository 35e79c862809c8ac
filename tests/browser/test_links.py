"""A link to a run, as it is shared: on a server that has just started, and for a visitor who reads Korean."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.language import tr, use
from core.storage import runs
from tests.browser.conftest import SLOW, Server, serve, visitor
from ui.layout import MENU

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]
PAGES = {Path(path).stem: "Lookback" if path == "app.py" else label for path, label, _ in MENU}  # → heading
COLD = ("forecast", "explain", "network")  # each begins with other imports
ENGLISH = re.compile(r"[a-z]{2,}(?: [a-z]{2,}){3,}")  # four words: a sentence, and no name


@pytest.fixture(scope="module")
def cold_store(server: Server, shared_run: str, tmp_path_factory) -> tuple[Path, str]:
    """A folder that no server has opened yet, and the id of the run in it."""
    folder = tmp_path_factory.mktemp("cold")
    return folder, runs.save(runs.load(shared_run, server.runs), folder / "runs").id


@pytest.mark.parametrize("path", COLD)
def test_a_shared_link_opens_on_a_server_that_has_just_started(
    chromium: Browser, cold_store: tuple[Path, str], path: str
):
    folder, run = cold_store
    with serve(folder) as cold:
        page = chromium.new_context(base_url=cold.url).new_page()
        page.goto(f"/{path}?run={run}")
        expect(page.get_by_role("heading", name=PAGES[path], exact=True, level=1)).to_be_visible(timeout=SLOW)
        expect(page.get_by_text(f"Run {run}").first).to_be_visible(timeout=SLOW)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        page.context.close()


@pytest.fixture(scope="module")
def korean(chromium: Browser, server: Server):
    """The tab of a visitor whose browser speaks Korean."""
    with visitor(chromium, server, locale="ko-KR") as tab:
        yield tab


@pytest.mark.parametrize("path", ["app", "data", "train", "evaluate", "explain", "glossary"])  # all: tests/pages
def test_a_page_speaks_korean_to_a_browser_in_korean(korean: Page, shared_run: str, path: str):
    korean.goto(f"/{path.removeprefix('app')}?run={shared_run}")
    with use("ko"):
        title = tr(PAGES[path])
    expect(korean.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible(timeout=SLOW)
    expect(korean.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=SLOW)
    drawn = korean.get_by_test_id("stApp").inner_text().removeprefix("Skip to main content")  # of Streamlit
    assert re.search("[가-힣]", drawn) and ENGLISH.findall(drawn) == []
