"""How soon a page answers while a training runs: python -m benchmarks.pages

Starts the app with folders of its own, measures the journey of the demo from a cold server, then the clicks of someone
who asks why (a date until its waterfall, a slider of What if until the new forecast: medians of 8), then switches
between pages with no training and with one under way (medians of 20), in Chromium. "Stolen" is the share of the time in
which the machine ran other guests; what was measured then says little.
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

from playwright.sync_api import Page, expect, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
SWITCHES, ASKED = 20, 8
REST = 12  # s between two clicks, as someone who looks takes; a rented machine may slow down who never rests
QUIET = 0.1  # share of the time stolen
SAYS = ".st-key-under-{} [data-testid=stCaptionContainer]"


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
            for what, ask in (("a date to its waterfall", _dates), ("a slider to the forecast", _slides)):
                took, stolen = ask(page)
                quiet = [seconds for seconds, share in zip(took, stolen, strict=True) if share <= QUIET]
                print(
                    f"{what:28} {statistics.median(took):6.2f} s  (stolen {statistics.mean(stolen):.0%}; of the "
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
    began = time.perf_counter()
    while True:
        try:
            page.goto(f"http://127.0.0.1:{port}/")
            break
        except Exception:  # the server is not listening yet
            time.sleep(0.05)
    expect(page.get_by_role("button", name="Run the demo")).to_be_visible()
    return time.perf_counter() - began


def _demo(page: Page) -> float:
    began = time.perf_counter()
    page.get_by_role("button", name="Run the demo").click()
    expect(page.get_by_role("heading", name="What drives it")).to_be_visible(timeout=90_000)
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    return time.perf_counter() - began


def _dates(page: Page) -> tuple[list[float], list[float]]:
    """Seconds from a click on a date to its waterfall, each time another date; and the stolen shares."""
    page.get_by_test_id("stSidebar").get_by_role("link", name="Explain").click()
    chart = page.locator(".st-key-day-chart .main-svg").first
    page.locator(SAYS.format("waterfall")).first.wait_for()
    time.sleep(5)

    def aim(n: int) -> None:
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * (0.25 + 0.04 * n), box["y"] + box["height"] * 0.6)
        time.sleep(1)  # until the point under the pointer is found

    def click() -> None:
        page.mouse.down()
        page.mouse.up()

    return _asked(page, "waterfall", aim, click)


def _slides(page: Page) -> tuple[list[float], list[float]]:
    """Seconds from a key on a slider of What if to the forecast that answers; and the stolen shares."""
    page.get_by_test_id("stSidebar").get_by_role("link", name="What if").click()
    page.locator(SAYS.format("scenario")).filter(has_text="Nothing is changed yet").first.wait_for()
    time.sleep(5)
    return _asked(
        page, "whatif", lambda _: page.get_by_role("slider").first.focus(), lambda: page.keyboard.press("ArrowRight")
    )


def _asked(
    page: Page, key: str, aim: Callable[[int], None], ask: Callable[[], None]
) -> tuple[list[float], list[float]]:
    """How long the sentence under a chart takes to become another one, and the share of that time that was stolen."""
    took, stolen = [], []
    for n in range(ASKED):
        aim(n)
        before, clock, began = page.locator(SAYS.format(key)).inner_text(), _clock(), time.perf_counter()
        ask()
        page.wait_for_function(
            "([where, before]) => { const now = document.querySelector(where);"
            " return now && now.innerText !== before }",
            arg=[SAYS.format(key), before],
            polling=20,
        )
        took.append(time.perf_counter() - began)
        total, other = (now - then for now, then in zip(_clock(), clock, strict=True))
        stolen.append(other / max(total, 1))
        time.sleep(REST)
    return took, stolen


def _clock() -> tuple[int, int]:
    """Ticks of all processors since the machine started, and those in which it ran other guests."""
    ticks = [int(part) for part in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks), ticks[7]


def _switches(page: Page) -> float:
    took = []
    for i in range(SWITCHES):
        name = ("Runs", "Data")[i % 2]
        link = page.get_by_test_id("stSidebar").get_by_role("link", name=name)
        began = time.perf_counter()
        link.click()
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        took.append(time.perf_counter() - began)
        time.sleep(0.3)
    return statistics.median(took)


def _train(page: Page) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name="Train").click()
    box = page.get_by_label("Epochs", exact=True)
    box.fill("2000")
    box.press("Tab")
    page.get_by_text("More settings").click()
    patience = page.get_by_label("Patience", exact=True)
    patience.fill("500")
    patience.press("Tab")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("of at most 2000")).to_be_visible()


if __name__ == "__main__":
    main()
