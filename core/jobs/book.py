"""What the queue remembers of its jobs, under one lock; the threads of the pages and that of the queue share it."""

import logging
import threading
from typing import Any

from core.errors import CoreError, JobError, words
from core.jobs.inbox import Inbox
from core.jobs.job import Entry, Job, OnDone, Status
from core.jobs.worker import Outcome, outcome_of_bug
from core.language import message

MAX_ENDED = 50


class Book:
    """The entries by id, in the order in which they were submitted, and those that wait for a worker.

    `lock` guards everything here; `on_done` is called with each job that ends well.
    """

    def __init__(self, on_done: OnDone | None = None) -> None:
        self.lock = threading.RLock()
        self.entries: dict[str, Entry] = {}
        self.waiting: list[Entry] = []
        self.inbox = Inbox()
        self.workers_requested = False  # by a job with subtasks
        self._on_done = on_done

    def find(self, job_id: str) -> Entry:
        """The entry with this id; raises JobError if there is none."""
        if job_id not in self.entries:
            raise JobError(
                message(
                    "There is no job {job_id}; it ended long ago, or the application was restarted since.",
                    job_id=job_id,
                )
            )
        return self.entries[job_id]

    def snapshot(self, job_id: str) -> Job:
        """The job at this moment; raises JobError if there is none with this id."""
        with self.lock:
            return self.find(job_id).snapshot()

    def end(self, entry: Entry, status: Status, failure: Outcome | None = None, result_id: str | None = None) -> None:
        """Record how a job ended, and forget those that ended long ago."""
        with self.lock:
            entry.end(status, failure, result_id)
            ended = sorted((other.ended, other.id) for other in self.entries.values() if other.ended is not None)
            for _, job_id in ended[:-MAX_ENDED]:
                del self.entries[job_id]
            job = entry.snapshot()
        if status == "done" and self._on_done is not None:
            try:
                self._on_done(job)
            except Exception:  # the job is saved: nothing that is told about it may fail it, or another one
                logging.getLogger(__name__).exception("The end of “%s” was not noted", entry.title)

    def save(self, entry: Entry, value: Any) -> None:
        """Save the result; if that fails it stays in memory, for a full disk is no reason to train again."""
        outcome = None
        if entry.on_result is not None:
            try:
                return self.end(entry, "done", result_id=entry.on_result(value))
            except Exception as error:
                known = isinstance(error, CoreError | OSError)
                outcome = Outcome(kind=type(error).__name__, error=words(error)) if known else outcome_of_bug(error)
        with self.lock:
            entry.unsaved.append(value)
        return self.end(entry, "failed" if outcome else "done", outcome)

    def receive(self, message: dict[str, Any]) -> None:
        """Record a message of a worker; called in Dask's own thread."""
        with self.lock:
            if self.inbox.take(message):
                self._record(message)

    def replay(self, messages: list[dict[str, Any]]) -> None:
        """Record what was missed of these messages, which are all that there are."""
        with self.lock:
            for message in self.inbox.catch_up(messages):
                self._record(message)

    def _record(self, message: dict[str, Any]) -> None:
        job_id, _, attempt = message["job"].partition("-")
        entry = self.entries.get(job_id)
        if entry is not None and not entry.over and attempt == str(entry.attempt):
            entry.receive(message)
            self.workers_requested = self.workers_requested or "workers" in message
