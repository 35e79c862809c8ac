"""Folders that earlier versions kept under another name."""

from contextlib import suppress
from pathlib import Path


def folder(parent: Path, name: str, former: str) -> Path:
    """`parent / name`; what an earlier version left in `parent / former` moves there first.

    Several processes may do so at once. In a place that cannot be written the former folder is read where it is.
    """
    current, old = parent / name, parent / former
    if old.is_dir():
        with suppress(OSError):
            old.rename(current)  # refused where both exist
        with suppress(OSError):
            for path in old.iterdir():
                with suppress(OSError):
                    path.rename(current / path.name)
            old.rmdir()
    return current if current.is_dir() or not old.is_dir() else old
