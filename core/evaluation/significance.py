"""Whether a difference in errors could be luck, how sure a skill is, and what a hit rate is worth."""

import math

import numpy as np

from core.types import Floats, Ints

RESAMPLES = 1000
GATHER = 2_000_000  # resampled losses held at once: bounds the memory of an interval
FEWEST = 10  # losses: with fewer, an interval says nothing


def too_few(count: int, horizon: int) -> bool:
    """Whether `count` consecutive cutoffs are too few for any test of labels that reach `horizon` sessions ahead."""
    return count < max(5, 2 * horizon)


def diebold_mariano(loss_a_N: Floats, loss_b_N: Floats, horizon: int) -> float:
    """Two-sided p-value that two forecasts, with these losses at consecutive cutoffs, are equally good.

    Newey–West variance and the small-sample correction of Harvey, Leybourne & Newbold (1997) over the test of Diebold &
    Mariano (1995). Returns 1 where the losses do not differ or there are too few of them.
    """
    from statsmodels.tsa.stattools import diebold_mariano_test

    differ = loss_a_N - loss_b_N
    if too_few(len(differ), horizon) or np.ptp(differ) <= 1e-12 * max(1e-300, float(np.abs(differ).max())):
        return 1.0
    # Labels overlap, so losses are correlated for long: with horizon − 1 lags the test rejects too often.
    lags = min(max(2 * horizon, math.ceil(len(differ) ** (1 / 3))), len(differ) - 2)
    result = diebold_mariano_test(
        np.zeros(len(differ)),
        loss_a_N,
        loss_b_N,
        criterion=lambda _, loss: loss,
        harvey_adj=True,
        horizon=horizon,
        lags=lags,
    )
    return float(result.pvalue) if np.isfinite(result.pvalue) else 1.0


def skill_interval(
    loss_N: Floats, reference_N: Floats, horizon: int, seed: int = 0, level: float = 0.95
) -> tuple[float, float]:
    """The interval of skill = 1 − √(Σ loss / Σ loss of the reference), squared losses at consecutive cutoffs.

    Percentiles of 1,000 stationary bootstrap resamples (Politis & Romano 1994): pairs of losses in blocks of random
    length, whose mean is that of Politis & White (2004) and never below `horizon`, over which labels overlap.
    NaN twice where there are fewer than 10 cutoffs or the reference makes no error.
    """
    if len(loss_N) < FEWEST or not reference_N.sum() > 0:
        return math.nan, math.nan
    rng, length = np.random.default_rng(seed), block_length(loss_N, reference_N, horizon)
    at_once = max(1, GATHER // len(loss_N))
    ratios = []
    for start in range(0, RESAMPLES, at_once):
        at_RN = resample(rng, min(at_once, RESAMPLES - start), len(loss_N), length)
        ratios.append(loss_N[at_RN].sum(axis=1) / np.maximum(reference_N[at_RN].sum(axis=1), 1e-300))
    low, high = np.quantile(1 - np.sqrt(np.concatenate(ratios)), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def block_length(loss_N: Floats, reference_N: Floats, horizon: int) -> float:
    """Mean length of the blocks that the ratio of two mean losses asks for: at least `horizon`, at most a third of N.

    Politis & White (2004) with the correction of 2009, on the ratio's influence function (its first-order term).
    """
    from arch.bootstrap import optimal_block_length

    influence_N = loss_N / max(float(loss_N.mean()), 1e-300) - reference_N / float(reference_N.mean())
    most = max(1.0, len(loss_N) / 3)
    if np.ptp(influence_N) <= 1e-9:
        return min(float(horizon), most)
    found = float(optimal_block_length(influence_N)["stationary"].iloc[0])
    return min(max(found if math.isfinite(found) else 1.0, float(horizon)), most)


def resample(rng: np.random.Generator, count: int, size: int, length: float) -> Ints:
    """`count` stationary bootstrap resamples of `size` positions, wrapped round: (count, size); blocks end with
    probability 1 / `length` at every position."""
    begins_RN = rng.random((count, size), dtype=np.float32) < 1 / length
    begins_RN[:, 0] = True
    position_N = np.arange(size, dtype=np.int32)
    begin_RN = np.maximum.accumulate(np.where(begins_RN, position_N, 0), axis=1)
    first_RN = np.take_along_axis(rng.integers(0, size, (count, size), dtype=np.int32), begin_RN, axis=1)
    return (first_RN + position_N - begin_RN) % size


def pesaran_timmermann(up_N: Floats, forecast_N: Floats) -> tuple[float, str]:
    """Two-sided p-value that forecast and outcome are above zero independently (Pesaran & Timmermann 1992), and an
    empty text; or 1 and why the test is undefined. Outcomes must not overlap."""
    from statsmodels.stats.diagnostic import pesaran_timmermann as test

    for values, who in ((forecast_N, "every forecast"), (up_N, "every outcome")):
        share = float(np.mean(values > 0)) if len(values) else 0.0
        if share in (0.0, 1.0):
            return 1.0, f"{who} has the same direction"
    try:
        return float(test(up_N, forecast_N).pvalue), ""
    except ValueError:
        return 1.0, "there are too few outcomes"


def wilson(rate: float, count: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of a share seen in `count` independent trials (Wilson 1927); 0 … 1 where there are none."""
    if count < 1:
        return 0.0, 1.0
    from scipy.stats import norm

    z = float(norm.ppf((1 + level) / 2))
    middle = (rate + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * math.sqrt(rate * (1 - rate) / count + z**2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)
