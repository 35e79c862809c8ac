"""Calibration of prediction intervals and probabilities: coverage by group, PIT, Platt scaling, too few scores.

Axis letters: N forecasts in time order, Q quantiles, G groups, K coefficients, T rows.
"""

import math
from dataclasses import dataclass

import numpy as np

from core.evaluation.verdict import join_words
from core.forecasting.table import QUANTILE_LEVELS
from core.language import message
from core.spec.registries import INTERVALS, registry
from core.threads import one_thread
from core.types import Flags, Floats, Ints, Run

SEGMENT_LENGTH = 60  # forecasts over which a rolling coverage is taken
VOLATILITY_WINDOW = 22  # steps before a cutoff whose moves say which regime it is in
SPLITS = {"calib": "calibration", "val": "validation"}  # that intervals are calibrated on, in words
REGIMES = ("calm", "middle", "stormy")  # low, medium and high volatility


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageGroups:
    """The share of outcomes inside a prediction interval in each group, and how many there are."""

    names_G: tuple[str, ...]
    share_G: Floats
    count_G: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class PlattScaling:
    """Calibrated log-odds = slope · log-odds of the forecast + offset."""

    slope: float
    offset: float
    count: int  # of the outcomes that it is fitted on


def coverage_by_group(inside_N: Flags, name_N: list[str], order: tuple[str, ...] | None = None) -> CoverageGroups:
    """The coverage in each group of forecasts; groups come in `order`, or sorted by name. Empty ones are left out."""
    names_N = np.asarray(name_N)
    names = [name for name in order or sorted(set(name_N)) if (names_N == name).any()]
    return CoverageGroups(
        names_G=tuple(names),
        share_G=np.array([inside_N[names_N == name].mean() for name in names]),
        count_G=np.array([int((names_N == name).sum()) for name in names], dtype=np.int64),
    )


def trailing_volatility(level_T: Floats, window: int = VOLATILITY_WINDOW) -> Floats:
    """Root mean square of the latest relative changes at each row, known at that row; NaN before there are enough.

    Changes in the level itself if a level is zero or below. Missing levels take the last known one.
    """
    level_T = np.asarray(level_T, dtype=float)
    row_T = np.where(np.isfinite(level_T), np.arange(len(level_T)), -1)
    last_T = np.maximum.accumulate(row_T)
    filled_T = np.where(last_T >= 0, level_T[np.maximum(last_T, 0)], np.nan)
    # A comparison with NaN is false: rows before the first level do not count.
    change_T = np.diff(filled_T if (filled_T <= 0).any() else np.log(filled_T), prepend=np.nan)
    total_T = np.cumsum(np.concatenate([[0.0], np.nan_to_num(change_T) ** 2]))
    result_T = np.full(len(level_T), np.nan)
    first = int(np.argmax(np.isfinite(change_T))) if np.isfinite(change_T).any() else len(change_T)
    at = np.arange(first + window - 1, len(level_T))
    result_T[at] = np.sqrt(np.maximum(total_T[at + 1] - total_T[at + 1 - window], 0.0) / window)
    return result_T


def assign_regimes(volatility_N: Floats) -> list[str]:
    """The regime of each forecast: the third of these forecasts in which the volatility at its cutoff lies.

    The middle one if it is unknown, and for all if it does not vary.
    """
    known_N = np.isfinite(volatility_N)
    if not known_N.any() or np.ptp(volatility_N[known_N]) == 0:
        return [REGIMES[1]] * len(volatility_N)
    low, high = np.quantile(volatility_N[known_N], [1 / 3, 2 / 3])
    return [
        REGIMES[1] if not np.isfinite(v) else REGIMES[0] if v <= low else REGIMES[2] if v > high else REGIMES[1]
        for v in volatility_N
    ]


def pit(y_N: Floats, quantile_NQ: Floats, levels: tuple[float, ...]) -> Floats:
    """The probability integral transform (Dawid 1984), 0 to 1: uniform for a calibrated forecast. (N,)

    Linear between the quantiles; outside them, half-way to the end; on equal quantiles, half-way between their levels.
    """
    level_Q = np.asarray(levels)
    below_N = (quantile_NQ < y_N[:, None]).sum(axis=1)
    upto_N = (quantile_NQ <= y_N[:, None]).sum(axis=1)
    count, at = len(level_Q), np.arange(len(y_N))
    left_N, right_N = np.clip(below_N - 1, 0, count - 1), np.clip(upto_N, 0, count - 1)
    start_N, end_N = quantile_NQ[at, left_N], quantile_NQ[at, right_N]
    share_N = np.divide(y_N - start_N, end_N - start_N, out=np.full(len(y_N), 0.5), where=end_N > start_N)
    inner_N = level_Q[left_N] + share_N * (level_Q[right_N] - level_Q[left_N])
    on_N = upto_N > below_N
    tied_N = (level_Q[np.clip(below_N, 0, count - 1)] + level_Q[np.clip(upto_N - 1, 0, count - 1)]) / 2
    result_N = np.where(on_N, tied_N, inner_N)
    result_N = np.where((below_N == 0) & ~on_N, level_Q[0] / 2, result_N)
    return np.where((below_N == count), (1 + level_Q[-1]) / 2, result_N)


def scores_needed(coverage: float) -> int:
    """The least number of scores from which an interval of this coverage can be promised, both ends alike.

    Each end leaves out τ = (1 − coverage) / 2, and the conformal rank ⌈(n + 1)(1 − τ)⌉ is one of n only from
    n ≥ 1 / τ − 1 on (Lei et al. 2018).
    """
    return math.ceil(2 / (1 - coverage) - 1 - 1e-9)


def describe_few_scores(run: Run, symbol: str | None = None) -> str | None:
    """One sentence on the intervals of a run that its calibration split is too small for; None if it is not.

    Of one symbol, or of the one with the fewest scores. Intervals that no past error sets promise nothing.
    """
    bands, forecast = run.evaluation.bands, run.forecast
    if not bands or not registry(INTERVALS)[run.spec.bands.method].calibrated:
        return None
    rows = forecast[
        (forecast["model"] == run.spec.model.kind)
        & (forecast["part"] == bands["calibrated_on"])
        & (forecast["step"] == forecast["step"].min())
        & ((forecast["symbol"] == symbol) if symbol else True)
    ]
    count = int(rows.groupby("symbol", observed=True).size().min()) if len(rows) else 0
    columns = zip(QUANTILE_LEVELS, reversed(QUANTILE_LEVELS), strict=True)
    coverages = {round(high - low, 6) for low, high in columns if high > low} | {bands["nominal"]}
    short = sorted((coverage for coverage in coverages if scores_needed(coverage) > count), reverse=True)
    if not short:
        return None
    needs = [
        message(
            "a {coverage} % interval takes {scores}", coverage=f"{100 * coverage:g}", scores=scores_needed(coverage)
        )
        for coverage in short
    ]
    return (
        message(
            "The intervals start from {count} past forecast of the {split} split, too few to promise every coverage: "
            "{needs}. Until so many outcomes are known, their ends are the largest errors so far.",
            count=count,
            split=SPLITS[bands["calibrated_on"]],
            needs=join_words(needs, len(needs)),
        )
        if count == 1
        else message(
            "The intervals start from {count} past forecasts of the {split} split, too few to promise every "
            "coverage: {needs}. Until so many outcomes are known, their ends are the largest errors so far.",
            count=count,
            split=SPLITS[bands["calibrated_on"]],
            needs=join_words(needs, len(needs)),
        )
    )


def brier(y_N: Floats, probability_N: Floats) -> float:
    """Mean squared distance of forecast probabilities from the outcomes, 0 or 1 (Brier 1950)."""
    return float(np.mean((probability_N - y_N) ** 2))


@one_thread()
def fit_platt(y_N: Floats, probability_N: Floats, rounds: int = 50) -> PlattScaling:
    """Logistic calibration of forecast probabilities, by Newton's method, with Platt's (1999) softened outcomes.

    Softening keeps the odds finite if all outcomes are the same. Probabilities that do not vary get an offset alone.
    """
    if not len(y_N):
        return PlattScaling(slope=1.0, offset=0.0, count=0)
    x_N = _log_odds(probability_N)
    ups = float(y_N.sum())
    target_N = np.where(y_N > 0.5, (ups + 1) / (ups + 2), 1 / (len(y_N) - ups + 2))
    columns = [np.ones(len(y_N))] + ([x_N] if np.ptp(x_N) > 1e-9 else [])
    design_NK, weight_K = np.stack(columns, axis=1), np.zeros(len(columns))
    for _ in range(rounds):
        fitted_N = _probability(design_NK @ weight_K)
        gradient_K = design_NK.T @ (fitted_N - target_N)
        hessian_KK = (design_NK * (fitted_N * (1 - fitted_N))[:, None]).T @ design_NK + 1e-9 * np.eye(len(columns))
        step_K = np.linalg.solve(hessian_KK, gradient_K)
        weight_K = weight_K - np.clip(step_K, -5, 5)
        if np.abs(step_K).max() < 1e-10:
            break
    slope = float(weight_K[1]) if len(columns) > 1 else 0.0
    return PlattScaling(offset=float(weight_K[0]), slope=slope, count=len(y_N))


def apply_platt(scaling: PlattScaling, probability_N: Floats) -> Floats:
    """The calibrated probabilities: (N,)."""
    return _probability(scaling.slope * _log_odds(probability_N) + scaling.offset)


def _log_odds(probability_N: Floats) -> Floats:
    p_N = np.clip(np.asarray(probability_N, dtype=float), 1e-6, 1 - 1e-6)
    return np.log(p_N / (1 - p_N))


def _probability(log_odds_N: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(log_odds_N, -700, 700)))
