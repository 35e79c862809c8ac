"""What happens inside a worker process: one job, its events on their way out, and the way it ended."""

import os
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from types import GeneratorType
from typing import Any

import cloudpickle  # type: ignore[import-untyped]

from core.errors import Cancelled, CoreError, JobError
from core.events import Saved, Split
from core.jobs.inline import run

LOOK_SECONDS = 0.25  # the longest a yielding job goes on after somebody asked it to stop
LOST = (
    "The worker process died in the middle of this job, perhaps because the machine ran out of memory. "
    "Free some memory or make the job smaller (less data, a smaller batch), then start it again."
)
CUT_OFF = "The connection to the workers was lost before this job was over. Check that they run, then start it again."
STOPPED = "Stopped on request before it was finished."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended: a pickled value, or the kind and text of an error and, for a bug, its traceback."""

    value: bytes = b""
    kind: str | None = None
    error: str | None = None
    traceback: str | None = None


def work(job_id: str, topic: str, payload: bytes, nice: int = 0, hands: int = 1) -> Outcome:
    """Run the pickled (function, args, kwargs) of `payload` as one job and say how it ended.

    `hands` is how many workers there are, or will be: with more than one, others help with what the job splits.

    The function gives a generator of picklable events; each goes out at once under `topic` as {"job": id, "event":
    bytes}, after a first message without an event that says the job has begun. Of Saved events the last one waits in a
    variable, and a message says that it does. Nothing is raised: an exception class
    that the server cannot rebuild, or a value that cannot be pickled, would otherwise be lost on the way.
    """
    try:
        return Outcome(value=_play(job_id, topic, payload, nice, hands))
    except CoreError as error:
        return explain(error)
    except Exception as error:
        return failure(error)


def failure(error: BaseException) -> Outcome:
    """The outcome of a bug: its class, its text and its whole traceback."""
    text = "".join(traceback.format_exception(error))
    return Outcome(kind=type(error).__name__, error=f"{type(error).__name__}: {error}", traceback=text)


def explain(error: BaseException) -> Outcome:
    """The outcome of a job around which something was raised: a known error, a broken line to the workers, or a bug."""
    if isinstance(error, CoreError):
        return Outcome(kind=type(error).__name__, error=str(error))
    if isinstance(error, OSError | CancelledError):
        return Outcome(kind="JobError", error=f"{CUT_OFF} ({type(error).__name__}: {error})")
    return failure(error)


def rebuild(kind: str, text: str) -> CoreError:
    """The error that a job ended with, of the class that bore this name there; a JobError if no leaf does."""
    leaves = {leaf.__name__: leaf for leaf in _leaves(CoreError)}
    return leaves.get(kind, JobError)(text)


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
            self._say(event=pack(event))
        if time.monotonic() >= self._next_look:
            self.look()
            self._next_look = time.monotonic() + LOOK_SECONDS

    def ask_for_hands(self) -> None:
        """Say that there is work for all workers."""
        self._say(split=True)

    def look(self) -> None:
        """Raise Cancelled if the person asked for the job to stop."""
        if self._cancel.is_set():
            raise Cancelled(STOPPED)

    def _say(self, **what: object) -> None:
        self._worker.log_event(self.topic, {"job": self.job_id, **what})


def _play(job_id: str, topic: str, payload: bytes, nice: int, hands: int) -> bytes:
    from core.jobs.crew import Crew

    wire, crews = Wire(job_id, topic), []
    wire.begin()
    yield_to_others(nice)
    function, args, kwargs = unpack(payload)
    steps = function(*args, **kwargs)
    if not isinstance(steps, GeneratorType):
        raise TypeError(f"A job is a generator of events; {function!r} gave {type(steps).__name__}.")

    def share(split: Split) -> Crew:
        wire.ask_for_hands()
        crews.append(Crew(wire, split, hands, nice))
        return crews[-1]

    try:
        return pack(run(steps, wire.send, share if hands > 1 else None))
    finally:
        for crew in crews:
            crew.close()


def yield_to_others(nice: int) -> None:
    """Lower the priority of this thread to `nice`."""
    # On Linux the priority is the thread's own: the threads that keep the worker in touch stay as quick as they were.
    if hasattr(os, "setpriority"):
        now = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, 0, max(now, nice))


def _leaves(root: type[CoreError]) -> Iterator[type[CoreError]]:
    yield root
    for leaf in root.__subclasses__():
        yield from _leaves(leaf)
