"""Conformal margins: quantiles of the scores that were known at each cutoff, and their correction by past misses.

A score says where an outcome fell in its forecast distribution: its distance from a quantile of the forecast, in units
in which scores are alike. Each quantile level has a margin of its own, so both ends of an interval are calibrated.
Axis letters: N forecasts in time order, M cutoffs with an interval (some of the N), H steps, L quantile
levels, K ranks.
"""

from bisect import insort

import numpy as np

from core.types import Floats, Ints


def quantiles(score_NH: Floats, known_NH: Ints, row_M: Ints, levels: tuple[float, ...], window: int | Ints) -> Floats:
    """The quantile of each level of the latest `window` scores known at each cutoff row: (L, M, H); zero if none is.

    `window` is one number, or one for each step.

    Conformal ranks (Lei et al. 2018; one a tail: Linusson, Johansson & Löfström 2014): of n scores, a level above one
    half takes number ⌈(n + 1) · level⌉ and one below it number ⌊(n + 1) · level⌋, within 1 … n; one half takes the
    median. A new score, exchangeable with these, lies beyond it at most 1 − level (below one half: level) of the time,
    once n is large enough for the rank (core.evaluation.calibration.scores_needed). `known_NH`, the row at which each
    score is known, and `row_M` are in time order.
    """
    result_LMH = np.empty((len(levels), len(row_M), score_NH.shape[1]))
    half = [at for at, level in enumerate(levels) if level == 0.5]
    for h, latest in enumerate(np.broadcast_to(window, score_NH.shape[1]).tolist()):
        end_M = np.searchsorted(known_NH[:, h], row_M, side="right")
        count_M = np.minimum(end_M, latest)
        ranks = [_rank(count_M, level, up=level >= 0.5) for level in levels]
        ranks += [_rank(count_M, 0.5, up=False) for _ in half]
        value_KM = _values_at_ranks(score_NH[:, h], end_M, latest, np.stack(ranks))
        result_LMH[:, :, h] = value_KM[: len(levels)]
        result_LMH[half, :, h] = (value_KM[half] + value_KM[len(levels) :]) / 2
    return result_LMH


def track(
    score_LNH: Floats, quantile_LNH: Floats, known_NH: Ints, row_N: Ints, levels: tuple[float, ...], step_size_H: Floats
) -> Floats:
    """The quantiles with a shift that follows the misses: (L, N, H).

    Quantile tracking around a forecast of the quantile (Angelopoulos, Candès & Tibshirani 2023, eq. 5 and 7): each
    outcome moves the shift by step size · (level − [score ≤ margin]) once it is known. The shift has no bound, so
    whatever the data, the share of scores at or below the margin is within (b / step size + d + 1) / T of the level
    after T outcomes, where b is the largest |score − quantile| and d the number of outcomes that are not yet known at
    a cutoff.
    """
    count, steps = score_LNH.shape[1:]
    level_L1, step_H = np.asarray(levels)[:, None], np.arange(steps)
    end_NH = np.stack([np.searchsorted(known_NH[:, h], row_N, side="right") for h in range(steps)], axis=1)
    margin_LNH, shift_LH = np.empty_like(quantile_LNH), np.zeros((len(levels), steps))
    seen_H = np.zeros(steps, dtype=np.int64)
    for n in range(count):
        while (new_H := seen_H < end_NH[n]).any():
            at_H = np.minimum(seen_H, count - 1)
            below_LH = score_LNH[:, at_H, step_H] <= margin_LNH[:, at_H, step_H]
            counted_H = new_H & (end_NH[at_H, step_H] > 0)  # without a score there was no margin
            shift_LH = shift_LH + np.where(counted_H, step_size_H, 0.0) * (level_L1 - below_LH)
            seen_H = seen_H + new_H
        margin_LNH[:, n] = quantile_LNH[:, n] + shift_LH
    return margin_LNH


def _rank(count_M: Ints, level: float, up: bool) -> Ints:
    """The rank of a level among `count` sorted scores, from 1. A product that is whole but for rounding stays whole."""
    position_M = (count_M + 1) * level
    rank_M = np.ceil(position_M - 1e-9) if up else np.floor(position_M + 1e-9)
    return np.clip(rank_M.astype(np.int64), 1, np.maximum(count_M, 1))


def _values_at_ranks(value_N: Floats, end_M: Ints, window: int, rank_KM: Ints) -> Floats:
    """The values of these ranks (from 1) among the latest `window` values before each of `end_M`, ascending: (K, M).

    Zero if there is no value.
    """
    from scipy.ndimage import rank_filter

    result_KM = np.zeros(rank_KM.shape)
    short = int(np.searchsorted(end_M, window))
    value, sorted_values, seen, found = value_N.tolist(), list[float](), 0, []
    for end, ranks in zip(end_M[:short].tolist(), rank_KM[:, :short].T.tolist(), strict=True):
        for at in range(seen, end):
            insort(sorted_values, value[at])
        seen = end
        found.append([sorted_values[rank - 1] for rank in ranks] if end else [0.0] * len(ranks))
    result_KM[:, :short] = np.array(found).reshape(short, len(rank_KM)).T
    if short == len(end_M):
        return result_KM
    # Full windows share one rank, and a filter that keeps its window sorted is 20 times faster than sorting each.
    known_N, end_M = np.ascontiguousarray(value_N[: int(end_M[-1])]), end_M[short:]
    for k, rank in enumerate(rank_KM[:, short].tolist()):
        ranked_N = rank_filter(known_N, rank - 1, size=window, mode="constant", cval=np.inf)
        result_KM[k, short:] = ranked_N[end_M - window + window // 2]
    return result_KM
