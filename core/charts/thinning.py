"""Choose which of many points a chart draws, so that no figure becomes heavy."""

from itertools import pairwise

import numpy as np

from core.types import Floats, Ints

LIMIT = 3000  # points per trace


def thin(values_T: Floats, limit: int = LIMIT) -> Ints:
    """Sorted positions of at most `limit` values: both ends, and the minimum and maximum of equal segments.

    Keeps every spike that even spacing would lose. Returns all positions if there are at most `limit`.
    """
    count = len(values_T)
    if count <= limit:
        return np.arange(count)
    low_T, high_T = (np.where(np.isnan(values_T), fill, values_T) for fill in (np.inf, -np.inf))
    edges = np.linspace(0, count, max(1, limit // 2 - 1) + 1).astype(int)
    positions = {0, count - 1}
    for start, end in pairwise(edges):
        positions |= {start + int(np.argmin(low_T[start:end])), start + int(np.argmax(high_T[start:end]))}
    return np.array(sorted(positions), dtype=np.int64)


def thin_evenly(count: int, limit: int = LIMIT) -> Ints:
    """Sorted, evenly spaced positions: at most `limit` of `count`, including the last."""
    if count <= limit:
        return np.arange(count)
    return np.linspace(count - 1, 0, limit).round().astype(np.int64)[::-1].copy()


def group_starts(count: int, limit: int = LIMIT) -> Ints:
    """Where each of at most `limit` groups of equally many consecutive rows starts; only the first may be smaller.

    The groups are for what is aggregated rather than chosen: the high of a group is its largest high.
    """
    if not count:
        return np.zeros(0, dtype=np.int64)
    size = -(-count // limit)
    return np.unique(np.maximum(np.arange(count - size, -size, -size), 0))
