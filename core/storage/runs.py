"""The folder of saved runs: written whole or not at all, listed, opened, deleted."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from core import spec as specs
from core.errors import RunError, words
from core.language import message
from core.spec import Spec
from core.storage import atomic, marks, run_files, summaries
from core.storage.marks import Marks
from core.storage.serialize import dumps, from_json
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
    """The saved run of this name. Raises RunError if there is none or it is damaged."""
    return run_files.read(find_folder(run_id, root))


def fingerprint(run_id: str, root: Path = DEFAULT) -> str:
    """What changes when a file of the run does, apart from its artifacts. Raises RunError without the run."""
    return summaries.stamp(find_folder(run_id, root))


def list_all(root: Path = DEFAULT) -> tuple[Summary, ...]:
    """Every run under `root`, newest first, damaged ones too."""
    paths = root.iterdir() if root.is_dir() else ()
    names = (path.name for path in paths if NAME.fullmatch(path.name) and not path.is_symlink())
    return summaries.list_folders((root / name for name in sorted(names, reverse=True)), root)


def summarize(run_id: str, root: Path = DEFAULT) -> Summary:
    """The line of one run in that list. Raises RunError if there is none."""
    return summaries.read(find_folder(run_id, root))


def load_spec(run_id: str, root: Path = DEFAULT) -> Spec:
    """The recipe of a saved run, without the rest of it. Raises RunError."""
    try:
        return specs.from_dict(run_files.read_json(find_folder(run_id, root) / "spec.json"))
    except (OSError, ValueError) as error:
        raise RunError(
            message("The recipe of the run {run_id} cannot be read: {error}", run_id=run_id, error=words(error))
        ) from error


def load_times(run_id: str, root: Path = DEFAULT) -> pd.DatetimeIndex:
    """The times of the series of a saved run, without the rest of it. Raises RunError."""
    path = find_folder(run_id, root) / "data.parquet"
    try:
        return pd.DatetimeIndex(pd.read_parquet(path, columns=["time"])["time"])
    except Exception as error:  # whatever a damaged file makes its reader raise
        raise RunError(
            message("The series of the run {run_id} cannot be read: {error}", run_id=run_id, error=words(error))
        ) from error


def save_explanation(run_id: str, explanation: Explanation, root: Path = DEFAULT) -> None:
    """Store a newer explanation with a saved run, in place of the one it had. Raises RunError."""
    target = find_folder(run_id, root)
    with atomic.staging(root, message("The explanation of the run {run_id}", run_id=run_id)) as folder:
        run_files.write_explanation(explanation, folder)
        for path in folder.iterdir():
            path.replace(target / path.name)


def save_record(run_id: str, name: str, record: Any, root: Path = DEFAULT) -> str:
    """Store a record as NAME.json in the folder of a saved run, in place of an older one; returns the run's id.

    Raises RunError without the run, or when the disk refuses.
    """
    path, content = find_folder(run_id, root) / f"{name}.json", dumps(record, indent=None).encode()
    atomic.write_file(path, content, message("{name} of the run {run_id}", name=name, run_id=run_id), within=root)
    return run_id


def load_record(run_id: str, name: str, kind: Any, root: Path = DEFAULT) -> Any:
    """The record of type `kind` stored as NAME.json; None if there is no such file. Raises RunError for another's."""
    try:
        return from_json(kind, run_files.read_json(find_folder(run_id, root) / f"{name}.json"))
    except OSError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(
            message("In the run {run_id}, {name}.json cannot be read. Work it out again.", run_id=run_id, name=name)
        ) from error


def save_marks(run_id: str, marked: Marks, root: Path = DEFAULT) -> None:
    """Store the marks of a saved run. Raises RunError without the run, or when the disk refuses."""
    save_record(run_id, marks.RECORD, marked, root)


def delete(run_id: str, root: Path = DEFAULT) -> None:
    """Remove a saved run. Raises RunError if there is none of this name."""
    shutil.rmtree(find_folder(run_id, root))


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
