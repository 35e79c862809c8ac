"""What a store and its server survive: python -m benchmarks.kills [--rounds N] [--seed S]

Each round starts a training, an explanation, a backtest or a search in a server of its own (the queue with two workers;
the scheduler lives in the server's process) and kills −9 one of: a worker, the process from which workers are forked,
the server, or the whole tree of processes, at a random moment of a random stage, saving included. A round survives if

- every file of every run that had finished has the bytes that it had then, and every run, study, backtest and state on
  the disk can be listed and opened;
- the job ends well, or says that its worker was lost, or goes on when it is submitted again (a training from its state,
  a backtest from its folds, a search from its trials), at the first try, by the next server;
- no process of a killed server is left after 20 s.

Prints the rounds that were tried, survived and lost, by what was killed and during what.
"""

import argparse
import collections
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from benchmarks import served_app
from core.data import frame as frames
from core.spec import Spec, with_values
from core.storage import backtests, checkpoints, runs
from core.tuning import study

TASKS = ("train", "train", "explain", "backtest", "search")  # a training is tried twice as often
TARGETS = ("worker", "fork server", "server", "tree")
MOMENTS = {  # lines of the server after which it is killed
    "train": ("queued", "features", "train", "kept", "evaluate", "explain", "saving"),
    "explain": ("queued", "started", "saving"),
    "backtest": ("queued", "started", "saving"),
    "search": ("queued", "started", "trial"),
}
PATIENCE = 180  # s for a job, on a busy machine
ORPHANS = 20  # s in which the workers of a dead server have ended
ROOT = Path(__file__).resolve().parents[1]


def recipe(seed: int) -> Spec:
    """A recipe that trains for a second or two."""
    values = {
        "data.symbols": ["A"],
        "window.lookback": 20,
        "model.hidden": 16,
        "train.epochs": 12,
        "train.device": "cpu",
    }
    return with_values(Spec(), values | {"seed": seed, "target.kind": "log_return"})


def series() -> pd.DataFrame:
    """Prices of 500 business days."""
    rng = np.random.default_rng(0)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 500)))
    table = {
        "open": close,
        "high": close * 1.01,
        "low": close * 0.99,
        "close": close,
        "volume": rng.integers(1, 9, 500),
    }
    index = pd.bdate_range("2020-01-01", periods=500, name="time")
    return frames.build({"A": pd.DataFrame(table, index=index).astype(float)})


class Victim:
    """A server in a process of its own, with the lines that it has written."""

    def __init__(self, store: Path) -> None:
        self.log = (store / "server.log").open("ab")
        command = [sys.executable, "-m", "benchmarks.kill_server", str(store)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.asks, self.lines = self.process.stdin, self.process.stdout
        self.family: dict[int, psutil.Process] = {}

    def ask(self, task: str, seed: int, run: str) -> None:
        """Start a job."""
        self.asks.write(json.dumps({"task": task, "seed": seed, "run": run}) + "\n")
        self.asks.flush()

    def hear(self) -> dict[str, Any] | None:
        """The next line of the server; None when it is gone."""
        line = self.lines.readline()
        try:
            return json.loads(line) if line.endswith("\n") else None
        except ValueError:
            return None

    def until(self, *words: str) -> dict[str, Any] | None:
        """The line with one of these words, or the one that says how the job ended; None when the server is gone."""
        while (line := self.hear()) is not None:
            if line["at"] in words or line["at"] == "over":
                return line
        return None

    def workers(self) -> list[psutil.Process]:
        """Its worker processes."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.family |= {one.pid: one for one in children}
        return [one for one in children if served_app.is_worker(one)]

    def kill(self, target: str, chance: random.Random) -> None:
        """Kill −9 a worker, the process from which workers are forked, the server alone, or everything."""
        workers = self.workers()
        if target == "worker" and workers:
            chance.choice(workers).kill()
        elif target == "fork server":
            for one in self.family.values():
                if served_app.is_fork_server(one):
                    one.kill()
        elif target != "worker":
            self.process.kill()
            for one in self.family.values() if target == "tree" else ():
                if one.is_running():
                    one.kill()

    def orphans(self) -> list[psutil.Process]:
        """Its processes that still run some time after it has ended."""
        _, alive = psutil.wait_procs(self.family.values(), timeout=ORPHANS)
        return [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]

    def close(self) -> list[psutil.Process]:
        """End it, if it runs; its processes that are left."""
        if self.process.poll() is None:
            self.workers()
            self.asks.close()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        with suppress(BrokenPipeError):  # of a server that was killed before it read the last line
            self.asks.close()
        self.lines.close()
        self.log.close()
        return self.orphans()


def main() -> None:
    """Kill and count."""
    parser = argparse.ArgumentParser(description=__doc__.split(":", 1)[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        soak(options.rounds, options.seed, Path(folder))


def soak(rounds: int, seed: int, store: Path, cases: list[tuple[str, str, str]] | None = None) -> dict[str, int]:
    """Kill in so many rounds, or in these (task, target, moment); how many were tried, survived and lost."""
    chance, hashes = random.Random(seed), dict[str, dict[str, str]]()
    counts, by_case, resumed = collections.Counter[str](), collections.Counter[str](), 0
    victim = Victim(store)
    victim.ask("train", 0, "")  # the run that is explained
    first = victim.until("over")
    assert first is not None and first["status"] == "done", first
    for number in range(1, (len(cases) if cases else rounds) + 1):
        task, target = chance.choice(TASKS), chance.choice(TARGETS)
        moment = chance.choice(MOMENTS[task])
        if cases:
            task, target, moment = cases[number - 1]
        began, lost = time.monotonic(), list[str]()
        victim.ask(task, number, first["result"])
        line = victim.until(moment)
        if line is not None and line["at"] != "over":
            time.sleep(chance.random() * chance.choice((0.02, 0.3)))
        victim.kill(target, chance)
        last = line if line is not None and line["at"] == "over" else victim.until("over")
        if victim.process.poll() is not None or target in ("server", "tree"):
            lost += [f"an orphan: {served_app.command_line(one)}" for one in victim.close()]
            victim = Victim(store)
        if last is None or last["status"] != "done":
            if last is not None and not (last["lost"] and last["error"]):
                lost.append(f"ended without a reason: {last}")
            victim.ask(task, number, first["result"])
            last = victim.until("over")
            if last is None or last["status"] != "done":
                lost.append(f"did not go on: {last}")
            elif last["from"]:
                resumed += 1
        lost += check(store, hashes)
        counts["tried"] += 1
        counts["lost" if lost else "survived"] += 1
        by_case[f"{target} killed, {task} at {moment}: {'lost' if lost else 'survived'}"] += 1
        words = "; ".join(lost) or "survived"
        print(f"{number:4} {task:8} {target:11} {moment:8} {time.monotonic() - began:5.1f} s  {words}", flush=True)
    lost = [f"an orphan: {one.pid}" for one in victim.close()]
    for case, count in sorted(by_case.items()):
        print(f"{count:4} × {case}")
    print(
        f"{counts['tried']} tried, {counts['survived']} survived, {counts['lost']} lost; {resumed} went on from where"
    )
    print(f"they were; {len(hashes)} runs intact; {len(lost)} processes left at the end")
    return dict(counts)


def check(store: Path, hashes: dict[str, dict[str, str]]) -> list[str]:
    """What is wrong in the store; the files of new runs are added to `hashes`."""
    wrong = []
    for name, before in hashes.items():
        now = digests(store / name)
        wrong += [f"{name}/{file} changed" for file, digest in before.items() if now.get(file) != digest]
    for summary in runs.list_all(store):
        if summary.problem:
            wrong.append(f"{summary.id}: {summary.problem}")
        elif summary.id not in hashes:
            runs.load(summary.id, store)
            hashes[summary.id] = digests(store / summary.id)
    for of in study.list_all(store):
        study.trials(of.id, store)
    for line in backtests.list_all(store):
        backtests.load(line.id, store)
    checkpoints.list_all(store)
    return wrong


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a run, by name; records that are added later are not in it yet."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


if __name__ == "__main__":
    main()
