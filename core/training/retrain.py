"""Retrains the recipe of a run on the same windows with changed inputs."""

from collections.abc import Generator
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from core.datasets.windows import Prepared
from core.events import Epoch, Event, Progress
from core.spec import Spec
from core.types import Rows

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network


def retrain(spec: Spec, prepared: Prepared, done: int = 0, of: int = 1) -> Generator[Event, None, "Network | Ensemble"]:
    """The trained model of a resolved recipe, after `done` of `of` trainings; yields the Progress over all of them.

    Raises SpecError and TrainError like core.training.trainer.train.
    """
    from core.training import trainer

    networks = spec.train.ensemble * trainer.networks_per_round(spec, prepared)
    training = trainer.train(spec, prepared)
    while True:
        try:
            event = next(training)
        except StopIteration as end:
            return end.value.net
        if isinstance(event, Epoch):  # fewer epochs than the recipe allows may be needed
            epochs = (done * networks + event.member - 1) * event.epochs + event.epoch
            yield Progress(done=epochs, total=of * networks * event.epochs)


def with_rows(prepared: Prepared, rows: Rows) -> Prepared:
    """The same windows of every split over other rows, as many as before."""
    splits = prepared.splits
    changed = {field.name: replace(getattr(splits, field.name), rows=rows) for field in fields(splits)}
    return replace(prepared, splits=replace(splits, **changed))
