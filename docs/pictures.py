"""The pictures of the README, taken in Chromium: python docs/pictures.py

Starts the app with folders of its own, runs the demo, and takes Home, Forecast and Explain, light and dark, into docs/.
A picture that would be larger than LARGEST is not kept.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, ViewportSize, sync_playwright

DOCS = Path(__file__).parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
PAGES = {"home": "/", "forecast": "/forecast", "explain": "/explain"}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZE: ViewportSize = {"width": 1280, "height": 900}
LARGEST = 200_000  # bytes
TIMEOUT = 300_000  # ms
SETTLE = 3_000  # ms for charts to come to rest


def main() -> None:
    """Take all pictures."""
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        state = None
        for theme in THEMES:
            context = browser.new_context(viewport=SIZE, color_scheme=theme, storage_state=state)
            page = context.new_page()
            page.set_default_timeout(TIMEOUT)
            page.goto(url)
            if state is None:
                run_demo(page)
                state = context.storage_state()  # the visitor, who owns the run
            for name, path in PAGES.items():
                take(page, f"{url}{path}", DOCS / (f"{name}.png" if theme == "light" else f"{name}-{theme}.png"))
            context.close()
        browser.close()


def run_demo(page: Page) -> None:
    """Train the demo, to its end."""
    page.get_by_role("button", name="Run the demo").click()
    page.get_by_test_id("stToast").first.wait_for()


def take(page: Page, address: str, path: Path) -> None:
    """A picture of the page at this address, once its charts are drawn and at rest."""
    page.goto(address)
    page.locator("[data-testid=stMain] .main-svg").first.wait_for()
    page.wait_for_timeout(SETTLE)
    picture = page.screenshot()
    if len(picture) > LARGEST:
        print(f"{path.name} would have {len(picture):,} bytes and is left out")
        return
    path.write_bytes(picture)
    print(f"{path.name} {len(picture):,} bytes")


@contextmanager
def served() -> Iterator[str]:
    """The address of the app, with folders of its own, once it answers."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        env = os.environ | {"LOOKBACK_RUNS": f"{folder}/runs", "LOOKBACK_CACHE": f"{folder}/cache"}
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
        process = subprocess.Popen(command, env=env, cwd=DOCS.parent, stdout=subprocess.DEVNULL)
        try:
            wait(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def wait(url: str) -> None:
    """Return when the server answers; raises TimeoutError after two minutes."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            with urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"No server answers at {url}.")


if __name__ == "__main__":
    main()
