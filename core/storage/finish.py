"""What happens when a training ends: the run is saved, its experiment recorded, its checkpoint removed."""

from pathlib import Path

from core.storage import checkpoints, experiment_log, runs
from core.types import Run


def finish(run: Run, checkpoint: str | None, root: Path = runs.DEFAULT) -> tuple[Run, str]:
    """The saved run, and a warning if its experiment could not be recorded (else empty).

    `checkpoint` is the key of the training's checkpoint, if it had one. Raises RunError if the run cannot be saved; the
    checkpoint then stays.
    """
    saved = runs.save(run, root)
    warning = experiment_log.add_or_report(saved, root)
    if checkpoint is not None:
        checkpoints.delete(checkpoint, root)
    return saved, warning
