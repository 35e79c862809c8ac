"""Conformal margins: how far an interval has to be widened, from the errors that were known at each cutoff.

Axis letters: N forecasts in time order, M cutoffs with an interval (some of the N), m those of them with few scores,
H steps, W window of known scores, C coverages.
"""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.types import Floats, Ints

STEP_SIZE = 0.01  # γ of adaptive inference: how far one miss moves the level (Gibbs & Candès 2021 use .005)
BLOCK = 2**22  # scores sorted at a time


def scores(y_NH: Floats, low_NH: Floats, high_NH: Floats) -> Floats:
    """How far each outcome lies outside its interval; negative inside (Romano, Patterson & Candès 2019, eq. 6)."""
    return np.maximum(low_NH - y_NH, y_NH - high_NH)


def rank(count_M: Ints, coverage: float) -> Ints:
    """The rank of the margin among `count` sorted scores, counted from 1 (ibid., eq. 7).

    ⌈(count + 1) · coverage⌉, at most `count`. A product that is whole except for rounding errors stays whole.
    """
    return np.minimum(np.ceil((count_M + 1) * coverage - 1e-9).astype(np.int64), count_M)


def rolling_margins(score_NH: Floats, known_N: Ints, row_M: Ints, coverages: tuple[float, ...], window: int) -> Floats:
    """The margin to add to both sides of the interval at each cutoff row of `row_M`, for each coverage: (C, M, H).

    Uses the latest `window` scores whose label is known (`known_N` ≤ the cutoff row); zero if none is. `known_N` and
    `row_M` are row numbers in time order.
    """
    end_M = np.searchsorted(known_N, row_M, side="right")
    count_M = np.minimum(end_M, window)
    margin_CMH = np.stack([_value_at_rank(score_NH, end_M, window, np.maximum(rank(count_M, c), 1)) for c in coverages])
    return np.where(count_M[:, None] > 0, margin_CMH, 0.0)


def adaptive_margins(
    score_N: Floats, known_N: Ints, row_N: Ints, coverages: tuple[float, ...], window: int, step_size: float = STEP_SIZE
) -> Floats:
    """Rolling margins whose level adapts to the misses, at every cutoff row of `row_N`: (C, N).

    Adaptive conformal inference (Gibbs & Candès 2021, eq. 2): after each outcome α moves by step_size · (1 − coverage −
    missed), and the next margin is the (1 − α) quantile of the latest `window` scores. A miss counts once its label is
    known. If α falls below zero, the interval of the paper is infinite; this one uses the largest score.
    """
    end_N = np.searchsorted(known_N, row_N, side="right")
    margin_CN = np.zeros((len(coverages), len(score_N)))
    alpha_C, target_C = np.array([1 - c for c in coverages]), np.array([1 - c for c in coverages])
    seen = 0
    for block, sorted_NHW in _sorted_blocks(score_N[:, None], end_N, window):
        for n, known_W in zip(range(block.start, block.stop), sorted_NHW[:, 0], strict=True):
            for past in range(seen, end_N[n]):
                if end_N[past]:  # there were scores to draw an interval from
                    missed_C = score_N[past] > margin_CN[:, past]
                    alpha_C = np.clip(alpha_C + step_size * (target_C - missed_C), -step_size, 1 + step_size)
            seen = int(end_N[n])
            count = min(seen, window)
            if count:
                rank_C = np.ceil((count + 1) * (1 - alpha_C) - 1e-9).astype(int)
                margin_CN[:, n] = known_W[np.clip(rank_C, 1, count) - 1]
    return margin_CN


def fixed_margins(score_NH: Floats, coverages: tuple[float, ...]) -> Floats:
    """One margin for each coverage and step, from all these scores: (C, H)."""
    sorted_NH = np.sort(score_NH, axis=0)
    return np.stack([sorted_NH[int(rank(np.array(len(score_NH)), c)) - 1] for c in coverages])


def rolling_quantiles(
    value_NH: Floats, known_N: Ints, row_M: Ints, coverage: float, window: int
) -> tuple[Floats, Floats]:
    """The bounds that contain this share of the latest `window` known values, with equal tails: two of (M, H).

    NaN if fewer than two values are known.
    """
    end_M = np.searchsorted(known_N, row_M, side="right")
    count_M = np.minimum(end_M, window)
    bounds = []
    for level in ((1 - coverage) / 2, (1 + coverage) / 2):
        position_M = np.clip((count_M + 1) * level, 1, np.maximum(count_M, 1))  # Weibull's plotting position, from 1
        below_M = np.floor(position_M).astype(np.int64)
        above_M = np.ceil(position_M).astype(np.int64)
        low_MH, high_MH = (_value_at_rank(value_NH, end_M, window, rank_M) for rank_M in (below_M, above_M))
        share_M1 = (position_M - below_M)[:, None]
        bound_MH = (1 - share_M1) * low_MH + share_M1 * high_MH if count_M.any() else low_MH
        bounds.append(np.where(count_M[:, None] > 1, bound_MH, np.nan))
    return bounds[0], bounds[1]


def widen(low_NH: Floats, high_NH: Floats, margin_NH: Floats) -> tuple[Floats, Floats]:
    """The interval with the margin added on both sides; a negative margin narrows it at most to its middle."""
    low, high = low_NH - margin_NH, high_NH + margin_NH
    middle = (low + high) / 2
    return np.minimum(low, middle), np.maximum(high, middle)


def _value_at_rank(value_NH: Floats, end_M: Ints, window: int, rank_M: Ints) -> Floats:
    """The value of this rank (from 1) among the latest `window` values before each of `end_M`: (M, H).

    Zero if there is no value.
    """
    from scipy.ndimage import rank_filter

    result_MH = np.zeros((len(end_M), value_NH.shape[1]))
    short_M = end_M < window
    for block, sorted_MHW in _sorted_blocks(value_NH, end_M[short_M], window):
        row_m = np.flatnonzero(short_M)[block]
        value_mH = np.take_along_axis(sorted_MHW, rank_M[row_m][:, None, None] - 1, axis=2)[:, :, 0]
        result_MH[row_m] = np.where(end_M[row_m][:, None] > 0, value_mH, 0.0)
    if short_M.all():
        return result_MH
    # Full windows share one rank, and a filter that keeps its window sorted is 20 times faster than sorting each.
    known_NH, shared_rank = value_NH[: int(end_M.max())], int(rank_M[~short_M][0])
    for h in range(value_NH.shape[1]):
        column_N = np.ascontiguousarray(known_NH[:, h])
        ranked_N = rank_filter(column_N, shared_rank - 1, size=window, mode="constant", cval=np.inf)
        result_MH[~short_M, h] = ranked_N[end_M[~short_M] - window + window // 2]
    return result_MH


def _sorted_blocks(value_NH: Floats, end_M: Ints, window: int) -> Iterator[tuple[slice, Floats]]:
    """The latest `window` values before each of `end_M`, sorted and filled up with infinity: (M, H, W) in blocks."""
    width = max(1, min(window, int(end_M.max(initial=0))))
    padded_NH = np.concatenate([np.full((width, value_NH.shape[1]), np.inf), value_NH])
    view_NHW = sliding_window_view(padded_NH, width, axis=0)
    size = max(1, BLOCK // (width * value_NH.shape[1]))
    for start in range(0, len(end_M), size):
        block = slice(start, min(start + size, len(end_M)))
        yield block, np.sort(view_NHW[end_M[block]], axis=-1)
