"""Shares the independent subtasks of a job with other workers; the job does itself whatever they lose.

Why this is not left to Dask's own scheduling: docs/decisions/0009.
"""

import time
from typing import TYPE_CHECKING, Any

from core.errors import Cancelled
from core.events import ParallelRequest, SubtaskReturned, Subtasks
from core.jobs.local import run
from core.jobs.transport import (
    POLL_SECONDS,
    STOPPED,
    WORKER_LOST,
    JobChannel,
    WorkerLost,
    lower_priority,
    pack,
    started_event,
    unpack,
)

if TYPE_CHECKING:
    from distributed import Event, Future

RESULT_SECONDS = 300  # to fetch the result of a helper, which may be on a busy machine
PRIORITY = -1  # of a subtask: whole jobs come first


class SharedSubtasks(Subtasks):
    """The subtasks of one job, shared between its own worker and all others.

    Every other worker of one thread is assigned one subtask at a time (torch has one random generator per process). A
    helper gives its subtask back when a whole job waits for a worker. Subtasks that are given back, or lost to an error
    or with their worker, stay with the job, which meets any error itself. If two do the same subtask, the second result
    is dropped.
    """

    def __init__(self, channel: JobChannel, request: ParallelRequest, slots: int, nice: int) -> None:
        from distributed import get_client

        super().__init__(request.numbers, slots)
        self._channel, self._nice = channel, nice
        self._client = get_client()
        self._payload = channel.ask(lambda: self._client.scatter(pack((request.work, request.args)), hash=False))
        self._returned: set[int] = set()  # not assigned again
        self._assigned: dict[int, tuple[str, Future]] = {}  # to the worker at an address
        self._results: dict[int, Any] = {}
        self._next_poll = 0.0
        self._poll()

    def take(self) -> int | None:
        """The next subtask for the job itself: one that is not assigned, or that its helper has not started yet."""
        self._gather()
        if self.waiting:
            number = self.waiting.pop(0)
            self._assign()
            return number
        for number in self._assigned:
            if not self._channel.ask(_subtask_event(self._channel.task, number).is_set):
                self._revoke(number)
                return number
        return None

    def wait(self) -> bool:
        """Wait until a helper has finished a subtask or given it back, unless one was given back already; False if no
        subtask is left. Raises Cancelled."""
        before = len(self._assigned)
        if self.waiting or not before:
            return bool(self.waiting)
        while len(self._assigned) == before:
            time.sleep(POLL_SECONDS)
            self._channel.check_cancelled()
            self._gather()
        return True

    def collect(self) -> dict[int, Any]:
        """The results of helpers that were not collected before, by number."""
        if time.monotonic() >= self._next_poll:
            self._poll()
        results, self._results = self._results, {}
        return results

    def drop(self, beyond: int) -> None:
        """Drop the subtasks with greater numbers and stop the helpers that work on them."""
        super().drop(beyond)
        for number in [number for number in self._assigned if number > beyond]:
            self._revoke(number)
            self._channel.send_always(SubtaskReturned(number=number))

    def close(self) -> None:
        """Stop all helpers: the job is over."""
        for number in [*self._assigned]:
            self._revoke(number)
        self._payload.release()

    def _poll(self) -> None:
        self._gather()
        self._assign()
        self._next_poll = time.monotonic() + POLL_SECONDS

    def _assign(self) -> None:
        """Assign the next subtasks to the other workers that have none."""
        numbers = [number for number in self.waiting if number not in self._returned]
        if not numbers or self._channel.ask(_waiting_job_event(self._channel.topic).is_set):
            return
        job = (self._channel.task, self._channel.topic, self._channel.address)
        busy = {self._channel.address, *(address for address, _ in self._assigned.values())}
        free = [a for a, threads in self._nthreads().items() if threads == 1 and a not in busy]
        for address, number in zip(free, numbers, strict=False):
            key, args = f"subtask-{self._channel.task}-{number}", (*job, number, self._payload, self._nice)
            future = self._client.submit(run_subtask, *args, key=key, workers=[address], priority=PRIORITY)
            self.waiting.remove(number)
            self._assigned[number] = address, future

    def _gather(self) -> None:
        """Take the results that are ready; subtasks that were given back or lost stay with the job."""
        workers = self._nthreads() if self._assigned else {}
        for number, (address, future) in [*self._assigned.items()]:
            if not future.done() and address in workers:
                continue
            packed = _fetch(future)
            self._revoke(number)
            if packed is None:
                self._returned.add(number)
                self.waiting.append(number)
                self._channel.send_always(SubtaskReturned(number=number))
            else:
                self._results[number] = unpack(packed)

    def _revoke(self, number: int) -> None:
        """Take a subtask away from its helper, which stops at its next event."""
        self._assigned.pop(number)[1].cancel()
        self._channel.ask(_subtask_event(self._channel.task, number).clear)

    def _nthreads(self) -> dict[str, int]:
        return self._channel.ask(self._client.nthreads)


class HelperChannel(JobChannel):
    """The channel of a helper, which stops as soon as its subtask is revoked, the job is over, or a whole job waits."""

    def __init__(self, task: str, topic: str, job_address: str, number: int) -> None:
        from distributed import get_client

        super().__init__(task, topic)
        self._job_address, self._client = job_address, get_client()
        self._job_started, self._job_waits = started_event(task), _waiting_job_event(topic)
        self._subtask_started = _subtask_event(task, number)

    def begin(self) -> None:
        """Mark the subtask as started; raises WorkerLost if it had started before, in a worker that died."""
        if self.ask(self._subtask_started.is_set):
            raise WorkerLost(WORKER_LOST)
        self.ask(self._subtask_started.set)
        self.check_cancelled()

    def check_cancelled(self) -> None:
        """Raise Cancelled if the subtask is not needed here any more."""
        super().check_cancelled()
        if not self.ask(self._is_needed):
            raise Cancelled(STOPPED)

    def _is_needed(self) -> bool:
        job_runs = self._job_started.is_set() and self._job_address in self._client.nthreads()
        return job_runs and self._subtask_started.is_set() and not self._job_waits.is_set()


def run_subtask(task: str, topic: str, job_address: str, number: int, payload: bytes, nice: int) -> bytes | None:
    """Do one subtask of the job that runs in the worker at `job_address`; its packed result, None if it failed."""
    try:
        channel = HelperChannel(task, topic, job_address, number)
        channel.begin()
        lower_priority(nice)
        work, args = unpack(payload)
        return pack(run(work(*args, number), channel.send))
    except Exception:  # the job then does the subtask itself and reports what is wrong
        return None


def _fetch(future: "Future") -> bytes | None:
    try:
        return future.result(timeout=RESULT_SECONDS) if future.status == "finished" else None
    except Exception:  # lost with its worker
        return None


def _waiting_job_event(topic: str) -> "Event":
    """Set while a whole job waits for a worker."""
    from distributed import Event

    return Event(f"waits-{topic}")


def _subtask_event(task: str, number: int) -> "Event":
    """Set while a helper works on a subtask, and cleared to stop it."""
    from distributed import Event

    return Event(f"subtask-{task}-{number}")
