"""Jumps of a series far beyond its usual moves: outliers, and those of the close that look like an unadjusted split."""

import numpy as np
import pandas as pd

from core.data.calendars import typical_step
from core.data.missing_rows import GAP_STEPS
from core.data.wording import format_time, plural
from core.language import message
from core.types import Floats

SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50)  # shares made out of one; a reverse split is the inverse
SPLIT_TOLERANCE = 0.04  # relative distance from the ratio of a split: the price also moves on that day
OUTLIER_DEVIATIONS = 8.0  # robust standard deviations beyond which a change is an outlier
NOTHING = "", pd.Index([])


def find_splits(table: pd.DataFrame, symbol: str) -> tuple[str, pd.Index]:
    """A sentence on overnight jumps of the close by nearly the ratio of a split, far beyond its usual moves, and their
    times; empty if there are none."""
    if "close" not in table or (table["close"].dropna() <= 0).any() or table["close"].count() < 20:
        return NOTHING
    close = table["close"].dropna()
    jump_T = np.log(close).diff().to_numpy()[1:]
    ratio_K = np.log(np.concatenate([SPLITS, 1 / np.array(SPLITS)]))
    near_TK = np.abs(-jump_T[:, None] - ratio_K) < SPLIT_TOLERANCE
    at = np.flatnonzero(near_TK.any(axis=1) & (np.abs(_deviations(jump_T)) > OUTLIER_DEVIATIONS))
    if not len(at):
        return NOTHING
    ratio = float(np.exp(ratio_K[near_TK[at[0]].argmax()]))
    new, old = (f"{ratio:.0f}", "1") if ratio > 1 else ("1", f"{1 / ratio:.0f}")
    volume = _volume_hint(table, close.index[at[0] + 1], ratio)
    text = message(
        "{symbol} close jumps like an unadjusted split on {days}, first about {shares} on {time}{volume}.",
        symbol=symbol,
        days=plural(len(at), "day"),
        shares=message("{new} to {old}", new=new, old=old),
        time=format_time(close.index[at[0] + 1]),
        volume=volume,
    )
    return text, close.index[at + 1]


def _volume_hint(table: pd.DataFrame, day: pd.Timestamp, ratio: float) -> str:
    """Say whether the volume changes by the ratio of the split too and stays there, as it would at a real split."""
    if "volume" not in table:
        return ""
    before, after = table["volume"][:day].iloc[:-1].tail(10).median(), table["volume"][day:].head(10).median()
    if not before > 0 or not after > 0:
        return ""
    alike = abs(np.log(after / before) - np.log(ratio)) < abs(np.log(ratio)) / 2
    return (
        message(", and the volume changes with it") if alike else message(", though the volume does not change with it")
    )


def find_outliers(values: pd.Series, title: str) -> tuple[str, pd.Index]:
    """A sentence on changes of more than 8 robust standard deviations, and their times; empty if there are none.

    They are changes of logs if all values are positive, else of the values; those across a gap do not count, since a
    long time may have passed.
    """
    if len(values) < 20:
        return NOTHING
    index = pd.DatetimeIndex(values.index)
    logs = bool((values > 0).all())
    row_K = 1 + np.flatnonzero(index[1:] - index[:-1] <= GAP_STEPS * typical_step(index))
    change_K = (np.log(values) if logs else values).diff().to_numpy()[row_K]
    odd = np.flatnonzero(np.abs(_deviations(change_K)) > OUTLIER_DEVIATIONS)
    if not len(odd):
        return NOTHING
    at, worst = row_K[odd], row_K[odd[np.argmax(np.abs(change_K[odd]))]]
    text = message(
        "{title} jumps by more than {deviations} robust standard deviations in {rows}; the largest jump "
        "is from {before} to {after} on {time}.",
        title=title,
        deviations=f"{OUTLIER_DEVIATIONS:g}",
        rows=plural(len(at), "row"),
        before=f"{values.iloc[worst - 1]:.5g}",
        after=f"{values.iloc[worst]:.5g}",
        time=format_time(index[worst]),
    )
    return text, index[at]


def _deviations(change_T: Floats) -> Floats:
    """Return distances from the median in robust standard deviations (1.4826 · median absolute deviation)."""
    distance_T = change_T - np.median(change_T)
    spread = 1.4826 * float(np.median(np.abs(distance_T)))
    return distance_T / spread if spread > 0 else np.zeros_like(distance_T)  # most rows do not change: no scale
