"""The estimate of the time left against the truth, on live trainings: python -m benchmarks.time_left [--trace]

Trains the demo and the volatility of the S&P 500 three times each through the queue of the app, with folders of their
own, and asks for the estimate four times a second. Goal from the second run on, once 20 % have passed: within a factor
of 1.5 of the truth, on a loaded machine of 2, and never below one second while more than three remain.
"""

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core import pipeline
from core.charts.training import loss
from core.data import load
from core.data.sources import samples
from core.datasets.windows import resolve
from core.jobs.queue import Queue
from core.spec import Spec, with_values
from core.storage.finish import finish
from core.types import Run
from ui.jobs import time_left

RUNS = 3
SERIES = ("SUNSPOTS", "SP500")
EVERY = 0.25  # s
LEARNED = 0.2  # share of a run from which the estimate counts
NEAR_END = 1.0  # s of the truth below which no factor is formed


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a running job: seconds since its start, and what was said then."""

    at: float
    stage: str
    seconds: float | None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split(":", 1)[0])
    parser.add_argument("--trace", action="store_true", help="print every look")
    trace = parser.parse_args().trace
    print(
        f"{'series':10}{'run':>4}{'took, s':>9}{'median':>8}{'within 1.5':>12}{'worst':>7}{'least, > 3 s left':>19}"
        f"{'load':>6}"
    )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        queue = Queue.open(workers=2, modules=pipeline.MODULES, on_done=partial(time_left.remember, root))
        for name in SERIES:
            for number in range(1, RUNS + 1):
                looks, took = follow(queue, samples.recipe(name), root)
                print(f"{name:10}{number:4}{took:9.1f}{describe(looks, took)}{os.getloadavg()[0]:6.1f}", flush=True)
                if trace:
                    print(
                        *(f"    {look.at:5.1f} {look.stage:9} {took - look.at:5.1f} {look.seconds}" for look in looks),
                        sep="\n",
                    )
        queue.close()


def follow(queue: Queue, spec: Spec, root: Path, **settings: object) -> tuple[list[Look], float]:
    """What is said during a training, and the seconds that it took from its start."""
    frame = load.load(spec.data, root)
    spec = resolve(with_values(spec, settings), frame)
    job_id = queue.submit(pipeline.run, spec, frame, title="Training", on_result=partial(_save, root))
    looks = []
    while not (job := queue.job(job_id)).over:
        if job.started is not None:
            now = time.time()
            left = time_left.estimate(job, loss.collect_epochs(job.events), time_left.past(root), now)
            stage = job.stages[-1].event.name if job.stages else ""
            looks.append(Look(at=now - job.started, stage=stage, seconds=left.seconds))
        time.sleep(EVERY)
    if job.status != "done" or job.started is None or job.ended is None:
        raise RuntimeError(job.error)
    return looks, job.ended - job.started


def describe(looks: list[Look], took: float) -> str:
    """Of the estimates past the first fifth, over the truth: median, share within 1.5, the farthest; and the least
    seconds that were said while more than three remained."""
    ratios = [
        look.seconds / (took - look.at)
        for look in looks
        if look.seconds is not None and look.at > LEARNED * took and took - look.at > NEAR_END
    ]
    least = min(
        (look.seconds for look in looks if look.seconds is not None and took - look.at > 3), default=float("nan")
    )
    if not ratios:
        return f"{'none':>8}{'none':>12}{'none':>7}{least:19.1f}"
    within = sum(1 / 1.5 <= ratio <= 1.5 for ratio in ratios) / len(ratios)
    worst = max(ratios, key=lambda ratio: max(ratio, 1 / max(ratio, 1e-9)))
    return f"{statistics.median(ratios):8.2f}{within:12.0%}{worst:7.2f}{least:19.1f}"


def _save(root: Path, run: Run) -> str:
    return finish(run, None, root)[0].id


if __name__ == "__main__":
    main()
