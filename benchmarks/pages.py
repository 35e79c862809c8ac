"""How soon a page answers while a training runs: python -m benchmarks.pages

Starts the app with folders of its own, measures the journey of the demo from a cold server, then switches between pages
with no training and with one under way (medians of 20), in Chromium.
"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
SWITCHES = 20


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
            print(f"cold server to first page    {_first_page(page, port):6.2f} s")
            print(f"demo, click to importances   {_demo(page):6.2f} s")
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
