"""What happens when a training ends: the run is saved, its experiment recorded, its checkpoint removed."""

from dataclasses import replace
from pathlib import Path

from core.evaluation import verdict
from core.storage import checkpoints, experiment_log, runs, trial_log
from core.types import Run


def finish(run: Run, checkpoint: str | None, root: Path = runs.DEFAULT) -> tuple[Run, str]:
    """The saved run, and a warning if its experiment could not be recorded (else empty).

    The verdict on a recipe whose settings a search tried says among how many trials they were chosen. `checkpoint` is
    the key of the training's checkpoint, if it had one. Raises RunError if the run cannot be saved; the checkpoint then
    stays.
    """
    if chosen := trial_log.describe(trial_log.chosen_among(run.spec, root)):
        complete = verdict.add_remarks(run.evaluation.verdict, [chosen])
        run = replace(run, evaluation=replace(run.evaluation, verdict=complete))
    saved = runs.save(run, root)
    warning = experiment_log.add_or_report(saved, root)
    if checkpoint is not None:
        checkpoints.delete(checkpoint, root)
    return saved, warning
