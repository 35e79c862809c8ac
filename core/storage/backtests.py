"""Backtests on disk: recipe, plan and data of each, and every fold as it ends; JSON and Parquet alone."""

import re
import shutil
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
from core.storage import atomic, migrate, sentences
from core.storage.run_files import SENTENCES, read_frame, read_json, write_frame
from core.storage.runs import NAME
from core.storage.serialize import dumps, from_json, to_json

VERSION = 1
FOLDER, FORMER = ".backtests", ".walks"
FOLD = re.compile(r"fold-(\d{1,3})")


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
        (folder / "walk.json").write_text(dumps(values))
        (folder / "spec.json").write_text(specs.canonical(spec))

    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{spec.id[:8]}"
    return atomic.add_folder(_home(root), name, fill, message("The backtest"))


def save_fold(backtest_id: str, root: Path, result: FoldResult) -> str:
    """Write one fold in one step, in place of an older one of its number; returns the backtest's id.

    Raises RunError when the backtest is gone or the disk refuses.
    """

    def fill(folder: Path) -> None:
        values = to_json(result, omit=("table", "scale_SC")) | {"scale_SC": result.scale_SC.tolist()}
        values[SENTENCES] = sentences.parts_of(result)
        (folder / "fold.json").write_text(dumps(values))
        result.table.to_parquet(folder / "forecast.parquet", index=False)

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
        values = _values(folder)
        return StoredBacktest(
            id=backtest_id,
            spec=specs.from_dict(read_json(folder / "spec.json")),
            plan=from_json(Plan, values["plan"]),
            frame=read_frame(folder, values["columns"]),
            results=tuple(_fold(folder / f"fold-{number}") for number in _finished(folder)),
        )
    except RunError:
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
    """Remove a backtest. Raises RunError if there is none of this id."""
    shutil.rmtree(_folder(backtest_id, root))


def _fold(folder: Path) -> FoldResult:
    table = pd.read_parquet(folder / "forecast.parquet")
    values = read_json(folder / "fold.json")
    result: FoldResult = sentences.restore(from_json(FoldResult, values, table=table), values.get(SENTENCES, {}))
    return result


def _summary(folder: Path) -> Summary | None:
    try:
        return Summary(
            id=folder.name,
            spec=specs.from_dict(read_json(folder / "spec.json")),
            plan=from_json(Plan, _values(folder)["plan"]),
            finished=_finished(folder),
        )
    except (OSError, ValueError, KeyError, TypeError, CoreError):
        return None  # of another version, or damaged: there is nothing to show


def _values(folder: Path) -> dict[str, Any]:
    values = read_json(folder / "walk.json")
    if values["version"] != VERSION:
        raise RunError(
            message(
                "The backtest {name} was saved in format {format}; this version reads {version}. Delete it and start "
                "it again.",
                name=folder.name,
                format=values["version"],
                version=VERSION,
            )
        )
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
