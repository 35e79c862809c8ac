"""The newest data of saved runs: each source is asked once, and one that fails says so for its runs alone."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.data import frame as frames
from core.data import load
from core.data.sources.registry import SOURCES
from core.errors import CoreError, DataError, words
from core.language import message
from core.pipeline import align_symbols
from core.spec import Data

AT_ONCE = 8  # sources on the network that are asked at the same time
COMPARED = 250  # rows by which a file is recognised as the continuation of a series
SAME = 0.95  # share of them whose values agree, at least: a few may have been revised


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest frame of each place that data come from, or why there is none."""

    frames: dict[Data, pd.DataFrame]
    failed: dict[Data, str]


def place(data: Data) -> Data:
    """Where data come from, up to now: runs that share it share their newest data."""
    return replace(data, end=None)


def load_all(places: Iterable[Data], cache: Path) -> Newest:
    """The newest data of every place but files, which nobody can ask for newer rows."""
    sources = [data for data in dict.fromkeys(places) if data.source != "file"]
    online = [data for data in sources if SOURCES[data.source].online]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = dict(zip(online, threads.map(lambda data: _load(data, cache), online), strict=True))
    answers |= {data: _load(data, cache) for data in sources if data not in answers}
    return Newest(
        frames={data: answer for data, answer in answers.items() if isinstance(answer, pd.DataFrame)},
        failed={data: answer for data, answer in answers.items() if isinstance(answer, str)},
    )


def continues(old: pd.DataFrame, given: pd.DataFrame, column: str) -> bool:
    """Whether a frame that a person brings has the series of `old` and goes on with it: most of the latest rows of the
    target's column are in it, with the same values."""
    try:
        newer = align_symbols(old, given)
    except DataError:
        return False
    for symbol in frames.symbols(old):
        if (symbol, column) not in newer or (symbol, column) not in old:
            return False
        before = old[symbol, column].dropna().tail(COMPARED)
        after = newer[symbol, column].reindex(before.index)
        if np.isclose(after, before, rtol=1e-6, atol=1e-12).mean() < SAME:
            return False
    return True


def from_given(old: pd.DataFrame, given: pd.DataFrame, data: Data, cache: Path) -> pd.DataFrame:
    """The frame of a run in newer data that a person brings, with the series that the run joined. Raises DataError and
    SourceError."""
    clipped = frames.clip(align_symbols(old, given), data.start, None)
    return load.join_covariates(clipped, place(data), cache)


def describe(data: Data) -> str:
    """A place in words, a message: AAPL, MSFT (yahoo)."""
    return message("{symbols} ({source})", symbols=", ".join(data.symbols), source=message(SOURCES[data.source].title))


def _load(data: Data, cache: Path) -> pd.DataFrame | str:
    """The newest frame, or why it cannot be loaded."""
    try:
        return load.load(data, cache)
    except CoreError as error:
        return words(error)
    except Exception as error:  # whatever a library of a source raises: the other sources are still good
        return words(error) or type(error).__name__
