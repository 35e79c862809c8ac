"""Inside a worker process: runs one job, from its payload to its outcome."""

import traceback
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack
from dataclasses import dataclass
from types import GeneratorType

from core.errors import CoreError, JobError, words
from core.events import ParallelRequest
from core.jobs.local import run
from core.jobs.parallel import SharedSubtasks
from core.jobs.transport import CONNECTION_LOST, WORKER_LOST, JobChannel, WorkerLost, lower_priority, pack, unpack
from core.language import join


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended: a pickled value, or the class and text of an error and, for a bug, its traceback.

    `lost`: its worker died, or was cut off, in the middle of it.
    """

    value: bytes = b""
    kind: str | None = None
    error: str | None = None
    traceback: str | None = None
    lost: bool = False


LOST = Outcome(kind="JobError", error=WORKER_LOST, lost=True)


def run_job(task: str, topic: str, payload: bytes, nice: int = 0, slots: int = 1) -> Outcome:
    """Run the pickled (function, args, kwargs) of `payload` as the attempt `task` of a job and return its outcome.

    The function returns a generator of picklable events; each is posted at once under `topic` as {"job": task, "event":
    bytes}, after a first message without an event that says the job has started. The last Checkpoint is kept in a
    variable, and a message says that there is one. `slots` is how many workers there are, or will be; with more than
    one, the others help with the job's subtasks. Nothing is raised: an exception class that the server cannot rebuild,
    or a value that cannot be pickled, would be lost on the way.
    """
    try:
        return Outcome(value=_run(JobChannel(task, topic), payload, nice, slots))
    except WorkerLost:
        return LOST
    except CoreError as error:
        return outcome_of_error(error)
    except Exception as error:
        return outcome_of_bug(error)


def outcome_of_bug(error: BaseException) -> Outcome:
    """The outcome of a bug: its class, its text and its whole traceback."""
    text = "".join(traceback.format_exception(error))
    return Outcome(kind=type(error).__name__, error=f"{type(error).__name__}: {error}", traceback=text)


def outcome_of_error(error: BaseException) -> Outcome:
    """The outcome of any error in or around a job: a known error, a lost connection to the workers, or a bug."""
    if isinstance(error, CoreError):
        return Outcome(kind=type(error).__name__, error=words(error))
    if isinstance(error, OSError | CancelledError):
        return Outcome(kind="JobError", error=join([CONNECTION_LOST, f"({type(error).__name__}: {error})"]))
    return outcome_of_bug(error)


def rebuild_error(kind: str, text: str) -> CoreError:
    """The error that a job ended with, of the CoreError class named `kind`; a JobError if there is none."""
    classes = {leaf.__name__: leaf for leaf in _subclasses(CoreError)}
    return classes.get(kind, JobError)(text)


def _run(channel: JobChannel, payload: bytes, nice: int, slots: int) -> bytes:
    channel.begin()
    lower_priority(nice)
    function, args, kwargs = unpack(payload)
    steps = function(*args, **kwargs)
    if not isinstance(steps, GeneratorType):
        raise TypeError(f"A job is a generator of events; {function!r} returned {type(steps).__name__}.")

    with ExitStack() as stack:

        def share(request: ParallelRequest) -> SharedSubtasks:
            channel.request_workers()
            subtasks = SharedSubtasks(channel, request, slots, nice)
            stack.callback(subtasks.close)
            return subtasks

        return pack(run(steps, channel.send, share if slots > 1 else None))


def _subclasses(root: type[CoreError]) -> Iterator[type[CoreError]]:
    yield root
    for leaf in root.__subclasses__():
        yield from _subclasses(leaf)
