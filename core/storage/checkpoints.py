"""Interrupted runs: the state from which a training resumes, stored under its recipe and the digest of its data.

The same recipe on the same data ends in the same numbers, so a training that is started again resumes where it was.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import spec as specs
from core.errors import CoreError
from core.events import Checkpoint, Epoch
from core.language import message
from core.spec import Spec
from core.storage import atomic, leases, migrate, tensors
from core.storage.leases import Holder, Lease, UnderWay
from core.types import CHECKPOINT_FORMAT

NAME = re.compile(r"([0-9a-f]{12}-[0-9a-f]{16})\.safetensors")
FOLDER, FORMER = ".checkpoints", ".unfinished"
HEADER = 10_000_000  # bytes; the header of an intact file is smaller
UNDER_WAY = message(
    "This training is under way already, in another server or on the command line. Wait for it: its run appears on the "
    "page Runs as soon as it is finished. Or change the recipe."
)
MOST = 10  # states, the latest ones: nobody comes back for older ones


@dataclass(frozen=True, slots=True, kw_only=True)
class InterruptedRun:
    """A line of the list, of a training that is interrupted or under way. `upload` is the digest of an uploaded series,
    if the data came from a file. `last` is the last epoch of network number `member` of its ensemble; None if it had
    none yet, or an earlier version saved it."""

    key: str
    spec: Spec
    upload: str | None
    last: Epoch | None
    member: int
    saved_at: float  # seconds since 1970
    resumable: bool = True  # False: an earlier version saved it
    holder: Holder | None = None  # the other process in which it is under way


def key(spec: Spec, digest: str) -> str:
    """The name under which the training of a resolved recipe on data with this digest is stored."""
    return f"{spec.id}-{digest}"


def claim(name: str, root: Path) -> Lease:
    """The lease of the training of this key, which makes it this process's own. Raises UnderWay if another process has
    it, and RunError when the disk refuses."""
    return leases.acquire(_folder(root), name, UNDER_WAY, share=True)


def save(saved: Checkpoint, spec: Spec, digest: str, upload: str | None, root: Path) -> None:
    """Store the newest state of a training, in place of the one before. Raises RunError when the disk refuses."""
    words = {"state": json.dumps(saved.state), "spec": specs.canonical(spec), "upload": json.dumps(upload)}
    content = tensors.to_bytes(saved.arrays, words)  # one file, so that state and arrays are of one epoch
    with atomic.staging(
        _folder(root), message("The state of the training"), message("Free space for the next one.")
    ) as folder:
        path = folder / f"{key(spec, digest)}.safetensors"
        path.write_bytes(content)
        path.replace(_folder(root) / path.name)
        for old in _files(root)[MOST:]:
            old.unlink(missing_ok=True)


def load(spec: Spec, digest: str, root: Path) -> Checkpoint | None:
    """The stored state of this training; None if there is none that can be read."""
    path = _folder(root) / f"{key(spec, digest)}.safetensors"
    try:
        content = path.read_bytes()
    except OSError:
        return None
    try:
        arrays = tensors.from_bytes(content)
        state = json.loads(tensors.words(content)["state"])
        if state["format"] == CHECKPOINT_FORMAT:
            return Checkpoint(arrays=arrays, state=state)
        raise ValueError(f"format {state['format']}")
    except Exception:  # whatever the reader of a damaged file raises: the training starts from the beginning
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return None


def list_all(root: Path) -> tuple[InterruptedRun, ...]:
    """Every run that is interrupted or under way, the latest first."""
    return tuple(line for line in map(_line, _files(root)) if line is not None)


def delete(name: str, root: Path) -> None:
    """Remove the state stored under this name, if there is one. Raises UnderWay if another process trains it, and
    RunError when the disk refuses."""
    if not NAME.fullmatch(f"{name}.safetensors"):
        return
    if _other_holder(name, _folder(root)) is not None:
        raise UnderWay(UNDER_WAY)
    atomic.remove(_folder(root) / f"{name}.safetensors", message("The state of the training"))
    leases.remove_dead(_folder(root), name)


def _other_holder(name: str, folder: Path) -> Holder | None:
    """The living process that trains this, if it is not our own."""
    holder = leases.holder(folder, name)
    return None if holder is None or leases.is_mine(holder) else holder


def _folder(root: Path) -> Path:
    return migrate.folder(root, FOLDER, FORMER)


def _files(root: Path) -> list[Path]:
    folder = _folder(root)
    dated = list[tuple[float, Path]]()
    with suppress(OSError):  # a folder that cannot be read has none to resume from
        for path in folder.iterdir() if folder.is_dir() else ():
            with suppress(FileNotFoundError):  # removed since it was listed
                if NAME.fullmatch(path.name):
                    dated.append((-path.stat().st_mtime, path))
    return [path for _, path in sorted(dated)]


def _line(path: Path) -> InterruptedRun | None:
    try:
        with path.open("rb") as file:
            head = file.read(8)
            words = tensors.words(head + file.read(min(int.from_bytes(head, "little"), HEADER)))
        state = json.loads(words["state"])
        return InterruptedRun(
            key=path.stem,
            spec=specs.from_dict(json.loads(words["spec"])),
            upload=json.loads(words["upload"]),
            last=_last_epoch(state),
            member=int(state["member"]),
            saved_at=path.stat().st_mtime,
            resumable=state["format"] == CHECKPOINT_FORMAT,
            holder=_other_holder(path.stem, path.parent),
        )
    except (OSError, ValueError, KeyError, TypeError, CoreError):
        return None  # of another version, or damaged: there is nothing to resume from


def _last_epoch(state: dict[str, Any]) -> Epoch | None:
    told = state.get("told") or [None]
    return Epoch(**told[-1]) if told[-1] and state["format"] == CHECKPOINT_FORMAT else None
