"""What the first page leaves for later, and what is got ready behind it."""

import subprocess
import sys
import time

from tests.pages.conftest import opened, turn
from ui import cache
from ui.jobs import ahead

HOME = "from ui import cache, layout, session; from ui.home import about, doors; from ui.jobs import progress, training"
LATER = (
    "torch",
    "scipy",
    "distributed",
    "core.pipeline",
    "core.data.load",
    "core.explain.recurrent_cell",
    "ui.summary",
)


def test_the_first_page_imports_nothing_that_it_does_not_show():
    code = f"import sys; {HOME}; print([name for name in {LATER} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_workers_start_behind_the_first_page_and_once(idle, monkeypatch):
    started = []
    monkeypatch.setattr(ahead, "SECONDS", 0.0)
    monkeypatch.setattr(ahead, "MODULES", ())
    monkeypatch.setattr(cache, "queue", lambda: started.append(1) or idle)
    turn(opened(""), "glossary")
    until = time.monotonic() + 10
    while not started and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.1)
    assert started == [1]
