"""Server time and bytes of one redraw of the panel of a running training: python -m benchmarks.live_panel

The panel redraws itself every second for each visitor who looks at a training. Medians of 20 redraws by the number of
epochs so far: the snapshot of the job, the estimate of the time left and both curves. Goal: 60 ms.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from streamlit.testing.v1 import AppTest

from core.events import Cost, Epoch, Stage
from core.jobs.job import Entry, Job
from core.storage import durations
from core.storage.durations import Duration
from ui import cache

GOAL = 60  # ms
REDRAWS = 20
LAYERS = ("LSTM 1", "LSTM 2", "attention", "head")
WORK = "core.pipeline.run"


class OneJob:
    """A queue with one job, of which every caller gets a new snapshot."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def job(self, job_id: str) -> Job:
        """The job at this moment."""
        return self.entry.snapshot()


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        for n in range(durations.MOST):
            stages = (("features", 1.0), ("train", 50.0 + n / 100), ("evaluate", 3.0), ("explain", 14.0))
            durations.add(Duration(work=WORK, stages=stages, cost={"train": 40.0}, used=0.5), Path(folder))
        for epochs in (0, 50, 500, 5_000):
            milliseconds, size = measure(training(epochs), Path(folder))
            verdict = "met" if milliseconds <= GOAL else "MISSED"
            print(f"{epochs:6,} epochs {milliseconds:8.1f} ms a redraw, {size / 1000:8.1f} kB  {verdict}")


def training(epochs: int) -> Entry:
    """A running training with so many epochs."""
    entry = Entry(id="one", title="Training LSTM on A", payload=b"", on_result=None, work=WORK)
    entry.start()
    entry.append(Stage(name="features", text="Computing features"))
    entry.append(Cost(seconds={"train": 40.0, "evaluate": 3.0, "explain": 9.0}))
    entry.append(Stage(name="train", text="Training on 7000 windows"))
    for n in range(1, epochs + 1):
        norms = {name: 0.1 + 0.01 * k + 1 / (n + k) for k, name in enumerate(LAYERS)}
        entry.append(
            Epoch(
                epoch=n,
                epochs=10_000,
                train_loss=0.5 + 0.3 / n,
                val_loss=0.6 + 0.3 / n + 0.01 * (n % 7),
                lr=1e-3,
                seconds=n / 100,
                eta=50.0,
                grad_norm=0.5,
                grad_norm_max=1.5,
                layer_norms=norms,
                step=13 * n,
                steps=130_000,
            )
        )
    return entry


def measure(entry: Entry, root: Path) -> tuple[float, int]:
    """Median milliseconds of processor time of a redraw, and the bytes of its elements."""

    def page() -> None:
        import time

        import streamlit as st

        from ui.jobs import progress

        began = time.thread_time()
        progress._draw("one", False)
        st.session_state["took"] = time.thread_time() - began

    took = []
    with mock.patch.object(cache, "queue", lambda: OneJob(entry)), mock.patch.object(cache, "RUNS", root):
        app = AppTest.from_function(page, default_timeout=60)
        for _ in range(REDRAWS):
            app.run()
            assert not app.exception, app.exception
            took.append(1000 * app.session_state["took"])
            time.sleep(0.01)
    return statistics.median(took), sum(len(element.proto.SerializeToString()) for element in _leaves(app.main))


def _leaves(block: Any) -> Iterator[Any]:
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from _leaves(child)
        else:
            yield child


if __name__ == "__main__":
    main()
