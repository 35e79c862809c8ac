"""Files of bars without a header, as exchanges and trading programs write them: their columns under their names."""

import numpy as np
import pandas as pd

from core.data.parsing import clocks, dates
from core.data.parsing.sampling import sample_rows
from core.language import message

SAMPLE_ROWS = 1000
PRICES = ["open", "high", "low", "close"]
NAMED = message("Without a header, the columns were taken for bars: time, open, high, low, close.")


def name(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return a table without a header under the names of bars, and a sentence on it; any other as it is.

    Bars are a ticker or none, a time (since 1970, or a date, with a clock time behind it or none), and four numbers of
    which the second is the highest and the third the lowest in each row; a volume may follow.
    """
    names = [f"column_{position + 1}" for position in range(len(table.columns))]
    if list(table.columns) != names or len(names) < 5:
        return table, ""
    sample = sample_rows(table, SAMPLE_ROWS)
    time = next((at for at in (0, 1) if _is_time(sample[names[at]])), None)
    if time is None:
        return table, ""
    first = time + 1
    leading = ["ticker", "time"] if time else ["time"]
    if clocks.clock_texts(sample[names[first]], "time") is not None:
        leading, first = [*leading[:-1], "date", "time"], first + 1
    if not _are_prices(sample[names[first : first + 4]]):
        return table, ""
    last = first + 4
    rest = names[last:]
    is_end = len(rest) > 1 and dates.is_epoch(sample[rest[1]])
    known = ["volume", *(["close_time"] if is_end else [])][: len(rest)]
    return table.set_axis([*leading, *PRICES, *known, *rest[len(known) :]], axis=1), NAMED


def _is_time(column: pd.Series) -> bool:
    return dates.is_epoch(column) or dates.is_day_number(column) or dates.is_column(column)


def _are_prices(cells: pd.DataFrame) -> bool:
    bars = cells.apply(pd.to_numeric, errors="coerce")
    if len(bars.columns) < 4 or bars.isna().any().any():
        return False
    first, high, low, last = (bars[name] for name in bars)
    ordered = (low <= first) & (first <= high) & (low <= last) & (last <= high)
    return bool(ordered.all() and np.ptp(bars.to_numpy()) > 0)
