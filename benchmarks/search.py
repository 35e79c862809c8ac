"""Hyper-parameter search: throughput, accuracy, honesty and what a kill costs.

`python -m benchmarks.search --throughput` runs 16 equal trials with one worker process and with two, side by side and
several times, and prints the ratio. `--etth1 ETTh1.csv` lets 20 trials compete with the hand-tuned setting of
benchmarks.etth1 by validation error (`--horizon`, `--trials`). `--walks` searches 20 random walks with 30 trials each,
trains each chosen recipe and counts verdicts of skill: at most one may be. `--kills` kills a search with its workers
ten times at random moments and counts the finished trials that are lost.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd

from benchmarks import series
from benchmarks.series import etth1
from core.data import frame as frames
from core.datasets.windows import resolve
from core.spec import Spec, with_values
from core.tuning import search, space, study
from core.tuning import trial as trials_
from core.tuning.trial import Task

ROUNDS, EQUAL, STEPS = 3, 16, 600  # of --throughput
WALKS, WALK_TRIALS, WALK_ROWS, MOST_FALSE = 20, 30, 1000, 1
KILLS, KILL_TRIALS = 10, 60
# The command line, its workers at normal priority: on a busy machine those of a low one would hardly run.
TUNE = (
    "import sys; from core import __main__; from core.jobs import cluster; cluster.NICE = 0; sys.exit(__main__.main())"
)
WALK = {
    "data.symbols": ["A"],
    "target.kind": "log_return",
    "target.horizon": 1,
    "features": ["return", "log_range", "volume_change"],
    "window.lookback": 20,
    "model.hidden": 8,
    "train.steps": 150,
    "train.device": "cpu",
}
WALK_SPACE = "train.learning_rate,model.hidden=4..16,model.dropout,window.lookback=5..30,train.weight_decay"
ETTH1_SPACE = (
    "train.learning_rate,train.batch_size=32..256,train.weight_decay,model.hidden=32..128,model.dropout,"
    "model.segment=12..48,model.norm=last|reversible"
)


def main() -> int:
    """Measure what is asked for; 1 if a bound is broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--throughput", action="store_true")
    parser.add_argument("--etth1", type=Path, metavar="ETTh1.csv")
    parser.add_argument("--horizon", type=int, default=96, help="of --etth1")
    parser.add_argument("--walks", type=int, nargs="?", const=WALKS, default=0)
    parser.add_argument("--kills", type=int, nargs="?", const=KILLS, default=0)
    parser.add_argument("--trials", type=int, help="of each search")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of --throughput")
    options = parser.parse_args()
    within_bounds = []
    if options.throughput:
        within_bounds.append(measure_throughput(options.rounds, options.trials or EQUAL))
    if options.etth1:
        within_bounds.append(measure_etth1(options.etth1, options.horizon, options.trials or 20))
    if options.walks:
        within_bounds.append(measure_walks(options.walks, options.trials or WALK_TRIALS))
    if options.kills:
        within_bounds.append(measure_kills(options.kills, options.trials or KILL_TRIALS))
    return int(not all(within_bounds))


def measure_throughput(rounds: int, trials: int, steps: int = STEPS) -> bool:
    """Equal trials per second of two worker processes over those of one, by turns; the workers are up before."""
    from core import pipeline
    from core.jobs import cluster
    from core.jobs.queue import Queue

    cluster.NICE = 0  # normal priority: at a low one others on the machine would decide
    queues = {count: Queue.open(workers=count, address="", modules=pipeline.MODULES) for count in (1, 2)}
    frame = frames.build({"A": series.bars(0, 1000)})
    ratios = []
    try:
        for number in range(rounds + 1):  # the first one warms up
            seconds = {}
            for count in (1, 2) if number % 2 else (2, 1):
                tasks = [_equal_task(frame, steps)] * (trials if number else 2 * count)
                seconds[count] = _run_all(queues[count], tasks, count)
            if number:
                ratios.append(seconds[1] / seconds[2])
                print(
                    f"{trials} trials: {seconds[1]:.1f} s with one worker, {seconds[2]:.1f} s with two, "
                    f"{ratios[-1]:.2f} times the throughput; load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
    finally:
        for queue in queues.values():
            queue.close()
    print(f"throughput of two workers: {', '.join(f'{ratio:.2f}' for ratio in ratios)} (at least 1.8)")
    return max(ratios) >= 1.8


def _equal_task(frame: pd.DataFrame, steps: int) -> Task:
    spec = resolve(with_values(Spec(), WALK | {"train.steps": steps, "train.patience": 500, "model.hidden": 32}), frame)
    cut = trials_.cut(spec, frame)
    return Task(spec=cut.spec, frame=cut.frame, lookback=spec.window.lookback)


def _run_all(queue: Any, tasks: list[Task], slots: int) -> float:
    """The seconds that the tasks take, one for each slot at a time, as a search submits them."""
    began, waiting, running = time.perf_counter(), [*tasks], list[str]()
    while waiting or running:
        running = [job_id for job_id in running if not queue.job(job_id).over]
        while waiting and len(running) < slots:
            running.append(queue.submit(trials_.run, waiting.pop(), title="trial", kind=search.KIND))
        time.sleep(search.PAUSE)
    return time.perf_counter() - began


def measure_etth1(path: Path, horizon: int, trials: int) -> bool:
    """Whether a search from the default recipe of the segment GRU validates at least as well as the tuned one."""
    from benchmarks.etth1 import CHOSEN, TASK

    frame = etth1(path)
    task = TASK | {"target.horizon": horizon, "model.kind": "segment", "train.device": "cpu"}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        chosen = resolve(with_values(Spec(), task | CHOSEN), frame)
        cut = trials_.cut(chosen, frame)
        hand = search.Here()
        hand.submit(trials_.run, Task(spec=cut.spec, frame=cut.frame, lookback=336), title="", kind="")
        tuned = hand.result("0")
        print(f"hand-tuned, horizon {horizon}: {tuned.value:.5f} in {tuned.seconds:.0f} s", flush=True)
        of = search.create(with_values(Spec(), task), frame, space.parse_space(ETTH1_SPACE), root, trials=trials)
        best = study.best(search.drive(of.id, root, search.Here(), on_end=_print_trial))[0]
        print(f"search of {trials}: {best.value:.5f}, trial {best.number}: {best.params}")
        return best.value <= tuned.value


def _print_trial(ended: study.Trial) -> None:
    print(f"  {ended.number:3d} {ended.state:9s} {ended.value:.5f}  {ended.seconds:.0f} s  {ended.params}", flush=True)


def measure_walks(count: int, trials: int) -> bool:
    """Whether at most one chosen recipe of as many random walks is called evidence of skill on the test split."""
    tones = []
    for seed in range(count):
        tone, skill, p_value = judge_walk(seed, trials)
        tones.append(tone)
        print(f"walk {seed:2d}: {tone:4s} skill {skill:+.3f}  p = {p_value:.3f}", flush=True)
    print(f"{tones.count('good')} of {count} walks end with evidence of skill (at most {MOST_FALSE})")
    return tones.count("good") <= MOST_FALSE


def judge_walk(seed: int, trials: int, rows: int = WALK_ROWS) -> tuple[str, float, float]:
    """Search a random walk, train the best recipe and judge it: the tone, skill and p-value of the verdict."""
    from core import pipeline
    from core.explain import explainer
    from core.jobs.local import run
    from core.storage.finish import finish

    frame = frames.build({"A": series.bars(seed, rows)})
    with tempfile.TemporaryDirectory() as folder, patch.object(explainer, "WINDOWS", 2):
        root = Path(folder)
        of = search.create(with_values(Spec(), WALK), frame, space.parse_space(WALK_SPACE), root, trials=trials)
        best = study.best(search.drive(of.id, root, search.Here()))[0]
        saved, _ = finish(run(pipeline.run(study.recipe_of(of, best), frame), lambda event: None), None, root)
        verdict = saved.evaluation.verdict
        assert "chosen by validation" in verdict.text, verdict.text
        return verdict.tone, verdict.skill, verdict.p_value


def measure_kills(kills: int, trials: int) -> bool:
    """Whether no finished trial is lost when a search of two workers is killed with all its processes, and whether it
    ends in the end."""
    rng, lost, begun = random.Random(0), 0, ""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number in range(kills):
            before = _finished(begun, root)
            process = _start(root, begun, trials)
            begun = begun or _wait_for(lambda: next((one.id for one in study.list_all(root)), ""))
            have = len(before)
            _wait_for(partial(_has_more, begun, root, have, process))
            time.sleep(rng.uniform(0, 4))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            after = _finished(begun, root)
            lost += sum(after.get(key) != value for key, value in before.items())
            print(f"kill {number + 1}: {len(before)} trials finished before, {len(after)} after", flush=True)
        before = _finished(begun, root)
        _start(root, begun, len(before) + 4).wait()
        after = _finished(begun, root)
        lost += sum(after.get(key) != value for key, value in before.items())
    print(f"{kills} kills: {lost} finished trials lost; the search went on from {len(before)} to {len(after)} trials")
    return lost == 0 and len(after) >= len(before) + 4


def _start(root: Path, study_id: str, trials: int) -> "subprocess.Popen[bytes]":
    """The command line in a process group of its own, so that its workers are killed with it."""
    arguments = ["--resume", study_id] if study_id else ["--over", "train.learning_rate,model.hidden=4..16"]
    settings = ["train.steps=50", "train.device=cpu", "window.lookback=10", "data.start=2015-01-01"]
    command = [sys.executable, "-c", TUNE, "tune", "--trials", str(trials), "--workers", "2", "--runs", str(root)]
    recipe = [] if study_id else ["--set", *settings]
    quiet: Callable[..., Any] = subprocess.Popen
    return quiet(
        [*command, *arguments, *recipe], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _finished(study_id: str, root: Path) -> dict[int, tuple[Any, ...]]:
    """The finished trials: number → point and value."""
    if not study_id:
        return {}
    return {
        one.number: (one.state, repr(one.value), str(one.params)) for one in study.trials(study_id, root) if one.over
    }


def _has_more(study_id: str, root: Path, have: int, process: "subprocess.Popen[bytes]") -> bool:
    return len(_finished(study_id, root)) > have or process.poll() is not None


def _wait_for(condition: Callable[[], Any], seconds: float = 300) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise SystemExit("Nothing happened in time.")


if __name__ == "__main__":
    sys.exit(main())
