"""Tests of equal forecast accuracy and of direction, and confidence intervals of a skill and of a hit rate.

Axis letters: N cutoffs, B cosines, J frequencies.
"""

import math
from collections.abc import Sequence

import numpy as np

from core.evaluation import long_run
from core.language import message
from core.types import Floats

MIN_LOSSES = 10  # for an interval


def too_few(count: int, overlap: int) -> bool:
    """Whether `count` consecutive cutoffs, `overlap` of which share outcomes, are too few for any test."""
    return count < max(5, 2 * overlap)


def diebold_mariano(loss_a_N: Floats, loss_b_N: Floats, overlap: int) -> float:
    """Two-sided p-value that two forecasts, with these losses at consecutive cutoffs, are equally good.

    The test of Diebold & Mariano (1995) with the long-run variance of equal-weighted cosines and Student's t with as
    many degrees of freedom (Coroneo & Iacone 2020). `overlap` cutoffs in a row share outcomes
    (core.evaluation.long_run.count_overlap). Returns 1 if the losses do not differ or there are too few of them.
    """
    from scipy.special import stdtr

    difference_N = loss_a_N - loss_b_N
    count = len(difference_N)
    if _undefined(difference_N, overlap):
        return 1.0
    variance, cosines = _long_run_variance(difference_N, overlap)
    statistic = float(difference_N.mean()) * math.sqrt(count / variance) if variance > 0 else math.nan
    return float(2 * stdtr(cosines, -abs(statistic))) if math.isfinite(statistic) else 1.0


def difference_interval(loss_a_N: Floats, loss_b_N: Floats, overlap: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of the mean of loss a − loss b at consecutive cutoffs: every mean that the test of `diebold_mariano`
    does not reject, so it leaves out 0 if and only if that p-value is below 1 − `level`. NaN where that test is
    undefined."""
    from scipy.special import stdtrit

    difference_N = loss_a_N - loss_b_N
    if _undefined(difference_N, overlap):
        return math.nan, math.nan
    variance, cosines = _long_run_variance(difference_N, overlap)
    half = float(stdtrit(cosines, (1 + level) / 2)) * math.sqrt(variance / len(difference_N))
    mean = float(difference_N.mean())
    return mean - half, mean + half


def _undefined(difference_N: Floats, overlap: int) -> bool:
    """Whether losses with these differences allow no test: they do not vary, or there are too few of them."""
    if too_few(len(difference_N), overlap):
        return True
    return bool(np.ptp(difference_N) <= 1e-12 * max(1e-300, float(np.abs(difference_N).max())))


def _long_run_variance(value_N: Floats, overlap: int) -> tuple[float, int]:
    """The long-run variance of the mean of these values, times their number, and its degrees of freedom."""
    projection_J = long_run.project(value_N)
    cosines = long_run.count_cosines(projection_J, len(value_N), overlap)
    return float(np.mean(projection_J[:cosines] ** 2)), cosines


def skill_interval(loss_N: Floats, reference_N: Floats, overlap: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of skill = 1 − √(Σ loss / Σ loss of the reference), squared losses at consecutive cutoffs.

    It holds every skill that the test of `diebold_mariano` does not reject, so it leaves out 0 if and only if that
    p-value is below 1 − `level`. The lower bound is NaN if the mean loss of the reference is so uncertain that there is
    none; both are if that of the model is uncertain too, or if there are fewer than 10 cutoffs.
    """
    low, high = _ratio_interval(loss_N, reference_N, overlap, level)
    return 1 - math.sqrt(high), 1 - math.sqrt(low)


def _ratio_interval(loss_N: Floats, reference_N: Floats, overlap: int, level: float) -> tuple[float, float]:
    """The interval of mean loss / mean loss of the reference, NaN for a bound that does not exist: the ratios r for
    which the mean of loss − r · reference may be zero by its long-run variance (Fieller 1954), a · r² − 2 b · r + c ≤
    0."""
    from scipy.special import stdtrit

    count = len(loss_N)
    if count < MIN_LOSSES or not reference_N.sum() > 0:
        return math.nan, math.nan
    cosines = long_run.count_cosines(long_run.project(loss_N - reference_N), count, overlap)
    projection_2B = np.stack([long_run.project(value_N)[:cosines] for value_N in (loss_N, reference_N)])
    mean_2 = np.array([loss_N.mean(), reference_N.mean()])
    margin = float(stdtrit(cosines, (1 + level) / 2)) ** 2 / count
    form_22 = np.outer(mean_2, mean_2) - margin * projection_2B @ projection_2B.T / cosines
    a, b, c = float(form_22[1, 1]), float(form_22[0, 1]), float(form_22[0, 0])
    if a <= 0 >= c:
        return math.nan, math.nan
    half = math.sqrt(max(b**2 - a * c, 0.0))
    low = max(c / (b + half), 0.0) if b + half > 0 else 0.0
    return low, (b + half) / a if a > 0 else math.nan


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values, each as large as it has to be when all are read together (Holm 1979): the chance that any true
    hypothesis has one below a level is at most that level, whatever their dependence."""
    order = sorted(range(len(p_values)), key=lambda k: p_values[k])
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, k in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p_values[k]))
        adjusted[k] = largest
    return adjusted


def pesaran_timmermann(outcome_N: Floats, forecast_N: Floats) -> tuple[float, str]:
    """The p-value that forecasts hit the sign of the outcome no more often than independent ones would (Pesaran &
    Timmermann 1992, one-sided), and an empty text; or 1 and why the test is undefined. Outcomes must not overlap."""
    from statsmodels.stats.diagnostic import pesaran_timmermann as test

    for value_N, subject in ((forecast_N, message("every forecast")), (outcome_N, message("every outcome"))):
        share = float(np.mean(value_N > 0)) if len(value_N) else 0.0
        if share in (0.0, 1.0):
            return 1.0, message("{subject} has the same direction", subject=subject)
    try:
        return float(test(outcome_N, forecast_N, alternative="larger").pvalue), ""
    except ValueError:
        return 1.0, message("there are too few outcomes")


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
