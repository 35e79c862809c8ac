"""What a worker computes about a saved run and keeps in the run's folder: computed once for all visitors, followed by
those who asked for it."""

import time
from collections.abc import Callable, Generator
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from core.errors import CoreError, JobError, RunError
from core.events import Event
from core.explain import local
from core.jobs.job import Job
from core.language import shown, tr
from core.storage import artifacts, runs
from core.types import Run
from ui import cache, messages
from ui.jobs import progress, registry

PATIENCE = 1.5  # s to wait for a worker before showing its progress instead
Result = TypeVar("Result")


def read(run: Run, name: str, kind: Any) -> Any:
    """The record of this kind kept under this name; None if there is none that can be read."""
    try:
        return runs.load_record(run.id, name, kind, cache.RUNS)
    except RunError as problem:
        messages.error(problem)
        return None


def offer(
    run: Run,
    name: str,
    label: str,
    title: str,
    work: Callable[..., Generator[Event, None, Any]],
    *arguments: Any,
    at_once: bool = False,
) -> None:
    """A button that has a worker compute the record `name` by `work(run, *arguments)`, or that job while it runs.

    With `at_once` the first job needs no click; whoever asks says so, and how long it takes. `title` is a message:
    others may read it too.
    """
    job = registry.own(registry.EXPLANATION, (run.id, name))
    if job is not None and job.status != "done":
        progress.follow(job)
    clicked = (job is None or job.over) and st.button(shown(label), key=f"compute-{name}", icon=":material/play_arrow:")
    mark = f"at-once-{run.id}-{name}"  # a job that fails is not started again by itself
    if clicked or (at_once and job is None and mark not in st.session_state):
        st.session_state[mark] = True
        try:
            registry.start(
                work,
                replace(run, forecast=run.forecast.iloc[:0]),
                *arguments,
                kind=registry.EXPLANATION,
                subject=(run.id, name),
                title=title,
                on_result=partial(_keep_record, run.id, name),
            )
        except JobError as problem:  # beyond the quotas
            messages.error(problem)
            return
        st.rerun()


def get(
    kind: type[Result],
    run: Run,
    symbol: str,
    cutoff: str,
    title: str,
    work: Callable[..., Generator[Event, None, Result]],
    *arguments: Any,
) -> Result | None:
    """The `kind` of dataclass that `work(run, *arguments)` returns: from the run's folder, or computed by a worker now.

    None while the worker is busy, with its progress on the screen, and None if it failed, with a way to try again. A
    result for which the disk has no room is shown all the same. `title` is a message.
    """
    stored = partial(artifacts.load, kind, run.id, symbol, cutoff, cache.RUNS)
    if (result := stored()) is not None:
        return result
    subject = (run.id, kind.__name__, symbol, cutoff)
    job = registry.own(registry.EXPLANATION, subject)
    try:
        job_id = job.id if job is not None else _start(subject, run, title, work, arguments)
    except JobError as problem:  # beyond the quotas
        messages.error(problem)
        return None
    with st.spinner(f"{shown(title)} …"):
        job = _wait(job_id)
    if job.over and (result := stored()) is not None:
        return result
    progress.follow(job)
    if job.over:
        result = _unsaved(job_id)
        if result is None:
            st.button(tr("Try again"), on_click=registry.forget, args=(job_id,), key=f"again-{job_id}")
    return result


def _start(
    subject: tuple[str, str, str, str],
    run: Run,
    title: str,
    work: Callable[..., Generator[Event, None, Any]],
    arguments: tuple[Any, ...],
) -> str:
    run_id, _, symbol, cutoff = subject
    return registry.start(
        work,
        local.slim(run),
        *arguments,
        kind=registry.EXPLANATION,
        subject=subject,
        title=title,
        on_result=partial(_keep_artifact, run_id, symbol, cutoff),
    )


def _keep_record(run_id: str, name: str, record: Any) -> str:
    return runs.save_record(run_id, name, record, cache.RUNS)


def _keep_artifact(run_id: str, symbol: str, cutoff: str, artifact: Any) -> str:
    return artifacts.save(run_id, symbol, cutoff, artifact, cache.RUNS)


def _unsaved(job_id: str) -> Any:
    """The result of a job that could not be saved; None without one."""
    try:
        return cache.queue().result(job_id)
    except CoreError:
        return None


def _wait(job_id: str) -> Job:
    """The job, over or not, after at most PATIENCE."""
    until = time.monotonic() + PATIENCE
    job = cache.queue().job(job_id)
    while not job.over and time.monotonic() < until:
        time.sleep(0.03)
        job = cache.queue().job(job_id)
    return job
