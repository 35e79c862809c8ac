"""Response times of the app, idle and during a training: python -m benchmarks.pages

Starts the app with its own folders and drives it in Chromium: the demo from a cold server; a click on a date until its
waterfall, and a slider of a scenario until the new forecast (medians of 8); page switches with no training and with one
in progress (medians of 20). "Stolen" is the share of the time in which the machine ran other guests; figures measured
then say little.
"""

import math
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright

from ui.layout import MENU

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
SWITCHES, CLICKS = 20, 8
PAUSE = 12  # s between two clicks, as of a reader; a rented machine may throttle who never pauses
SETTLE = 5  # s for a page to come to rest
QUIET = 0.1  # largest share of stolen time
NAMES = {Path(path).stem: label for path, label, _ in MENU}  # of the pages in the menu
CAPTION = " [data-testid=stCaptionContainer]"
WATERFALL, FIRST_CHART = f".st-key-under-waterfall{CAPTION}", f"[class*=st-key-under-]{CAPTION}"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        env = os.environ | {"LOOKBACK_RUNS": f"{folder}/runs", "LOOKBACK_CACHE": f"{folder}/cache"}
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
        server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[1])
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(90_000)
            expect.set_options(timeout=90_000)
            print(f"cold server to first page    {_first_page(page, port):6.2f} s")
            print(f"demo, click to importances   {_demo(page):6.2f} s")
            for title, measure in (("a date to its waterfall", _dates), ("a slider to the forecast", _sliders)):
                seconds, stolen = measure(page)
                quiet = [value for value, share in zip(seconds, stolen, strict=True) if share <= QUIET]
                print(
                    f"{title:28} {statistics.median(seconds):6.2f} s  (stolen {statistics.mean(stolen):.0%}; of the "
                    f"{len(quiet)} with at most {QUIET:.0%} stolen {statistics.median(quiet or [math.nan]):.2f} s)"
                )
            idle = _switches(page)
            print(f"page switch, idle            {1000 * idle:6.0f} ms")
            _train(page)
            busy = _switches(page)
            print(f"page switch, while training  {1000 * busy:6.0f} ms  ({busy / idle:.2f} x)")
        finally:
            browser.close()
            server.terminate()
            server.wait()


def _first_page(page: Page, port: int) -> float:
    """Seconds until a server that is just starting shows the home page."""
    start = time.perf_counter()
    while True:
        try:
            page.goto(f"http://127.0.0.1:{port}/")
            break
        except Exception:  # the server is not listening yet
            time.sleep(0.05)
    expect(page.get_by_role("button", name="Run the demo")).to_be_visible()
    return time.perf_counter() - start


def _demo(page: Page) -> float:
    """Seconds from the click on the demo to its importances."""
    start = time.perf_counter()
    page.get_by_role("button", name="Run the demo").click()
    expect(page.get_by_role("heading", name="What drives it")).to_be_visible(timeout=90_000)
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    return time.perf_counter() - start


def _dates(page: Page) -> tuple[list[float], list[float]]:
    """Seconds from a click on a date to its waterfall, each time another date; and the stolen shares."""
    _link(page, NAMES["explain"]).click()
    chart = page.locator(".st-key-day-chart .main-svg").first
    page.locator(WATERFALL).first.wait_for()
    time.sleep(SETTLE)

    def aim(n: int) -> None:
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * (0.25 + 0.04 * n), box["y"] + box["height"] * 0.6)
        time.sleep(1)  # plotly needs a moment to find the point

    def click() -> None:
        page.mouse.down()
        page.mouse.up()

    return _response_times(page, WATERFALL, aim, click)


def _sliders(page: Page) -> tuple[list[float], list[float]]:
    """Seconds from a key on a slider of a scenario to its forecast; and the stolen shares."""
    _link(page, NAMES["scenario"]).click()
    page.locator(FIRST_CHART).first.wait_for()
    time.sleep(SETTLE)
    slider = page.get_by_role("slider").first
    return _response_times(page, FIRST_CHART, lambda _: slider.focus(), lambda: page.keyboard.press("ArrowRight"))


def _response_times(
    page: Page, caption: str, aim: Callable[[int], None], act: Callable[[], None]
) -> tuple[list[float], list[float]]:
    """Seconds until the text of `caption` changes, and the share of that time that was stolen."""
    seconds, stolen = [], []
    for n in range(CLICKS):
        aim(n)
        before, clock, start = page.locator(caption).first.inner_text(), _clock(), time.perf_counter()
        act()
        page.wait_for_function(
            "([caption, before]) => { const now = document.querySelector(caption);"
            " return now && now.innerText !== before }",
            arg=[caption, before],
            polling=20,
        )
        seconds.append(time.perf_counter() - start)
        total, other = (now - then for now, then in zip(_clock(), clock, strict=True))
        stolen.append(other / max(total, 1))
        time.sleep(PAUSE)
    return seconds, stolen


def _link(page: Page, name: str) -> Locator:
    """The page's link in the menu."""
    return page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True)


def _clock() -> tuple[int, int]:
    """Ticks of all processors since the machine started, and those in which it ran other guests."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks), ticks[7]


def _switches(page: Page) -> float:
    """Median seconds from a link in the menu to the heading of its page."""
    seconds = []
    for i in range(SWITCHES):
        name = NAMES[("runs", "data")[i % 2]]
        link = _link(page, name)
        start = time.perf_counter()
        link.click()
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        seconds.append(time.perf_counter() - start)
        time.sleep(0.3)
    return statistics.median(seconds)


def _train(page: Page) -> None:
    """Start a training that outlasts the measurement."""
    _link(page, NAMES["train"]).click()
    box = page.get_by_label("Epochs", exact=True)
    box.fill("2000")
    box.press("Tab")
    page.get_by_text("More settings").click()
    patience = page.get_by_label("Patience", exact=True)
    patience.fill("500")
    patience.press("Tab")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("of at most 2,000")).to_be_visible()


if __name__ == "__main__":
    main()
