"""The app started as a person starts it, and a Chromium that looks at it."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, WebError, expect, sync_playwright

from benchmarks import chromium as browser
from benchmarks import served_app
from core import pipeline
from core.data.load import load
from core.data.sources import samples
from core.jobs.local import run
from core.spec import with_values
from core.storage import experiment_log, runs

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# Nothing moves by itself: a spinner that turns takes a sixth of Chromium's processor time.
STILL = """addEventListener('DOMContentLoaded', () => {
    const style = document.createElement('style')
    style.textContent = '*, *::before, *::after { animation: none !important; transition: none !important }'
    document.head.append(style)
})"""
SLOW = 150_000  # ms: a training on a busy machine
expect.set_options(timeout=60_000)  # the machine may be busy with something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    url: str
    pid: int
    runs: Path


@pytest.fixture(scope="package")
def chromium():
    """A running Chromium; without one the browser tests are skipped, unless LOOKBACK_NEEDS_BROWSER is set.

    It ends with this folder: while it runs, an event loop occupies the main thread, and Dask could start no worker.
    """
    path = browser.path()
    if path is None:
        reason = (
            "no Chromium on this machine: install Debian's package chromium-headless-shell to run the browser tests"
        )
        if os.environ.get("LOOKBACK_NEEDS_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=browser.FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def server(tmp_path_factory):
    """One app for all files: each start costs seconds. A file that counts what is saved has an app of its own."""
    with serve(tmp_path_factory.mktemp("app")) as started:
        yield started


@pytest.fixture(scope="package")
def shared_run(server: Server) -> str:
    """The id of a small run of the S&P 500 in that app."""
    return small_run(server.runs)


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """The app, just started on a free port, with its runs and downloads in this folder."""
    with served_app.started(folder) as (process, url):
        served_app.wait(process, url, folder)
        yield Server(url=url, pid=process.pid, runs=folder / "runs")
    assert process.returncode != -signal.SIGKILL  # it ended when it was told to


@pytest.fixture(scope="module")
def _tab(chromium: Browser, server: Server):
    with visitor(chromium, server) as tab:
        yield tab


@pytest.fixture
def page(_tab: Page, server: Server):
    """A new visitor, in the tab of the visitor before: to read the scripts of the page anew takes two seconds of the
    processor. Fails the test when a page shows an exception or requests anything from another machine."""
    _tab.set_viewport_size(DESKTOP)
    with without_errors(_tab.context, server):
        yield _tab
        expect(_tab.get_by_test_id("stException")).to_have_count(0)
        for other in _tab.context.pages[1:]:
            other.close()
        _tab.evaluate("localStorage.clear(), sessionStorage.clear()")
    _tab.context.clear_cookies()
    _tab.goto("about:blank")


@contextmanager
def visitor(chromium: Browser, server: Server, **settings: str) -> Iterator[Page]:
    """A tab of its own for a new visitor, with these settings of their browser."""
    context = chromium.new_context(viewport=DESKTOP, base_url=server.url, **settings)
    context.add_init_script(STILL)
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    try:
        with without_errors(context, server):
            yield tab
    finally:
        context.close()


@contextmanager
def without_errors(context: BrowserContext, server: Server) -> Iterator[None]:
    """Fail if a script fails meanwhile, or a page asks another machine for anything."""
    requests: list[str] = []
    errors: list[str] = []

    def note_error(error: WebError) -> None:
        errors.append(str(error.error))

    def note_request(request: Request) -> None:
        requests.append(request.url)

    context.on("weberror", note_error)
    context.on("request", note_request)
    yield
    context.remove_listener("weberror", note_error)
    context.remove_listener("request", note_request)
    assert errors == []
    ours = (server.url, server.url.replace("http", "ws"), "data:", "blob:")
    assert [url for url in requests if not url.startswith(ours)] == []


def small_run(folder: Path) -> str:
    """The id of a run saved in this folder: without evidence of skill, on prices, with every badge of a page."""
    spec = with_values(samples.recipe("SP500"), {"train.epochs": 2})
    saved = runs.save(run(pipeline.run(spec, load(spec.data, folder)), lambda event: None), folder)
    experiment_log.add_or_report(saved, folder)
    return saved.id


def contention() -> float:
    """How many times longer than on an idle machine work takes now: wall-clock seconds per CPU second of a busy
    loop."""
    began, worked = time.perf_counter(), time.process_time()
    while time.process_time() - worked < 0.5:
        sum(range(1000))
    return (time.perf_counter() - began) / 0.5


def heading(tab: Page, text: str) -> None:
    """Wait for the page with this heading."""
    expect(tab.get_by_role("heading", name=text, exact=True, level=1)).to_be_visible()


def is_whole(chart: Locator) -> None:
    """Wait until the chart is drawn, and none of it is below or beside the screen."""
    expect(chart).to_be_in_viewport(ratio=1)
    box = chart.bounding_box()
    assert box is not None and box["height"] > 100


def fits_a_phone(tab: Page) -> None:
    """Wait until a phone that is held upright scrolls the page one way only."""
    tab.set_viewport_size(PHONE)
    for part in ("[data-testid=stMain]", "html"):
        tab.wait_for_function("part => (e => e.scrollWidth <= e.clientWidth)(document.querySelector(part))", arg=part)


def caption(tab: Page, key: str) -> Locator:
    """The caption under the chart with this key."""
    return tab.locator(f".st-key-under-{key}").get_by_test_id("stCaptionContainer")


def fill(tab: Page, label: str, value: int) -> None:
    """Type a number into the box with this label, and leave the box."""
    box = tab.get_by_label(label, exact=True)
    box.fill(str(value))
    box.press("Tab")
