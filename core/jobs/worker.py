"""What happens inside a worker process: one job, from its payload to the way it ended."""

import traceback
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack
from dataclasses import dataclass
from types import GeneratorType

from core.errors import CoreError, JobError
from core.events import ParallelRequest
from core.jobs.local import run
from core.jobs.parallel import Crew
from core.jobs.transport import CUT_OFF, Wire, pack, unpack, yield_to_others


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended: a pickled value, or the kind and text of an error and, for a bug, its traceback."""

    value: bytes = b""
    kind: str | None = None
    error: str | None = None
    traceback: str | None = None


def work(job_id: str, topic: str, payload: bytes, nice: int = 0, hands: int = 1) -> Outcome:
    """Run the pickled (function, args, kwargs) of `payload` as one job and say how it ended.

    The function gives a generator of picklable events; each goes out at once under `topic` as {"job": id, "event":
    bytes}, after a first message without an event that says the job has begun. Of Saved events the last one waits in a
    variable, and a message says that it does. `hands` is how many workers there are, or will be: with more than one,
    the others help with what the job splits. Nothing is raised: an exception class that the server cannot rebuild, or a
    value that cannot be pickled, would otherwise be lost on the way.
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


def _play(job_id: str, topic: str, payload: bytes, nice: int, hands: int) -> bytes:
    wire = Wire(job_id, topic)
    wire.begin()
    yield_to_others(nice)
    function, args, kwargs = unpack(payload)
    steps = function(*args, **kwargs)
    if not isinstance(steps, GeneratorType):
        raise TypeError(f"A job is a generator of events; {function!r} gave {type(steps).__name__}.")

    with ExitStack() as over:

        def share(split: ParallelRequest) -> Crew:
            wire.ask_for_hands()
            crew = Crew(wire, split, hands, nice)
            over.callback(crew.close)
            return crew

        return pack(run(steps, wire.send, share if hands > 1 else None))


def _leaves(root: type[CoreError]) -> Iterator[type[CoreError]]:
    yield root
    for leaf in root.__subclasses__():
        yield from _leaves(leaf)
