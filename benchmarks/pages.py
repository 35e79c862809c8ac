"""Response times, payloads and processor time of every page: python -m benchmarks.pages [--smallest]

Starts the app with its own folders and drives it in Chromium: the first page and the demo from a cold server, the demo
again; every page of the menu, by its link, at first and again (medians), idle and during a training; a click on a date
until its waterfall and a slider of a scenario until the new forecast (medians); a redraw of the live panel. Seconds end
at useful content: the first chart is painted, or the page has none and is complete. Bytes are those of the websocket,
processor seconds those of the server without its workers. "Stolen" is the share of the time in which the machine ran
other guests; figures measured then say little, and so do seconds at a high load.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Locator, Page, WebSocket, expect, sync_playwright

from benchmarks import chromium, live_panel, served_app
from core.data.sources import samples
from core.spec import compact, with_values
from ui.home import demo
from ui.layout import MENU

ROUNDS, CLICKS = 3, 8
PAUSE = 3  # s between two clicks, as of a reader
SETTLE = 2  # s for a page to come to rest
TIMEOUT = 300_000  # ms: on a busy machine too
GOALS = {  # s, unless the name says otherwise
    "cold server to first page": 2.0,
    "demo, click to verdict, cold": 14.0,
    "demo, click to verdict, warm": 8.0,
    "page": 0.6,
    "page, while training": 1.0,
    "page, kB": 400.0,
    "a date to its waterfall": 0.6,
    "a slider to the forecast": 0.3,
    "live panel, server ms a second": 60.0,
}
NAMES = {Path(path).stem: label for path, label, _ in MENU}  # of the pages in the menu
CAPTION = " [data-testid=stCaptionContainer]"
WATERFALL, FIRST_CHART = f".st-key-under-waterfall{CAPTION}", f"[class*=st-key-under-]{CAPTION}"
LONG = {"train.steps": 20_000, "train.patience": 500, "model.hidden": 128}  # outlasts the measurement
USEFUL = """name => {
    const heading = document.querySelector("h1");
    if (!heading || heading.innerText.trim() !== name) return false;
    const charts = document.querySelectorAll("[data-testid=stMain] :is(.main-svg, canvas, svg.marks)");
    if ([...charts].some(chart => !chart.closest("[data-stale=true]"))) return true;
    return document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning";
}"""
CHANGED = """([caption, before]) => {
    const now = document.querySelector(caption);
    return now && now.innerText !== before;
}"""


@dataclass(kw_only=True)
class Server:
    """The app under measurement, and the bytes that it has sent over websockets. Without slots: playwright marks it."""

    process: subprocess.Popen[bytes]
    url: str
    received: int = 0
    load: float = field(default_factory=lambda: os.getloadavg()[0])

    def listen(self, socket: WebSocket) -> None:
        """Count what comes through a websocket."""
        socket.on("framereceived", self._count)

    def _count(self, payload: str | bytes) -> None:
        self.received += len(payload)

    def processor(self) -> float:
        """Processor seconds so far, without those of its workers."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One page opened by its link: seconds until useful content, bytes received and processor seconds of the server
    until the page is complete."""

    seconds: float
    kilobytes: float
    processor: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split(":", 1)[0])
    parser.add_argument("--smallest", action="store_true", help="only the first page and the pages without a run")
    smallest = parser.parse_args().smallest
    clock = _clock()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.FLAGS)
        expect.set_options(timeout=TIMEOUT)
        with _served() as server:
            page = _open_tab(browser, server)
            _report("cold server to first page", _first_page(page, server))
            if not smallest:
                _report("demo, click to verdict, cold", _demo(page))
                time.sleep(10)  # the notice of the first one goes
                _report("demo, click to verdict, warm", _demo(page))
            rounds = [_visit_all(page, server) for _ in range(1 if smallest else ROUNDS)]
            busy: dict[str, Visit] = {}
            if not smallest:
                _report("a date to its waterfall", _dates(page))
                _report("a slider to the forecast", _sliders(page))
                _train(page, server)
                busy = _visit_all(page, server)
        browser.close()
    if not smallest:
        with tempfile.TemporaryDirectory() as folder:
            milliseconds, _ = live_panel.measure(live_panel.training(500), Path(folder))
        _report("live panel, server ms a second", milliseconds)
    _report_pages(rounds, busy)
    total, stolen = (now - then for now, then in zip(_clock(), clock, strict=True))
    load = f"load {server.load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end"
    print(f"{load}; stolen {stolen / max(total, 1):.0%}")


def _report(name: str, value: float) -> None:
    verdict = "met" if value <= GOALS[name] else "MISSED"
    print(f"{name:32}{value:8.2f}   goal {GOALS[name]:g}   {verdict}", flush=True)


def _report_pages(rounds: list[dict[str, Visit]], busy: dict[str, Visit]) -> None:
    """A line for each page: at first, again, and while a training runs."""
    again = rounds[1:] or rounds
    print(f"\n{'page':20}{'first, s':>9}{'again, s':>9}{'training, s':>12}{'kB':>7}{'server, s':>10}")
    for name, first in rounds[0].items():
        visits = [visit[name] for visit in again]
        seconds = statistics.median(visit.seconds for visit in visits)
        kilobytes = statistics.median(visit.kilobytes for visit in visits)
        processor = statistics.median(visit.processor for visit in visits)
        during = busy[name].seconds if name in busy else float("nan")
        missed = [
            goal
            for goal, value in (("page", seconds), ("page, while training", during), ("page, kB", kilobytes))
            if value > GOALS[goal]
        ]
        print(
            f"{name:20}{first.seconds:9.2f}{seconds:9.2f}{during:12.2f}{kilobytes:7.0f}{processor:10.2f}"
            f"{'   MISSED: ' + '; '.join(missed) if missed else ''}"
        )


@contextmanager
def _served() -> Iterator[Server]:
    """The app that is just starting, with folders of its own."""
    with tempfile.TemporaryDirectory() as folder, served_app.started(Path(folder)) as (process, url):
        yield Server(process=process, url=url)


def _open_tab(browser: Browser, server: Server) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(TIMEOUT)
    page.on("websocket", server.listen)
    return page


def _first_page(page: Page, server: Server) -> float:
    """Seconds until a server that is just starting shows the home page."""
    start = time.perf_counter()
    while True:
        try:
            page.goto(server.url)
            break
        except Exception:  # the server is not listening yet
            time.sleep(0.05)
    expect(page.get_by_role("button", name=demo.LABEL)).to_be_visible()
    return time.perf_counter() - start


def _demo(page: Page) -> float:
    """Seconds from the click on the demo to its verdict, on the home page."""
    _link(page, NAMES["app"]).click()
    page.wait_for_timeout(1000 * SETTLE)  # a click into a page that is being drawn may be lost
    start = time.perf_counter()
    page.get_by_role("button", name=demo.LABEL).click()
    page.get_by_test_id("stToast").first.wait_for()
    page.wait_for_function(USEFUL, arg="Lookback", polling=20)
    return time.perf_counter() - start


def _visit_all(page: Page, server: Server) -> dict[str, Visit]:
    """Every page of the menu, opened by its link from the page before."""
    visits = {}
    for stem, name in NAMES.items():
        if not _link(page, name).count():  # Trading is for runs of prices
            continue
        received, processor, start = server.received, server.processor(), time.perf_counter()
        _link(page, name).click()
        page.wait_for_function(USEFUL, arg="Lookback" if stem == "app" else name, polling=20)
        seconds = time.perf_counter() - start
        page.wait_for_timeout(1000 * SETTLE)
        visits[name] = Visit(
            seconds=seconds, kilobytes=(server.received - received) / 1000, processor=server.processor() - processor
        )
    return visits


def _dates(page: Page) -> float:
    """Seconds from a click on a date to its waterfall, each time another date."""
    _link(page, NAMES["explain"]).click()
    chart = page.locator(".st-key-day-chart .main-svg").first
    page.locator(WATERFALL).first.wait_for()
    page.wait_for_timeout(1000 * SETTLE)

    def aim(n: int) -> None:
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * (0.25 + 0.04 * n), box["y"] + box["height"] * 0.6)
        page.wait_for_timeout(1000)  # plotly needs a moment to find the point

    def click() -> None:
        page.mouse.down()
        page.mouse.up()

    return _response_time(page, WATERFALL, aim, click)


def _sliders(page: Page) -> float:
    """Seconds from a key on a slider of a scenario to its forecast."""
    _link(page, NAMES["scenario"]).click()
    page.locator(FIRST_CHART).first.wait_for()
    page.wait_for_timeout(1000 * SETTLE)
    slider = page.get_by_role("slider").first
    return _response_time(page, FIRST_CHART, lambda _: slider.focus(), lambda: page.keyboard.press("ArrowRight"))


def _response_time(page: Page, caption: str, aim: Callable[[int], None], act: Callable[[], None]) -> float:
    """Median seconds until the text of `caption` changes."""
    seconds = []
    for n in range(CLICKS):
        aim(n)
        before, start = page.locator(caption).first.inner_text(), time.perf_counter()
        act()
        page.wait_for_function(CHANGED, arg=[caption, before], polling=20)
        seconds.append(time.perf_counter() - start)
        page.wait_for_timeout(1000 * PAUSE)
    return statistics.median(seconds)


def _link(page: Page, name: str) -> Locator:
    """The page's link in the menu."""
    return page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True)


def _clock() -> tuple[int, int]:
    """Ticks of all processors since the machine started, and those in which it ran other guests."""
    ticks = [int(ticks) for ticks in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks), ticks[7]


def _train(page: Page, server: Server) -> None:
    """Start a training that outlasts the measurement."""
    recipe = compact.to_text(with_values(samples.recipe(demo.ILLUSION), LONG))
    page.goto(f"{server.url}/train?recipe={quote(recipe)}")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(" of at most ").first).to_be_visible()


if __name__ == "__main__":
    main()
