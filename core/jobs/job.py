"""One job: the frozen snapshot that callers get, and the queue's own mutable entry."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from core.events import Checkpoint
from core.jobs.transport import unpack
from core.jobs.worker import Outcome

Status = Literal["queued", "running", "done", "failed", "cancelled"]
OnResult = Callable[[Any], str]
OnCheckpoint = Callable[[Checkpoint], None]
MAX_EVENTS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job at one moment. Times are seconds since 1970; `events` are the last 5000, oldest first.

    `kind` is a short word for what the job does ("train", "explain") and `owner` the id of the visitor who submitted
    it, both as given to `Queue.submit`. `error_kind` is the name of the error's class, `traceback` is only set for
    bugs, `result_id` is the return value of the caller's `on_result`.
    """

    id: str
    title: str
    status: Status
    events: tuple[Any, ...]
    created: float
    kind: str = ""
    owner: str = ""
    started: float | None = None
    ended: float | None = None
    error: str | None = None
    error_kind: str | None = None
    traceback: str | None = None
    result_id: str | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self.status in ("done", "failed", "cancelled")


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """The queue's own entry of a job; only the queue touches it, and only with its lock held."""

    id: str
    title: str
    payload: bytes
    on_result: OnResult | None
    on_checkpoint: OnCheckpoint | None = None
    kind: str = ""
    owner: str = ""
    has_checkpoint: bool = False  # a newer Checkpoint waits on the scheduler
    status: Status = "queued"
    launched: float = 0.0  # handed to the workers, on the monotonic clock
    events: deque[Any] = field(default_factory=lambda: deque(maxlen=MAX_EVENTS))
    created: float = field(default_factory=time.time)
    started: float | None = None
    ended: float | None = None
    failure: Outcome = field(default_factory=Outcome)
    result_id: str | None = None
    unsaved: list[Any] = field(default_factory=list)  # the result, while it is in memory only
    cancel_requested: bool = False
    cancel_sent: bool = False  # to its worker

    @property
    def over(self) -> bool:
        return self.ended is not None

    def receive(self, message: dict[str, Any]) -> None:
        """Record a message of its worker; see core.jobs.transport."""
        if "checkpoint" in message:
            self.has_checkpoint = True
        elif "event" in message and message["event"] is None:
            self.start()
        elif "event" in message:
            self.events.append(unpack(message["event"]))

    def start(self) -> None:
        """Record that a worker started it."""
        self.status, self.started = "running", time.time()

    def end(self, status: Status, failure: Outcome | None = None, result_id: str | None = None) -> None:
        """Record its end. After another attempt to save the result the time of the first end stands."""
        self.status, self.failure, self.result_id = status, failure or Outcome(), result_id
        self.ended = self.ended or time.time()
        self.payload = b""

    def snapshot(self) -> Job:
        """The job at this moment."""
        return Job(
            id=self.id,
            title=self.title,
            status=self.status,
            events=tuple(self.events),
            created=self.created,
            kind=self.kind,
            owner=self.owner,
            started=self.started,
            ended=self.ended,
            error=self.failure.error,
            error_kind=self.failure.kind,
            traceback=self.failure.traceback,
            result_id=self.result_id,
        )
