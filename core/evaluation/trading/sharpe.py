"""The Sharpe ratio per session and its uncertainty: probabilistic, deflated, and with a bootstrap interval.

Axis letters: N sessions, R resamples.
"""

import math
from statistics import NormalDist

import numpy as np

from core.evaluation import bootstrap
from core.types import Floats, Ints

RESAMPLES = 2000


def sharpe_ratio(return_N: Floats) -> float:
    """Mean over standard deviation of the returns, per session (Sharpe 1994); times √(sessions a year) it is annual.

    NaN if there are fewer than two returns or they do not vary.
    """
    if len(return_N) < 2 or np.ptp(return_N) <= 1e-12 * float(np.abs(return_N).max()):
        return math.nan
    return float(np.mean(return_N) / np.std(return_N, ddof=1))


def probabilistic(return_N: Floats, benchmark: float = 0.0) -> float:
    """Probability that the true Sharpe ratio exceeds `benchmark`, both per session (Bailey & López de Prado 2012).

    NaN if the returns have no Sharpe ratio.
    """
    ratio = sharpe_ratio(return_N)
    if math.isnan(ratio):
        return math.nan
    standard_N = (return_N - np.mean(return_N)) / np.std(return_N)
    skew, kurtosis = float(np.mean(standard_N**3)), float(np.mean(standard_N**4))
    return probabilistic_from_moments(ratio, len(return_N), skew, kurtosis, benchmark)


def deflated(return_N: Floats, experiments: float, variance: float) -> float:
    """Probability that the true Sharpe ratio exceeds the expected best of `experiments` independent ones without skill.

    `variance` is that of the Sharpe ratio per session over the experiments (Bailey & López de Prado 2014, eq. 9). For
    one experiment this is the probabilistic Sharpe ratio against 0. NaN if the returns have no Sharpe ratio.
    """
    return probabilistic(return_N, expected_maximum(experiments, variance))


def expected_maximum(experiments: float, variance: float) -> float:
    """Expected best Sharpe ratio per session of `experiments` independent ones without skill (Bailey & López de Prado
    2014, eq. 7)."""
    if experiments < 2:
        return 0.0
    quantile, gamma = NormalDist().inv_cdf, np.euler_gamma
    standard = (1 - gamma) * quantile(1 - 1 / experiments) + gamma * quantile(1 - 1 / (experiments * math.e))
    return math.sqrt(variance) * standard


def probabilistic_from_moments(
    ratio: float, sessions: int, skew: float, kurtosis: float, benchmark: float = 0.0
) -> float:
    """The probabilistic Sharpe ratio from moments alone; `kurtosis` is 3 for normal returns, ratios are per session.

    Bailey & López de Prado (2012), eq. 11.
    """
    spread = math.sqrt(max(1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2, 0.0))
    excess = (ratio - benchmark) * math.sqrt(sessions - 1)
    if spread == 0:
        return 0.5 if excess == 0 else float(excess > 0)
    return NormalDist().cdf(excess / spread)


def confidence_interval(
    return_N: Floats, block: float | None = None, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """The central `level` of the Sharpe ratio per session over stationary-bootstrap resamples (Politis & Romano 1994).

    `block` is the mean length of the blocks in sessions, by default N^(1/3), the best rate for a variance (Politis &
    White 2004). Two NaNs if the returns have no Sharpe ratio.
    """
    if math.isnan(sharpe_ratio(return_N)):
        return math.nan, math.nan
    length = _block(block, len(return_N))
    return bootstrap.interval(lambda at_RN: _ratios(return_N[at_RN]), RESAMPLES, len(return_N), length, level, seed)


def difference_interval(
    return_N: Floats, other_N: Floats, block: float | None = None, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """The central `level` of the difference of two Sharpe ratios per session, `return_N` less `other_N`.

    Both are resampled together, in blocks as in `confidence_interval`, so that what moves both cancels (Ledoit & Wolf
    2008). Two NaNs if either has no Sharpe ratio.
    """
    if math.isnan(sharpe_ratio(return_N)) or math.isnan(sharpe_ratio(other_N)):
        return math.nan, math.nan

    def differences(at_RN: Ints) -> Floats:
        return _ratios(return_N[at_RN]) - _ratios(other_N[at_RN])

    return bootstrap.interval(differences, RESAMPLES, len(return_N), _block(block, len(return_N)), level, seed)


def _block(block: float | None, count: int) -> float:
    return max(1.0, count ** (1 / 3)) if block is None else min(max(1.0, block), count)


def _ratios(return_RN: Floats) -> Floats:
    """The Sharpe ratio of each resample; 0 for one that does not vary."""
    spread_R = return_RN.std(axis=1, ddof=1)
    return np.divide(return_RN.mean(axis=1), spread_R, out=np.zeros(len(spread_R)), where=spread_R > 0)
