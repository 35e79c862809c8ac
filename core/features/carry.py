"""Columns of lower frequency than their table: which earlier row's values still hold at each row.

Axis letters: T rows of a table, N rows with values.
"""

import numpy as np
import pandas as pd

from core.types import Flags, Ints

CARRY_STEPS = 3  # a value holds for three steps of its own column, as a joined series does
MIN_STEP = 2  # rows from one value to the next, at least, of a column of lower frequency


def source_rows(inputs: pd.DataFrame, complete_T: Flags) -> Ints:
    """Return the row whose values count at each row of `inputs` (T, columns): (T,) itself if complete, −1 for none.

    A row without values takes those of the last row that has some, if values usually come every second row or less
    often, for up to CARRY_STEPS times as many rows as usually lie between two. What is usual is the median so far, so
    that no row depends on later ones. A value that never changes (1 on the days of a promotion, empty on all others) is
    not carried forward: its gaps mean something else.
    """
    row_T = np.arange(len(complete_T))
    source_T = np.where(complete_T, row_T, -1)
    row_N = np.flatnonzero(complete_T)
    step_N = np.diff(row_N, prepend=row_N[:1])
    if (step_N[1:] < MIN_STEP).all():
        return source_T
    usual_N = pd.Series(step_N, dtype=float).iloc[1:].expanding().median().reindex(range(len(row_N))).to_numpy()
    value_NC = inputs.to_numpy()[row_N]
    varied_N = np.logical_or.accumulate((value_NC != value_NC[0]).any(axis=1))
    limit_N = np.where((usual_N >= MIN_STEP) & varied_N, CARRY_STEPS * usual_N, 0)
    limit_T = np.zeros(len(row_T))
    limit_T[row_N] = limit_N
    last_T = np.maximum.accumulate(source_T)
    holds_T = (last_T >= 0) & (row_T - last_T <= limit_T[last_T])
    return np.where(holds_T, last_T, source_T)
