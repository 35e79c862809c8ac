"""Runs a job without a queue: here and now, in this process."""

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from core.events import ParallelRequest, Subtasks
from core.threads import one_thread

E = TypeVar("E")
R = TypeVar("R")


@one_thread()
def run(
    steps: Generator[E, Any, R],
    on_event: Callable[[E], object],
    on_request: Callable[[ParallelRequest], Subtasks] | None = None,
) -> R:
    """Exhaust `steps`, pass each event to `on_event` as it comes, and return the return value of the generator.

    BLAS gets one thread, so that no number depends on how many this machine has. The generator is sent what
    `on_request` returns for a ParallelRequest; None without it. Whatever the generator or `on_event` raises is raised
    here; the generator is closed first, so that its own clean-up happens now and not when memory is collected.
    """
    answer: Subtasks | None = None
    try:
        while True:
            try:
                event = steps.send(answer)
            except StopIteration as end:
                return end.value
            if isinstance(event, ParallelRequest):
                answer = on_request(event) if on_request else None
            else:
                answer = None
                on_event(event)
    finally:
        steps.close()
