"""The queue's own thread, the only one that talks to Dask: it starts workers, launches jobs and settles them."""

import atexit
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.errors import CoreError, JobError
from core.jobs import losses, turns
from core.jobs.book import Book
from core.jobs.job import Entry
from core.jobs.transport import STOPPED, unpack
from core.jobs.worker import LOST, Outcome, outcome_of_bug, outcome_of_error

if TYPE_CHECKING:
    import concurrent.futures

    from distributed import Future

    from core.jobs.cluster import Link

TICK_SECONDS = 0.1
START_SECONDS = 0.5  # in which a free worker starts a job
DEAF_SECONDS = 1.5  # in which a job stops by itself: one batch of a large model may take minutes
RECONNECT_SECONDS = 120  # in which an existing cluster that was lost may come back


@dataclass(slots=True, kw_only=True)
class Launched:
    """A job with the workers: the future of its task, and its outcome while that is on its way."""

    entry: Entry
    future: "Future"
    since: float  # on the monotonic clock
    deadline: float | None = None  # for a job that was cancelled to stop by itself; None before and after
    outcome: "concurrent.futures.Future[Outcome] | None" = None


class Dispatcher:
    """Takes the jobs of a Book to the workers and what becomes of them back.

    An answer that does not come is asked for again at the next tick, and a connection that breaks is replaced: the
    tasks and the log of their messages are with the scheduler. Only a process that is gone fails a job.
    """

    def __init__(self, book: Book, workers: int | None, address: str, modules: Sequence[str]) -> None:
        self._book = book
        self._workers, self._address, self._modules = workers, address, tuple(modules)
        self._topic = f"jobs-{secrets.token_hex(6)}"
        self._launched: list[Launched] = []
        self._launches, self._served = 0, dict[str, int]()  # all launches so far, and the number of each owner's last
        self.link: Link | None = None
        self._lost_at: float | None = None  # the connection, on the monotonic clock
        self._closing = False
        self._announced: bool | None = False  # to helpers: whether a job waits for a worker; None: nothing yet
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="core.jobs", daemon=True)

    def start(self) -> None:
        """Begin, and close at the end of the program."""
        atexit.register(self.close)
        self._thread.start()

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    def close(self, seconds: float = 20) -> None:
        """End the workers; returns when their processes are gone. May be repeated."""
        self._closing = True
        self._wake.set()
        self._thread.join(seconds)
        atexit.unregister(self.close)

    def _serve(self) -> None:
        self._guard(self._connect)
        while not self._closing:
            self._guard(self._tick)
            self._wake.wait(TICK_SECONDS if self._launched or self._book.waiting else None)
            self._wake.clear()
        if self.link is not None:
            self.link.close()

    def _guard(self, step: Callable[[], None]) -> None:
        """Run one step. No answer: the next tick asks again. Any other error ends all open jobs, and the thread goes
        on."""
        try:
            step()
        except (OSError, CancelledError) as error:
            logging.getLogger(__name__).info("The scheduler has not answered yet (%s).", error)
        except Exception as error:
            with self._book.lock:
                entries = [*self._book.waiting, *(launched.entry for launched in self._launched)]
                self._book.waiting, self._launched = [], []
            for entry in entries:
                if not entry.over:
                    self._book.end(entry, "failed", outcome_of_error(error))

    def _tick(self) -> None:
        if (self._book.waiting or self._launched) and not (self.link and self.link.alive):
            self._connect()
        if self.link is None:
            return
        self._find_again(self.link)
        self._collect(self.link)
        if self._book.workers_requested:
            self._book.workers_requested = False
            self.link.start_all_workers()
        self.link.replace_lost_workers()
        self._launch(self.link)
        self._announce_waiting(self.link)

    # --- the connection -------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        """Connect for the first time, or again: to the workers that there are, or to new ones if they are gone."""
        from core.jobs import cluster

        # Registered again: at exit the last one registered runs first, and this must precede Dask's own.
        atexit.register(self.close)
        lost = self.link
        if lost is not None and self._launched and lost.has_workers:
            self._lost_at = self._lost_at or time.monotonic()
            try:
                link = cluster.reconnect(lost, self._address)
            except JobError as error:
                if time.monotonic() - self._lost_at > RECONNECT_SECONDS:
                    raise
                raise ConnectionError(str(error)) from error  # tried again at the next tick
        else:
            self.link = None
            if lost is not None:
                lost.close()
            link = cluster.connect(self._address, self._workers, self._modules)
        link.client.subscribe_topic(self._topic, lambda stamped: self._book.receive(stamped[1]))
        self.link, self._announced, self._lost_at = link, None, None

    def _find_again(self, link: "Link") -> None:
        """After a break in the connection find the tasks again, and the messages that were sent meanwhile."""
        broken = [launched for launched in self._launched if launched.future.cancelled()]
        if broken and link.client.status == "running":
            for launched in broken:
                future = link.find(launched.entry.task)
                if future is None:
                    self._settle(launched.entry, LOST, link)
                    self._launched.remove(launched)
                else:
                    launched.future, launched.outcome = future, None
        if broken or self._book.inbox.incomplete:
            self._book.replay(link.logged(self._topic))

    # --- the jobs -------------------------------------------------------------------------------------------------

    def _collect(self, link: "Link") -> None:
        """Store checkpoints, settle the jobs that are over, and pass on requests to cancel."""
        from core.jobs.cluster import outcome_of

        for launched in [*self._launched]:
            entry = launched.entry
            self._store_checkpoint(entry, link)
            if launched.outcome is not None and launched.outcome.done():
                self._settle(entry, outcome_of(launched.outcome), link)
                launched.future.release()  # Dask would recompute it if its worker died
                self._launched.remove(launched)
                link.start_all_workers()
            elif launched.future.done() and not launched.future.cancelled() and launched.outcome is None:
                launched.outcome = link.fetch(launched.future)
                launched.outcome.add_done_callback(lambda _: self.wake())
            elif entry.cancel_requested and not entry.cancel_sent:
                link.cancel(entry.task)
                entry.cancel_sent, launched.deadline = True, time.monotonic() + DEAF_SECONDS
            elif launched.deadline and time.monotonic() > launched.deadline and not launched.future.done():
                self._kill(launched, link)

    def _kill(self, launched: Launched, link: "Link") -> None:
        """End a job that does not hear that it is cancelled, together with its worker process if that is our own."""
        launched.deadline = None
        if launched.entry.pid is not None:
            link.kill(launched.entry.pid)
        if not launched.entry.over:
            self._book.end(launched.entry, "cancelled", Outcome(kind="Cancelled", error=STOPPED))

    def _store_checkpoint(self, entry: Entry, link: "Link") -> None:
        """Pass on the newest checkpoint of a job; if that fails the job goes on, and a log says so."""
        if not entry.has_checkpoint or entry.on_checkpoint is None:
            return
        packed = link.checkpoint(entry.task)
        entry.has_checkpoint = False
        if packed is None:
            return
        try:
            entry.on_checkpoint(unpack(packed))
            entry.kept = True
        except (CoreError, OSError) as error:
            logging.getLogger(__name__).warning("The checkpoint of “%s” was not stored: %s", entry.title, error)
        except Exception:  # a bug in storing one checkpoint must not end all the other jobs
            logging.getLogger(__name__).exception("The checkpoint of “%s” was not stored", entry.title)

    def _settle(self, entry: Entry, outcome: Outcome, link: "Link") -> None:
        """Record how an attempt ended; one that lost its worker is followed by one more, from the last checkpoint.

        If the scheduler does not answer this is repeated at the next tick, so nothing is changed before it has.
        """
        if outcome.lost and not entry.over:
            entry.has_checkpoint = True  # the message that there is one may be lost with the worker
            self._store_checkpoint(entry, link)
        if entry.over:
            pass
        elif outcome.lost and self._go_on(entry, link):
            return
        elif outcome.error is not None:
            cancelled = outcome.kind == "Cancelled" or (outcome.lost and entry.cancel_requested)
            if outcome.lost:
                loss = link.loss(entry.pid) if entry.pid is not None else losses.Loss()
                outcome = replace(outcome, error=losses.describe(loss, twice=entry.attempt > 1, kept=entry.kept))
            if cancelled:
                outcome = Outcome(kind="Cancelled", error=STOPPED)
            self._book.end(entry, "cancelled" if cancelled else "failed", outcome)
        else:
            self._save(entry, outcome.value)
        link.forget(entry.task)

    def _go_on(self, entry: Entry, link: "Link") -> bool:
        """Queue a lost job once more if it has a checkpoint, it was not lost before, and nobody wants it stopped."""
        if entry.resume is None or entry.attempt > 1 or entry.cancel_requested:
            return False
        packed = link.checkpoint(entry.task)
        if packed is None:
            return False
        before = entry.task
        with self._book.lock:
            entry.go_on(entry.resume, unpack(packed))
            self._book.waiting.insert(0, entry)
        link.forget(before)
        return True

    def _save(self, entry: Entry, packed: bytes) -> None:
        try:
            value: Any = unpack(packed)
        except Exception as error:
            self._book.end(entry, "failed", outcome_of_bug(error))
            return
        self._book.save(entry, value)

    def _launch(self, link: "Link") -> None:
        """Launch as many jobs as can run now; the others wait here for their turn."""
        for _ in range(link.job_slots() - len(self._launched)):
            with self._book.lock:
                if not self._book.waiting:
                    return
                entry = turns.choose(self._book.waiting, [one.entry for one in self._launched], self._served)
            future = link.launch(entry.task, self._topic, entry.payload)
            self._launched.append(Launched(entry=entry, future=future, since=time.monotonic()))
            self._served[entry.owner] = self._launches = self._launches + 1
            with self._book.lock:
                self._book.waiting = [other for other in self._book.waiting if other is not entry]
        if self._book.waiting:
            link.start_all_workers()

    def _announce_waiting(self, link: "Link") -> None:
        """Have helpers give their subtasks back while a job was launched and no worker has started it."""
        now = time.monotonic()
        late = [launched.entry for launched in self._launched if now - launched.since > START_SECONDS]
        waiting = any(entry.status == "queued" for entry in late)
        if waiting != self._announced:
            link.announce_waiting(self._topic, waiting)
            self._announced = waiting
