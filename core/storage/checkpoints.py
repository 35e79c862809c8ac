"""Trainings that stand still: what one needs to go on, kept on disk under its recipe and the digest of its data.

The same recipe on the same data ends in the same numbers, so a training that is started again goes on where it was.
"""

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import spec as specs
from core.errors import CoreError, RunError
from core.events import Checkpoint
from core.spec import Spec
from core.types import FORMAT

NAME = re.compile(r"([0-9a-f]{12}-[0-9a-f]{16})\.safetensors")
FOLDER = ".unfinished"
HEADER = 10_000_000  # bytes that the header of a sound file never reaches
MOST = 10  # are kept, the latest: nobody comes back for older ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A line of the list; `upload` is the digest of an uploaded series, where the data came from a file. `epoch` is of
    the network number `member` of its ensemble."""

    key: str
    spec: Spec
    upload: str | None
    epoch: int
    member: int
    kept: float  # seconds since 1970


def key(spec: Spec, digest: str) -> str:
    """The name under which the training of a resolved recipe on data with this digest is kept."""
    return f"{spec.id}-{digest}"


def keep(saved: Checkpoint, spec: Spec, digest: str, upload: str | None, root: Path) -> None:
    """Keep the newest state of a training, in place of the one before. Raises RunError when the disk refuses."""
    from safetensors.numpy import save

    words = {"state": json.dumps(saved.state), "spec": specs.canonical(spec), "upload": json.dumps(upload)}
    arrays = {name: np.ascontiguousarray(value) for name, value in saved.arrays.items()}
    folder = root / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".keeping-", delete=False) as work:
            path = Path(work.name)
        try:
            path.write_bytes(save(arrays, metadata=words))  # one file, so that state and arrays are of one epoch
            path.replace(folder / f"{key(spec, digest)}.safetensors")
        finally:
            path.unlink(missing_ok=True)
        for old in _files(root)[MOST:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(
            f"The state of the training could not be kept in {root} ({error.strerror or error}). Free space "
            "for the next one."
        ) from error


def find(spec: Spec, digest: str, root: Path) -> Checkpoint | None:
    """What was kept of this training; None where there is nothing, or nothing that can be read."""
    from safetensors.numpy import load

    path = root / FOLDER / f"{key(spec, digest)}.safetensors"
    try:
        content = path.read_bytes()
    except OSError:
        return None
    try:
        state = json.loads(_words(content)["state"])
        if state["format"] == FORMAT:
            return Checkpoint(arrays=load(content), state=state)
        raise ValueError(f"format {state['format']}")
    except Exception:  # whatever the reader of a damaged file raises: the training begins anew
        path.unlink(missing_ok=True)
        return None


def listed(root: Path) -> tuple[Unfinished, ...]:
    """Every training that stands still, the latest first."""
    return tuple(line for line in map(_line, _files(root)) if line is not None)


def drop(name: str, root: Path) -> None:
    """Forget the training kept under this name; nothing if there is none."""
    if NAME.fullmatch(f"{name}.safetensors"):
        (root / FOLDER / f"{name}.safetensors").unlink(missing_ok=True)


def _files(root: Path) -> list[Path]:
    folder = root / FOLDER
    found = [path for path in folder.iterdir() if NAME.fullmatch(path.name)] if folder.is_dir() else []
    return sorted(found, key=lambda path: -path.stat().st_mtime)


def _line(path: Path) -> Unfinished | None:
    try:
        with path.open("rb") as file:
            head = file.read(8)
            words = _words(head + file.read(min(int.from_bytes(head, "little"), HEADER)))
        state = json.loads(words["state"])
        return Unfinished(
            key=path.stem,
            spec=specs.from_dict(json.loads(words["spec"])),
            upload=json.loads(words["upload"]),
            epoch=int(state["epoch"]),
            member=int(state["member"]),
            kept=path.stat().st_mtime,
        )
    except (OSError, ValueError, KeyError, TypeError, CoreError):
        return None  # of another version, or damaged: there is nothing to go on with


def _words(content: bytes) -> dict[str, str]:
    """The metadata of a safetensors file: eight bytes of length, then the JSON header that holds them."""
    return json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
