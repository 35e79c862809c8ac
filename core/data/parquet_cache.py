"""Tables on disk as Parquet files that are either complete or absent."""

import contextlib
import tempfile
import time
from pathlib import Path

import pandas as pd

from core.language import message


def write(table: pd.DataFrame, path: Path) -> None:
    """Write `table` as the Parquet file `path`; folders are created and an existing file is replaced.

    A concurrent reader sees either the old file or the new one, and a write that fails leaves nothing behind. Raises
    OSError if the disk refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".keeping-", suffix=".part", delete=False) as work:
        part = Path(work.name)
    try:
        table.to_parquet(part, engine="pyarrow", write_page_checksum=True)
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def write_copy(table: pd.DataFrame, path: Path, what: str) -> str:
    """Write a copy that is useful but not vital; return a note for the user if the disk refuses, else an empty text."""
    try:
        write(table, path)
    except OSError as error:
        return message("The {what} could not be saved for later: {error}.", what=what, error=error.strerror)
    return ""


def read(path: Path) -> pd.DataFrame | None:
    """Return the table in `path`, or None if there is no such file or it is damaged."""
    if not path.is_file():
        return None
    try:
        return pd.read_parquet(path, engine="pyarrow", page_checksum_verification=True)
    except Exception:  # whatever a damaged or foreign file makes its reader raise
        return None


def age(path: Path) -> float:
    """Return the seconds since `path` was written; 0 if there is no such file."""
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except OSError:
        return 0.0
