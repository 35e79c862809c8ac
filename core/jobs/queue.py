"""The queue: accepts jobs at once, runs them in order on the workers, and remembers how they ended."""

import atexit
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from core.errors import CoreError, JobError
from core.jobs.job import Entry, Job, OnCheckpoint, OnResult, Status
from core.jobs.transport import CLOSED, STOPPED, pack, unpack
from core.jobs.worker import Outcome, outcome_of_bug, outcome_of_error, rebuild_error

if TYPE_CHECKING:
    from distributed import Future

    from core.jobs.cluster import Link

TICK_SECONDS = 0.1
START_SECONDS = 0.5  # in which a free worker starts a job
MAX_ENDED = 50
CLOSE_SECONDS = 20
Warm = Callable[[], None]


class Queue:
    """Jobs in the order in which they were submitted; every method may be called from any thread.

    One thread of the queue talks to Dask: it starts the workers, launches jobs and saves their results, whether or not
    anybody still looks at them. All other threads only read and write the entries.
    """

    def __init__(self, workers: int | None, address: str, warm: Warm | None) -> None:
        self._workers, self._address, self._warm = workers, address, warm
        self._topic = f"jobs-{secrets.token_hex(6)}"
        self._lock = threading.RLock()
        self._entries: dict[str, Entry] = {}
        self._waiting: list[Entry] = []
        self._launched: list[tuple[Entry, Future]] = []
        self._link: Link | None = None
        self._closing = False
        self._workers_requested = False  # by a job with subtasks
        self._announced: bool | None = False  # to helpers: whether a job waits for a worker; None: nothing yet
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="core.jobs", daemon=True)

    @classmethod
    def open(cls, workers: int | None = None, address: str | None = None, warm: Warm | None = None) -> "Queue":
        """A queue that accepts jobs at once; its workers start in the background.

        `workers`: processes on this machine, by default one less than there are cores (1 to 8). `address`: a Dask
        scheduler to use instead; by default the variable DASK_SCHEDULER_ADDRESS, "" for this machine. `warm`: an
        importable function that every worker runs when it is up, to get slow imports out of the way.
        """
        queue = cls(workers, os.environ.get("DASK_SCHEDULER_ADDRESS", "") if address is None else address, warm)
        atexit.register(queue.close)
        queue._thread.start()
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
        **kwargs: Any,
    ) -> str:
        """Queue `function(*args, **kwargs)`, a generator of picklable events, and return its job id at once.

        `kind` and `owner` are labels for whoever lists jobs. `on_result` is called here in the server with the return
        value, saves it and returns the id it was saved under; without it the value waits in memory for `result`.
        `on_checkpoint` is called here with each new Checkpoint, from which an interrupted job can be resumed. Raises
        JobError if the queue is closed, TypeError or PicklingError if the arguments cannot be pickled.
        """
        entry = Entry(
            id=secrets.token_hex(6),
            title=title,
            kind=kind,
            owner=owner,
            payload=pack((function, args, kwargs)),
            on_result=on_result,
            on_checkpoint=on_checkpoint,
        )
        with self._lock:
            if self._closing:
                raise JobError("The queue is closed and takes no more jobs. Start the application again.")
            self._entries[entry.id] = entry
            self._waiting.append(entry)
        self._wake.set()
        return entry.id

    def job(self, job_id: str) -> Job:
        """The job at this moment; raises JobError if there is none with this id."""
        with self._lock:
            return self._find(job_id).snapshot()

    def jobs(self) -> tuple[Job, ...]:
        """All jobs that are remembered, newest first: those that are not over and the last 50 that ended."""
        with self._lock:
            return tuple(entry.snapshot() for entry in reversed(self._entries.values()))

    def result(self, job_id: str) -> Any:
        """The return value of the job, if it was not saved; raises the job's own error, or JobError without either."""
        with self._lock:
            entry = self._find(job_id)
            if entry.unsaved:
                return entry.unsaved[0]
            kind, text = entry.failure.kind, entry.failure.error
        if text is not None:
            raise rebuild_error(kind or "", text)
        raise JobError(f"There is no result of “{entry.title}” in memory: it is {entry.status}.")

    def cancel(self, job_id: str) -> None:
        """Stop a job: at once if it waits, within 0.25 s of its next event if it runs; nothing if it is over."""
        with self._lock:
            entry = self._find(job_id)
            entry.cancel_requested = True
            if entry.status == "queued":
                self._end(entry, "cancelled", Outcome(kind="Cancelled", error=STOPPED))
                self._waiting = [other for other in self._waiting if other is not entry]
        self._wake.set()

    def retry_save(self, job_id: str) -> Job:
        """Save a result again whose saving failed, in the calling thread; raises JobError if there is none."""
        with self._lock:
            entry = self._find(job_id)
            if entry.on_result is None or not entry.unsaved:
                raise JobError(f"“{entry.title}” has no unsaved result: it is {entry.status}.")
            value = entry.unsaved.pop()
        self._save(entry, value)
        with self._lock:
            return entry.snapshot()

    def close(self) -> None:
        """End the workers and every job that is not over; returns when their processes are gone. May be repeated."""
        with self._lock:
            self._closing = True
            self._waiting.clear()
            for entry in self._entries.values():
                if not entry.over:
                    entry.end("cancelled", Outcome(kind="Cancelled", error=CLOSED))
        self._wake.set()
        self._thread.join(CLOSE_SECONDS)
        atexit.unregister(self.close)

    # --- the entries ----------------------------------------------------------------------------------------------

    def _find(self, job_id: str) -> Entry:
        if job_id not in self._entries:
            raise JobError(f"There is no job {job_id}; it ended long ago, or the application was restarted since.")
        return self._entries[job_id]

    def _end(self, entry: Entry, status: Status, failure: Outcome | None = None, result_id: str | None = None) -> None:
        with self._lock:
            entry.end(status, failure, result_id)
            ended = sorted((other.ended, other.id) for other in self._entries.values() if other.ended is not None)
            for _, job_id in ended[:-MAX_ENDED]:
                del self._entries[job_id]

    def _save(self, entry: Entry, value: Any) -> None:
        """Save the result; if that fails it stays in memory, for a full disk is no reason to train again."""
        outcome = None
        if entry.on_result is not None:
            try:
                return self._end(entry, "done", result_id=entry.on_result(value))
            except Exception as error:
                known = isinstance(error, CoreError | OSError)
                outcome = Outcome(kind=type(error).__name__, error=str(error)) if known else outcome_of_bug(error)
        with self._lock:
            entry.unsaved.append(value)
            return self._end(entry, "failed" if outcome else "done", outcome)

    def _receive(self, stamped: tuple[float, dict[str, Any]]) -> None:
        """Record a message of a worker; called in Dask's own thread, in the order in which they were sent."""
        message = stamped[1]
        with self._lock:
            entry = self._entries.get(message["job"])
            if entry is not None and not entry.over:
                entry.receive(message)
                self._workers_requested = self._workers_requested or "workers" in message

    # --- the queue's own thread -----------------------------------------------------------------------------------

    def _serve(self) -> None:
        self._guard(self._connect)
        while not self._closing:
            self._guard(self._tick)
            self._wake.wait(TICK_SECONDS if self._launched else None)
            self._wake.clear()
        if self._link is not None:
            self._link.close()

    def _guard(self, step: Callable[[], None]) -> None:
        """Run one step of the thread; an error in it ends all open jobs, and the thread goes on."""
        try:
            step()
        except Exception as error:
            with self._lock:
                entries = [*self._waiting, *(entry for entry, _ in self._launched)]
                self._waiting, self._launched = [], []
            for entry in entries:
                if not entry.over:
                    self._end(entry, "failed", outcome_of_error(error))

    def _connect(self) -> None:
        from core.jobs import cluster

        # Registered again: at exit the last one registered runs first, and this must precede Dask's own.
        atexit.register(self.close)
        lost, self._link = self._link, None
        if lost is not None:
            lost.close()
        link = cluster.connect(self._address, self._workers, self._warm)
        link.client.subscribe_topic(self._topic, self._receive)
        self._link, self._announced = link, None

    def _tick(self) -> None:
        if self._waiting and not (self._link and self._link.alive):
            self._connect()
        if self._link is None:
            return
        self._collect(self._link)
        if self._workers_requested:
            self._workers_requested = False
            self._link.start_all_workers()
        self._launch(self._link)
        self._announce_waiting(self._link)

    def _collect(self, link: "Link") -> None:
        """Store checkpoints, settle the jobs that are over, and pass on requests to cancel."""
        for entry, future in [*self._launched]:
            self._store_checkpoint(entry, link)
            if future.done():
                self._launched.remove((entry, future))
                self._settle(entry, link.take_outcome(future))
                link.forget(entry.id)
                link.start_all_workers()
            elif entry.cancel_requested and not entry.cancel_sent:
                link.cancel(entry.id)
                entry.cancel_sent = True

    def _store_checkpoint(self, entry: Entry, link: "Link") -> None:
        """Pass on the newest checkpoint of a job; if that fails the job goes on, and a log says so."""
        is_new, entry.has_checkpoint = entry.has_checkpoint, False
        if not is_new or entry.on_checkpoint is None:
            return
        try:
            entry.on_checkpoint(unpack(link.checkpoint(entry.id)))
        except (CoreError, OSError, TimeoutError) as error:
            logging.getLogger(__name__).warning("The checkpoint of “%s” was not stored: %s", entry.title, error)
        except Exception:  # a bug in storing one checkpoint must not end all the other jobs
            logging.getLogger(__name__).exception("The checkpoint of “%s” was not stored", entry.title)

    def _settle(self, entry: Entry, outcome: Outcome) -> None:
        if entry.over:
            return None
        if outcome.error is not None:
            return self._end(entry, "cancelled" if outcome.kind == "Cancelled" else "failed", outcome)
        try:
            value = unpack(outcome.value)
        except Exception as error:
            return self._end(entry, "failed", outcome_of_bug(error))
        return self._save(entry, value)

    def _launch(self, link: "Link") -> None:
        """Launch as many jobs as can run now; the others wait here, where they keep their order."""
        for _ in range(link.job_slots() - len(self._launched)):
            with self._lock:
                if not self._waiting:
                    return
                entry = self._waiting[0]
            future = link.launch(entry.id, self._topic, entry.payload)
            entry.launched = time.monotonic()
            self._launched.append((entry, future))
            with self._lock:
                self._waiting = [other for other in self._waiting if other is not entry]
        if self._waiting:
            link.start_all_workers()

    def _announce_waiting(self, link: "Link") -> None:
        """Have helpers give their subtasks back while a job was launched and no worker has started it."""
        now = time.monotonic()
        waiting = any(entry.status == "queued" and now - entry.launched > START_SECONDS for entry, _ in self._launched)
        if waiting != self._announced:
            link.announce_waiting(self._topic, waiting)
            self._announced = waiting
