"""Time of 20 indicators on 5,000 rows and of their look-ahead check: python -m benchmarks.features"""

import statistics
import time
from collections.abc import Callable

import pandas as pd

from core.features import compute, defaults, lookahead
from core.features.ta_indicators import random_walk_bars

ROWS, REPEATS = 5000, 5
INDICATORS = (
    "rsi:14",
    "macd_hist",
    "bb_percent:20",
    "bb_width:20",
    "atr_ratio:14",
    "roc:10",
    "stoch_k:14",
    "williams:14",
    "cci:20",
    "adx:14",
    "mfi:14",
    "obv_change:20",
    "tsi",
    "fisher:9",
    "aroon:25",
    "vortex:14",
    "psar_distance",
    "ema_ratio:20",
    "money_flow:20",
    "ulcer:14",
)
NO_FUTURE = pd.DatetimeIndex([])


def main() -> None:
    """Measure and print, with the goals."""
    table = random_walk_bars(ROWS)
    default_names = defaults("ranges", tuple(table.columns), "close")
    print(f"{'':44}{'first':>8}{'median':>8}{'goal':>7}")
    report(f"{len(INDICATORS)} indicators, {ROWS:,} rows", lambda: features(table, INDICATORS), 0.2)
    report(f"look-ahead check of {len(INDICATORS)} indicators", lambda: check(table, INDICATORS), 1.0)
    report(f"look-ahead check of the {len(default_names)} defaults", lambda: check(table, default_names), 1.0)


def features(table: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """The features of the series, one column each."""
    return compute(table, names, "close", NO_FUTURE)


def check(table: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Recompute the features on prefixes of the series; raises when one of them looks ahead."""
    lookahead.guard(lambda prefix: features(prefix, names), table)


def report(title: str, work: Callable[[], object], goal: float) -> None:
    """Print the seconds of the first call, the median of the warm ones, and the goal."""
    first, *warm = (seconds(work) for _ in range(REPEATS + 1))
    print(f"{title:44}{first:7.2f}s{statistics.median(warm):7.2f}s{goal:6.1f}s")


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
