"""The one door to data: what `spec.data` names, or tables that a person brought, as a frame that keeps the contract."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from core.data import join
from core.data.frame import build, clip, of_symbol, symbols
from core.data.news import feed, headlines, sentiment
from core.data.sources import files, samples, uploads, yahoo
from core.errors import DataError
from core.spec import Data


def load(data: Data, cache: Path) -> pd.DataFrame:
    """The frame of a recipe's data with its joined series, from `data.start` to `data.end`; fetched and uploaded
    series are kept under `cache`.

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
        raise DataError(
            "The recipe takes its data from a file, and no file was given. Upload it again, or name it with --data."
        )
    return beside(_clipped(build(tables), data, notes), data, cache)


def from_tables(tables: dict[str, pd.DataFrame], data: Data | None = None) -> pd.DataFrame:
    """The frame of plain tables, one per symbol, clipped to the dates of `data` where it is given. Raises DataError."""
    return _clipped(build(tables), data, [])


def from_csv(content: bytes, name: str, symbol: str, data: Data | None = None) -> pd.DataFrame:
    """The frame of one uploaded CSV under the name `symbol`, clipped likewise. Raises DataError."""
    return from_tables({symbol: files.read_csv(content, name)}, data)


def from_upload(digest: str, data: Data, cache: Path) -> pd.DataFrame:
    """The frame of an uploaded series that was kept under `cache`, with its joined series. Raises DataError."""
    kept = uploads.read(digest, cache / "uploads")
    return beside(_clipped(kept, data, []), data, cache)


def beside(frame: pd.DataFrame, data: Data, cache: Path) -> pd.DataFrame:
    """`frame` with the series of `data.join`, each as of when it was known. Raises DataError and SourceError."""
    if not data.join:
        return frame
    notes = list(frame.attrs.get("notes", []))
    entries = tuple(join.parse(text) for text in data.join)
    series = tuple(entry for entry in entries if entry.source != join.NEWS)
    made = join.join(frame, series, partial(_joined_table, data=data, cache=cache, notes=notes))
    whole = made.frame
    for entry in entries:
        if entry.source == join.NEWS:
            whole = _with_news(whole, entry.name, data, cache, notes)
    whole.attrs["notes"] = list(dict.fromkeys([*notes, *made.notes]))
    return whole


def _with_news(frame: pd.DataFrame, name: str, data: Data, cache: Path, notes: list[str]) -> pd.DataFrame:
    """The frame with news.mean, news.count and news.dispersion of an upload's headlines, or of a ticker's feed."""
    upload = uploads.NAME.fullmatch(name)
    found = headlines.kept(name, cache / "uploads") if upload else feed.fetch(name, cache)
    notes += found.notes
    tables = {}
    for symbol in symbols(frame):
        table = of_symbol(frame, symbol)
        if "news.mean" in table.columns:
            raise DataError("News are joined twice. Leave one of them out.")
        zone, close = _hours(symbol, data, found)
        scored = sentiment.daily(found, pd.DatetimeIndex(table.index), close, zone)
        notes += scored.notes
        tables[symbol] = table.join(scored.table.add_prefix("news."))
    return build(tables)


def _hours(symbol: str, data: Data, found: headlines.Headlines) -> tuple[str | None, str]:
    """Zone and close of the exchange of a symbol. A file does not name its own: the close is then so early that none
    closes before it, whether the headlines are in UTC (New Zealand) or in the wall clock of the exchange (Taipei)."""
    if data.source != "file":
        return sentiment.hours(symbol)
    return None, "13:30" if found.table["time"].dt.tz is None else "03:30"


def _joined_table(entry: join.Join, data: Data, cache: Path, notes: list[str]) -> pd.DataFrame:
    """The plain table of one joined series; what is to be said of it goes into `notes`."""
    fetch: dict[str, Callable[[], pd.DataFrame]] = {
        "sample": lambda: samples.load(entry.name),
        "yahoo": lambda: _from_yahoo(entry.name, data, cache, notes),
        "file": lambda: _first(uploads.read(entry.name, cache / "uploads")),
    }
    try:
        return fetch[entry.source]()
    except DataError as error:
        raise DataError(
            f"The joined series {entry.column or entry.name} cannot be had: {error} Or leave it out."
        ) from error


def _from_yahoo(name: str, data: Data, cache: Path, notes: list[str]) -> pd.DataFrame:
    # Daily whatever the interval: weekly bars are dated by their first day and would be known too soon.
    fetched = yahoo.fetch((name,), data.start, data.end, "1d", cache)
    one = next(iter(fetched.values()))
    if one.note:
        notes.append(one.note)
    return one.table


def _first(frame: pd.DataFrame) -> pd.DataFrame:
    return of_symbol(frame, symbols(frame)[0])


def _clipped(frame: pd.DataFrame, data: Data | None, notes: list[str]) -> pd.DataFrame:
    cut = frame if data is None else clip(frame, data.start, data.end)
    cut.attrs["notes"] = notes
    return cut
