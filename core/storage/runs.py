"""The folder of saved runs: written whole or not at all, listed, opened, deleted."""

import os
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import RunError, words
from core.language import message
from core.spec import Spec
from core.storage import atomic, checksums, marks, run_files, run_record, summaries
from core.storage.marks import Marks
from core.storage.serialize import from_json, to_json
from core.storage.summaries import Summary
from core.types import Explanation, Run

NAME = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}(-\d{1,4})?")
DEFAULT = Path("runs")


def save(run: Run, root: Path = DEFAULT) -> Run:
    """Write `run` under `root` in one step; returns it with the name under which it is saved. Raises RunError."""

    def fill(folder: Path, name: str) -> None:
        run_files.write(replace(run, id=name), folder)

    return replace(run, id=atomic.add_folder(root, run.id, fill, message("The run {id}", id=run.id)))


def load(run_id: str, root: Path = DEFAULT) -> Run:
    """The saved run of this name. Raises RunError if there is none or it is damaged, and the list says so from then on.

    A run of an earlier version gets its checksums now, unless the disk refuses.
    """
    folder = find_folder(run_id, root)
    try:
        run = run_files.read(folder)
    except RunError as error:
        summaries.report(folder, error)
        raise
    with suppress(RunError, OSError):
        if checksums.FILES not in run_record.read(folder):
            with atomic.staging(root, run_id) as scratch:
                run_record.add_checksums(folder, scratch)
    return run


def fingerprint(run_id: str, root: Path = DEFAULT) -> str:
    """What changes when a file of the run does, apart from its artifacts, or when it turns out to be damaged. Raises
    RunError without the run."""
    try:
        folder = find_folder(run_id, root)
        stamp = summaries.stamp(folder)
        return f"{stamp}-damaged" if summaries.problem(folder, stamp) else stamp
    except OSError as error:
        raise RunError(
            message("The run {run} cannot be read ({error}).", run=run_id, error=error.strerror or error)
        ) from error


def list_all(root: Path = DEFAULT) -> tuple[Summary, ...]:
    """Every run under `root`, newest first, damaged ones too. Raises RunError if the folder cannot be read."""
    try:
        paths = [*root.iterdir()] if root.is_dir() else []
    except OSError as error:
        raise RunError(
            message(
                "The folder {folder} cannot be read ({error}). Check who may read it, or choose another one.",
                folder=root,
                error=error.strerror or error,
            )
        ) from error
    names = (path.name for path in paths if NAME.fullmatch(path.name) and not path.is_symlink())
    return summaries.list_folders((root / name for name in sorted(names, reverse=True)), root)


def summarize(run_id: str, root: Path = DEFAULT) -> Summary:
    """The line of one run in that list. Raises RunError if there is none."""
    return summaries.read(find_folder(run_id, root))


def load_spec(run_id: str, root: Path = DEFAULT) -> Spec:
    """The recipe of a saved run, without the rest of it. Raises RunError."""
    folder = find_folder(run_id, root)
    try:
        run_record.check(folder, ["spec.json"])
        return run_files.read_spec(folder)
    except (OSError, ValueError, KeyError, TypeError, checksums.Damaged) as error:
        raise RunError(
            message("The recipe of the run {run_id} cannot be read: {error}", run_id=run_id, error=words(error))
        ) from error


def load_times(run_id: str, root: Path = DEFAULT) -> pd.DatetimeIndex:
    """The times of the series of a saved run, without the rest of it. Raises RunError."""
    folder = find_folder(run_id, root)
    try:
        run_record.check(folder, ["data.parquet"])
        return pd.DatetimeIndex(pd.read_parquet(folder / "data.parquet", columns=["time"])["time"])
    except Exception as error:  # whatever a damaged file makes its reader raise
        raise RunError(
            message("The series of the run {run_id} cannot be read: {error}", run_id=run_id, error=words(error))
        ) from error


def read_series_file(run_id: str, root: Path = DEFAULT) -> bytes:
    """The file with the series of a saved run, as it was saved. Raises RunError."""
    folder = find_folder(run_id, root)
    try:
        run_record.check(folder, ["data.parquet"])
        return (folder / "data.parquet").read_bytes()
    except (OSError, ValueError, KeyError, TypeError, checksums.Damaged) as error:
        raise RunError(
            message("The series of the run {run_id} cannot be read: {error}", run_id=run_id, error=words(error))
        ) from error


def save_explanation(run_id: str, explanation: Explanation, root: Path = DEFAULT) -> None:
    """Store a newer explanation with a saved run, in place of the one it had. Raises RunError."""
    target = find_folder(run_id, root)
    with atomic.staging(root, message("The explanation of the run {run_id}", run_id=run_id)) as folder:
        run_files.write_explanation(explanation, folder)
        run_record.replace_explanation(target, folder)


def save_record(run_id: str, name: str, record: Any, root: Path = DEFAULT) -> str:
    """Store a record as NAME.json in the folder of a saved run, in place of an older one; returns the run's id.

    Raises RunError without the run, or when the disk refuses.
    """
    path, content = find_folder(run_id, root) / f"{name}.json", checksums.seal(to_json(record), indent=None)
    atomic.write_file(path, content, message("{name} of the run {run_id}", name=name, run_id=run_id), within=root)
    return run_id


def load_record(run_id: str, name: str, kind: Any, root: Path = DEFAULT) -> Any:
    """The record of type `kind` stored as NAME.json; None if there is no such file. Raises RunError for another's, and
    for one that is not as it was stored."""
    path = find_folder(run_id, root) / f"{name}.json"
    try:
        return from_json(kind, checksums.read(path))
    except OSError:
        return None
    except (ValueError, KeyError, TypeError, checksums.Damaged) as error:
        raise RunError(
            message("In the run {run_id}, {name}.json cannot be read. Work it out again.", run_id=run_id, name=name)
        ) from error


def save_marks(run_id: str, marked: Marks, root: Path = DEFAULT) -> None:
    """Store the marks of a saved run. Raises RunError without the run, or when the disk refuses."""
    save_record(run_id, marks.RECORD, marked, root)


def delete(run_id: str, root: Path = DEFAULT) -> None:
    """Remove a saved run; one that is gone is no error. Raises RunError for what is no name of a run, and when the disk
    refuses."""
    if is_gone(run_id, root):
        return
    atomic.remove(find_folder(run_id, root), message("The run {id}", id=run_id))


def is_gone(name: str, home: Path) -> bool:
    """Whether what could be the name of a folder in `home` is none."""
    return NAME.fullmatch(name) is not None and not os.path.lexists(home / name)


def find_folder(run_id: str, root: Path = DEFAULT) -> Path:
    """The folder of a saved run. Raises RunError if there is none.

    Only what has the form of a run's name is joined to a path, and a link to another folder is no run.
    """
    if not NAME.fullmatch(run_id) or (root / run_id).is_symlink() or not (root / run_id).is_dir():
        raise RunError(
            message(
                "There is no run called {run_id} in {folder}. Choose one of the saved runs.",
                run_id=repr(run_id),
                folder=root,
            )
        )
    return root / run_id
