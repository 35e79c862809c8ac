"""The server that `benchmarks.kills` kills: a queue and a store without a page.

`python -m benchmarks.kill_server STORE` does what the lines of its standard input say, and writes how far it is.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.kills import recipe, series
from core import backtest, pipeline
from core.data.frame import digest as digest_of
from core.datasets.windows import resolve
from core.errors import CoreError
from core.evaluation.backtest.plan import Plan
from core.explain import overview
from core.jobs.queue import Queue
from core.storage import backtests, checkpoints, runs
from core.storage.finish import finish
from core.tuning import search, space, study

FOLDS, TRIALS = 2, 3


def main() -> None:
    """Do what each line says, one job at a time, and write how far it is."""
    store = Path(sys.argv[1])
    queue = Queue.open(workers=2, address="", modules=["benchmarks.kill_often", *pipeline.MODULES])
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            ended = TASKS[asked["task"]](queue, store, asked["seed"], asked["run"])
        except CoreError as error:
            ended = {"status": "failed", "error": str(error), "lost": True, "from": False, "result": ""}
        say("over", **ended)
    queue.close()


def say(at: str, **more: Any) -> None:
    """Write one line."""
    print(json.dumps({"at": at, **more}), flush=True)


def saving(save: Callable[[Any], str], value: Any) -> str:
    """Save a result, and say so first."""
    say("saving")
    return save(value)


def follow(queue: Queue, job_id: str, started: bool = False) -> dict[str, Any]:
    """Say each stage of a job; how it ended."""
    say("queued")
    stages = 0
    while not (job := queue.job(job_id)).over:
        for timed in job.stages[stages:]:
            say(timed.event.name)
        stages = len(job.stages)
        if job.started and not started:
            say("started")
            started = True
        time.sleep(0.01)
    return {"status": job.status, "error": job.error, "lost": job.lost, "result": job.result_id or "", "from": False}


def train(queue: Queue, store: Path, seed: int, _: str) -> dict[str, Any]:
    """Train a recipe as the Train page does."""
    spec, frame = recipe(seed), series()
    full, digest = resolve(spec, frame), digest_of(frame)
    key = checkpoints.key(full, digest)
    lease = checkpoints.claim(key, store)
    state = checkpoints.load(full, digest, store)

    def keep(saved: Any) -> None:
        checkpoints.save(saved, full, digest, None, store)
        say("kept")

    job_id = queue.submit(
        pipeline.run,
        full,
        frame,
        state,
        title="Training",
        on_result=partial(saving, lambda run: finish(run, key, store)[0].id),
        on_checkpoint=keep,
        resume=partial(pipeline.run, full, frame),
        on_over=lease.release,
    )
    return follow(queue, job_id) | {"from": state is not None}


def explain(queue: Queue, store: Path, seed: int, run_id: str) -> dict[str, Any]:
    """Explain the finished run."""
    save = partial(_keep_record, run_id, f"overview-{seed}", store)
    run = runs.load(run_id, store)
    return follow(queue, queue.submit(overview.compute, run, title="Overview", on_result=partial(saving, save)))


def _keep_record(run_id: str, name: str, store: Path, record: Any) -> str:
    return runs.save_record(run_id, name, record, store)


def walk(queue: Queue, store: Path, seed: int, _: str) -> dict[str, Any]:
    """Train the folds of a backtest that are missing, one after the other."""
    full, frame, plan = resolve(recipe(seed), series()), series(), Plan(folds=FOLDS)
    stored = {line.spec.id: line.id for line in backtests.list_all(store)}
    name = stored.get(full.id) or backtests.create(full, plan, frame, store)
    before, ended = backtests.finished_folds(name, store), dict[str, Any]()
    for number in range(1, FOLDS + 1):
        if number not in before:
            save = partial(saving, partial(backtests.save_fold, name, store))
            ended = follow(queue, queue.submit(backtest.fold, full, frame, plan, number, title="Fold", on_result=save))
            if ended["status"] != "done":
                return ended
    return (ended or {"status": "done", "error": None, "lost": False, "result": ""}) | {"from": bool(before)}


def tune(queue: Queue, store: Path, seed: int, _: str) -> dict[str, Any]:
    """Search, or go on with the search of this recipe."""
    full = resolve(recipe(seed), series())
    known = {of.spec.id: of.id for of in study.list_all(store)}
    over = space.parse_space("train.learning_rate,model.hidden=2..8")
    name = known.get(full.id) or search.create(full, series(), over, store, trials=TRIALS).id
    before = sum(one.over for one in study.trials(name, store))
    say("queued")
    say("started")
    trials = search.drive(name, store, queue, 1, on_end=lambda _: say("trial"))
    complete = sum(one.state == "complete" for one in trials)
    failed = [one.problem for one in trials if one.state == "failed"]
    status = "done" if complete + sum(one.state == "pruned" for one in trials) == TRIALS else "failed"
    return {"status": status, "error": "; ".join(failed), "lost": bool(failed), "result": name, "from": before > 0}


TASKS = {"train": train, "explain": explain, "backtest": walk, "search": tune}

if __name__ == "__main__":
    main()
