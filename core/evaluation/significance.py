"""Tests of equal forecast accuracy and of direction, and confidence intervals of a skill and of a hit rate.

Axis letters: N cutoffs, R resamples.
"""

import math

import numpy as np

from core.evaluation import bootstrap
from core.types import Floats, Ints

RESAMPLES = 1000
MIN_LOSSES = 10  # for an interval


def too_few(count: int, horizon: int) -> bool:
    """Whether `count` consecutive cutoffs are too few for any test of labels that reach `horizon` steps ahead."""
    return count < max(5, 2 * horizon)


def diebold_mariano(loss_a_N: Floats, loss_b_N: Floats, horizon: int) -> float:
    """Two-sided p-value that two forecasts, with these losses at consecutive cutoffs, are equally good.

    Newey–West variance and the small-sample correction of Harvey, Leybourne & Newbold (1997) over the test of Diebold &
    Mariano (1995). Returns 1 if the losses do not differ or there are too few of them.
    """
    from statsmodels.tsa.stattools import diebold_mariano_test

    difference_N = loss_a_N - loss_b_N
    count = len(difference_N)
    if too_few(count, horizon) or np.ptp(difference_N) <= 1e-12 * max(1e-300, float(np.abs(difference_N).max())):
        return 1.0
    # Labels overlap, so losses are correlated for long: with horizon − 1 lags the test rejects too often.
    lags = min(max(2 * horizon, math.ceil(count ** (1 / 3))), count - 2)
    result = diebold_mariano_test(
        np.zeros(count), loss_a_N, loss_b_N, criterion=lambda _, loss: loss, harvey_adj=True, horizon=horizon, lags=lags
    )
    return float(result.pvalue) if np.isfinite(result.pvalue) else 1.0


def skill_interval(
    loss_N: Floats, reference_N: Floats, horizon: int, seed: int = 0, level: float = 0.95
) -> tuple[float, float]:
    """The interval of skill = 1 − √(Σ loss / Σ loss of the reference), squared losses at consecutive cutoffs.

    Percentiles of 1,000 stationary bootstrap resamples (Politis & Romano 1994): pairs of losses in blocks of random
    length, whose mean is that of Politis & White (2004) and never below `horizon`, over which labels overlap.
    NaN twice if there are fewer than 10 cutoffs or the reference makes no error.
    """
    if len(loss_N) < MIN_LOSSES or not reference_N.sum() > 0:
        return math.nan, math.nan

    def skill(at_RN: Ints) -> Floats:
        return 1 - np.sqrt(loss_N[at_RN].sum(axis=1) / np.maximum(reference_N[at_RN].sum(axis=1), 1e-300))

    block = block_length(loss_N, reference_N, horizon)
    return bootstrap.interval(skill, RESAMPLES, len(loss_N), block, level, seed)


def block_length(loss_N: Floats, reference_N: Floats, horizon: int) -> float:
    """Mean length of the blocks for the ratio of two mean losses: at least `horizon`, at most a third of N.

    Politis & White (2004) with the correction of 2009, on the ratio's influence function (its first-order term).
    """
    from arch.bootstrap import optimal_block_length

    influence_N = loss_N / max(float(loss_N.mean()), 1e-300) - reference_N / float(reference_N.mean())
    longest = max(1.0, len(loss_N) / 3)
    if np.ptp(influence_N) <= 1e-9:
        return min(float(horizon), longest)
    optimal = float(optimal_block_length(influence_N)["stationary"].iloc[0])
    return min(max(optimal if math.isfinite(optimal) else 1.0, float(horizon)), longest)


def pesaran_timmermann(outcome_N: Floats, forecast_N: Floats) -> tuple[float, str]:
    """The p-value that forecasts hit the sign of the outcome no more often than independent ones would (Pesaran &
    Timmermann 1992, one-sided), and an empty text; or 1 and why the test is undefined. Outcomes must not overlap."""
    from statsmodels.stats.diagnostic import pesaran_timmermann as test

    for value_N, subject in ((forecast_N, "every forecast"), (outcome_N, "every outcome")):
        share = float(np.mean(value_N > 0)) if len(value_N) else 0.0
        if share in (0.0, 1.0):
            return 1.0, f"{subject} has the same direction"
    try:
        return float(test(outcome_N, forecast_N, alternative="larger").pvalue), ""
    except ValueError:
        return 1.0, "there are too few outcomes"


def wilson_interval(rate: float, count: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of a rate over `count` independent trials (Wilson 1927); 0 … 1 if there are none.

    scipy and statsmodels take a number of successes. The hit rate here is a mean over symbols that share their trials,
    so rate · count is no whole number, and what statsmodels makes of it differs in the last digit from saved runs.
    """
    if count < 1:
        return 0.0, 1.0
    from scipy.stats import norm

    z = float(norm.ppf((1 + level) / 2))
    middle = (rate + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * math.sqrt(rate * (1 - rate) / count + z**2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)
