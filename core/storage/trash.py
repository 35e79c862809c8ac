"""Runs that were deleted and can be restored: their folders wait in a folder of the store until they are old.

Each deletion removes for good what was deleted more than a week before; nothing else does.
"""

import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from core.errors import RunError
from core.language import message
from core.storage.runs import DEFAULT, NAME, find_folder

FOLDER = ".deleted"
DAYS = 7  # that a deleted run can be restored


def delete(run_ids: Iterable[str], root: Path = DEFAULT) -> tuple[str, ...]:
    """Move these runs out of the list, and return those that were there. Raises RunError when the disk refuses."""
    empty(root)
    moved = []
    for run_id in run_ids:
        try:
            folder = find_folder(run_id, root)
        except RunError:  # another visitor was faster
            continue
        waiting = root / FOLDER / run_id
        try:
            waiting.parent.mkdir(exist_ok=True)
            shutil.rmtree(waiting, ignore_errors=True)  # of a run whose name was given again
            folder.rename(waiting)
            os.utime(waiting)  # the time of its deletion
        except OSError as error:
            raise RunError(
                message(
                    "The run {run} could not be deleted ({error}). Check who may write to {folder}.",
                    run=run_id,
                    error=error.strerror or error,
                    folder=root,
                )
            ) from error
        moved.append(run_id)
    return tuple(moved)


def restore(run_ids: Iterable[str], root: Path = DEFAULT) -> tuple[str, ...]:
    """Put deleted runs back into the list, and return those that were put back; one whose name has another run by now
    stays deleted. Raises RunError when the disk refuses."""
    restored = []
    for run_id in run_ids:
        waiting = root / FOLDER / run_id
        if not NAME.fullmatch(run_id) or not waiting.is_dir() or (root / run_id).exists():
            continue
        try:
            waiting.rename(root / run_id)
        except OSError as error:
            raise RunError(
                message(
                    "The run {run} could not be restored ({error}). Check who may write to {folder}.",
                    run=run_id,
                    error=error.strerror or error,
                    folder=root,
                )
            ) from error
        restored.append(run_id)
    return tuple(restored)


def empty(root: Path = DEFAULT, days: float = DAYS) -> None:
    """Remove for good what was deleted more than so many days ago."""
    folder, oldest = root / FOLDER, time.time() - days * 86_400
    with suppress(OSError):  # the next deletion tries again
        for path in folder.iterdir() if folder.is_dir() else ():
            if NAME.fullmatch(path.name) and path.stat().st_mtime < oldest:
                shutil.rmtree(path, ignore_errors=True)
