"""Processor seconds to list many saved runs, and to draw the Runs page: python -m benchmarks.run_list [--smallest]

One run of standard effort on the S&P 500 is copied so many times. "first" reads every folder, "new process" the kept
list, "again" asks only whether the files are the same; each is the median of five. The page is drawn by Streamlit's
AppTest, without a browser. Processor time is that of this process, which no other program lengthens.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from benchmarks.series import sp500
from core import pipeline
from core.data.sources import samples
from core.errors import JobError
from core.jobs.local import run
from core.spec import with_values
from core.storage import runs, summaries
from ui import cache

GOAL = 1.0  # s
TURNS = 5
ROOT = Path(__file__).parents[1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split(":", 1)[0])
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--smallest", action="store_true", help="25 runs of one epoch")
    options = parser.parse_args()
    count, steps = (25, {"train.epochs": 1, "model.hidden": 4}) if options.smallest else (options.runs, {})
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        fill(root, count, steps)
        for name, seconds in measure(root).items():
            print(f"{name:24} {seconds:6.3f} s  (goal {GOAL:g} s, {count} runs)")


def fill(root: Path, count: int, settings: Mapping[str, object]) -> None:
    """Save a run and copies of it, which share its files on the disk: each is read and compared with its checksum."""
    spec = with_values(samples.recipe("SP500"), dict(settings))
    saved = runs.save(run(pipeline.run(spec, sp500()), lambda event: None), root)
    for number in range(count - 1):
        copy = root / f"20200101-{number // 60:02d}{number % 60:02d}00-0000abcd"
        shutil.copytree(root / saved.id, copy, copy_function=os.link)
    assert not [line.problem for line in runs.list_all(root) if line.problem]


def measure(root: Path) -> dict[str, float]:
    """Processor seconds of each list and of the page."""

    def forget_all() -> None:
        summaries._known.clear()
        (root / summaries.FILE).unlink(missing_ok=True)

    return {
        "list, first": _median(lambda: runs.list_all(root), forget_all),
        "list, new process": _median(lambda: runs.list_all(root), summaries._known.clear),
        "list, again": _median(lambda: runs.list_all(root), lambda: None),
        **_draw_page(root),
    }


def _draw_page(root: Path) -> dict[str, float]:
    """Seconds to draw the Runs page, its modules loaded."""
    with patch.object(cache, "RUNS", root), patch.object(cache, "queue", _Idle):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
        app.switch_page("pages/runs.py").run()
        assert not app.exception, app.exception
        first = _median(app.run, summaries._known.clear)
        return {"page, new process": first, "page, again": _median(app.run, lambda: None)}


class _Idle:
    """A queue without jobs."""

    def jobs(self) -> tuple[()]:
        return ()

    def job(self, job_id: str) -> NoReturn:
        raise JobError(f"There is no job {job_id}.")


def _median(act: Callable[[], object], before: Callable[[], object]) -> float:
    taken = []
    for _ in range(TURNS):
        before()
        began = time.process_time()
        act()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
