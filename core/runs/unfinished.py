"""Trainings that stand still: what one needs to go on, kept on disk under its recipe and the digest of its data.

The same recipe on the same data ends in the same numbers, so a training that is started again goes on where it was.
"""

import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import spec as specs
from core.errors import CoreError, RunError
from core.records import Saved
from core.spec import Spec

KEY = re.compile(r"[0-9a-f]{12}-[0-9a-f]{16}")
FOLDER = ".unfinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A line of the list; `upload` is the digest of an uploaded series, where the data came from a file."""

    key: str
    spec: Spec
    upload: str | None
    epoch: int
    kept: float  # seconds since 1970


def key(spec: Spec, digest: str) -> str:
    """The name under which the training of a resolved recipe on data with this digest is kept."""
    return f"{spec.id}-{digest}"


def keep(saved: Saved, spec: Spec, digest: str, upload: str | None, root: Path) -> None:
    """Keep the newest state of a training, in place of the one before. Raises RunError when the disk refuses."""
    from safetensors.numpy import save

    folder = root / FOLDER / key(spec, digest)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".keeping-", dir=folder.parent))
        try:
            arrays = {name: np.ascontiguousarray(value) for name, value in saved.arrays.items()}
            (work / "arrays.safetensors").write_bytes(save(arrays))
            (work / "state.json").write_text(json.dumps(saved.state))
            (work / "recipe.json").write_text(json.dumps({"spec": specs.to_dict(spec), "upload": upload}))
            shutil.rmtree(folder, ignore_errors=True)
            work.rename(folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise RunError(f"The state of the training could not be kept in {root} ({error.strerror or error}); the "
                       "training goes on. Free space.") from error


def find(spec: Spec, digest: str, root: Path) -> Saved | None:
    """What was kept of this training; None where there is nothing, or nothing that can be read."""
    from safetensors.numpy import load

    folder = root / FOLDER / key(spec, digest)
    try:
        state = json.loads((folder / "state.json").read_text())
        return Saved(arrays=load((folder / "arrays.safetensors").read_bytes()), state=state)
    except OSError:
        return None
    except Exception:  # whatever the reader of a damaged file raises: the training begins anew
        shutil.rmtree(folder, ignore_errors=True)
        return None


def listed(root: Path) -> tuple[Unfinished, ...]:
    """Every training that stands still, the latest first."""
    folder = root / FOLDER
    names = [path for path in folder.iterdir() if KEY.fullmatch(path.name)] if folder.is_dir() else []
    found = [line for line in map(_line, names) if line is not None]
    return tuple(sorted(found, key=lambda line: -line.kept))


def drop(name: str, root: Path) -> None:
    """Forget the training kept under this name; nothing if there is none."""
    if KEY.fullmatch(name):
        shutil.rmtree(root / FOLDER / name, ignore_errors=True)


def _line(folder: Path) -> Unfinished | None:
    try:
        recipe = json.loads((folder / "recipe.json").read_text())
        state = json.loads((folder / "state.json").read_text())
        return Unfinished(key=folder.name, spec=specs.from_dict(recipe["spec"]), upload=recipe["upload"],
                          epoch=int(state["epoch"]), kept=(folder / "state.json").stat().st_mtime)
    except (OSError, ValueError, KeyError, TypeError, CoreError):
        return None  # of another version, or half gone: there is nothing to go on with
