"""Whether a difference in errors could be luck."""

import math

import numpy as np

from core.records import Floats


def diebold_mariano(loss_a_N: Floats, loss_b_N: Floats, horizon: int) -> float:
    """Two-sided p-value that two forecasts, with these losses at consecutive cutoffs, are equally good.

    Newey–West variance and the small-sample correction of Harvey, Leybourne & Newbold (1997) over the test of Diebold &
    Mariano (1995). Returns 1 where the losses do not differ or there are too few of them.
    """
    from statsmodels.tsa.stattools import diebold_mariano_test

    differ = loss_a_N - loss_b_N
    if len(differ) < max(5, 2 * horizon) or np.ptp(differ) <= 1e-12 * max(1e-300, float(np.abs(differ).max())):
        return 1.0
    # Labels overlap, so losses are correlated for long: with horizon − 1 lags the test rejects too often.
    lags = min(max(2 * horizon, math.ceil(len(differ) ** (1 / 3))), len(differ) - 2)
    result = diebold_mariano_test(np.zeros(len(differ)), loss_a_N, loss_b_N, criterion=lambda _, loss: loss,
                                  harvey_adj=True, horizon=horizon, lags=lags)
    return float(result.pvalue) if np.isfinite(result.pvalue) else 1.0
