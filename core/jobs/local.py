"""A job without a queue: the generator runs here and now, in this process."""

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from core.events import ParallelRequest, Subtasks

E = TypeVar("E")
R = TypeVar("R")


def run(
    steps: Generator[E, Any, R],
    on_event: Callable[[E], object],
    on_split: Callable[[ParallelRequest], Subtasks] | None = None,
) -> R:
    """Exhaust `steps`, hand each event to `on_event` as it comes, and give back what the generator returns.

    A Split goes to `on_split`, whose answer the generator gets, and to nobody where there is none. Whatever the
    generator or `on_event` raises comes through; the generator is closed then, so that its own clean-up happens now and
    not when memory is collected.
    """
    answer: Subtasks | None = None
    try:
        while True:
            try:
                event = steps.send(answer)
            except StopIteration as end:
                return end.value
            if isinstance(event, ParallelRequest):
                answer = on_split(event) if on_split else None
            else:
                answer = None
                on_event(event)
    finally:
        steps.close()
