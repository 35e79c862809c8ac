"""The training windows that are most similar to a given window.

Axis letters: N windows, L lookback, F features, K neighbours.
"""

import numpy as np

from core.types import Floats, Ints, Windows

NEIGHBOURS = 5
BLOCK = 4096  # windows compared at once: bounds the memory


def distances(windows: Windows, x_LF: Floats) -> Floats:
    """The Euclidean distance of each complete window from `x_LF`, both scaled, over √(L · F): (N,), scaled units.

    Computed row by row over blocks of windows, so that no window is copied whole.
    """
    x_TF, lookback = windows.rows.x_TF, windows.lookback
    square_N = np.zeros(len(windows))
    for start in range(0, len(windows), BLOCK):
        first_n = windows.cutoff_row_N[start : start + BLOCK] - lookback + 1
        for row in range(lookback):
            gap_nF = x_TF[first_n + row].astype(np.float64) - x_LF[row]
            square_N[start : start + BLOCK] += np.einsum("nf,nf->n", gap_nF, gap_nF)
    return np.sqrt(square_N / x_LF.size)


def nearest(windows: Windows, x_LF: Floats, apart: int, count: int = NEIGHBOURS) -> tuple[Ints, Floats]:
    """Positions and distances of at most `count` complete windows most similar to `x_LF`, nearest first: (K,) each.

    Cutoffs of one symbol are at least `apart` rows from each other: adjacent windows are nearly identical and share
    most of their outcomes.
    """
    distance_N = distances(windows, x_LF)
    row_N, symbol_N = windows.cutoff_row_N, windows.symbol_N
    chosen: list[int] = []
    free_N = np.ones(len(windows), dtype=bool)
    while len(chosen) < count and free_N.any():
        best = int(np.argmin(np.where(free_N, distance_N, np.inf)))
        chosen.append(best)
        free_N &= (np.abs(row_N - row_N[best]) >= apart) | (symbol_N != symbol_N[best])
        free_N[best] = False
    return np.array(chosen, dtype=np.int64), distance_N[chosen]
