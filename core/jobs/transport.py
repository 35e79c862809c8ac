"""The channel between a running job and the server, and what passes through it."""

import os
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import cloudpickle  # type: ignore[import-untyped]

from core.errors import Cancelled, JobError
from core.events import Checkpoint
from core.language import message

if TYPE_CHECKING:
    from distributed import Event, Worker

T = TypeVar("T")
RETRY_SECONDS = 0.5  # after an answer that did not come
POLL_SECONDS = 0.25  # the longest that a job which yields events goes on after a request to stop
WORKER_LOST = message("The worker process of this job ended in the middle of it.")
CONNECTION_LOST = message(
    "The connection to the workers was lost before this job was over. Check that they run, then start it again."
)
STOPPED = message("Stopped on request before it was finished.")
CLOSED = message("Stopped: the application was closed.")


def pack(value: object) -> bytes:
    """`value` as bytes that only another process of this program reads; raises TypeError if it cannot be pickled."""
    return cloudpickle.dumps(value)


def unpack(packed: bytes) -> Any:
    """The value behind `pack`. Never for bytes that come from a person or a file."""
    return cloudpickle.loads(packed)


class WorkerLost(JobError):
    """Raised in the worker that is handed the job of another one, which died."""


class JobChannel:
    """The channel of a running job to the server: events go out, the request to stop comes in.

    Messages are numbered, so that the server notices one that is missing. A scheduler that is slow to answer is waited
    for; only a worker that is being closed gives up.
    """

    def __init__(self, task: str, topic: str) -> None:
        from distributed import get_worker

        self.task, self.topic = task, topic
        self._worker = get_worker()
        self.address = self._worker.address
        self._sender, self._sent = secrets.token_hex(6), 0
        self._next_poll = 0.0

    def begin(self) -> None:
        """Mark the job as started; raises WorkerLost if it had started before, Cancelled if it was cancelled.

        Dask reruns the task of a dead worker by itself; a job that may have killed its worker must not run again
        unless the queue says so.
        """
        started = started_event(self.task)
        if self.ask(started.is_set):
            raise WorkerLost(WORKER_LOST)
        self.ask(started.set)
        self.check_cancelled()
        self._post(event=None, pid=os.getpid())

    def send(self, event: object) -> None:
        """Send one event to the server; raises Cancelled if the job was cancelled."""
        from distributed import Variable

        if isinstance(event, Checkpoint):
            # The event log keeps all events in memory; checkpoints are large, and the last one is enough.
            packed = pack(event)
            self.ask(lambda: Variable(f"checkpoint-{self.task}").set(packed))
            self._post(checkpoint=True)
        else:
            self.send_always(event)
        if time.monotonic() >= self._next_poll:
            self.check_cancelled()
            self._next_poll = time.monotonic() + POLL_SECONDS

    def send_always(self, event: object) -> None:
        """Send one event to the server, even if the job was cancelled."""
        self._post(event=pack(event))

    def request_workers(self) -> None:
        """Tell the server that there is work for all workers."""
        self._post(workers=True)

    def check_cancelled(self) -> None:
        """Raise Cancelled if the job was cancelled."""
        if self.ask(_event(f"cancel-{self.task}").is_set):
            raise Cancelled(STOPPED)

    def ask(self, question: Callable[[], T]) -> T:
        """The answer of the scheduler, however long it takes; raises OSError only if this worker is being closed."""
        while True:
            try:
                return question()
            except OSError:
                if not is_open(self._worker):
                    raise
                time.sleep(RETRY_SECONDS)

    def _post(self, **content: object) -> None:
        self._sent += 1
        stamp = {"job": self.task, "from": self._sender, "number": self._sent}
        self._worker.log_event(self.topic, stamp | content)


def is_open(worker: "Worker") -> bool:
    """Whether a worker still belongs to its scheduler."""
    from distributed.core import Status

    return worker.status in (Status.running, Status.paused)


def started_event(task: str) -> "Event":
    """Set from the start of an attempt until the queue has settled it."""
    return _event(f"started-{task}")


def _event(name: str) -> "Event":
    from distributed import Event

    return Event(name)


def lower_priority(nice: int) -> None:
    """Lower the priority of this thread to `nice`."""
    # On Linux the priority is the thread's own: the threads that keep the worker in touch stay as quick as they were.
    if hasattr(os, "setpriority"):
        now = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, 0, max(now, nice))
