"""Which of many points a chart draws, so that no figure grows heavy."""

from itertools import pairwise

import numpy as np

from core.types import Floats, Ints

LIMIT = 3000  # points of one trace


def thin(values_T: Floats, limit: int = LIMIT) -> Ints:
    """Positions of at most `limit` values, sorted: the ends, and the lowest and highest of equal stretches.

    All positions where there are no more than `limit`. Keeps every spike that an even choice would lose.
    """
    count = len(values_T)
    if count <= limit:
        return np.arange(count)
    low_T, high_T = (np.where(np.isnan(values_T), fill, values_T) for fill in (np.inf, -np.inf))
    edges = np.linspace(0, count, max(1, limit // 2 - 1) + 1).astype(int)
    kept = {0, count - 1}
    for start, end in pairwise(edges):
        kept |= {start + int(np.argmin(low_T[start:end])), start + int(np.argmax(high_T[start:end]))}
    return np.array(sorted(kept), dtype=np.int64)


def even(count: int, limit: int = LIMIT) -> Ints:
    """At most `limit` of `count` positions, evenly spaced, the last one among them; sorted."""
    if count <= limit:
        return np.arange(count)
    return np.linspace(count - 1, 0, limit).round().astype(np.int64)[::-1].copy()
