"""The recipe of a run trained once more on the same windows, whose inputs were changed."""

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from core.datasets.windows import Prepared
from core.events import Epoch, Event, Progress
from core.spec import Spec
from core.types import Rows

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

PARTS = ("train", "val", "calib", "test", "live")


def train(spec: Spec, prepared: Prepared, done: int = 0, of: int = 1) -> Generator[Event, None, "Network | Ensemble"]:
    """The trained model of a resolved recipe, as the `done` + 1-th of `of` trainings; yields Progress over all of them.

    Raises SpecError and TrainError as core.training.trainer.train does.
    """
    from core.training import trainer

    nets = spec.train.ensemble * (len(prepared.splits.train.rows.symbols) if spec.model.symbols == "separate" else 1)
    training = trainer.train(spec, prepared)
    while True:
        try:
            event = next(training)
        except StopIteration as end:
            return end.value.net
        if isinstance(event, Epoch):  # of the recipe's epochs, few may be needed
            yield Progress(
                done=(done * nets + event.member - 1) * event.epochs + event.epoch, total=of * nets * event.epochs
            )


def on(prepared: Prepared, rows: Rows) -> Prepared:
    """The same windows of every part over other rows, as many as before."""
    splits = prepared.splits
    return replace(
        prepared, splits=replace(splits, **{name: replace(getattr(splits, name), rows=rows) for name in PARTS})
    )
