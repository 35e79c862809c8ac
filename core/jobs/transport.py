"""The line between a running job and the server, and what passes over it."""

import os
import time
from typing import Any

import cloudpickle  # type: ignore[import-untyped]

from core.errors import Cancelled, JobError
from core.events import Saved

LOOK_SECONDS = 0.25  # the longest a yielding job goes on after somebody asked it to stop
LOST = (
    "The worker process died in the middle of this job, perhaps because the machine ran out of memory. "
    "Free some memory or make the job smaller (less data, a smaller batch), then start it again."
)
CUT_OFF = "The connection to the workers was lost before this job was over. Check that they run, then start it again."
STOPPED = "Stopped on request before it was finished."


def pack(value: object) -> bytes:
    """`value` as bytes that only another process of this program reads; raises TypeError if it cannot be pickled."""
    return cloudpickle.dumps(value)


def unpack(packed: bytes) -> Any:
    """What `pack` packed. Never for bytes that came from a person or a file."""
    return cloudpickle.loads(packed)


class Wire:
    """The line between a running job and the server: events go out, the wish to stop comes in."""

    def __init__(self, job_id: str, topic: str) -> None:
        from distributed import Event, Variable, get_worker

        self.job_id, self.topic = job_id, topic
        self._worker = get_worker()
        self.address = self._worker.address
        self._kept = Variable(f"saved-{job_id}")
        self.started, self._cancel = Event(f"started-{job_id}"), Event(f"cancel-{job_id}")
        self._next_look = 0.0

    def begin(self) -> None:
        """Mark the job as begun; raises JobError if it had begun before, Cancelled if nobody wants it any more.

        Dask runs the task of a dead worker again by itself; a job that may have killed its worker must not.
        """
        if self.started.is_set():
            raise JobError(LOST)
        self.started.set()
        self.look()
        self._say(event=None)

    def send(self, event: object) -> None:
        """Send one event on its way; raises Cancelled if the person asked for the job to stop."""
        if isinstance(event, Saved):
            # The log of events keeps all of them in memory; of these the last one is enough, and they are large.
            self._kept.set(pack(event))
            self._say(saved=True)
        else:
            self.tell(event)
        if time.monotonic() >= self._next_look:
            self.look()
            self._next_look = time.monotonic() + LOOK_SECONDS

    def tell(self, event: object) -> None:
        """Send one event on its way, whatever anybody asked for."""
        self._say(event=pack(event))

    def ask_for_hands(self) -> None:
        """Say that there is work for all workers."""
        self._say(split=True)

    def look(self) -> None:
        """Raise Cancelled if the person asked for the job to stop."""
        if self._cancel.is_set():
            raise Cancelled(STOPPED)

    def _say(self, **what: object) -> None:
        self._worker.log_event(self.topic, {"job": self.job_id, **what})


def yield_to_others(nice: int) -> None:
    """Lower the priority of this thread to `nice`."""
    # On Linux the priority is the thread's own: the threads that keep the worker in touch stay as quick as they were.
    if hasattr(os, "setpriority"):
        now = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, 0, max(now, nice))
