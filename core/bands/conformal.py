"""Rolling conformalised quantile regression: bands whose width follows the errors of the recent past."""

import numpy as np

from core.records import Floats, Ints


def scores(y_NH: Floats, low_NH: Floats, high_NH: Floats) -> Floats:
    """By how much each outcome lies outside its band; negative inside (Romano, Patterson & Candès 2019, eq. 6)."""
    return np.maximum(low_NH - y_NH, y_NH - high_NH)


def margin(score_n: Floats, coverage: float) -> float:
    """The ⌈(n + 1) · coverage⌉-th smallest score (ibid., eq. 7); the largest where there are too few."""
    rank = min(int(np.ceil((len(score_n) + 1) * coverage)), len(score_n))
    return float(np.partition(score_n, rank - 1)[rank - 1])


def rolling_margins(score_NH: Floats, known_N: Ints, at_M: Ints, coverage: float, window: int) -> Floats:
    """The margin to add to both sides of the band at each cutoff row of `at_M`: (M, H).

    A score enters only when its label is known (`known_N` ≤ the cutoff), and the latest `window` of them count.
    `known_N` and `at_M` are row numbers in time order.
    """
    usable_M = np.searchsorted(known_N, at_M, side="right")
    result_MH = np.zeros((len(at_M), score_NH.shape[1]))
    for m, end in enumerate(usable_M):
        recent = score_NH[max(0, end - window) : end]
        if len(recent):
            result_MH[m] = [margin(recent[:, h], coverage) for h in range(recent.shape[1])]
    return result_MH


def widen(low_NH: Floats, high_NH: Floats, margin_NH: Floats) -> tuple[Floats, Floats]:
    """The band moved out by the margin on both sides (in where it is negative), never crossing itself."""
    low, high = low_NH - margin_NH, high_NH + margin_NH
    middle = (low + high) / 2
    return np.minimum(low, middle), np.maximum(high, middle)
