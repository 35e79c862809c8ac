"""Many visitors at once: python -m benchmarks.load [--minutes 10] [--sessions 20] [--trainings 4] [--think 10]

Starts the app with one saved run and lets sessions browse it: each opens a random page of the menu, waits for it, and
reads for a random time (exponential, `--think` seconds on average). Some of them train instead: each opens the Train
page, types a number of steps of its own, clicks Train, follows the live panel until its run is saved, and begins again.
All of them press Train at the same time at first. The visitors speak Streamlit's protocol over websockets
(`benchmarks.load_visitor`), so that the two cores draw the pages and train, and render no browser.

A page's seconds last from the request until its script has ended. Prints the median and the 95th percentile of them, by
page, in all, and in all after the warm-up, while everybody is there; trainings started and saved, and those saved with
other settings than typed; exceptions that a page showed; and the server's memory over time.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from benchmarks import served_app
from benchmarks.load_visitor import Visitor
from core import pipeline
from core.data.load import load
from core.data.sources import samples
from core.jobs.local import run
from core.spec import compact, with_values
from core.storage import runs, visitors
from core.storage.finish import finish
from ui.layout import MENU

GOALS = {"p50": 1.0, "p95": 3.0}  # s
GROWTH = 0.05  # of the memory after the warm-up: flat
WARM = 0.2  # share of the time in which everything is imported and cached
PAGES = ("", *(Path(path).stem for path, _, _ in MENU if path.startswith("pages/")))
STEPS, STEPS_BOX, SAVED = 400, "Training steps", "See the forecast"  # as the page says them
PATIENCE = 300  # s for a training


@dataclass(kw_only=True)
class Seen:
    """What the sessions met."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # by page
    warm: list[float] = field(default_factory=list)  # of all pages, after the warm-up
    warm_from: float = 0.0
    started: list[int] = field(default_factory=list)  # steps typed, by training
    errors: list[str] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)  # bytes of the server, once a second

    def note(self, page: str, seconds: float) -> None:
        """A page was complete after so many seconds, just now."""
        self.seconds[page].append(seconds)
        if time.monotonic() - seconds >= self.warm_from:
            self.warm.append(seconds)


async def browse(url: str, run_id: str, until: float, think: float, seen: Seen, rng: random.Random) -> None:
    """Open pages at random, and read each."""
    await asyncio.sleep(rng.uniform(0, think))
    async with Visitor(url=url, errors=seen.errors) as visitor:
        while time.monotonic() < until:
            page = rng.choice(PAGES)
            seen.note(page or "home", await visitor.visit(page, run=run_id))
            await asyncio.sleep(rng.expovariate(1 / think))


async def train(url: str, seed: int, until: float, think: float, seen: Seen) -> None:
    """Train one recipe after the other, each with settings of its own in an address of its own."""
    name, count = visitors.new_id(), 0
    while time.monotonic() < until:
        steps, count = STEPS + 10 * len(seen.started), count + 1
        seen.started.append(steps)
        recipe = with_values(samples.recipe("SP500"), {"seed": 100 * seed + count, "train.patience": 500})
        async with Visitor(url=url, id=name, errors=seen.errors) as visitor:
            seen.note("train", await visitor.visit("train", recipe=compact.to_text(recipe)))
            seen.note("train: type", await visitor.type(STEPS_BOX, steps))
            seen.note("train: start", await visitor.click("Train"))
            ended = time.monotonic() + PATIENCE
            while not visitor.shows(SAVED) and time.monotonic() < ended:
                await asyncio.sleep(0.2)
            await asyncio.sleep(think)


async def watch(process: psutil.Process, until: float, seen: Seen) -> None:
    """Note the memory of the server every second."""
    while time.monotonic() < until:
        seen.memory.append(process.memory_info().rss)
        await asyncio.sleep(1)


async def drive(url: str, pid: int, run_id: str, options: argparse.Namespace, seen: Seen) -> None:
    """All sessions at once."""
    until = time.monotonic() + 60 * options.minutes
    seen.warm_from = time.monotonic() + WARM * 60 * options.minutes
    async with asyncio.TaskGroup() as group:
        group.create_task(watch(psutil.Process(pid), until, seen))
        for number in range(options.sessions):
            if number < options.trainings:
                group.create_task(train(url, number, until, options.think, seen))
            else:
                group.create_task(browse(url, run_id, until, options.think, seen, random.Random(number)))


def main() -> int:
    """Measure and print; the exit code is 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.split(":", 1)[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--trainings", type=int, default=4, help="of the sessions, how many train")
    parser.add_argument("--think", type=float, default=10, help="seconds that a reader spends on a page")
    options = parser.parse_args()
    seen = Seen()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = with_values(samples.recipe("SP500"), {"train.epochs": 2})
        first = run(pipeline.run(spec, load(spec.data, folder)), lambda event: None)
        run_id = finish(first, None, folder / "runs")[0].id
        with served_app.started(folder) as (process, url):
            served_app.wait(process, url, folder)
            asyncio.run(drive(url, process.pid, run_id, options, seen))
        saved = [
            runs.load(line.id, folder / "runs").spec for line in runs.list_all(folder / "runs") if line.id != run_id
        ]
    return report(seen, [spec.train.steps for spec in saved])


def report(seen: Seen, saved: list[int]) -> int:
    """Print what was seen; 1 if a goal is missed."""
    print(f"{'':22}{'views':>6}{'p50, s':>9}{'p95, s':>9}")
    for page, seconds in sorted(seen.seconds.items(), key=lambda item: -statistics.median(item[1])):
        print(f"{page:22}{len(seconds):6}{statistics.median(seconds):9.2f}{np.quantile(seconds, 0.95):9.2f}")
    every = [value for seconds in seen.seconds.values() for value in seconds]
    p50, p95 = statistics.median(every), float(np.quantile(every, 0.95))
    print(f"{'all':22}{len(every):6}{p50:9.2f}{p95:9.2f}")
    if seen.warm:
        warm = statistics.median(seen.warm), float(np.quantile(seen.warm, 0.95))
        print(f"{'after the warm-up':22}{len(seen.warm):6}{warm[0]:9.2f}{warm[1]:9.2f}")
    other = sum(steps not in seen.started for steps in saved)
    print(f"trainings: {len(seen.started)} started, {len(saved)} saved, {other} with other settings than typed")
    print(f"exceptions shown: {len(seen.errors)}", *sorted(set(seen.errors)), sep="\n  ")
    after = seen.memory[int(WARM * len(seen.memory)) :]
    quarter = max(len(after) // 4, 1)
    grown = statistics.median(after[-quarter:]) / statistics.median(after[:quarter]) - 1
    print(f"memory: {after[0] / 1e6:.0f} MB after the warm-up, {after[-1] / 1e6:.0f} at the end, grown by {grown:.1%}")
    missed = [name for name, value in (("p50", p50), ("p95", p95)) if value > GOALS[name]]
    missed += ["trainings"] if len(saved) < len(seen.started) or other else []
    missed += ["exceptions"] if seen.errors else []
    missed += ["memory"] if grown > GROWTH else []
    print(f"missed: {', '.join(missed) or 'nothing'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
