"""The queue itself: takes jobs at once, runs them one after another on the workers, and remembers how they went."""

import atexit
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from core.errors import CoreError, JobError
from core.jobs.job import Entry, Job, Keeper, Saver, Status
from core.jobs.transport import STOPPED, pack, unpack
from core.jobs.worker import Outcome, explain, failure, rebuild

if TYPE_CHECKING:
    from distributed import Future

    from core.jobs.cluster import Link

TICK_SECONDS = 0.1
SOON = 0.5  # seconds in which a free worker has begun a job
ENDED_KEPT = 50
CLOSE_SECONDS = 20
Warm = Callable[[], None]
CLOSED = "Stopped: the application was closed."


class Queue:
    """Jobs in the order in which they came; every method may be called from any thread.

    One thread of the queue's own speaks with Dask: it starts the workers, hands out jobs, takes results and saves
    them, so that a job is finished also if nobody looks any more. All others only read and write the book.
    """

    def __init__(self, workers: int | None, address: str, warm: Warm | None) -> None:
        self._workers, self._address, self._warm = workers, address, warm
        self._topic = f"jobs-{secrets.token_hex(6)}"
        self._lock = threading.RLock()
        self._book: dict[str, Entry] = {}
        self._waiting: list[Entry] = []
        self._away: list[tuple[Entry, Future]] = []
        self._link: Link | None = None
        self._closing = False
        self._grow = False  # a job has pieces for all workers
        self._waits: bool | None = False  # what helpers were told: a job waits for them; None: nobody knows
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="core.jobs", daemon=True)

    @classmethod
    def open(cls, workers: int | None = None, address: str | None = None, warm: Warm | None = None) -> "Queue":
        """A queue that is ready for `submit` at once; its workers start in the background.

        `workers`: processes on this machine, by default one less than there are cores (1 to 8). `address`: a Dask
        scheduler to use instead; by default the variable DASK_SCHEDULER_ADDRESS, "" for this machine. `warm`: an
        importable function that every worker runs when it is up, to have slow imports behind it.
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
        on_result: Saver | None = None,
        on_saved: Keeper | None = None,
        **kwargs: Any,
    ) -> str:
        """Queue `function(*args, **kwargs)`, a generator of picklable events, and give its job id at once.

        `on_result` gets what the generator returns, here in the server, saves it and gives the id it was saved
        under; without it the result waits in memory for `result`. `on_saved` gets, here too, the latest Saved event
        of the generator, from which a job that was stopped or lost can be taken up again. Raises JobError if the
        queue is closed, TypeError or PicklingError if the arguments cannot travel.
        """
        entry = Entry(
            id=secrets.token_hex(6),
            title=title,
            payload=pack((function, args, kwargs)),
            on_result=on_result,
            on_saved=on_saved,
        )
        with self._lock:
            if self._closing:
                raise JobError("The queue is closed and takes no more jobs. Start the application again.")
            self._book[entry.id] = entry
            self._waiting.append(entry)
        self._wake.set()
        return entry.id

    def job(self, job_id: str) -> Job:
        """The job as it stands now; raises JobError if there is none with this id."""
        with self._lock:
            return self._find(job_id).picture()

    def knows(self, job_id: str) -> bool:
        """Whether there is a job with this id, and what it returned if it is done and was not saved."""
        with self._lock:
            entry = self._book.get(job_id)
            return entry is not None and (entry.status != "done" or bool(entry.held) or entry.result_id is not None)

    def jobs(self) -> tuple[Job, ...]:
        """All jobs that are remembered, newest first: the open ones and the last 50 that ended."""
        with self._lock:
            return tuple(entry.picture() for entry in reversed(self._book.values()))

    def result(self, job_id: str) -> Any:
        """What the job returned, if it was not saved; raises the job's own error, or JobError if nothing is held."""
        with self._lock:
            entry = self._find(job_id)
            if entry.held:
                return entry.held[0]
            kind, text = entry.failure.kind, entry.failure.error
        if text is not None:
            raise rebuild(kind or "", text)
        raise JobError(f"No result is held for “{entry.title}”: it is {entry.status}.")

    def cancel(self, job_id: str) -> None:
        """Stop a job: at once if it waits, within 0.25 s of its next event if it runs; nothing if it is over."""
        with self._lock:
            entry = self._find(job_id)
            entry.unwanted = True
            if entry.status == "queued":
                self._end(entry, "cancelled", Outcome(kind="Cancelled", error=STOPPED))
                self._waiting = [other for other in self._waiting if other is not entry]
        self._wake.set()

    def retry_save(self, job_id: str) -> Job:
        """Save a result once more whose saving failed, in the calling thread, and give the job as it stands then.

        Raises JobError if the job has no unsaved result.
        """
        with self._lock:
            entry = self._find(job_id)
            if entry.on_result is None or not entry.held:
                raise JobError(f"“{entry.title}” has no unsaved result: it is {entry.status}.")
            value = entry.held.pop()
        self._save(entry, value)
        with self._lock:
            return entry.picture()

    def close(self) -> None:
        """End the workers and every job that is not over; returns when their processes are gone. Twice is fine."""
        with self._lock:
            self._closing = True
            self._waiting.clear()
            for entry in self._book.values():
                if not entry.over:
                    entry.end("cancelled", Outcome(kind="Cancelled", error=CLOSED))
        self._wake.set()
        self._thread.join(CLOSE_SECONDS)
        atexit.unregister(self.close)

    # --- the book -------------------------------------------------------------------------------------------------

    def _find(self, job_id: str) -> Entry:
        if job_id not in self._book:
            raise JobError(f"There is no job {job_id}; it ended long ago, or the application was started anew since.")
        return self._book[job_id]

    def _end(self, entry: Entry, status: Status, outcome: Outcome | None = None, result_id: str | None = None) -> None:
        with self._lock:
            entry.end(status, outcome, result_id)
            ended = sorted((other.ended, other.id) for other in self._book.values() if other.ended is not None)
            for _, job_id in ended[:-ENDED_KEPT]:
                del self._book[job_id]

    def _save(self, entry: Entry, value: Any) -> None:
        """Have the result saved; if that fails it stays in memory, for a full disk is no reason to train again."""
        outcome = None
        if entry.on_result is not None:
            try:
                return self._end(entry, "done", result_id=entry.on_result(value))
            except (CoreError, OSError) as error:
                outcome = Outcome(kind=type(error).__name__, error=str(error))
            except Exception as error:
                outcome = failure(error)
        with self._lock:
            entry.held.append(value)
            return self._end(entry, "failed" if outcome else "done", outcome)

    def _hear(self, stamped: tuple[float, dict[str, Any]]) -> None:
        """A message from a worker; called in Dask's own thread, in the order in which they were sent."""
        message = stamped[1]
        with self._lock:
            entry = self._book.get(message["job"])
            if entry is not None and not entry.over:
                entry.hear(message)
                self._grow = self._grow or "split" in message

    # --- the queue's own thread -----------------------------------------------------------------------------------

    def _serve(self) -> None:
        self._guard(self._connect)
        while not self._closing:
            self._guard(self._tick)
            self._wake.wait(TICK_SECONDS if self._away else None)
            self._wake.clear()
        if self._link is not None:
            self._link.close()

    def _guard(self, step: Callable[[], None]) -> None:
        """One step of the thread; what it raises ends the jobs it stood for, and the thread goes on."""
        try:
            step()
        except Exception as error:
            with self._lock:
                entries = [*self._waiting, *(entry for entry, _ in self._away)]
                self._waiting, self._away = [], []
            for entry in entries:
                if not entry.over:
                    self._end(entry, "failed", explain(error))

    def _connect(self) -> None:
        from core.jobs import cluster

        # Once more: at exit the last registered comes first, and this must precede Dask's own.
        atexit.register(self.close)
        lost, self._link = self._link, None
        if lost is not None:
            lost.close()
        link = cluster.connect(self._address, self._workers, self._warm)
        link.client.subscribe_topic(self._topic, self._hear)
        self._link, self._waits = link, None

    def _tick(self) -> None:
        if self._waiting and not (self._link and self._link.alive):
            self._connect()
        if self._link is not None:
            self._land(self._link)
            if self._grow:
                self._grow = False
                self._link.grow()
            self._launch(self._link)
            self._call_back(self._link)

    def _land(self, link: "Link") -> None:
        for entry, future in [*self._away]:
            self._keep(entry, link)
            if future.done():
                self._away.remove((entry, future))
                self._settle(entry, link.take(future))
                link.forget(entry.id)
                link.grow()
            elif entry.unwanted and not entry.told:
                link.ask_to_stop(entry.id)
                entry.told = True

    def _keep(self, entry: Entry, link: "Link") -> None:
        """Have the newest state of a job kept; where that fails the job goes on, and a log says so."""
        if not entry.saved:
            return
        entry.saved = False
        if entry.on_saved is not None:
            try:
                entry.on_saved(unpack(link.saved(entry.id)))
            except (CoreError, OSError, TimeoutError) as error:
                logging.getLogger(__name__).warning("The state of “%s” was not kept: %s", entry.title, error)
            except Exception:  # a bug in keeping one job's state must not end all the others
                logging.getLogger(__name__).exception("The state of “%s” was not kept", entry.title)

    def _settle(self, entry: Entry, outcome: Outcome) -> None:
        if entry.over:
            return None
        if outcome.error is not None:
            return self._end(entry, "cancelled" if outcome.kind == "Cancelled" else "failed", outcome)
        try:
            value = unpack(outcome.value)
        except Exception as error:
            return self._end(entry, "failed", failure(error))
        return self._save(entry, value)

    def _launch(self, link: "Link") -> None:
        """Hand out as many jobs as can run now; the others wait here, where they keep their order."""
        for _ in range(link.slots() - len(self._away)):
            with self._lock:
                if not self._waiting:
                    return
                entry = self._waiting[0]
            future = link.launch(entry.id, self._topic, entry.payload)
            entry.handed_out = time.monotonic()
            self._away.append((entry, future))
            with self._lock:
                self._waiting = [other for other in self._waiting if other is not entry]
        if self._waiting:
            link.grow()

    def _call_back(self, link: "Link") -> None:
        """Have workers that only help another's job leave it while a job was handed out and none has begun it."""
        now = time.monotonic()
        waits = any(entry.status == "queued" and now - entry.handed_out > SOON for entry, _ in self._away)
        if waits != self._waits:
            link.call_back(self._topic, waits)
            self._waits = waits
