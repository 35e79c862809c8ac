"""Other workers that help a job whose pieces know nothing of each other; what they lose, the job does itself."""

import time
from typing import TYPE_CHECKING, Any

from core.errors import Cancelled, JobError
from core.events import ParallelRequest, SubtaskReturned
from core.jobs.local import run
from core.jobs.transport import LOOK_SECONDS, LOST, STOPPED, Wire, pack, unpack, yield_to_others

if TYPE_CHECKING:
    from distributed import Event, Future

ANSWER_SECONDS = 30  # to fetch what a helper has finished
LAST = -1  # the priority of a piece: whole jobs of others come first


class Crew:
    """The pieces of one job, shared out between its own worker and all others; see core.events.Subtasks.

    Every other worker is given one piece at a time; those with several threads are not, for torch has one generator of
    random numbers a process. A helper leaves its piece as it is when a whole job waits for a worker. What is left, or
    lost with its worker or by an error, stays with the job, which meets the error itself and tells it. Should two do
    the same piece, the second answer is dropped.
    """

    def __init__(self, wire: Wire, split: ParallelRequest, hands: int, nice: int) -> None:
        from distributed import get_client

        self.hands = hands
        self._wire, self._nice = wire, nice
        self._client = get_client()
        self._payload = self._client.scatter(pack((split.work, split.args)), hash=False)
        self._waiting = list(split.numbers)
        self._back: list[int] = []
        self._away: dict[int, tuple[str, Future]] = {}  # the worker that was given a piece
        self._found: dict[int, Any] = {}
        self._next_look = 0.0
        self._look()

    @property
    def left(self) -> int:
        """How many pieces nobody was given."""
        return len(self._waiting) + len(self._back)

    def take(self) -> int | None:
        """The next piece for the job itself: one nobody was given, or a helper has not begun yet."""
        self._gather()
        for numbers in (self._waiting, self._back):
            if numbers:
                number = numbers.pop(0)
                self._share_out()
                return number
        for number in self._away:
            if not _begun(self._wire.job_id, number).is_set():
                self._call_off(number)
                return number
        return None

    def wait(self) -> bool:
        """Wait until a helper has finished a piece or given it back, if none was since; False where none is left.

        Raises Cancelled.
        """
        before = len(self._away)
        if self.left or not before:
            return self.left > 0
        while len(self._away) == before:
            time.sleep(LOOK_SECONDS)
            self._wire.look()
            self._gather()
        return True

    def found(self) -> dict[int, Any]:
        """What helpers have finished and was not given before."""
        if time.monotonic() >= self._next_look:
            self._look()
        found, self._found = self._found, {}
        return found

    def drop(self, beyond: int) -> None:
        """Forget the pieces whose numbers are greater, and stop whoever is at one."""
        self._waiting, self._back = (
            [number for number in numbers if number < beyond] for numbers in (self._waiting, self._back)
        )
        for number in [number for number in self._away if number > beyond]:
            self._call_off(number)
            self._wire.tell(SubtaskReturned(number=number))

    def close(self) -> None:
        """The job is over: nobody is to go on."""
        for number in [*self._away]:
            self._call_off(number)
        self._payload.release()

    def _look(self) -> None:
        self._gather()
        self._share_out()
        self._next_look = time.monotonic() + LOOK_SECONDS

    def _share_out(self) -> None:
        """Give every other worker that has no piece the next one."""
        if not self._waiting or _job_waits(self._wire.topic).is_set():
            return
        busy = {self._wire.address, *(address for address, _ in self._away.values())}
        for address, threads in self._client.nthreads().items():
            if threads == 1 and address not in busy and self._waiting:
                number = self._waiting.pop(0)
                future = self._client.submit(
                    help_with,
                    self._wire.job_id,
                    self._wire.topic,
                    self._wire.address,
                    self._payload,
                    number,
                    self._nice,
                    key=f"piece-{self._wire.job_id}-{number}",
                    workers=[address],
                    priority=LAST,
                    pure=False,
                    retries=0,
                )
                self._away[number] = address, future

    def _gather(self) -> None:
        """Take what is done; what was left or lost stays here."""
        there = self._client.nthreads() if self._away else {}
        for number, (address, future) in [*self._away.items()]:
            if not future.done() and address in there:
                continue
            packed = _answer(future)
            self._call_off(number)
            if packed is None:
                self._back.append(number)
                self._wire.tell(SubtaskReturned(number=number))
            else:
                self._found[number] = unpack(packed)

    def _call_off(self, number: int) -> None:
        self._away.pop(number)[1].cancel()
        _begun(self._wire.job_id, number).clear()


class Line(Wire):
    """The line of a helper: it stops as soon as the piece or the job is not wanted any more, or a whole job waits."""

    def __init__(self, job_id: str, topic: str, asker: str, number: int) -> None:
        from distributed import get_client

        super().__init__(job_id, topic)
        self._asker, self._client = asker, get_client()
        self._piece, self._job_waits = _begun(job_id, number), _job_waits(topic)

    def begin(self) -> None:
        """Mark the piece as begun; raises JobError if it had begun before: Dask repeats what a dead worker had."""
        if self._piece.is_set():
            raise JobError(LOST)
        self._piece.set()
        self.look()

    def look(self) -> None:
        """Raise Cancelled if nobody waits for the piece, its asker being gone for instance, or a job for the worker."""
        super().look()
        wanted = self._piece.is_set() and self.started.is_set() and self._asker in self._client.nthreads()
        if not wanted or self._job_waits.is_set():
            raise Cancelled(STOPPED)


def help_with(job_id: str, topic: str, asker: str, payload: bytes, number: int, nice: int) -> bytes | None:
    """Do one piece of a job that runs in the worker `asker`: what it gives, packed.

    None where that did not work out.
    """
    try:
        line = Line(job_id, topic, asker, number)
        line.begin()
        yield_to_others(nice)
        work, args = unpack(payload)
        return pack(run(work(*args, number), line.send))
    except Exception:  # the job does the piece itself then, and tells what is wrong with it
        return None


def _answer(future: "Future") -> bytes | None:
    try:
        return future.result(timeout=ANSWER_SECONDS) if future.status == "finished" else None
    except Exception:  # it went with its worker
        return None


def _job_waits(topic: str) -> "Event":
    from distributed import Event

    return Event(f"waits-{topic}")


def _begun(job_id: str, number: int) -> "Event":
    from distributed import Event

    return Event(f"piece-{job_id}-{number}")
