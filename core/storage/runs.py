"""The folder of saved runs: written whole or not at all, listed, opened, deleted, packed for download."""

import io
import json
import re
import shutil
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.storage import run_files
from core.storage.serialize import apart, together
from core.types import Explanation, Run

NAME = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}(-\d{1,4})?")
DEFAULT = Path("runs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A line of the list of runs; `problem` says why a folder cannot be opened, else it is empty."""

    id: str
    created: str = ""
    symbols: tuple[str, ...] = ()
    target: str = ""
    horizon: int = 0
    model: str = ""
    skill: float = float("nan")
    p_value: float = float("nan")
    tone: str = ""
    verdict: str = ""
    problem: str = ""


def save(run: Run, root: Path = DEFAULT) -> Run:
    """Write `run` under `root` in one step; returns it under the name it got. Raises RunError when it cannot."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".saving-", dir=root))
    except OSError as error:
        raise RunError(
            f"The run {run.id} could not be saved in {root} ({error.strerror}). Free space or choose "
            "another folder; the run is kept until then."
        ) from error
    try:
        run_files.write(run, work)
        work.chmod(0o755)
        return _publish(run, work, root)
    except OSError as error:
        raise RunError(
            f"The run {run.id} could not be saved in {root} ({error.strerror or error}). Free space, then "
            "save it again."
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _publish(run: Run, work: Path, root: Path) -> Run:
    for attempt in range(1, 1000):
        name = run.id if attempt == 1 else f"{run.id}-{attempt}"
        if (root / name).exists():
            continue
        if name != run.id:
            meta = json.loads((work / "run.json").read_text()) | {"id": name}
            (work / "run.json").write_text(json.dumps(meta, indent=1))
        work.rename(root / name)
        return replace(run, id=name)
    raise RunError(f"A thousand runs are called {run.id} already. Delete some of them.")


def load(run_id: str, root: Path = DEFAULT) -> Run:
    """The saved run of this name. Raises RunError when there is none or it is damaged."""
    return run_files.read(folder(run_id, root))


def stamp(run_id: str, root: Path = DEFAULT) -> int:
    """A number that changes when a file of the run does, closer looks aside.

    Raises RunError when there is no such run.
    """
    place = folder(run_id, root)
    return max(path.stat().st_mtime_ns for path in [place, *place.iterdir()] if path == place or path.is_file())


def summaries(root: Path = DEFAULT) -> tuple[Summary, ...]:
    """Every run under `root`, newest first, damaged ones too."""
    names = (path.name for path in root.iterdir() if NAME.fullmatch(path.name)) if root.is_dir() else ()
    return tuple(_summary(root / name) for name in sorted(names, reverse=True))


def _summary(folder: Path) -> Summary:
    try:
        for name in run_files.FILES:
            if not (folder / name).is_file():
                raise RunError(f"Its file {name} is missing.")
        spec = json.loads((folder / "spec.json").read_text())
        verdict = json.loads((folder / "metrics.json").read_text())["verdict"]
        meta = json.loads((folder / "run.json").read_text())
        return Summary(
            id=folder.name,
            created=meta["created"],
            symbols=tuple(spec["data"]["symbols"]),
            target=spec["target"]["kind"],
            horizon=spec["target"]["horizon"],
            model=spec["model"]["kind"],
            skill=_number(verdict["skill"]),
            p_value=_number(verdict["p_value"]),
            tone=verdict["tone"],
            verdict=verdict["text"],
        )
    except (RunError, OSError, ValueError, KeyError, TypeError) as error:
        return Summary(id=folder.name, problem=str(error) or type(error).__name__)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def keep_explanation(run_id: str, explanation: Explanation, root: Path = DEFAULT) -> None:
    """Store a newer explanation with a saved run, replacing the one it had."""
    place = folder(run_id, root)
    with tempfile.TemporaryDirectory(prefix=".saving-", dir=root) as work:
        run_files.write_explanation(explanation, Path(work))
        for path in Path(work).iterdir():
            path.replace(place / path.name)


def keep_values(run_id: str, name: str, found: Any, root: Path = DEFAULT) -> str:
    """Store a record as NAME.json in the folder of a saved run, in place of an older one; gives the run's id.

    Raises RunError without the run, or when the disk refuses.
    """
    path = folder(run_id, root) / f"{name}.json"
    try:
        path.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".saving-", dir=root) as work:
            made = Path(work) / path.name
            made.write_text(json.dumps(apart(found), allow_nan=False))
            made.replace(path)
    except OSError as error:
        raise RunError(
            f"{name} could not be kept with the run {run_id} ({error.strerror or error}). Free space, then "
            "save it again."
        ) from error
    return run_id


def values(run_id: str, name: str, kind: Any, root: Path = DEFAULT) -> Any:
    """The record of this kind kept as NAME.json; None where there is no such file. Raises RunError for another's."""
    try:
        return together(kind, json.loads((folder(run_id, root) / f"{name}.json").read_text()))
    except OSError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"What was kept of the run as {name}.json cannot be read. Work it out again.") from error


def delete(run_id: str, root: Path = DEFAULT) -> None:
    """Remove a saved run. Raises RunError when there is none of this name."""
    shutil.rmtree(folder(run_id, root))


def pack(run_id: str, root: Path = DEFAULT) -> bytes:
    """The run's folder as a zip archive."""
    place, packed = folder(run_id, root), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(place.rglob("*")):
            archive.write(path, f"{place.name}/{path.relative_to(place)}")
    return packed.getvalue()


def folder(run_id: str, root: Path = DEFAULT) -> Path:
    """The folder of a saved run. Raises RunError when there is none: a name is never joined to a path unseen, it must
    have the form of a run's name."""
    if not NAME.fullmatch(run_id) or not (root / run_id).is_dir():
        raise RunError(f"There is no run called {run_id!r} in {root}. List them with: python -m core runs.")
    return root / run_id
