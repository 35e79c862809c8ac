"""The channel between a running job and the server, and what passes through it."""

import os
import time
from typing import Any

import cloudpickle  # type: ignore[import-untyped]

from core.errors import Cancelled, JobError
from core.events import Checkpoint

POLL_SECONDS = 0.25  # the longest that a job which yields events goes on after a request to stop
WORKER_LOST = (
    "The worker process died in the middle of this job, perhaps because the machine ran out of memory. "
    "Free some memory or make the job smaller (less data, a smaller batch), then start it again."
)
CONNECTION_LOST = (
    "The connection to the workers was lost before this job was over. Check that they run, then start it again."
)
STOPPED = "Stopped on request before it was finished."
CLOSED = "Stopped: the application was closed."


def pack(value: object) -> bytes:
    """`value` as bytes that only another process of this program reads; raises TypeError if it cannot be pickled."""
    return cloudpickle.dumps(value)


def unpack(packed: bytes) -> Any:
    """The value behind `pack`. Never for bytes that come from a person or a file."""
    return cloudpickle.loads(packed)


class JobChannel:
    """The channel of a running job to the server: events go out, the request to stop comes in."""

    def __init__(self, job_id: str, topic: str) -> None:
        from distributed import Event, Variable, get_worker

        self.job_id, self.topic = job_id, topic
        self._worker = get_worker()
        self.address = self._worker.address
        self._checkpoint = Variable(f"checkpoint-{job_id}")
        self.started, self._cancelled = Event(f"started-{job_id}"), Event(f"cancel-{job_id}")
        self._next_poll = 0.0

    def begin(self) -> None:
        """Mark the job as started; raises JobError if it had started before, Cancelled if it was cancelled.

        Dask reruns the task of a dead worker by itself; a job that may have killed its worker must not run again.
        """
        if self.started.is_set():
            raise JobError(WORKER_LOST)
        self.started.set()
        self.check_cancelled()
        self._post(event=None)

    def send(self, event: object) -> None:
        """Send one event to the server; raises Cancelled if the job was cancelled."""
        if isinstance(event, Checkpoint):
            # The event log keeps all events in memory; checkpoints are large, and the last one is enough.
            self._checkpoint.set(pack(event))
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
        if self._cancelled.is_set():
            raise Cancelled(STOPPED)

    def _post(self, **content: object) -> None:
        self._worker.log_event(self.topic, {"job": self.job_id, **content})


def lower_priority(nice: int) -> None:
    """Lower the priority of this thread to `nice`."""
    # On Linux the priority is the thread's own: the threads that keep the worker in touch stay as quick as they were.
    if hasattr(os, "setpriority"):
        now = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, 0, max(now, nice))
