"""How far off each forecast is expected to be: the unit in which errors at low and at high volatility are alike.

No interval is drawn before `first_row`, so what is known there may serve every cutoff before it.
Axis letters: N forecasts in time order, H steps.
"""

import numpy as np

from core.types import Floats, Ints

HALF_LIFE = 10  # outcomes that do not overlap, after which an error counts half in the fast mean
SLOWER = 10  # times as long in the slow mean
MEAN_TO_WIDTH = 0.2425  # E|z| / (2 · 1.645): mean absolute error of a normal variable over its 90 % interval
NARROWEST = 0.25  # of the mean error so far: the least spread of a forecast that has one
SMALLEST = 0.05  # the least stretch, lest a run of perfect forecasts end in a division by zero


def own_spread(width_NH: Floats, error_NH: Floats, known_NH: Ints, row_N: Ints, first_row: int) -> Floats:
    """The mean absolute error that each forecast states by the width of its own 90 % interval, or by the errors known
    at its cutoff if it is a point: (N, H), above zero."""
    mean_NH = np.empty_like(error_NH)
    for h in range(error_NH.shape[1]):
        end_N = np.searchsorted(known_NH[:, h], np.maximum(row_N, first_row), side="right")
        total_N = np.concatenate([[0.0], np.cumsum(error_NH[: int(end_N.max(initial=0)), h])])
        mean_N = total_N[end_N] / np.maximum(end_N, 1)
        # Scores of cutoffs before the first error are used from that error on, so they may be in its unit.
        first = mean_N[mean_N > 0][:1]
        mean_NH[:, h] = np.where(mean_N > 0, mean_N, first[0] if len(first) else 1.0)
    return np.where(width_NH > 0, np.maximum(MEAN_TO_WIDTH * width_NH, NARROWEST * mean_NH), mean_NH)


def stretch(ratio_N: Floats, known_N: Ints, row_N: Ints, first_row: int, delay: int) -> Floats:
    """How much larger errors are expected to be than the forecasts state, at each cutoff: (N,).

    The slow exponentially weighted mean of `ratio_N`, error over `own_spread`, moved towards the fast one by the share
    that past outcomes bore out: the discounted least-squares slope of outcomes less slow mean on fast less slow mean,
    each as known at the cutoff of the outcome and in units of the fast mean. A model whose widths already follow the
    volatility is left alone, and one whose widths do not is corrected in full. Of outcomes that are known `delay` rows
    later as many overlap, and half-lives are that many times as long. Both means start at that of the ratios known at
    `first_row` and of a single one.
    """
    end_N = np.searchsorted(known_N, row_N, side="right")
    keep_fast, keep_slow = (0.5 ** (1 / (outcomes * delay)) for outcomes in (HALF_LIFE, SLOWER * HALF_LIFE))
    early_N = ratio_N[: int(np.searchsorted(known_N, first_row, side="right"))]
    fast = slow = max((1 + float(early_N.sum())) / (1 + len(early_N)), SMALLEST)
    product, square = 0.5, 1.0  # a slope of one half, as if one outcome had shown it
    mean_N, expected_N = [(fast, slow)], [slow]
    for ratio, end in zip(ratio_N[: int(end_N.max(initial=0))].tolist(), end_N.tolist(), strict=False):
        old_fast, old_slow = mean_N[end]
        lead = 1 - old_slow / old_fast
        product = keep_slow * product + lead * (ratio - old_slow) / old_fast
        square = keep_slow * square + lead**2
        fast = max(keep_fast * fast + (1 - keep_fast) * ratio, SMALLEST)
        slow = keep_slow * slow + (1 - keep_slow) * ratio
        mean_N.append((fast, slow))
        expected_N.append(slow + min(max(product / square, 0.0), 1.0) * (fast - slow))
    return np.maximum(np.array(expected_N)[end_N], SMALLEST)
