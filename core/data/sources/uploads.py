"""Series that a person brought, kept on disk under the digest of their content."""

import re
from pathlib import Path

import pandas as pd

from core.data import parquet_cache
from core.data.frame import LEVELS, build, digest
from core.errors import DataError

NAME = re.compile(r"[0-9a-f]{16}")


def keep(frame: pd.DataFrame, cache: Path) -> str:
    """Store `frame` under `cache` and return its digest. Raises DataError when the disk refuses."""
    name = digest(frame)
    flat = frame.stack(level="symbol", future_stack=True).reset_index()
    try:
        parquet_cache.put(flat, cache / f"{name}.parquet")
    except OSError as error:
        raise DataError(
            f"The series could not be kept in {cache} ({error.strerror or error}). Free space and upload it again."
        ) from error
    return name


def read(name: str, cache: Path) -> pd.DataFrame:
    """The frame kept under this digest. Raises DataError when there is none."""
    path = cache / f"{name}.parquet"
    if not NAME.fullmatch(name) or not path.is_file():
        raise DataError("The uploaded series is no longer there. Upload the file again on the Data page.")
    flat = pd.read_parquet(path)
    tables = {
        str(symbol): part.drop(columns="symbol").set_index("time")
        for symbol, part in flat.groupby("symbol", sort=False)
    }
    return build(tables).rename_axis(columns=list(LEVELS))
