"""From the data of a recipe, or from tables that a person brings, to a frame with its past covariates."""

from pathlib import Path

import pandas as pd

from core.data import covariates
from core.data.covariates import Covariate
from core.data.frame import build, clip, select_symbol, symbols
from core.data.news import feed, headlines, sentiment
from core.data.sources import uploads
from core.data.sources.registry import SOURCES
from core.errors import DataError, words
from core.language import message
from core.spec import Data


def load(data: Data, cache: Path) -> pd.DataFrame:
    """Return the frame of a recipe's data with its covariates, from `data.start` to `data.end`; symbols in upper case.

    Downloaded and uploaded series are stored under `cache`. `frame.attrs["notes"]` holds sentences for the user on how
    the data came about. Raises DataError for a recipe whose data is a file, since its content has to be given, and
    SourceError if a series cannot be loaded.
    """
    return join_covariates(_clip(SOURCES[data.source].load(data, cache), data), data, cache)


def from_tables(tables: dict[str, pd.DataFrame], data: Data | None = None) -> pd.DataFrame:
    """Return the frame of plain tables, one per symbol, clipped to the dates of `data` if given. Raises DataError."""
    return _clip(build(tables), data)


def from_upload(digest: str, data: Data, cache: Path) -> pd.DataFrame:
    """Return the frame of an upload stored under `cache`, with its covariates. Raises DataError and SourceError."""
    return join_covariates(_clip(uploads.load(digest, cache / "uploads"), data), data, cache)


def join_covariates(frame: pd.DataFrame, data: Data, cache: Path) -> pd.DataFrame:
    """Return `frame` with the series of `data.join`, each as of when it was known. Raises DataError and SourceError."""
    if not data.join:
        return frame
    notes = list(frame.attrs.get("notes", []))
    entries = tuple(map(covariates.parse, data.join))

    def fetch(entry: Covariate) -> pd.DataFrame:
        table, sentences = _load_covariate(entry, data, cache)
        notes.extend(sentences)
        return table

    joined, sentences = covariates.join(
        frame, tuple(entry for entry in entries if entry.source != covariates.NEWS), fetch
    )
    for entry in entries:
        if entry.source == covariates.NEWS:
            joined = _join_news(joined, entry.name, data, cache, notes)
    joined.attrs["notes"] = list(dict.fromkeys([*notes, *sentences]))
    return joined


def _clip(frame: pd.DataFrame, data: Data | None) -> pd.DataFrame:
    notes = list(frame.attrs.get("notes", []))
    clipped = frame if data is None else clip(frame, data.start, data.end)
    clipped.attrs["notes"] = notes
    return clipped


def _load_covariate(entry: Covariate, data: Data, cache: Path) -> tuple[pd.DataFrame, list[str]]:
    """Return the plain table of one covariate, and sentences about it."""
    load_covariate = SOURCES[entry.source].load_covariate
    if load_covariate is None:
        raise DataError(
            message(
                "Series of the source {source} cannot be joined. Leave {name} out.",
                source=repr(entry.source),
                name=entry.name,
            )
        )
    try:
        return load_covariate(entry.name, data, cache)
    except DataError as error:
        raise DataError(
            message(
                "The joined series {name} cannot be loaded: {error} Or leave the series out.",
                name=entry.column or entry.name,
                error=words(error),
            )
        ) from error


def _join_news(frame: pd.DataFrame, name: str, data: Data, cache: Path, notes: list[str]) -> pd.DataFrame:
    """Return the frame with news.mean, news.count and news.dispersion, from uploaded headlines or a ticker's feed."""
    is_upload = uploads.DIGEST.fullmatch(name)
    news = headlines.load(name, cache / "uploads") if is_upload else feed.fetch(name, cache)
    notes += news.notes
    tables = {}
    for symbol in symbols(frame):
        table = select_symbol(frame, symbol)
        if "news.mean" in table.columns:
            raise DataError(message("News is joined twice. Leave one of the two out."))
        zone, close = _exchange_hours(symbol, data, news)
        scores = sentiment.aggregate_by_session(news, pd.DatetimeIndex(table.index), close, zone)
        notes += scores.notes
        tables[symbol] = table.join(scores.table.add_prefix("news."))
    return build(tables)


def _exchange_hours(symbol: str, data: Data, news: headlines.Headlines) -> tuple[str | None, str]:
    """Return the time zone and the closing time of a symbol's exchange.

    The exchange of a file is unknown. Its close is then taken to be so early that none closes before it, whether the
    headlines are in UTC (New Zealand) or on the wall clock of the exchange (Taipei).
    """
    if SOURCES[data.source].exchange_from_symbol:
        return sentiment.exchange_hours(symbol)
    return None, "13:30" if news.table["time"].dt.tz is None else "03:30"
