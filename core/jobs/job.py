"""One job: the frozen snapshot that callers get, and the queue's own mutable entry."""

import logging
import time
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Literal

from core.events import Checkpoint, Cost, Progress, Stage
from core.jobs.transport import pack, unpack
from core.jobs.worker import Outcome

Status = Literal["queued", "running", "done", "failed", "cancelled"]
OnResult = Callable[[Any], str]
OnCheckpoint = Callable[[Checkpoint], None]
OnOver = Callable[[], object]
Resume = Callable[[Checkpoint], Generator[Any, Any, Any]]
MAX_EVENTS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """An event and when it arrived, in seconds since 1970."""

    at: float
    event: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job at one moment. Times are seconds since 1970; `events` are the last 5000, oldest first.

    `kind` is a short word for what the job does ("train", "explain") and `owner` the id of the visitor who submitted
    it, both as given to `Queue.submit`; `work` is the full name of the function that it runs. `stages` are the stages
    that it went through, in order, `cost` is what they cost and `part` the last Progress of the last one. `resumed`:
    its worker was lost, and it went on from its last checkpoint. `lost`: it ended because its worker was lost; `kept`:
    a checkpoint of it was stored. `error_kind` is the name of the error's class, `traceback` is only set for bugs,
    `result_id` is the return value of the caller's `on_result`.
    """

    id: str
    title: str
    status: Status
    events: tuple[Any, ...]
    created: float
    kind: str = ""
    owner: str = ""
    work: str = ""
    stages: tuple[Timed, ...] = ()
    cost: Cost | None = None
    part: Timed | None = None
    resumed: bool = False
    lost: bool = False
    kept: bool = False
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


OnDone = Callable[[Job], object]


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """The queue's own entry of a job; only the queue touches it, and only with its lock held."""

    id: str
    title: str
    payload: bytes
    on_result: OnResult | None
    on_checkpoint: OnCheckpoint | None = None
    resume: Resume | None = None
    on_over: OnOver | None = None
    kind: str = ""
    owner: str = ""
    work: str = ""
    attempt: int = 1  # 2 after its worker was lost
    pid: int | None = None  # of the worker that started this attempt
    kept: bool = False  # a Checkpoint was stored
    stages: list[Timed] = field(default_factory=list)
    cost: Cost | None = None
    part: Timed | None = None
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

    @property
    def task(self) -> str:
        """The name of this attempt, on the workers and the scheduler."""
        return f"{self.id}-{self.attempt}"

    def receive(self, message: dict[str, Any]) -> None:
        """Record a message of its worker; see core.jobs.transport."""
        if "checkpoint" in message:
            self.has_checkpoint = True
        elif "event" in message and message["event"] is None:
            self.pid = message.get("pid")
            self.start()
        elif "event" in message:
            self.append(unpack(message["event"]))

    def append(self, event: Any) -> None:
        """Record an event."""
        self.events.append(event)
        if isinstance(event, Stage):
            self.stages.append(Timed(at=time.time(), event=event))
            self.part = None
        elif isinstance(event, Progress):
            self.part = Timed(at=time.time(), event=event)
        elif isinstance(event, Cost):
            self.cost = event

    def start(self) -> None:
        """Record that a worker started it, the first time or again."""
        self.status, self.started = "running", self.started or time.time()

    def go_on(self, resume: Resume, checkpoint: Checkpoint) -> None:
        """Have the next attempt start from this checkpoint."""
        self.payload, self.attempt = pack((resume, (checkpoint,), {})), self.attempt + 1
        self.has_checkpoint = self.cancel_sent = False
        self.stages, self.part, self.cost, self.pid = [], None, None, None

    def end(self, status: Status, failure: Outcome | None = None, result_id: str | None = None) -> None:
        """Record its end. After another attempt to save the result the time of the first end stands."""
        self.status, self.failure, self.result_id = status, failure or Outcome(), result_id
        self.ended = self.ended or time.time()
        self.payload, self.resume = b"", None  # both hold the job's data
        on_over, self.on_over = self.on_over, None
        if on_over is not None:
            try:
                on_over()
            except Exception:  # the job is over all the same
                logging.getLogger(__name__).exception("The end of “%s” was not noted", self.title)

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
            work=self.work,
            stages=tuple(self.stages),
            cost=self.cost,
            part=self.part,
            resumed=self.attempt > 1,
            lost=self.failure.lost,
            kept=self.kept,
            started=self.started,
            ended=self.ended,
            error=self.failure.error,
            error_kind=self.failure.kind,
            traceback=self.failure.traceback,
            result_id=self.result_id,
        )
