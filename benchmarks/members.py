"""Training an ensemble with two workers against one: python -m benchmarks.members [--networks 4]

Two queues as in the app, of one worker and of two; both are warm and take turns. The weights must be the same.
"""

import argparse
import statistics
import time

import numpy as np

from benchmarks.series import sp500
from benchmarks.standard import finish
from core import pipeline
from core.jobs.queue import Queue
from core.spec import Spec, with_values

NETWORK = {"model.hidden": 64, "model.layers": 2}
STARTUP = 15.0  # s until the second worker is up and has imported what it needs


def main() -> None:
    """Measure and print the seconds of training, from the start of the first epoch to the end of the last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    spec = with_values(
        Spec(),
        NETWORK
        | {"train.epochs": options.epochs, "train.patience": options.epochs, "train.ensemble": options.networks},
    )
    queues = {count: Queue.open(workers=count, address="", modules=pipeline.MODULES) for count in (1, 2)}
    seconds: dict[int, list[float]] = {count: [] for count in queues}
    try:
        for queue in queues.values():
            finish(queue, with_values(spec, {"train.epochs": 2, "train.patience": 2}), sp500())
            time.sleep(STARTUP)
        for turn in range(options.turns):
            runs = {}
            for count, queue in queues.items():
                runs[count] = finish(queue, spec, sp500())
                seconds[count].append(runs[count].history.seconds)
            assert {epoch.member for epoch in runs[2].history.epochs} == set(range(1, options.networks + 1))
            same = all(np.array_equal(value, runs[2].weights[name]) for name, value in runs[1].weights.items())
            print(
                f"turn {turn + 1}: {seconds[1][-1]:.1f} s with one worker, {seconds[2][-1]:.1f} s with two, weights "
                f"{'the same' if same else 'DIFFERENT'}",
                flush=True,
            )
    finally:
        for queue in reversed(queues.values()):
            queue.close()
    one, two = (statistics.median(seconds[count]) for count in (1, 2))
    print(f"{options.networks} networks of 2x64: {one:.1f} s and {two:.1f} s, {one / two:.2f} times sooner (medians)")


if __name__ == "__main__":
    main()
