"""The windows of the training part that are most like a given one.

Axis letters: N windows, L lookback, F features, K neighbours.
"""

import numpy as np

from core.types import Floats, Ints, Windows

NEIGHBOURS = 5
BLOCK = 4096  # windows whose rows are compared at once: bounds the memory


def distances(windows: Windows, x_LF: Floats) -> Floats:
    """The Euclidean distance of each whole window from `x_LF`, both scaled, over √(L · F): (N,), in units of the scale.

    Row by row of the window over blocks of windows, so that no window is copied whole.
    """
    x_TF, lookback = windows.rows.x_TF, windows.lookback
    square_N = np.zeros(len(windows))
    for start in range(0, len(windows), BLOCK):
        first_n = windows.cutoff_row_N[start : start + BLOCK] - lookback + 1
        for row in range(lookback):
            apart_nF = x_TF[first_n + row].astype(np.float64) - x_LF[row]
            square_N[start : start + BLOCK] += np.einsum("nf,nf->n", apart_nF, apart_nF)
    return np.sqrt(square_N / x_LF.size)


def nearest(windows: Windows, x_LF: Floats, apart: int, count: int = NEIGHBOURS) -> tuple[Ints, Floats]:
    """Positions and distances of at most `count` whole windows most like `x_LF`, the most similar first: (K,) each.

    Cutoffs of one symbol lie at least `apart` rows from each other: neighbours of one day are nearly the same window,
    and what followed them would be told several times.
    """
    distance_N = distances(windows, x_LF)
    row_N, symbol_N = windows.cutoff_row_N, windows.symbol_N
    found: list[int] = []
    free_N = np.ones(len(windows), dtype=bool)
    while len(found) < count and free_N.any():
        best = int(np.argmin(np.where(free_N, distance_N, np.inf)))
        found.append(best)
        free_N &= (np.abs(row_N - row_N[best]) >= apart) | (symbol_N != symbol_N[best])
        free_N[best] = False
    return np.array(found, dtype=np.int64), distance_N[found]
