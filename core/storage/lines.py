"""Files of JSON lines that only grow: a line is on the disk when `append` returns, and a torn one is never read.

A process may be killed in the middle of a line. The next line begins on a new one, so that nothing else is lost: the
journal of Optuna, which is JSON lines too, glues the next record to the torn one and cannot be read from there on. Each
line ends with its own checksum (`core.storage.checksums`).
"""

import os
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.language import message
from core.storage import checksums


def append(path: Path, values: dict[str, Any]) -> None:
    """Add one line and wait until it is on the disk. Raises RunError when the disk refuses."""
    line = checksums.seal(values, indent=None) + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                line = line if file.read(1) == b"\n" else b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise RunError(
            message(
                "{name} could not be written ({error}). Free space, then go on.",
                name=path.name,
                error=error.strerror or error,
            )
        ) from error


def read(path: Path) -> list[dict[str, Any]]:
    """The lines that are whole and as they were written, oldest first; empty without the file."""
    try:
        content = path.read_bytes()
    except OSError:
        return []
    whole = []
    for line in content.split(b"\n"):
        try:
            values = checksums.unseal(line, path.name)
        except (ValueError, RecursionError, checksums.Damaged):
            continue
        if isinstance(values, dict):
            whole.append(values)
    return whole
