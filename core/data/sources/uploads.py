"""Series that a person uploaded, stored on disk under the digest of their content."""

import re
from pathlib import Path

import pandas as pd

from core.data import parquet_cache
from core.data.frame import LEVELS, build, digest, select_symbol, symbols
from core.data.sources.source import Source
from core.errors import DataError
from core.language import message
from core.spec import Data

DIGEST = re.compile(r"[0-9a-f]{16}")


def save(frame: pd.DataFrame, cache: Path) -> str:
    """Store `frame` under `cache` and return its digest. Raises DataError if the disk refuses."""
    name = digest(frame)
    write(frame.stack(level="symbol", future_stack=True).reset_index(), name, cache)
    return name


def load(name: str, cache: Path) -> pd.DataFrame:
    """Return the frame stored under this digest. Raises DataError if there is none, or if it is another."""
    path = cache / f"{name}.parquet"
    if not DIGEST.fullmatch(name) or not path.is_file():
        raise DataError(message("The uploaded series is no longer there. Upload the file again on the Data page."))
    flat = parquet_cache.read(path)
    try:
        if flat is None:
            raise ValueError(name)
        tables = {
            str(symbol): rows.drop(columns="symbol").set_index("time")
            for symbol, rows in flat.groupby("symbol", sort=False)
        }
        frame = build(tables).rename_axis(columns=list(LEVELS))
        if digest(frame) != name:
            raise ValueError(name)
    except (ValueError, KeyError, TypeError, AttributeError, DataError) as error:
        raise DataError(
            message("The uploaded series is damaged on the disk. Upload the file again on the Data page.")
        ) from error
    return frame


def write(table: pd.DataFrame, name: str, cache: Path) -> None:
    """Store `table` under `cache` by its digest. Raises DataError if the disk refuses."""
    try:
        parquet_cache.write(table, cache / f"{name}.parquet")
    except OSError as error:
        raise DataError(
            message(
                "The upload could not be saved in {folder} ({error}). Free space and upload it again.",
                folder=cache,
                error=error.strerror or error,
            )
        ) from error


def _load_recipe(data: Data, cache: Path) -> pd.DataFrame:
    raise DataError(
        message(
            "The recipe takes its data from a file, and no file was given. Upload it again, or name it with --data."
        )
    )


def _load_covariate(name: str, data: Data, cache: Path) -> tuple[pd.DataFrame, list[str]]:
    frame = load(name, cache / "uploads")
    return select_symbol(frame, symbols(frame)[0]), []


SOURCE = Source(
    name="file",
    title="File",
    load=_load_recipe,
    load_covariate=_load_covariate,
    named_by_digest=True,
    exchange_from_symbol=False,
)
