"""The time of a training as the Train page estimates it, against the one it takes: python -m benchmarks.estimates

Processor seconds per epoch, validation pass included, of six recipes on one thread; estimate over measured, goal within
a factor of 1.5. `--rate` prints the operations per second that each recipe would need for a ratio of 1.
"""

import argparse
import time
from pathlib import Path
from typing import Any

from benchmarks.series import prepare
from core.data import load
from core.data.sources import samples
from core.datasets.windows import Prepared
from core.events import Epoch
from core.models import timing
from core.spec import Spec, with_values
from core.training import device, trainer

GOAL = 1.5
RECIPES: dict[str, dict[str, Any]] = {
    "lstm 1x32": {"model.hidden": 32},
    "lstm 1x64": {},
    "lstm 2x64": {"model.layers": 2},
    "lstm 2x128": {"model.layers": 2, "model.hidden": 128},
    "tft": {"model.kind": "tft"},
    "lstm 1x64, windows": {"train.supervision": "window"},
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--sample", default="SP500")
    parser.add_argument("--only", nargs="*", help="recipes by name")
    parser.add_argument("--rate", action="store_true")
    options = parser.parse_args()
    device.use_one_thread()
    recipe = with_values(samples.recipe(options.sample), {"train.patience": 500})
    frame = load.load(recipe.data, Path())
    for name in options.only or RECIPES:
        changes = RECIPES[name] | {"train.epochs": options.epochs, "train.device": "cpu"}
        spec, prepared = prepare(with_values(recipe, changes), frame)
        work, measured = count(spec, prepared), measure(spec, prepared)
        ratio = work / timing.OPERATIONS_PER_SECOND / measured
        verdict = "met" if 1 / GOAL <= ratio <= GOAL else "MISSED"
        rate = f"  {work / measured:.2e} operations per second" if options.rate else ""
        print(f"{name:20} {measured:7.2f} s per epoch, estimate over measured {ratio:5.2f}  {verdict}{rate}")


def count(spec: Spec, prepared: Prepared) -> float:
    """The operations of an epoch by core.models.timing."""
    rows = prepared.splits.train.rows
    return timing.count_operations(
        spec,
        features=len(rows.features),
        known=len(rows.known),
        steps=len(rows.steps),
        binary=prepared.kind.binary,
        train_windows=len(prepared.splits.train),
        val_windows=len(prepared.splits.val),
    )


def measure(spec: Spec, prepared: Prepared) -> float:
    """Processor seconds per epoch of a training of two epochs or more; the first, which warms up, does not count."""
    end_E = [time.process_time() for event in trainer.train(spec, prepared) if isinstance(event, Epoch)]
    return (end_E[-1] - end_E[0]) / (len(end_E) - 1)


if __name__ == "__main__":
    main()
