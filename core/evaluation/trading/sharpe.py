"""The Sharpe ratio of one session, and how far to believe it: probabilistic, deflated, with a bootstrap interval.

Axis letters: N sessions, R resamples.
"""

import math
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from core.types import Floats, Ints

EULER_GAMMA = 0.5772156649015329
RESAMPLES = 2000
AT_ONCE = 2_000_000  # resampled returns held in memory at one time


def sharpe(return_N: Floats) -> float:
    """Mean over standard deviation of the returns, per session (Sharpe 1994); times √(sessions a year) it is annual.

    NaN where fewer than two returns are given, or where they do not vary.
    """
    if len(return_N) < 2 or np.ptp(return_N) <= 1e-12 * float(np.abs(return_N).max()):
        return math.nan
    return float(np.mean(return_N) / np.std(return_N, ddof=1))


def probabilistic(return_N: Floats, benchmark: float = 0.0) -> float:
    """Probability that the true Sharpe ratio exceeds `benchmark`, both per session (Bailey & López de Prado 2012).

    NaN where the returns have no Sharpe ratio.
    """
    found = sharpe(return_N)
    if math.isnan(found):
        return math.nan
    standard_N = (return_N - np.mean(return_N)) / np.std(return_N)
    return confidence(found, len(return_N), float(np.mean(standard_N**3)), float(np.mean(standard_N**4)), benchmark)


def deflated(return_N: Floats, tries: int, variance: float) -> float:
    """Probability that the true Sharpe ratio exceeds the best that `tries` tries without skill are expected to show.

    `variance` is that of the Sharpe ratio per session over the tries (Bailey & López de Prado 2014, eq. 9). With one
    try it is the probabilistic Sharpe ratio against 0. NaN where the returns have no Sharpe ratio.
    """
    return probabilistic(return_N, expected_maximum(tries, variance))


def expected_maximum(tries: int, variance: float) -> float:
    """Expected best Sharpe ratio per session of `tries` tries without skill (Bailey & López de Prado 2014, eq. 7)."""
    if tries < 2:
        return 0.0
    quantile = NormalDist().inv_cdf
    of_unit = (1 - EULER_GAMMA) * quantile(1 - 1 / tries) + EULER_GAMMA * quantile(1 - 1 / (tries * math.e))
    return math.sqrt(variance) * of_unit


def confidence(found: float, sessions: int, skew: float, kurtosis: float, benchmark: float = 0.0) -> float:
    """The probabilistic Sharpe ratio from moments alone; `kurtosis` is 3 for normal returns, ratios are per session.

    Bailey & López de Prado (2012), eq. 11.
    """
    spread = math.sqrt(max(1 - skew * found + (kurtosis - 1) / 4 * found**2, 0.0))
    excess = (found - benchmark) * math.sqrt(sessions - 1)
    if spread == 0:
        return 0.5 if excess == 0 else float(excess > 0)
    return NormalDist().cdf(excess / spread)


def interval(return_N: Floats, block: float | None = None, level: float = 0.95, seed: int = 0) -> tuple[float, float]:
    """The central `level` of the Sharpe ratio per session over stationary-bootstrap resamples (Politis & Romano 1994).

    `block` is the mean length of the blocks in sessions; N^(1/3), the best rate for a variance, where none is given
    (Politis & White 2004). Two NaNs where the returns have no Sharpe ratio.
    """
    if math.isnan(sharpe(return_N)):
        return math.nan, math.nan
    length = max(1.0, len(return_N) ** (1 / 3)) if block is None else min(max(1.0, block), len(return_N))
    found = [_each(return_N[index_RN]) for index_RN in resamples(len(return_N), length, seed)]
    low, high = np.quantile(np.concatenate(found), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def resamples(count: int, block: float, seed: int) -> Iterator[Ints]:
    """RESAMPLES rows of `count` positions in all, some rows at a time; blocks of geometric length, mean `block`."""
    rng = np.random.default_rng(seed)
    at_once = max(1, AT_ONCE // count)
    for done in range(0, RESAMPLES, at_once):
        shape = (min(at_once, RESAMPLES - done), count)
        fresh_RN = rng.random(shape) < 1 / block
        fresh_RN[:, 0] = True
        begun_RN = np.maximum.accumulate(np.where(fresh_RN, np.arange(count), 0), axis=1)
        start_RN = np.take_along_axis(rng.integers(0, count, shape), begun_RN, axis=1)
        at_RN = start_RN + np.arange(count) - begun_RN
        yield np.where(at_RN < count, at_RN, at_RN - count)


def _each(return_RN: Floats) -> Floats:
    """The Sharpe ratio of every resample; 0 where one does not vary."""
    spread_R = return_RN.std(axis=1, ddof=1)
    return np.divide(return_RN.mean(axis=1), spread_R, out=np.zeros(len(spread_R)), where=spread_R > 0)
