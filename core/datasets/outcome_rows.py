"""Which rows of a table are rows of its target: others may follow its last value, or lie between two of them."""

import numpy as np
import pandas as pd

from core.types import Flags

LONGEST = 1.5  # usual steps between two outcomes that follow each other; more is a hole in the series


def rows_between(level: pd.Series) -> Flags:
    """Rows without an outcome between two that follow each other: (T,), of a table with data of higher frequency.

    Two outcomes follow each other if they lie no further apart than LONGEST times the usual step of the target. A row
    in a wider gap is a missing outcome, unless half of all rows or more have none.
    """
    observed_T = level.notna().to_numpy()
    row_N = np.flatnonzero(observed_T)
    if len(row_N) < 3:
        return np.zeros(len(level), dtype=bool)
    time_T, row_T = level.index.to_numpy(), np.arange(len(level))
    after_T = np.searchsorted(row_N, row_T)
    inside_T = (after_T > 0) & (after_T < len(row_N)) & ~observed_T
    step_N = np.diff(time_T[row_N])
    if np.median(np.diff(row_N)) >= 2:
        return inside_T
    gap_T = step_N[np.clip(after_T - 1, 0, len(step_N) - 1)]
    return inside_T & (gap_T <= LONGEST * np.median(step_N))


def select(table: pd.DataFrame, level: str) -> pd.DataFrame:
    """The rows up to the last outcome without those between two; an outcome's row has the newest values before it."""
    row_N = np.flatnonzero(table[level].notna())
    observed = table.iloc[: row_N[-1] + 1] if len(row_N) else table
    between_T = rows_between(observed[level])
    if not between_T.any():
        return observed
    upto = observed[level].notna().iloc[::-1].cumsum().iloc[::-1]  # one group up to each outcome
    newest = observed.groupby(upto.to_numpy()).ffill()
    follows_T = np.concatenate([[False], between_T[:-1]]) & observed[level].notna().to_numpy()
    values = np.where(follows_T[:, None], newest, observed)
    return pd.DataFrame(values, observed.index, observed.columns)[~between_T]
