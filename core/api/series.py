"""Series as frames: bundled samples, Yahoo Finance, files, and DataFrames that a person already has."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core.data import frame as frames
from core.data import load
from core.errors import DataError
from core.spec import Data

CACHE = Path("cache")
SOURCE = "lookback.data"  # in `frame.attrs`: where a frame came from, as recipe values


def load_sample(*symbols: str, start: str | None = None, end: str | None = None) -> pd.DataFrame:
    """The frame of bundled series: columns (symbol, column), one row a session. Needs no network.

    `python -m core samples` lists them. Raises SourceError for an unknown name.

    Examples:
        >>> load_sample("SP500", start="2018-01-02", end="2018-01-04")["SP500"]["close"].round(1).tolist()
        [2695.8, 2713.1, 2724.0]
    """
    return _load(Data(source="sample", symbols=symbols, start=start, end=end))


def load_yahoo(*tickers: str, start: str | None = None, end: str | None = None, interval: str = "1d") -> pd.DataFrame:
    """The frame of tickers from Yahoo Finance; `interval` is 1d, 1wk or 1h. Fetched prices are kept under cache/.

    Raises SourceError if a ticker is unknown or the network does not answer.
    """
    return _load(Data(source="yahoo", symbols=tickers, start=start, end=end, interval=interval))


def load_csv(path: str | Path, symbols: Sequence[str] = ()) -> pd.DataFrame:
    """The frame of a CSV, TSV, Excel or Parquet file with dates; of all its series, or of the named ones.

    Separator, date format and decimal mark are recognised. Raises DataError if the file holds no dated numbers.
    """
    from core.data.sources import files

    tables, _ = files.read_path(Path(path))
    missing = [name for name in symbols if name not in tables]
    if missing:
        raise DataError(f"{path} has no series {missing[0]!r}; it has {', '.join(tables)}.")
    return load.from_tables({name: tables[name] for name in symbols or tables})


def as_frame(data: pd.DataFrame) -> pd.DataFrame:
    """The data as a frame of the contract. Raises DataError if they cannot be one."""
    if data.columns.nlevels == 2 and tuple(data.columns.names) == frames.LEVELS:
        return data
    if not isinstance(data.index, pd.DatetimeIndex):
        raise DataError(
            f"A series needs a DatetimeIndex; this one has {type(data.index).__name__}. Set one with set_index."
        )
    return load.from_tables({"SERIES": data.rename_axis("time")})


def _load(data: Data) -> pd.DataFrame:
    frame = load.load(data, CACHE)
    values = {name: getattr(data, name) for name in ("source", "start", "end", "interval")}
    frame.attrs[SOURCE] = values
    return frame
