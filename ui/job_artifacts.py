"""A closer look at a run by a worker: started once for all visitors, followed, and kept in the run's folder."""

import time
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from core.errors import CoreError
from core.events import Event
from core.explain import local
from core.jobs.job import Job
from core.storage import artifacts
from core.types import Run
from ui import cache, jobs

PATIENCE = 1.5  # s to wait for a worker before showing its progress instead
Look = TypeVar("Look")


def ask(
    kind: type[Look],
    run: Run,
    symbol: str,
    cutoff: str,
    title: str,
    work: Callable[..., Generator[Event, None, Look]],
    *arguments: Any,
) -> Look | None:
    """What `work(run, *arguments)` finds, of a dataclass `kind`: kept before, or found by a worker now.

    None while that one is still at it, with its progress instead, and where it failed, with a way to try again. A
    finding that the disk has no room for is shown all the same.
    """
    kept = partial(artifacts.load, kind, run.id, symbol, cutoff, cache.RUNS)
    if (found := kept()) is not None:
        return found
    key = (run.id, kind.__name__, symbol, cutoff)
    if key not in _jobs() or not cache.queue().has_job(_jobs()[key]):
        _jobs()[key] = cache.queue().submit(
            work, local.slim(run), *arguments, title=title, on_result=partial(_keep, run.id, symbol, cutoff)
        )
    with st.spinner(f"{title} …"):
        job = _wait(_jobs()[key])
    if job.over and (found := kept()) is not None:
        return found
    jobs.follow(job.id)
    if job.over:
        found = _held(job.id)
        if found is None:
            st.button("Try again", on_click=_jobs().pop, args=(key, None), key=f"again-{job.id}")
    return found


def _keep(run_id: str, symbol: str, cutoff: str, found: Any) -> str:
    return artifacts.save(run_id, symbol, cutoff, found, cache.RUNS)


def _held(job_id: str) -> Any:
    """What could not be kept; None where there is nothing."""
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


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[tuple[str, str, str, str], str]:
    """(run, kind, symbol, cutoff) → the job that looks, or did last."""
    return {}
