"""Seconds for 20 indicators on 5,000 rows and for their causality check, warm: python -m benchmarks.features"""

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
    usual = defaults("volatility", tuple(table.columns), "close")
    print(f"{'':44}{'first':>8}{'median':>8}{'goal':>7}")
    report(f"{len(INDICATORS)} indicators, {ROWS:,} rows", lambda: features(table, INDICATORS), 0.2)
    report(f"causality check of {len(INDICATORS)} indicators", lambda: check(table, INDICATORS), 1.0)
    report(f"causality check of the {len(usual)} defaults", lambda: check(table, usual), 1.0)


def features(table: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    return compute(table, names, "close", NO_FUTURE)


def check(table: pd.DataFrame, names: tuple[str, ...]) -> None:
    lookahead.guard(lambda part: features(part, names), table)


def report(what: str, work: Callable[[], object], goal: float) -> None:
    first, *others = (seconds(work) for _ in range(REPEATS + 1))
    print(f"{what:44}{first:7.2f}s{statistics.median(others):7.2f}s{goal:6.1f}s")


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
