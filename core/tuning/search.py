"""Runs a study: asks for a point, has a worker try it, notes how it ended, until the limit is reached.

Trials are handed to the workers one for each slot, never ahead: whoever else waits for a worker waits for one trial.
"""

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from core import pipeline
from core.data import frame as frames
from core.datasets.windows import resolve
from core.errors import JobError, SpecError, TrainError
from core.evaluation.experiments import record
from core.events import Event
from core.jobs import local
from core.jobs.job import Job
from core.language import message
from core.spec import Spec
from core.storage import trial_log
from core.storage.trial_log import CountedTrial
from core.tuning import sampler, space, study, trial
from core.tuning.space import Dimension
from core.tuning.study import Study, Trial
from core.tuning.trial import Result, Task

KIND = "trial"  # of the jobs
PAUSE = 0.05  # s between two looks at the workers
ATTEMPTS = 2  # of a trial whose worker is lost
FAILURES = 5  # that a search begins with, all of them: its recipe is the problem

Work = Callable[..., Generator[Any, Any, Any]]


class Workers(Protocol):
    """Where trials run: `core.jobs.queue.Queue`, or `Here`."""

    def submit(
        self, function: Callable[..., Generator[Any, Any, Any]], /, *args: Any, title: str, kind: str, owner: str
    ) -> str: ...
    def job(self, job_id: str) -> Job: ...
    def result(self, job_id: str) -> Any: ...
    def cancel(self, job_id: str) -> None: ...


class Here:
    """One trial after the other in this process; `on_event` hears what happens in them."""

    def __init__(self, on_event: Callable[[Event], object] = lambda event: None) -> None:
        self._on_event, self._results = on_event, list[Any]()

    def submit(self, function: Work, /, *args: Any, title: str, kind: str, owner: str = "") -> str:
        """Run it now."""
        self._results.append(local.run(function(*args), self._on_event))
        return str(len(self._results) - 1)

    def job(self, job_id: str) -> Job:
        return Job(id=job_id, title="", status="done", events=(), created=0.0)

    def result(self, job_id: str) -> Any:
        return self._results[int(job_id)]

    def cancel(self, job_id: str) -> None:
        """It is over."""


@dataclass(slots=True, kw_only=True)
class Running:
    """A trial with the workers."""

    trial: Trial
    job_id: str
    attempt: int = 1


def create(
    spec: Spec,
    frame: pd.DataFrame,
    dimensions: tuple[Dimension, ...],
    root: Path,
    *,
    objective: str = "validation",
    folds: int = 0,
    trials: int | None = 20,
    minutes: float | None = None,
    upload: str | None = None,
) -> Study:
    """A new study on disk. The recipe is checked as before a training; the rows of calibration and test are cut off
    here and stored nowhere. Raises what a training would raise before it begins, SpecError and RunError."""
    if objective not in trial.OBJECTIVES:
        known = ", ".join(trial.OBJECTIVES)
        raise SpecError(message("The objective is one of {known}; got {value}.", known=known, value=repr(objective)))
    if (trials is not None and trials < 1) or (minutes is not None and minutes <= 0) or (trials or minutes) is None:
        raise SpecError(message("A search needs a limit: a number of trials or of minutes, above zero."))
    spec = resolve(spec, frame)
    pipeline.prepare(spec, frame)
    cut = trial.cut(spec, frame)
    study_id, created = study.new_id(spec)
    new = Study(
        id=study_id,
        created=created,
        spec=spec,
        cut=cut.spec,
        space=space.check(dimensions, spec),
        objective=objective,
        folds=folds if objective == "backtest" else 0,
        trials=trials,
        minutes=minutes,
        data_digest=frames.digest(frame),
        upload=upload,
    )
    return study.create(new, cut.frame, root)


def drive(
    study_id: str,
    root: Path,
    workers: Workers,
    slots: int = 1,
    stopped: Callable[[], bool] = lambda: False,
    on_end: Callable[[Trial], object] = lambda ended: None,
    owner: str = "",
) -> tuple[Trial, ...]:
    """Run a study to its limit, or until `stopped`, and return its trials. Trials without an end begin again.

    `minutes` count from here. The jobs of `owner` take turns with those of others. Raises RunError when the disk
    refuses or another process runs it, and TrainError if none of the first trials succeeds.
    """
    with study.claim(study_id, root) as lease:
        lost = threading.Event()
        lease.on_lost = lost.set
        driver = _Driver(study.load(study_id, root), root, workers, on_end, owner)
        try:
            driver.run(slots, lambda: lost.is_set() or stopped())
        finally:
            driver.cancel()
        return driver.in_order()


class _Driver:
    """The state of one drive; only its own thread touches it."""

    def __init__(self, of: Study, root: Path, workers: Workers, on_end: Callable[[Trial], object], owner: str) -> None:
        self.study, self.root, self.workers, self.on_end, self.owner = of, root, workers, on_end, owner
        self.frame = study.load_frame(of.id, root)
        self.trials = {one.number: one for one in study.trials(of.id, root)}
        self.running: list[Running] = []
        self.until = None if of.minutes is None else time.monotonic() + 60 * of.minutes
        counted = {one.number for one in trial_log.load(root, of.id)}
        for one in self.in_order():  # those too whose process was killed before it could count them
            if one.over and one.number not in counted:
                self._count(one)

    def run(self, slots: int, stopped: Callable[[], bool]) -> None:
        interrupted = [one for one in self.in_order() if not one.over]
        while not stopped():
            for running in [*self.running]:
                self._collect(running)
            while len(self.running) < slots and not stopped():
                begun = interrupted.pop(0) if interrupted else self._next()
                if begun is None:
                    break
                self.running.append(Running(trial=begun, job_id=self._submit(begun)))
                if isinstance(self.workers, Here):
                    break
            if not self.running:
                return
            if not isinstance(self.workers, Here):
                time.sleep(PAUSE)

    def in_order(self) -> tuple[Trial, ...]:
        return tuple(self.trials[number] for number in sorted(self.trials))

    def cancel(self) -> None:
        """Stop the trials that are under way; they have no end, and begin again when the study goes on."""
        for running in self.running:
            self.workers.cancel(running.job_id)

    def _next(self) -> Trial | None:
        """A new trial; None at the limit, and where the space has no other point."""
        late = self.until is not None and time.monotonic() >= self.until
        if late or len(self.trials) >= (self.study.trials or len(self.trials) + 1):
            return None
        params = sampler.ask(self.study, self.in_order())
        if params is None:
            return None
        new = Trial(number=len(self.trials) + 1, params=params)
        study.begin(self.study.id, new.number, params, self.root)
        self.trials[new.number] = new
        return new

    def _submit(self, begun: Trial) -> str:
        others = [one for one in self.in_order() if one.number != begun.number]
        task = Task(
            spec=space.at(self.study.cut, begun.params),
            frame=self.frame,
            lookback=self.study.lookback,
            objective=self.study.objective,
            folds=self.study.folds,
            limits=sampler.limits(self.study, others, begun.params),
        )
        title = message("Trial {number} of a search", number=begun.number)
        return self.workers.submit(trial.run, task, title=title, kind=KIND, owner=self.owner)

    def _collect(self, running: Running) -> None:
        """Note the end of a trial that is over; one whose worker was lost begins once more."""
        try:
            job = self.workers.job(running.job_id)
        except JobError:  # forgotten by the queue
            job = None
        if job is not None and not job.over:
            return
        lost = job is None or job.lost or job.status == "cancelled"
        if lost and running.attempt < ATTEMPTS:
            running.attempt, running.job_id = running.attempt + 1, self._submit(running.trial)
            return
        self.running.remove(running)
        if job is not None and job.status == "done":
            result: Result = self.workers.result(running.job_id)
        else:
            problem = (job.error if job is not None else None) or message("Its worker process was lost.")
            result = Result(state="failed", value=float("nan"), problem=problem)
        ended = study.end(self.study.id, running.trial, result, self.root)
        self.trials[ended.number] = ended
        self._count(ended)
        self.on_end(ended)
        over = [one for one in self.in_order() if one.over]
        if len(over) >= FAILURES and all(one.state == "failed" for one in over):
            raise TrainError(ended.problem)

    def _count(self, ended: Trial) -> None:
        """Count a finished trial in the experiment log."""
        key, task = record.describe_task(self.study.spec)
        counted = CountedTrial(
            study=self.study.id,
            number=ended.number,
            task_key=key,
            task=task,
            params=ended.params,
            state=ended.state,
            ended=ended.ended,
        )
        trial_log.add(counted, self.root)
