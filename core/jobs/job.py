"""One job: the frozen picture of it that everybody may keep, and the line in the queue's own book."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from core.events import Saved
from core.jobs.transport import unpack
from core.jobs.worker import Outcome

Status = Literal["queued", "running", "done", "failed", "cancelled"]
Saver = Callable[[Any], str]
Keeper = Callable[[Saved], None]
EVENTS_KEPT = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it stood at one moment. Times are seconds since 1970; `events` are the last 5000, oldest first.

    `error_kind` is the name of the error's class, `traceback` is there for bugs alone, `result_id` is what the
    caller's `on_result` gave back.
    """

    id: str
    title: str
    status: Status
    events: tuple[Any, ...]
    created: float
    started: float | None = None
    ended: float | None = None
    error: str | None = None
    error_kind: str | None = None
    traceback: str | None = None
    result_id: str | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.status in ("done", "failed", "cancelled")


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """A line in the queue's book; only the queue touches it, and only with its lock held."""

    id: str
    title: str
    payload: bytes
    on_result: Saver | None
    on_saved: Keeper | None = None
    saved: bool = False  # a newer Saved event waits with the scheduler
    status: Status = "queued"
    handed_out: float = 0.0  # to the workers, on the monotonic clock
    events: deque[Any] = field(default_factory=lambda: deque(maxlen=EVENTS_KEPT))
    created: float = field(default_factory=time.time)
    started: float | None = None
    ended: float | None = None
    failure: Outcome = field(default_factory=Outcome)
    result_id: str | None = None
    held: list[Any] = field(default_factory=list)  # the result, while nobody else has it
    unwanted: bool = False  # somebody asked for it to stop …
    told: bool = False  # … and its worker knows

    @property
    def over(self) -> bool:
        return self.ended is not None

    def hear(self, message: dict[str, Any]) -> None:
        """Take note of what its worker says, as core.jobs.transport words it."""
        if "saved" in message:
            self.saved = True
        elif "event" in message and message["event"] is None:
            self.begin()
        elif "event" in message:
            self.events.append(unpack(message["event"]))

    def begin(self) -> None:
        """A worker took it up."""
        self.status, self.started = "running", time.time()

    def end(self, status: Status, failure: Outcome | None = None, result_id: str | None = None) -> None:
        """Nothing more will happen to it, or saving it was tried once more: then the first time of the end stands."""
        self.status, self.failure, self.result_id = status, failure or Outcome(), result_id
        self.ended = self.ended or time.time()
        self.payload = b""

    def picture(self) -> Job:
        """The job as it stands now."""
        return Job(
            id=self.id,
            title=self.title,
            status=self.status,
            events=tuple(self.events),
            created=self.created,
            started=self.started,
            ended=self.ended,
            error=self.failure.error,
            error_kind=self.failure.kind,
            traceback=self.failure.traceback,
            result_id=self.result_id,
        )
