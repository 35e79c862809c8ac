"""Economic series of FRED, the database of the Federal Reserve Bank of St. Louis, through FinanceDataReader."""

import re
from pathlib import Path

import pandas as pd

from core.data.sources import data_reader, histories
from core.data.sources.histories import DAILY_FRESH_S, DEADLINE_S, Failure, History, Service, finished
from core.data.sources.source import Source
from core.errors import SourceError
from core.language import message
from core.spec import Data

CODE = re.compile(r"[A-Z0-9_]{1,30}")
FIRST_DAY = "1776-07-04"  # FRED's own first day: a series begins where it has values
URL = "https://fred.stlouisfed.org/graph/fredgraph.csv?id={}&cosd=" + FIRST_DAY
REVISED = message("FRED serves the values as they are revised today, and not as they were first published.")
# Its best known series, for lists: name → title and days from the date of a value to the day on which it is published.
WELL_KNOWN = {
    "DGS10": ("10-year US yield", 1),
    "T10Y2Y": ("10-year less 2-year US yield", 1),
    "DFF": ("US federal funds rate", 1),
    "DEXKOUS": ("Korean won per US dollar", 8),
    "UNRATE": ("US unemployment", 45),
    "CPIAUCSL": ("US consumer prices", 50),
}
REPEATED = message("A day without a value repeats the one before.")


def fetch(
    symbols: tuple[str, ...],
    start: str | None,
    end: str | None,
    interval: str,
    cache: Path,
    deadline_s: float = DEADLINE_S,
) -> dict[str, History]:
    """Return each series from `start` to `end` inclusive, as (T, value), each value at the first day of its period.

    Takes at most `deadline_s` seconds for all series together, and a copy under `cache` like Yahoo's prices. Raises
    SourceError for an unknown series, for an interval other than 1d and without the library, DataError if a series has
    no row between the dates.
    """
    codes = tuple(dict.fromkeys(parse_code(symbol) for symbol in symbols))
    loaded = histories.fetch(FRED, codes, interval, cache, deadline_s)
    return {code: histories.between(code, history, start, end) for code, history in loaded.items()}


def parse_code(text: str) -> str:
    """Return the name of a series that a person typed, in upper case. Raises SourceError if it cannot be one."""
    plain = text.strip().upper()
    if not CODE.fullmatch(plain):
        raise SourceError(
            message(
                "{text} is no series of FRED. A series has up to 30 letters, digits and _, such as DGS10 or UNRATE.",
                text=repr(text[:30]),
            )
        )
    return plain


def _ask(code: str, interval: str, cache: Path) -> pd.DataFrame:
    table = data_reader.reader("fred.data").FredReader(code, FIRST_DAY).read()
    if table is None:
        if "fred" not in data_reader.check_answer(URL.format(code)).lower():
            raise ValueError("a page in place of a series")
        raise LookupError(code)
    # A period that is not over has no value yet, so that the day on which a value is dated has always begun.
    values = table.iloc[:, :1].set_axis(["value"], axis=1).apply(pd.to_numeric, errors="coerce").dropna()
    return finished(values, "America/Chicago", pd.Timedelta(0))


def _explain(code: str, error: Exception) -> Failure:
    return data_reader.explain(FRED.name, code, error, message("Look its name up on fred.stlouisfed.org."))


FRED = Service(
    name="FRED",
    noun=message("series"),
    nouns=message("series"),
    content=message("values"),
    prefix="fred:",
    fresh_s={"1d": DAILY_FRESH_S},
    ask=_ask,
    explain=_explain,
)


def _load_recipe(data: Data, cache: Path) -> pd.DataFrame:
    frame = histories.to_frame(fetch(data.symbols, data.start, data.end, data.interval, cache))
    frame.attrs["notes"] += [REVISED, REPEATED]
    return frame


def _load_covariate(name: str, data: Data, cache: Path) -> tuple[pd.DataFrame, list[str]]:
    # The values before `data.start` count as well: the last of them is still known on the first day.
    table, notes = histories.single(fetch((name,), None, data.end, "1d", cache))
    return table, [*notes, REVISED]


SOURCE = Source(
    name="fred",
    title="FRED",
    load=_load_recipe,
    load_covariate=_load_covariate,
    online=True,
    exchange_from_symbol=False,
)
