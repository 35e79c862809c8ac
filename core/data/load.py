"""The one door to data: what `spec.data` names, or tables that a person brought, as a frame that keeps the contract."""

from pathlib import Path

import pandas as pd

from core.data import files, samples, yahoo
from core.data.frame import build, clip
from core.errors import DataError
from core.spec import Data


def load(data: Data, cache: Path) -> pd.DataFrame:
    """The frame of a recipe's data, from `data.start` to `data.end`; Yahoo's copies are kept under `cache`.

    `frame.attrs["notes"]` lists what a person should know of where it came from. Symbols are in upper case. Raises
    DataError when the source is a file (its content has to be given), SourceError when a series cannot be had.
    """
    notes: list[str] = []
    if data.source == "sample":
        tables = {name.strip().upper(): samples.load(name) for name in data.symbols}
    elif data.source == "yahoo":
        fetched = yahoo.fetch(data.symbols, data.start, data.end, data.interval, cache)
        tables = {symbol: one.table for symbol, one in fetched.items()}
        notes = [one.note for one in fetched.values() if one.note]
    else:
        raise DataError("The recipe takes its data from a file, and no file was given. Upload it again, or name it "
                        "with --data.")
    return _clipped(build(tables), data, notes)


def from_tables(tables: dict[str, pd.DataFrame], data: Data | None = None) -> pd.DataFrame:
    """The frame of plain tables, one per symbol, clipped to the dates of `data` where it is given. Raises DataError."""
    return _clipped(build(tables), data, [])


def from_csv(content: bytes, name: str, symbol: str, data: Data | None = None) -> pd.DataFrame:
    """The frame of one uploaded CSV under the name `symbol`, clipped likewise. Raises DataError."""
    return from_tables({symbol: files.read_csv(content, name)}, data)


def _clipped(frame: pd.DataFrame, data: Data | None, notes: list[str]) -> pd.DataFrame:
    cut = frame if data is None else clip(frame, data.start, data.end)
    cut.attrs["notes"] = notes
    return cut
