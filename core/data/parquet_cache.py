"""Tables on disk that appear whole or not at all."""

import contextlib
import tempfile
from pathlib import Path

import pandas as pd


def put(table: pd.DataFrame, path: Path) -> None:
    """Write `table` as the Parquet file `path`, in place of one that is there; folders are made.

    Who reads meanwhile sees the old file or the new one, and what could not be finished leaves nothing behind. Raises
    OSError when the disk refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".keeping-", suffix=".part", delete=False) as work:
        part = Path(work.name)
    try:
        table.to_parquet(part)
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def keep(table: pd.DataFrame, path: Path, what: str) -> str:
    """`put` a copy that is good to have; the sentence to show when the disk refuses, else an empty one."""
    try:
        put(table, path)
    except OSError as error:
        return f"The {what} could not be kept for later: {error.strerror}."
    return ""
