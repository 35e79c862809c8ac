"""Conformal margins: how far a band has to move out, by the errors that were known at each cutoff.

Axis letters: N forecasts in time order, n errors that are known, M of N that ask for a band, H steps, W remembered
scores, C coverages.
"""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.types import Flags, Floats, Ints

STEP = 0.01  # of adaptive inference: how much a miss moves the level (Gibbs & Candès 2021 take .005)
BLOCK = 2**22  # scores sorted at once


def scores(y_NH: Floats, low_NH: Floats, high_NH: Floats) -> Floats:
    """By how much each outcome lies outside its band; negative inside (Romano, Patterson & Candès 2019, eq. 6)."""
    return np.maximum(low_NH - y_NH, y_NH - high_NH)


def rank(count_M: Ints, coverage: float) -> Ints:
    """Which of `count` sorted scores, from 1, is the margin: ⌈(n + 1) · coverage⌉ (ibid., eq. 7), n where that is more.

    A product that is whole but for rounding stays whole.
    """
    return np.minimum(np.ceil((count_M + 1) * coverage - 1e-9).astype(np.int64), count_M)


def margin(score_n: Floats, coverage: float) -> float:
    """The margin that at least one score asks for, by `rank`."""
    at = int(rank(np.array(len(score_n)), coverage)) - 1
    return float(np.partition(score_n, at)[at])


def rolling_margins(score_NH: Floats, known_N: Ints, at_M: Ints, coverages: tuple[float, ...], window: int) -> Floats:
    """The margin to add to both sides of the band at each cutoff row of `at_M`, for each coverage: (C, M, H).

    A score enters only when its label is known (`known_N` ≤ the cutoff), and the latest `window` of them count; zero
    where none is known. `known_N` and `at_M` are row numbers in time order.
    """
    end_M = np.searchsorted(known_N, at_M, side="right")
    count_M = np.minimum(end_M, window)
    found_CMH = np.stack([_ranked(score_NH, end_M, window, np.maximum(rank(count_M, c), 1)) for c in coverages])
    return np.where(count_M[:, None] > 0, found_CMH, 0.0)


def adaptive_margins(
    score_N: Floats, known_N: Ints, row_N: Ints, coverages: tuple[float, ...], window: int, step: float = STEP
) -> Floats:
    """Rolling margins whose level moves with the misses, at every cutoff row of `row_N`: (C, N).

    Adaptive conformal inference (Gibbs & Candès 2021, eq. 2): after each outcome α moves by step · (1 − coverage −
    missed), and the next margin is the (1 − α) quantile of the latest `window` scores. A miss counts only when its
    label is known. Where α falls below zero the paper's band is infinite; here it is the largest score.
    """
    end_N = np.searchsorted(known_N, row_N, side="right")
    result_CN = np.zeros((len(coverages), len(score_N)))
    alpha_C, target_C = np.array([1 - c for c in coverages]), np.array([1 - c for c in coverages])
    seen = 0
    for part, sorted_NHW in _sorted(score_N[:, None], end_N, window):
        for n, known_W in zip(range(part.start, part.stop), sorted_NHW[:, 0], strict=True):
            for past in range(seen, end_N[n]):
                if end_N[past]:  # a band was drawn: it had scores to go by
                    missed_C = score_N[past] > result_CN[:, past]
                    alpha_C = np.clip(alpha_C + step * (target_C - missed_C), -step, 1 + step)
            seen = int(end_N[n])
            count = min(seen, window)
            if count:
                at_C = np.ceil((count + 1) * (1 - alpha_C) - 1e-9).astype(int)
                result_CN[:, n] = known_W[np.clip(at_C, 1, count) - 1]
    return result_CN


def fixed_margins(score_NH: Floats, coverages: tuple[float, ...]) -> Floats:
    """One margin for each coverage and step, from these scores for good: (C, H)."""
    sorted_NH = np.sort(score_NH, axis=0)
    return np.stack([sorted_NH[int(rank(np.array(len(score_NH)), c)) - 1] for c in coverages])


def rolling_quantiles(
    value_NH: Floats, known_N: Ints, at_M: Ints, coverage: float, window: int
) -> tuple[Floats, Floats]:
    """Between which of the latest `window` known values that share of them lies, the tails equal: two of (M, H).

    NaN where fewer than two values are known.
    """
    end_M = np.searchsorted(known_N, at_M, side="right")
    count_M = np.minimum(end_M, window)
    found = []
    for level in ((1 - coverage) / 2, (1 + coverage) / 2):
        place_M = np.clip((count_M + 1) * level, 1, np.maximum(count_M, 1))  # Weibull's plotting position, from 1
        below_M = np.floor(place_M).astype(np.int64)
        low_MH, high_MH = (_ranked(value_NH, end_M, window, at) for at in (below_M, np.ceil(place_M).astype(np.int64)))
        share_M1 = (place_M - below_M)[:, None]
        made_MH = (1 - share_M1) * low_MH + share_M1 * high_MH if count_M.any() else low_MH
        found.append(np.where(count_M[:, None] > 1, made_MH, np.nan))
    return found[0], found[1]


def widen(low_NH: Floats, high_NH: Floats, margin_NH: Floats) -> tuple[Floats, Floats]:
    """The band moved out by the margin on both sides (in where it is negative), never crossing itself."""
    low, high = low_NH - margin_NH, high_NH + margin_NH
    middle = (low + high) / 2
    return np.minimum(low, middle), np.maximum(high, middle)


def inside(y_NH: Floats, low_NH: Floats, high_NH: Floats) -> Flags:
    """Whether each outcome lies in its band; the bounds belong to it."""
    return (low_NH <= y_NH) & (y_NH <= high_NH)


def _ranked(value_NH: Floats, end_M: Ints, window: int, rank_M: Ints) -> Floats:
    """The value of that rank, from 1, among the latest `window` before each of `end_M`: (M, H).

    Zero where it has none.
    """
    from scipy.ndimage import rank_filter

    result_MH = np.zeros((len(end_M), value_NH.shape[1]))
    few_M = end_M < window
    for part, sorted_MHW in _sorted(value_NH, end_M[few_M], window):
        some_M = np.flatnonzero(few_M)[part]
        found_MH = np.take_along_axis(sorted_MHW, rank_M[some_M][:, None, None] - 1, axis=2)[:, :, 0]
        result_MH[some_M] = np.where(end_M[some_M][:, None] > 0, found_MH, 0.0)
    if few_M.all():
        return result_MH
    # Whole windows share their rank, and a filter that keeps its window sorted is 20 times faster than sorting each.
    seen_NH, same = value_NH[: int(end_M.max())], int(rank_M[~few_M][0])
    for h in range(value_NH.shape[1]):
        ranked_N = rank_filter(np.ascontiguousarray(seen_NH[:, h]), same - 1, size=window, mode="constant", cval=np.inf)
        result_MH[~few_M, h] = ranked_N[end_M[~few_M] - window + window // 2]
    return result_MH


def _sorted(value_NH: Floats, end_M: Ints, window: int) -> Iterator[tuple[slice, Floats]]:
    """Block by block, the latest `window` values before each of `end_M`, sorted, infinite where there are fewer:
    (M, H, W)."""
    width = max(1, min(window, int(end_M.max(initial=0))))
    padded_NH = np.concatenate([np.full((width, value_NH.shape[1]), np.inf), value_NH])
    view_NHW = sliding_window_view(padded_NH, width, axis=0)
    size = max(1, BLOCK // (width * value_NH.shape[1]))
    for start in range(0, len(end_M), size):
        part = slice(start, min(start + size, len(end_M)))
        yield part, np.sort(view_NHW[end_M[part]], axis=-1)
