"""The one registry of jobs on the screen: what each is for, what it works on, and which visitors started it."""

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import streamlit as st

from core.errors import CoreError
from core.events import Event
from core.jobs.job import Job
from core.storage.leases import Lease
from ui import cache, session

TRAINING, FOLD, RATE, EXPLANATION, REFRESH = "training", "fold", "rate", "explanation", "refresh"  # kinds
Subject: TypeAlias = tuple[str | int, ...]

_starting = threading.Lock()


@dataclass(slots=True, kw_only=True)
class Entry:
    """What the screen knows of a job and the queue does not."""

    kind: str
    subject: Subject
    owners: frozenset[str]  # visitors who started it
    cancelled: bool = False  # it may take a moment to end


def start(
    work: Callable[..., Generator[Event, Any, Any]],
    *arguments: Any,
    kind: str,
    subject: Subject,
    title: str,
    on_saved: Callable[[frozenset[str], str], None] | None = None,
    lease: Lease | None = None,
    **handlers: Callable[..., Any],
) -> str:
    """Queue `work(*arguments)` for this visitor and return its job id; `handlers` are for `Queue.submit`.

    `on_saved` is called with the owners of the job and the id that its `on_result` returned. The `lease` is given back
    when the job is over; a job whose lease another server has taken is cancelled. Raises JobError for more than the
    quotas of this visitor allow.

    If a job of this kind on this subject is under way, its id is returned: two clicks start one job.
    """
    owner = session.visitor()
    with _starting, ExitStack() as unused:
        if lease is not None:
            unused.callback(lease.release)  # unless a new job takes it: one that is under way has it already
        entries = _entries()
        for job_id in [name for name in entries if job(name) is None]:
            del entries[job_id]
        same = find(kind, subject)
        if same is not None and not same.over and not entries[same.id].cancelled:
            entry = entries.pop(same.id)
            entry.owners |= {owner}
            entries[same.id] = entry  # the newest, now that this visitor wants it too
            return same.id
        check_quotas(saves="on_result" in handlers)
        entry = Entry(kind=kind, subject=subject, owners=frozenset({owner}))
        if on_saved is not None:
            handlers["on_result"] = partial(_deliver, entry, handlers["on_result"], on_saved)
        if lease is not None:
            handlers["on_over"] = lease.release
        queue = cache.queue()
        job_id = queue.submit(work, *arguments, title=title, kind=kind, owner=owner, **handlers)
        unused.pop_all()
        if lease is not None:
            lease.on_lost = partial(queue.cancel, job_id)
        entries[job_id] = entry
    return job_id


def check_quotas(saves: bool = True) -> None:
    """Raise JobError if this visitor has too many jobs, or there is no room for what another one `saves`."""
    visitor = session.visitor()
    owned = [job_id for job_id, entry in _listed() if visitor in entry.owners]
    cache.quotas().check_jobs(sum((current := job(job_id)) is not None and not current.over for job_id in owned))
    if saves and cache.quotas().store_gb is not None:
        cache.quotas().check_store(cache.store_size(cache.RUNS))


def _deliver(
    entry: Entry, on_result: Callable[[Any], str], on_saved: Callable[[frozenset[str], str], None], value: Any
) -> str:
    """Save a result in the thread of the queue, and tell for whom: who wants it may have changed since the start."""
    result_id = on_result(value)
    on_saved(entry.owners, result_id)
    return result_id


def job(job_id: str) -> Job | None:
    """The job with this id; None if the queue has forgotten it."""
    try:
        return cache.queue().job(job_id)
    except CoreError:
        return None


def find(kind: str, subject: Subject) -> Job | None:
    """The newest job of this kind on this subject, whoever started it; None if the queue has none."""
    return _newest(job_id for job_id, entry in _listed() if (entry.kind, entry.subject) == (kind, subject))


def own(kind: str, subject: Subject) -> Job | None:
    """The newest job of this kind on this subject that this visitor started; None if the queue has none."""
    visitor = session.visitor()
    return _newest(
        job_id
        for job_id, entry in _listed()
        if (entry.kind, entry.subject) == (kind, subject) and visitor in entry.owners
    )


def mine(kind: str) -> Job | None:
    """The newest job of this kind that this visitor started; None if the queue has none."""
    return next(iter(all_mine(kind)), None)


def all_mine(kind: str) -> tuple[Job, ...]:
    """The jobs of this kind that this visitor started and the queue remembers, the newest first."""
    visitor = session.visitor()
    listed = [job_id for job_id, entry in _listed() if entry.kind == kind and visitor in entry.owners]
    return tuple(current for job_id in listed if (current := job(job_id)) is not None)


def is_mine(job_id: str) -> bool:
    """Whether this visitor started the job, or clicked to start one like it."""
    entry = _entries().get(job_id)
    return entry is not None and session.visitor() in entry.owners


def subject(job_id: str) -> Subject:
    """What the job works on; empty for a job that is not in the registry."""
    entry = _entries().get(job_id)
    return entry.subject if entry else ()


def under_way(kind: str) -> tuple[str, ...]:
    """The ids of the jobs of this kind that are not over, whoever started them."""
    listed = [job_id for job_id, entry in _listed() if entry.kind == kind]
    return tuple(job_id for job_id in listed if (current := job(job_id)) is not None and not current.over)


def withdraw(job_id: str) -> None:
    """This visitor does not want the job any more; it is cancelled unless somebody else wants it too.

    Nothing happens to the job of others.
    """
    entry, visitor = _entries().get(job_id), session.visitor()
    if entry is None or visitor not in entry.owners:
        return
    if entry.owners == {visitor}:
        cancel(job_id)
    else:
        entry.owners -= {visitor}


def cancel(job_id: str) -> None:
    """Stop the job for everybody; it may take a moment to end."""
    if job_id in _entries():
        _entries()[job_id].cancelled = True
    cache.queue().cancel(job_id)


def forget(job_id: str) -> None:
    """Take the job off this visitor's screen; it is not cancelled."""
    entry = _entries().get(job_id)
    if entry is not None:
        entry.owners -= {session.visitor()}


def _newest(job_ids: Iterable[str]) -> Job | None:
    return next((current for job_id in job_ids if (current := job(job_id)) is not None), None)


def _listed() -> list[tuple[str, Entry]]:
    """A copy, the newest first: other visitors start jobs meanwhile."""
    return list(_entries().items())[::-1]


@st.cache_resource(show_spinner=False)
def _entries() -> dict[str, Entry]:
    """Job id → its entry, the one last asked for at the end, for all visitors."""
    return {}
