"""Jobs for the tests, in a separate module so that a worker process can import them."""

import os
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import TrainError
from core.events import Checkpoint, Epoch, Event, ParallelRequest, Progress, Stage, Subtasks

MODULES = ("wave", "tabnanny")  # of the standard library; nothing else imports them


def count(total: int, seconds: float = 0.0) -> Generator[Event, None, int]:
    """Yield the progress of `total` steps of that length and return the sum of their numbers."""
    yield Stage(name="count", text=f"{total} steps")
    for done in range(1, total + 1):
        time.sleep(seconds)
        yield Progress(done=done, total=total)
    return sum(range(total + 1))


def train_badly() -> Generator[Event, None, None]:
    """Yield one epoch and fail because the loss is not a number."""
    nan = float("nan")
    yield Epoch(epoch=1, epochs=2, train_loss=nan, val_loss=nan, lr=0.1, seconds=1.0, eta=1.0)
    raise TrainError("The loss is not a number after epoch 1. Lower the learning rate below 0.1.")


def divide(by: int) -> Generator[Event, None, float]:
    """A job with a bug if `by` is 0."""
    yield Stage(name="divide")
    return 1 / by


def describe() -> Generator[dict[str, object], None, dict[str, object]]:
    """Yield the worker's process id as an event of no known class, and return its environment."""
    yield {"pid": os.getpid()}
    names = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY")
    return {
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "imported": sys.modules.keys() & MODULES,
        **{name: os.environ.get(name) for name in names},
    }


def return_a_lock() -> Generator[Event, None, object]:
    """Return a value that cannot leave the process."""
    yield Stage(name="lock")
    return threading.Lock()


def no_generator() -> int:
    """Not a job at all."""
    return 1


def clean_up(path: str) -> Generator[Event, None, None]:
    """Yield until stopped, and leave a file behind as proof that the clean-up ran."""
    try:
        while True:
            yield Stage(name="again")
            time.sleep(0.02)
    finally:
        Path(path).write_text("cleaned")


def deaf(seconds: float, pid_file: str) -> Generator[Event, None, None]:
    """Yield once, then write the process id and compute for so long without a word, as a batch of a large model."""
    yield Stage(name="deaf")
    Path(pid_file).write_text(str(os.getpid()))
    time.sleep(seconds)
    yield Stage(name="heard")


def save_checkpoints(total: int, pid_file: str = "") -> Generator[Event, None, int]:
    """Yield `total` checkpoints of a megabyte each; with a file for its pid the job then waits to be killed."""
    for done in range(1, total + 1):
        yield Checkpoint(arrays={"weights": np.full(250_000, done, dtype=np.float32)}, state={"epoch": done})
        yield Progress(done=done, total=total)
    if pid_file:
        Path(pid_file).write_text(str(os.getpid()))
        time.sleep(60)
    return total


def shared(count: int, folder: str) -> Generator[Event, Any, dict[int, int]]:
    """A job of numbered subtasks, like a training of several networks: the process id that did each."""
    numbers = range(2, count + 1)
    subtasks = (yield ParallelRequest(work=subtask, args=(folder,), numbers=tuple(numbers))) or Subtasks(numbers)
    done, number = {}, 1
    while number is not None:
        steps = subtask(folder, number)
        while number not in done:
            try:
                yield next(steps)
            except StopIteration as end:
                done[number] = end.value
            done |= subtasks.collect()
        number = subtasks.take()
        while number is None and subtasks.wait():
            number = subtasks.take()
        done |= subtasks.collect()
    return done


def subtask(folder: str, number: int) -> Generator[Event, None, int]:
    """Work until there is a file called "go" and return the process id, which the name of a new file shows at once;
    subtask 13 fails."""
    mark = Path(folder) / f"{number}-{os.getpid()}"
    mark.touch()
    try:
        yield Progress(done=number, total=number)
        while not (Path(folder) / "go").exists():
            time.sleep(0.02)
            yield Progress(done=number, total=number)
        if number == 13:
            raise TrainError("Subtask 13 cannot be done.")
        return os.getpid()
    finally:
        mark.write_text("over")


def count_on(
    total: int, seconds: float, folder: str, checkpoint: Checkpoint | None = None
) -> Generator[Event, None, int]:
    """Count to `total` from the last checkpoint on, and leave a file with the process id for each attempt."""
    first = checkpoint.state["done"] if checkpoint else 0
    (Path(folder) / f"{first}-{os.getpid()}").touch()
    yield Stage(name="count", text=f"from {first}")
    for done in range(first + 1, total + 1):
        time.sleep(seconds)
        yield Checkpoint(arrays={}, state={"done": done})
        yield Progress(done=done, total=total)
    return total


def go_on(total: int, seconds: float, folder: str, checkpoint: Checkpoint) -> Generator[Event, None, int]:
    """The same job from a checkpoint on."""
    return (yield from count_on(total, seconds, folder, checkpoint))
