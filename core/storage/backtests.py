"""Backtests on disk: recipe, plan and data of each, and every fold as it ends; JSON and Parquet alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from core import spec as specs
from core.errors import CoreError, RunError, words
from core.evaluation.backtest.plan import Plan
from core.evaluation.backtest.result import FoldResult
from core.language import message
from core.spec import Spec
from core.storage import atomic, checksums, migrate, sentences
from core.storage.run_files import SENTENCES, read_frame, read_json, write_frame
from core.storage.runs import NAME, is_gone
from core.storage.serialize import from_json, to_json

VERSION = 1
FOLDER, FORMER = ".backtests", ".walks"
FILES, TABLE = ("spec.json", "data.parquet"), "forecast.parquet"  # next to walk.json, and to the record of a fold
FOLD = re.compile(r"fold-(\d{1,3})")


class OtherFormat(RunError):
    """A backtest of a version that saved it in another way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A line of the list of backtests: recipe, plan, and the numbers of the finished folds."""

    id: str
    spec: Spec
    plan: Plan
    finished: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBacktest:
    """All that the remaining folds and the evaluation of the finished ones need."""

    id: str
    spec: Spec
    plan: Plan
    frame: pd.DataFrame
    results: tuple[FoldResult, ...]


def create(spec: Spec, plan: Plan, frame: pd.DataFrame, root: Path) -> str:
    """Write the folder of a new backtest of a resolved recipe in one step; returns its id. Raises RunError."""

    def fill(folder: Path, _: str) -> None:
        values = {"version": VERSION, "plan": plan, "columns": write_frame(frame, folder)}
        (folder / "spec.json").write_text(specs.canonical(spec))
        (folder / "walk.json").write_bytes(checksums.seal(values | checksums.of_files(folder, FILES)))

    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{spec.id[:8]}"
    return atomic.add_folder(_home(root), name, fill, message("The backtest"))


def save_fold(backtest_id: str, root: Path, result: FoldResult) -> str:
    """Write one fold in one step, in place of an older one of its number; returns the backtest's id.

    Raises RunError when the backtest is gone or the disk refuses.
    """

    def fill(folder: Path) -> None:
        values = to_json(result, omit=("table", "scale_SC")) | {"scale_SC": result.scale_SC.tolist()}
        values[SENTENCES] = sentences.parts_of(result)
        result.table.to_parquet(folder / TABLE, index=False)
        (folder / "fold.json").write_bytes(checksums.seal(values | checksums.of_files(folder, [TABLE])))

    atomic.write_folder(
        _folder(backtest_id, root) / f"fold-{result.fold}",
        fill,
        message("Fold {fold} of the backtest", fold=result.fold),
    )
    return backtest_id


def load(backtest_id: str, root: Path) -> StoredBacktest:
    """The backtest of this id with its finished folds. Raises RunError if it is missing or damaged."""
    folder = _folder(backtest_id, root)
    try:
        values = _values(folder, FILES)
        return StoredBacktest(
            id=backtest_id,
            spec=specs.from_dict(read_json(folder / "spec.json")),
            plan=from_json(Plan, values["plan"]),
            frame=read_frame(folder, values["columns"]),
            results=tuple(_fold(folder / f"fold-{number}") for number in _finished(folder)),
        )
    except OtherFormat:
        raise
    except Exception as error:  # whatever a damaged file makes its reader raise
        raise RunError(
            message(
                "The backtest {backtest_id} is damaged and cannot be opened ({error}). Delete it and start it again.",
                backtest_id=backtest_id,
                error=words(error),
            )
        ) from error


def list_all(root: Path) -> tuple[Summary, ...]:
    """Every backtest that can be read, newest first."""
    home = _home(root)
    names = sorted((p.name for p in home.iterdir() if NAME.fullmatch(p.name)), reverse=True) if home.is_dir() else []
    return tuple(summary for summary in (_summary(home / name) for name in names) if summary is not None)


def finished_folds(backtest_id: str, root: Path) -> tuple[int, ...]:
    """The numbers of the finished folds. Raises RunError if there is no such backtest."""
    return _finished(_folder(backtest_id, root))


def delete(backtest_id: str, root: Path) -> None:
    """Remove a backtest; one that is gone is no error. Raises RunError for what is no id, and when the disk refuses."""
    if is_gone(backtest_id, _home(root)):
        return
    atomic.remove(_folder(backtest_id, root), message("The backtest {id}", id=backtest_id))


def _fold(folder: Path) -> FoldResult:
    values = checksums.read(folder / "fold.json")
    checksums.check(folder, values, [TABLE])
    table = pd.read_parquet(folder / TABLE)
    result: FoldResult = sentences.restore(from_json(FoldResult, values, table=table), values.get(SENTENCES, {}))
    return result


def _summary(folder: Path) -> Summary | None:
    try:
        return Summary(
            id=folder.name,
            spec=specs.from_dict(read_json(folder / "spec.json")),
            plan=from_json(Plan, _values(folder, ["spec.json"])["plan"]),
            finished=_finished(folder),
        )
    except (OSError, ValueError, KeyError, TypeError, CoreError):
        return None  # of another version, or damaged: there is nothing to show


def _values(folder: Path, files: Sequence[str]) -> dict[str, Any]:
    """What is said of the backtest, if these files of it are as they were saved."""
    version = read_json(folder / "walk.json")["version"]
    if version != VERSION:
        raise OtherFormat(
            message(
                "The backtest {name} was saved in format {format}; this version reads {version}. Delete it and start "
                "it again.",
                name=folder.name,
                format=version,
                version=VERSION,
            )
        )
    values: dict[str, Any] = checksums.read(folder / "walk.json")
    checksums.check(folder, values, files)
    return values


def _finished(folder: Path) -> tuple[int, ...]:
    return tuple(sorted(int(match[1]) for path in folder.iterdir() if (match := FOLD.fullmatch(path.name))))


def _home(root: Path) -> Path:
    return migrate.folder(root, FOLDER, FORMER)


def _folder(backtest_id: str, root: Path) -> Path:
    """Only what has the form of a backtest's name is joined to a path."""
    home = _home(root)
    if not NAME.fullmatch(backtest_id) or not (home / backtest_id).is_dir():
        raise RunError(
            message(
                "There is no backtest called {backtest_id} in {folder}.", backtest_id=repr(backtest_id), folder=root
            )
        )
    return home / backtest_id
