"""Walks on disk: the recipe, plan and data of a walk forward, and each fold as it ends; JSON and Parquet alone."""

import dataclasses
import json
import math
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import spec as specs
from core.data.frame import LEVELS
from core.errors import CoreError, RunError
from core.evaluation.backtest.plan import Plan
from core.evaluation.backtest.result import FoldResult
from core.events import Epoch
from core.spec import Spec
from core.storage.run_files import plain
from core.types import Alarm, History

VERSION = 1
FOLDER = ".walks"
NAME = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}(-\d{1,4})?")
FOLD = re.compile(r"fold-(\d{1,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the list of walks: what it is about, and the numbers of the folds that are there."""

    id: str
    spec: Spec
    plan: Plan
    done: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A walk as it stands: everything that its missing folds, and the judgement of all of them, need."""

    id: str
    spec: Spec
    plan: Plan
    frame: pd.DataFrame
    results: tuple[FoldResult, ...]


def begin(spec: Spec, plan: Plan, frame: pd.DataFrame, root: Path) -> str:
    """Make the folder of a new walk of a resolved recipe, in one step, and give its id. Raises RunError."""
    name, home = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{spec.id[:8]}", root / FOLDER

    def write(work: Path) -> None:
        values = {"version": VERSION, "plan": dataclasses.asdict(plan), "columns": [list(c) for c in frame.columns]}
        _write(work / "walk.json", values)
        (work / "spec.json").write_text(specs.canonical(spec))
        flat = frame.set_axis([str(i) for i in range(frame.shape[1])], axis=1)
        flat.reset_index().to_parquet(work / "data.parquet", index=False)

    taken = next(n for n in (name, *(f"{name}-{k}" for k in range(2, 1000))) if not (home / n).exists())
    _publish(write, home / taken)
    return taken


def keep(walk_id: str, root: Path, result: FoldResult) -> str:
    """Keep one fold, whole or not at all, in place of an older one of its number; gives the walk's id.

    Raises RunError when the walk is gone or the disk refuses.
    """
    folder = _folder(walk_id, root)

    def write(work: Path) -> None:
        values = {f.name: getattr(result, f.name) for f in dataclasses.fields(result) if f.name != "table"}
        _write(
            work / "fold.json",
            values
            | {
                "history": dataclasses.asdict(result.history),
                "scale_SC": result.scale_SC.tolist(),
                "alarms": [dataclasses.asdict(alarm) for alarm in result.alarms],
            },
        )
        result.table.to_parquet(work / "forecast.parquet", index=False)

    _publish(write, folder / f"fold-{result.fold}")
    return walk_id


def load(walk_id: str, root: Path) -> Stored:
    """The walk of this id with the folds that are there. Raises RunError when it is missing or damaged."""
    folder = _folder(walk_id, root)
    try:
        values = _values(folder)
        frame = pd.read_parquet(folder / "data.parquet").set_index("time")
        frame.columns = pd.MultiIndex.from_tuples([tuple(c) for c in values["columns"]], names=list(LEVELS))
        return Stored(
            id=walk_id,
            spec=specs.from_dict(json.loads((folder / "spec.json").read_text())),
            plan=Plan(**values["plan"]),
            frame=frame,
            results=tuple(_result(folder / f"fold-{k}") for k in _done(folder)),
        )
    except RunError:
        raise
    except Exception as error:  # whatever a damaged file makes its reader raise
        raise RunError(
            f"The walk {walk_id} is damaged and cannot be opened ({error}). Delete it and start it again."
        ) from error


def listed(root: Path) -> tuple[Line, ...]:
    """Every walk that can be read, newest first."""
    home = root / FOLDER
    names = sorted((p.name for p in home.iterdir() if NAME.fullmatch(p.name)), reverse=True) if home.is_dir() else []
    return tuple(line for line in (_line(home / name) for name in names) if line is not None)


def done(walk_id: str, root: Path) -> tuple[int, ...]:
    """The numbers of the folds that are there. Raises RunError when there is no such walk."""
    return _done(_folder(walk_id, root))


def delete(walk_id: str, root: Path) -> None:
    """Remove a walk. Raises RunError when there is none of this id."""
    shutil.rmtree(_folder(walk_id, root))


def _publish(write: Callable[[Path], None], target: Path) -> None:
    """Fill a folder and move it to `target` in one step, in place of what was there."""
    work: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".saving-", dir=target.parent))
        write(work)
        work.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        work.rename(target)
    except OSError as error:
        raise RunError(
            f"The walk could not be kept in {target.parent} ({error.strerror or error}). Free space, then "
            "save it again."
        ) from error
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)


def _result(folder: Path) -> FoldResult:
    values = json.loads((folder / "fold.json").read_text())
    epochs = tuple(Epoch(**epoch) for epoch in values["history"]["epochs"])
    fixed = {
        "history": History(**(values["history"] | {"epochs": epochs})),
        "scale_SC": np.array(values["scale_SC"]),
        "alarms": tuple(Alarm(**alarm) for alarm in values["alarms"]),
    }
    numbers = {name: math.nan if values[name] is None else values[name] for name in ("naive_mae", "skill")}
    return FoldResult(table=pd.read_parquet(folder / "forecast.parquet"), **(values | fixed | numbers))


def _line(folder: Path) -> Line | None:
    try:
        return Line(
            id=folder.name,
            spec=specs.from_dict(json.loads((folder / "spec.json").read_text())),
            plan=Plan(**_values(folder)["plan"]),
            done=_done(folder),
        )
    except (OSError, ValueError, KeyError, TypeError, CoreError):
        return None  # of another version, or damaged: there is nothing to look at


def _values(folder: Path) -> dict[str, Any]:
    values = json.loads((folder / "walk.json").read_text())
    if values["version"] != VERSION:
        raise RunError(
            f"The walk {folder.name} was saved in format {values['version']}; this version reads {VERSION}. "
            "Delete it and start it again."
        )
    return values


def _done(folder: Path) -> tuple[int, ...]:
    return tuple(sorted(int(found[1]) for path in folder.iterdir() if (found := FOLD.fullmatch(path.name))))


def _write(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(plain(values), indent=1, allow_nan=False))


def _folder(walk_id: str, root: Path) -> Path:
    """A name is looked up, never joined to a path unseen: it must have the form of a walk's name."""
    if not NAME.fullmatch(walk_id) or not (root / FOLDER / walk_id).is_dir():
        raise RunError(f"There is no walk called {walk_id!r} in {root}.")
    return root / FOLDER / walk_id
