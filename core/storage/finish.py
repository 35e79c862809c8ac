"""What happens when a training ends: the run is saved, its experiment and its live forecast logged, its checkpoint
removed."""

from dataclasses import replace
from pathlib import Path

from core.evaluation import verdict
from core.language import join
from core.storage import checkpoints, experiment_log, forecast_log, lineage, runs, trial_log
from core.types import Run


def finish(run: Run, checkpoint: str | None, root: Path = runs.DEFAULT) -> tuple[Run, str]:
    """The saved run, and a warning if its experiment or its forecast could not be recorded (else empty).

    The verdict on a recipe whose settings a search tried says among how many trials they were chosen. `checkpoint` is
    the key of the training's checkpoint, if it had one; a training that continues another run on newer data is known by
    it. Raises RunError if the run cannot be saved; the checkpoint then stays.
    """
    if chosen := trial_log.describe(trial_log.chosen_among(run.spec, root)):
        complete = verdict.add_remarks(run.evaluation.verdict, [chosen])
        run = replace(run, evaluation=replace(run.evaluation, verdict=complete))
    saved = runs.save(run, root)
    parent = lineage.claim(checkpoint, saved.id, root) if checkpoint is not None else ""
    warnings = [experiment_log.add_or_report(saved, root), forecast_log.add_or_report(saved, root, parent)]
    if checkpoint is not None:
        checkpoints.delete(checkpoint, root)
    return saved, join(warnings)
