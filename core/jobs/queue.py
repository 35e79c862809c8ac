"""The queue: accepts jobs at once, runs them in order on the workers, and remembers how they ended."""

import os
import secrets
from collections.abc import Callable, Generator, Sequence
from typing import Any

from core.errors import JobError
from core.jobs.book import Book
from core.jobs.dispatcher import Dispatcher
from core.jobs.job import Entry, Job, OnCheckpoint, OnDone, OnOver, OnResult, Resume
from core.jobs.transport import CLOSED, STOPPED, pack
from core.jobs.worker import Outcome, rebuild_error
from core.language import message


class Queue:
    """Jobs in the order in which they were submitted; every method may be called from any thread.

    A thread of its own takes them to the workers and saves their results, whether or not anybody still looks at them.
    """

    def __init__(
        self, workers: int | None, address: str, modules: Sequence[str], on_done: OnDone | None = None
    ) -> None:
        self._closing = False
        self._book = Book(on_done)
        self._dispatcher = Dispatcher(self._book, workers, address, modules)

    @classmethod
    def open(
        cls,
        workers: int | None = None,
        address: str | None = None,
        modules: Sequence[str] = (),
        on_done: OnDone | None = None,
    ) -> "Queue":
        """A queue that accepts jobs at once; its workers start in the background.

        `workers`: processes on this machine, by default one less than there are cores (1 to 8). `address`: a Dask
        scheduler to use instead; by default the variable DASK_SCHEDULER_ADDRESS, "" for this machine. `modules`: what
        jobs need, by name, imported before the first of them comes. `on_done` is called here with each job that has
        ended well.
        """
        address = os.environ.get("DASK_SCHEDULER_ADDRESS", "") if address is None else address
        queue = cls(workers, address, modules, on_done)
        queue._dispatcher.start()
        return queue

    def submit(
        self,
        function: Callable[..., Generator[Any, Any, Any]],
        /,
        *args: Any,
        title: str,
        kind: str = "",
        owner: str = "",
        on_result: OnResult | None = None,
        on_checkpoint: OnCheckpoint | None = None,
        resume: Resume | None = None,
        on_over: OnOver | None = None,
        **kwargs: Any,
    ) -> str:
        """Queue `function(*args, **kwargs)`, a generator of picklable events, and return its job id at once.

        `kind` and `owner` are labels for whoever lists jobs. `on_result` is called here in the server with the return
        value, saves it and returns the id it was saved under; without it the value waits in memory for `result`.
        `on_checkpoint` is called here with each new Checkpoint, from which an interrupted job can be resumed. If the
        worker of a job is lost, `resume(its last Checkpoint)` runs in its place, once: a second loss ends the job,
        which may itself be what kills its workers. `on_over` is called here once, however the job ends. Raises JobError
        if the queue is closed, TypeError or PicklingError if the arguments cannot be pickled.
        """
        entry = Entry(
            id=secrets.token_hex(6),
            title=title,
            kind=kind,
            owner=owner,
            work=f"{function.__module__}.{function.__qualname__}",
            payload=pack((function, args, kwargs)),
            on_result=on_result,
            on_checkpoint=on_checkpoint,
            resume=resume,
            on_over=on_over,
        )
        with self._book.lock:
            if self._closing:
                raise JobError(message("The queue is closed and takes no more jobs. Start the application again."))
            self._book.entries[entry.id] = entry
            self._book.waiting.append(entry)
        self._dispatcher.wake()
        return entry.id

    def job(self, job_id: str) -> Job:
        """The job at this moment; raises JobError if there is none with this id."""
        return self._book.snapshot(job_id)

    def jobs(self) -> tuple[Job, ...]:
        """All jobs that are remembered, newest first: those that are not over and the last 50 that ended."""
        with self._book.lock:
            return tuple(entry.snapshot() for entry in reversed(self._book.entries.values()))

    def result(self, job_id: str) -> Any:
        """The return value of the job, if it was not saved; raises the job's own error, or JobError without either."""
        with self._book.lock:
            entry = self._book.find(job_id)
            if entry.unsaved:
                return entry.unsaved[0]
            kind, text = entry.failure.kind, entry.failure.error
        if text is not None:
            raise rebuild_error(kind or "", text)
        raise JobError(
            message(
                "There is no result of “{title}” in memory: it is {status}.", title=entry.title, status=entry.status
            )
        )

    def cancel(self, job_id: str) -> None:
        """Stop a job: at once if it waits; if it runs, at its next event, or without one after 1.5 s together with its
        worker process; nothing if it is over."""
        with self._book.lock:
            entry = self._book.find(job_id)
            entry.cancel_requested = True
            waits = any(other is entry for other in self._book.waiting)
            if entry.status == "queued" or (waits and not entry.over):
                self._book.end(entry, "cancelled", Outcome(kind="Cancelled", error=STOPPED))
                self._book.waiting = [other for other in self._book.waiting if other is not entry]
        self._dispatcher.wake()

    def retry_save(self, job_id: str) -> Job:
        """Save a result again whose saving failed, in the calling thread; raises JobError if there is none."""
        with self._book.lock:
            entry = self._book.find(job_id)
            if entry.on_result is None or not entry.unsaved:
                raise JobError(
                    message("“{title}” has no unsaved result: it is {status}.", title=entry.title, status=entry.status)
                )
            value = entry.unsaved.pop()
        self._book.save(entry, value)
        with self._book.lock:
            return entry.snapshot()

    def worker_memory(self) -> int | None:
        """The bytes at which a worker is ended with its job; None while none has started, or on an existing cluster."""
        link = self._dispatcher.link
        return None if link is None else link.worker_memory

    def close(self) -> None:
        """End the workers and every job that is not over; returns when their processes are gone. May be repeated."""
        with self._book.lock:
            self._closing = True
            self._book.waiting.clear()
            for entry in self._book.entries.values():
                if not entry.over:
                    entry.end("cancelled", Outcome(kind="Cancelled", error=CLOSED))
        self._dispatcher.close()
