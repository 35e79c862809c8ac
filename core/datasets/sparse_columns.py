"""Columns with so many gaps that a feature made of them would leave few windows complete."""

import numpy as np
import pandas as pd

from core.data.frame import columns, select_symbol, symbols
from core.datasets.outcome_rows import select
from core.features import carry, registry
from core.spec import Spec
from core.types import Flags

LEAST = 0.5  # share of the windows from a column's first value on that are complete, at least


def find(spec: Spec, frame: pd.DataFrame, level: str) -> tuple[str, ...]:
    """The columns, joined ones apart, that leave less than half of the windows of one of the symbols complete.

    A column of lower frequency is carried forward first (core.features.carry); rows before its first value are its
    warm-up.
    """
    kept = {level, *spec.data.known_future}
    names = [name for name in columns(frame) if name not in kept and not registry.is_covariate(name)]
    sparse: set[str] = set()
    for symbol in symbols(frame):
        table = select_symbol(frame, symbol)
        gaps = [name for name in names if name not in sparse and table[name].isna().any()]
        rows = select(table, level) if gaps else table
        sparse |= {name for name in gaps if _complete_share(rows[[name]], spec.window.lookback) < LEAST}
    return tuple(name for name in names if name in sparse)


def dense_columns(spec: Spec, frame: pd.DataFrame, level: str) -> tuple[str, ...]:
    """All other columns of a frame, in its order."""
    sparse = find(spec, frame, level)
    return tuple(name for name in columns(frame) if name not in sparse)


def _complete_share(column: pd.DataFrame, lookback: int) -> float:
    """The share of complete windows from the first value on; 1 where there is no window at all."""
    filled_T = carry.source_rows(column, column.iloc[:, 0].notna().to_numpy()) >= 0
    filled_T = filled_T[np.argmax(filled_T) :] if filled_T.any() else filled_T
    complete_N = _complete_windows(filled_T, lookback)
    return float(complete_N.mean()) if len(complete_N) else 1.0


def _complete_windows(filled_T: Flags, lookback: int) -> Flags:
    gaps = np.concatenate([[0], np.cumsum(~filled_T)])
    return gaps[lookback:] == gaps[: max(0, len(gaps) - lookback)]
