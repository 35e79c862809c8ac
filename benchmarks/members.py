"""An ensemble whose networks two workers train, beside one worker alone: python -m benchmarks.members [--networks 4]

Two queues, of one worker and of two, as in the app; both are warm, and they take turns. The weights must be the same.
"""

import argparse
import statistics
import time

import numpy as np

from benchmarks.standard import finish, sp500
from core import pipeline
from core.jobs.queue import Queue
from core.spec import Spec, with_values


def main() -> None:
    """Measure and print seconds of training, from its first epoch's start to its last one's end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    spec = with_values(
        Spec(),
        {
            "model.hidden": 64,
            "model.layers": 2,
            "train.epochs": asked.epochs,
            "train.patience": asked.epochs,
            "train.ensemble": asked.networks,
        },
    )
    queues = {count: Queue.open(workers=count, address="", warm=pipeline.warm) for count in (1, 2)}
    seconds: dict[int, list[float]] = {count: [] for count in queues}
    try:
        for queue in queues.values():
            finish(queue, with_values(spec, {"train.epochs": 2, "train.patience": 2}), sp500())
            time.sleep(15)  # until the second worker is up and has imported what it needs
        for turn in range(asked.turns):
            made = {}
            for count, queue in queues.items():
                made[count] = finish(queue, spec, sp500())
                seconds[count].append(made[count].history.seconds)
            assert {epoch.member for epoch in made[2].history.epochs} == set(range(1, asked.networks + 1))
            same = all(np.array_equal(value, made[2].weights[name]) for name, value in made[1].weights.items())
            print(
                f"turn {turn + 1}: {seconds[1][-1]:.1f} s with one worker, {seconds[2][-1]:.1f} s with two, weights "
                f"{'the same' if same else 'DIFFERENT'}",
                flush=True,
            )
    finally:
        for queue in reversed(queues.values()):
            queue.close()
    one, two = (statistics.median(seconds[count]) for count in (1, 2))
    print(f"{asked.networks} networks of 2x64: {one:.1f} s and {two:.1f} s, {one / two:.2f} times sooner (medians)")


if __name__ == "__main__":
    main()
