"""Click to first epoch, a complete run of standard effort, memory of a large one: python -m benchmarks.standard

Everything goes through the queue and its worker processes, as in the app. `--only first|run|memory` measures one.
"""

import argparse
import statistics
import time

import pandas as pd
import psutil

from benchmarks import served_app
from benchmarks.prepare import FEATURES as THIRTY
from benchmarks.series import bars, sp500
from core import pipeline
from core.data import frame as frames
from core.datasets.windows import resolve
from core.events import Epoch, Stage
from core.features import registry
from core.jobs.queue import Queue
from core.spec import Spec, presets, with_values
from core.types import Run

GOAL_FIRST, GOAL_RUN, GOAL_MB = 1.5, 60.0, 1000.0
SYMBOLS, ROWS = 100, 5000  # of the large run
LARGE = {"window.lookback": 120, "model.hidden": 64, "train.epochs": 1}
TWENTY = (
    "return",
    "abs_return",
    "log_range",
    "log_range_mean:5",
    "log_range_mean:22",
    "volume_change",
    "negative_return",
    "rsi:14",
    "macd_hist",
    "ma_ratio:5",
    "ma_ratio:20",
    "ma_ratio:60",
    "momentum:20",
    "volume_ratio:20",
    "close_to_open",
    "close_position",
    "log_volatility:5",
    "log_volatility:22",
    "weekday",
    "month_end",
)


def main() -> None:
    """Measure and print each figure with its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("first", "run", "memory"))
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    queue = Queue.open(workers=2, address="", modules=pipeline.MODULES)
    try:
        warm_up(queue)
        if options.only in (None, "first"):
            measure_first_epoch(queue, options.turns)
        if options.only in (None, "run"):
            measure_run(queue, options.turns)
        if options.only in (None, "memory"):
            measure_memory(queue)
    finally:
        queue.close()


def warm_up(queue: Queue) -> None:
    """Run the demo once, so that the worker has imported and compiled what it needs."""
    finish(queue, Spec(), sp500())
    time.sleep(1)


def measure_first_epoch(queue: Queue, turns: int) -> None:
    """Seconds from submitting the demo to its first epoch."""
    taken = []
    for turn in range(turns):
        spec, frame, start = with_values(Spec(), {"seed": turn + 1}), sp500(), time.perf_counter()
        job = queue.submit(pipeline.run, resolve(spec, frame), frame, title="First")
        while not queue.job(job).over and not any(isinstance(event, Epoch) for event in queue.job(job).events):
            time.sleep(0.01)
        taken.append(time.perf_counter() - start)
        queue.cancel(job)
        while not queue.job(job).over:
            time.sleep(0.05)
    print(f"click to first epoch        {statistics.median(taken):6.2f} s   (goal {GOAL_FIRST}; {len(taken)} turns)")


def measure_run(queue: Queue, turns: int) -> None:
    """Seconds of a complete run of standard effort on 5,000 rows and 20 features, with its stages."""
    assert len(TWENTY) == 20 and all(registry.parse(name) for name in TWENTY)
    spec, frame = presets.apply(with_values(Spec(), {"features": list(TWENTY)}), "standard"), sp500().iloc[-ROWS:]
    taken = []
    for turn in range(turns):
        start = time.perf_counter()
        run = finish(queue, with_values(spec, {"seed": turn}), frame)
        taken.append(time.perf_counter() - start)
        explaining = run.explanation.seconds if run.explanation else float("nan")
        print(
            f"  turn {turn + 1}: {taken[-1]:5.1f} s, training {run.history.seconds:5.1f} s in "
            f"{len(run.history.epochs)} epochs, explaining {explaining:5.1f} s, skill "
            f"{run.evaluation.verdict.skill:+.3f}"
        )
    print(f"complete standard run       {statistics.median(taken):6.1f} s   (goal {GOAL_RUN:.0f})")


def measure_memory(queue: Queue) -> None:
    """Peak of the worker above its idle size while a model of many symbols is trained for one epoch."""
    names = [f"S{s:03d}" for s in range(SYMBOLS)]
    frame = frames.build({name: bars(s, ROWS) for s, name in enumerate(names)})
    spec = with_values(Spec(), LARGE | {"data.symbols": names, "features": list(THIRTY)})
    idle = largest_process()
    job, peak = queue.submit(pipeline.run, resolve(spec, frame), frame, title="Large"), idle
    stages: dict[str, float] = {}
    while not queue.job(job).over:
        resident = largest_process()
        events = queue.job(job).events
        stage = next((event.name for event in reversed(events) if isinstance(event, Stage)), "start")
        stages[stage] = max(resident, stages.get(stage, 0.0))
        peak = max(peak, resident)
        time.sleep(0.05)
    ended = queue.job(job)
    print(
        f"peak above the idle worker  {(peak - idle) / 2**20:6.0f} MB  (goal {GOAL_MB:.0f}; {ended.status}"
        f"{': ' + ended.error if ended.error else ''})"
    )
    print("  " + ", ".join(f"{name} {(size - idle) / 2**20:.0f} MB" for name, size in stages.items()))


def largest_process() -> float:
    """Resident bytes of the largest worker, those that it shares included."""
    sizes = []
    for process in filter(served_app.is_worker, psutil.Process().children(recursive=True)):
        try:
            sizes.append(process.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return float(max(sizes))


def finish(queue: Queue, spec: Spec, frame: pd.DataFrame) -> Run:
    """Run a recipe through the queue and wait for the result."""
    job = queue.submit(pipeline.run, resolve(spec, frame), frame, title="Benchmark")
    while not queue.job(job).over:
        time.sleep(0.02)
    return queue.result(job)


if __name__ == "__main__":
    main()
