"""How many independent experiments the experiments of a task are worth: those that trade alike count for less.

Axis letters: T sessions, K experiments.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.evaluation.experiments.record import Experiment
from core.evaluation.trading import sharpe
from core.threads import one_thread
from core.types import Floats

LEAST = 30  # sessions that two experiments share: with fewer, they count as independent


@one_thread()
def count_independent(experiments: Sequence[Experiment]) -> float:
    """The effective number of the experiments that could be traded on, 1 … K; 0 if there is none.

    The best of K Sharpe ratios lies above their mean by what they differ, so what all returns share is taken out of
    their correlations first; the rest has (Σλ)² / Σλ² dimensions, λ being its eigenvalues (Bretherton et al. 1999, eq.
    5), and the mean one more. Σλ², the sum of squared correlations, is less what sampling adds to each. K experiments
    that trade equally are worth 1, G groups of those are worth G, and K that differ in the same way from what they
    share, as independent ones do, are worth K.
    """
    returns = [_by_cutoff(one) for one in experiments if np.isfinite(sharpe.sharpe_ratio(one.return_T))]
    if len(returns) < 2:
        return float(len(returns))
    correlation_KK, shared_KK = _correlate(pd.concat(returns, axis=1).to_numpy())
    centred_KK = correlation_KK - correlation_KK.mean(axis=0)
    centred_KK -= centred_KK.mean(axis=1)[:, None]
    noise_KK = (1 - correlation_KK**2) ** 2 / np.maximum(shared_KK, LEAST)
    total, squares = float(np.trace(centred_KK)), float((centred_KK**2 - noise_KK).sum())
    most = len(returns) - 1
    return 1 + total**2 / max(squares, total**2 / most) if total > 1e-9 * most else 1.0


def _correlate(return_TK: Floats) -> tuple[Floats, Floats]:
    """Correlations over the sessions that each pair shares, 0 if those are few, and their number: (K, K) each."""
    present_TK = np.isfinite(return_TK).astype(float)
    value_TK = np.nan_to_num((return_TK - np.nanmean(return_TK, axis=0)) / np.nanstd(return_TK, axis=0))
    shared_KK = present_TK.T @ present_TK
    count_KK = np.maximum(shared_KK, 1)
    mean_KK = value_TK.T @ present_TK / count_KK  # of the one in the sessions of the other
    variance_KK = (value_TK**2).T @ present_TK / count_KK - mean_KK**2
    spread_KK = np.sqrt(np.maximum(variance_KK * variance_KK.T, 1e-24))
    correlation_KK = (value_TK.T @ value_TK / count_KK - mean_KK * mean_KK.T) / spread_KK
    correlation_KK = np.where(shared_KK < LEAST, 0.0, correlation_KK.clip(-1, 1))
    np.fill_diagonal(correlation_KK, 1.0)
    return correlation_KK, shared_KK


def _by_cutoff(experiment: Experiment) -> pd.Series:
    """The return of the session after each cutoff; the last return belongs to the last cutoff."""
    cutoff_T = np.unique(experiment.cutoff_N)
    count = min(len(cutoff_T), len(experiment.return_T))
    return pd.Series(experiment.return_T[-count:], index=cutoff_T[-count:])
