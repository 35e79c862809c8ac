"""The browser that benchmarks and tests drive: the lightest Chromium on the path."""

import shutil

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the lightest first
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


def path() -> str | None:
    """Where it is; None without one."""
    return next(filter(None, map(shutil.which, NAMES)), None)
