"""Daily prices of Korean shares and indices by their six-character codes, through FinanceDataReader."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from core.data import parquet_cache
from core.data.frame import column_name
from core.data.sources import data_reader, histories
from core.data.sources.histories import DAILY_FRESH_S, DEADLINE_S, Failure, History, Service, finished
from core.data.sources.network import http_status
from core.data.sources.source import Source
from core.data.sources.suggestions import COUNT, Search, Suggestion
from core.errors import SourceError
from core.language import message
from core.spec import Data

CODE = re.compile(r"\d{4}[0-9A-HJ-NP-TV-Z][0-9KLMN]")
INDICES = {"KS11": "KOSPI", "KQ11": "KOSDAQ", "KS200": "KOSPI 200"}
FIRST_YEAR = 2010  # of the indices that the library serves
SEOUL = "Asia/Seoul"
DAY = pd.Timedelta(days=1)
SHARES_URL = "https://fchart.stock.naver.com/sise.nhn?timeframe=day&count=6000&requestType=0&symbol={}"
INDEX_URL = (
    "https://raw.githubusercontent.com/FinanceData/fdr_krx_data_cache/refs/heads/master/data/index/year_{}/{}.csv"
)
SPLITS_ONLY = message("Korean prices are adjusted for splits and not for dividends.")


def fetch(
    symbols: tuple[str, ...],
    start: str | None,
    end: str | None,
    interval: str,
    cache: Path,
    deadline_s: float = DEADLINE_S,
) -> dict[str, History]:
    """Return the daily prices of each code from `start` to `end` inclusive, in won (indices: points).

    Shares go back 6,000 sessions, indices to 2010. Takes at most `deadline_s` seconds for all codes together, and a
    copy under `cache` like Yahoo's prices. Raises SourceError for an unknown code, for an interval other than 1d and
    without the library, DataError if a code has no row between the dates.
    """
    codes = tuple(dict.fromkeys(parse_code(symbol) for symbol in symbols))
    loaded = histories.fetch(KRX, codes, interval, cache, deadline_s)
    return {code: histories.between(code, history, start, end) for code, history in loaded.items()}


def parse_code(text: str) -> str:
    """Return the code that a person typed, in upper case. Raises SourceError if it cannot be one."""
    plain = text.strip().upper()
    if not CODE.fullmatch(plain) and plain not in INDICES:
        raise SourceError(
            message(
                "{text} is no code of the Korean exchange. A share has six digits, such as 005930, and the indices "
                "are {indices}; 005930.KS is how Yahoo spells it.",
                text=repr(text[:30]),
                indices=", ".join(INDICES),
            )
        )
    return plain


def _ask(code: str, interval: str, cache: Path) -> pd.DataFrame:
    """Return all finished sessions: open, high, low, close, volume."""
    table = _index(code.lower()) if code in INDICES else _shares(code)
    prices = table.rename(columns=column_name)[["open", "high", "low", "close", "volume"]].astype(np.float64)
    halted_T = (prices[["open", "high", "low", "volume"]] == 0).all(axis=1)  # the close of the day before is repeated
    prices.loc[halted_T, ["open", "high", "low"]] = np.nan
    return finished(prices, SEOUL, DAY)


def _shares(code: str) -> pd.DataFrame:
    table = data_reader.reader("naver.data").NaverDailyReader(code).read()
    if table.empty:
        if "<chartdata" not in data_reader.check_answer(SHARES_URL.format(code)):
            raise ValueError("a page in place of a chart")
        raise LookupError(code)
    return table


def _index(name: str) -> pd.DataFrame:
    """Return an index, which comes in a file a year; the library leaves out a year that does not arrive."""
    table = data_reader.reader("krx.data").KrxIndexReaderCache(name).read()
    years = set(range(FIRST_YEAR, pd.Timestamp.now(tz=SEOUL).year + 1))
    arrived = set() if table.empty else set(pd.DatetimeIndex(table.index).year)
    for year in sorted(years - arrived):
        _check_year(name, year, arrived)
    return table


def _check_year(name: str, year: int, arrived: set[int]) -> None:
    """Raise what kept the file of a year from arriving; nothing if it lies before or after the years of the index."""
    try:
        data_reader.check_answer(INDEX_URL.format(name, year))
    except OSError as error:
        if http_status(error) != 404:
            raise
        if not arrived or min(arrived) < year < max(arrived):
            raise LookupError(f"{name} {year}") from error
    else:
        raise ConnectionResetError(f"the year {year} did not arrive")


def _explain(code: str, error: Exception) -> Failure:
    return data_reader.explain(KRX.name, code, error, message("Check its digits, or look it up by its Korean name."))


KRX = Service(
    name="KRX",
    noun=message("code"),
    nouns=message("codes"),
    content=message("prices"),
    prefix="krx:",
    fresh_s={"1d": DAILY_FRESH_S},
    ask=_ask,
    explain=_explain,
)


# --- the list of shares ----------------------------------------------------------------------------------------------


def _find(words: str, cache: Path, timeout: float) -> tuple[Suggestion, ...]:
    """Return the shares and indices whose code begins with these words or whose name has them, the largest first."""
    wanted = words.casefold()
    listed = [Suggestion(symbol=code, name=name, exchange="KRX", kind="Index") for code, name in INDICES.items()]
    listed += [
        Suggestion(symbol=code, name=name, exchange=market, kind="")
        for code, name, market in _listing(cache).itertuples(index=False)
    ]
    ranked = [(rank, share) for share in listed if (rank := _rank(share, wanted)) is not None]
    return tuple(share for _, share in sorted(ranked, key=lambda pair: pair[0])[:COUNT])


def _rank(share: Suggestion, wanted: str) -> int | None:
    """Return how well a share matches, 0 best; None if it does not."""
    code, name = share.symbol.casefold(), share.name.casefold()
    matches = (wanted in (code, name), code.startswith(wanted), name.startswith(wanted), wanted in name)
    return next((rank for rank, match in enumerate(matches) if match), None)


def _listing(cache: Path) -> pd.DataFrame:
    """Return code, name and market of all listed shares, the largest first; a young copy is used without asking."""
    path = cache / "krx-listing.parquet"
    copy = parquet_cache.read(path)
    if copy is not None and {"Code", "Name", "Market"} <= {*copy.columns} and parquet_cache.age(path) < DAILY_FRESH_S:
        return copy
    listing = data_reader.reader("krx.listing").KrxMarcapListingCache("KRX").read()
    table = listing[["Code", "Name", "Market"]].dropna().astype(str)
    parquet_cache.write_copy(table, path, message("list"))
    return table


SHARES = Search(service=KRX, ask=_find)


# --- the source ------------------------------------------------------------------------------------------------------


def _load_recipe(data: Data, cache: Path) -> pd.DataFrame:
    frame = histories.to_frame(fetch(data.symbols, data.start, data.end, data.interval, cache))
    frame.attrs["notes"].append(SPLITS_ONLY)
    return frame


def _load_covariate(name: str, data: Data, cache: Path) -> tuple[pd.DataFrame, list[str]]:
    return histories.single(fetch((name,), data.start, data.end, "1d", cache))


SOURCE = Source(
    name="krx",
    title="Korea",
    load=_load_recipe,
    load_covariate=_load_covariate,
    online=True,
    exchange_from_symbol=False,
)
