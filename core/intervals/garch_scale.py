"""The standard deviation of labels by GARCH: the returns of the level are filtered, their variances summed.

Axis letters: T rows of a symbol, N cutoffs, H steps, K steps ahead.
"""

from dataclasses import dataclass

import numpy as np

from core.baselines import garch
from core.datasets.targets import TargetKind
from core.errors import DataError
from core.language import join, message
from core.threads import one_thread
from core.types import Floats, Ints, Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class GarchScale:
    """Standard deviation of each label of one symbol, as a log or a return; degrees of freedom and mean of a return."""

    scale_NH: Floats
    dof: float
    mean: float


@one_thread()
def compute(rows: Rows, kind: TargetKind, symbol: int, row_N: Ints, fit_before: int) -> GarchScale:
    """GJR-GARCH-t fitted on the symbol's returns before row `fit_before`, filtered up to the cutoff rows `row_N`.

    Raises DataError if it cannot be fitted.
    """
    start, return_T = returns(rows, kind, symbol)
    process = garch.fit(return_T, np.arange(fit_before - start))
    variance_NK = garch.variances(process, return_T, rows.steps[-1])[row_N - start]
    if kind.averaged:
        horizon = rows.steps[-1]  # of the mean of h logs: return j is in h − j + 1 of them
        weight_K = ((horizon - np.arange(horizon)) / horizon) ** 2
        return GarchScale(scale_NH=np.sqrt(variance_NK @ weight_K)[:, None], dof=process.dof, mean=process.mean)
    sum_NK = np.cumsum(variance_NK, axis=1)
    return GarchScale(scale_NH=np.sqrt(sum_NK[:, np.asarray(rows.steps) - 1]), dof=process.dof, mean=process.mean)


def returns(rows: Rows, kind: TargetKind, symbol: int) -> tuple[int, Floats]:
    """The first row of a symbol and its log returns, the first one NaN. Raises DataError for levels without a log."""
    row_T = np.flatnonzero(rows.symbol_T == symbol)
    level_T = rows.level_T[row_T]
    if not kind.in_logs:
        if (level_T <= 0).any():
            raise DataError(
                join(
                    [
                        message(
                            "GARCH intervals need log returns, and {count} levels of {symbol} are zero or below.",
                            count=(level_T <= 0).sum(),
                            symbol=rows.symbols[symbol],
                        ),
                        message("Set bands.method to auto."),
                    ]
                )
            )
        level_T = np.log(level_T)
    return int(row_T[0]), np.diff(level_T, prepend=np.nan)


def first_row(rows: Rows, symbol: int) -> int:
    """The first row of a symbol."""
    return int(np.argmax(rows.symbol_T == symbol))
