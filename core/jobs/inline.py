"""A job without a queue: the generator runs here and now, in this process."""

from collections.abc import Callable, Generator
from typing import Any, TypeVar

E = TypeVar("E")
R = TypeVar("R")


def run(steps: Generator[E, Any, R], on_event: Callable[[E], object]) -> R:
    """Exhaust `steps`, hand each event to `on_event` as it comes, and give back what the generator returns.

    Whatever the generator or `on_event` raises comes through; the generator is closed then, so that its own
    clean-up happens now and not when memory is collected.
    """
    try:
        while True:
            try:
                event = next(steps)
            except StopIteration as end:
                return end.value
            on_event(event)
    finally:
        steps.close()
