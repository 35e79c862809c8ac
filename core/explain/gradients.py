"""Expected gradients: what every feature at every lag contributes to the forecast of each window.

Axis letters: N windows, L lookback, H steps, F features, K known features (as a last axis) or backgrounds (as a first
one), P players, W windows of one block, M nodes.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np

from core.events import Progress
from core.explain.explanation import additivity_error
from core.explain.shapley import BLOCK_BYTES, Player, Predict, ask, check
from core.types import Floats

# x (n, L, F) and known (n, H, K), both float32, to the derivatives by x (n, L, F) and by known (n, H, K) of the median
# forecast in target units, summed over the steps.
Gradient = Callable[[Floats, Floats], tuple[Floats, Floats]]

BLOCK_ROWS = 512  # backpropagation keeps every layer's states, and one thread is quickest at this size


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Contributions to the forecast summed over its steps, target units, float64.

    base + Σ cells_NLF + Σ known_NHK = forecast_N, up to `additivity_error` standard deviations of the forecast.
    """

    cells_NLF: Floats
    known_NHK: Floats
    base: float
    forecast_N: Floats
    additivity_error: float


def expected_gradients(
    gradient: Gradient,
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    nodes: int = 3,
) -> Generator[Progress, None, Cells]:
    """The mean over all backgrounds of integrated gradients; yields Progress and returns the Cells.

    Each line from a background to a window is integrated by Gauss–Legendre at `nodes` points, so the price is
    K · nodes gradients a window; `predict` serves the additivity error alone. Sundararajan et al. 2017; Erion et al.
    2021, eq. 6, with the expectation over a fixed set of backgrounds instead of random draws.

    Raises DataError without windows or backgrounds.
    """
    check(x_NLF, background_x_KLF)
    node_M, weight_M = np.polynomial.legendre.leggauss(nodes)
    node_M, weight_M = (node_M + 1) / 2, weight_M / 2  # from [−1, 1] to [0, 1]
    block = _block_windows(x_NLF, len(background_x_KLF) * nodes)
    total = math.ceil(len(x_NLF) / block)
    cells_NLF, known_cells_NHK = np.empty(x_NLF.shape), np.empty(known_NHK.shape)
    for done, start in enumerate(range(0, len(x_NLF), block), start=1):
        part = slice(start, start + block)
        x_nLF = _lines(x_NLF[part], background_x_KLF, node_M)
        by_x_nLF, by_known_nHK = gradient(x_nLF, _lines(known_NHK[part], background_known_KHK, node_M))
        cells_NLF[part] = _integral(by_x_nLF, x_NLF[part], background_x_KLF, weight_M)
        known_cells_NHK[part] = _integral(by_known_nHK, known_NHK[part], background_known_KHK, weight_M)
        yield Progress(done=done, total=total)
    forecast_N = ask(predict, x_NLF, known_NHK).sum(axis=1)
    base = float(ask(predict, background_x_KLF, background_known_KHK).sum(axis=1).mean())
    sum_N = cells_NLF.sum(axis=(1, 2)) + known_cells_NHK.sum(axis=(1, 2))
    error = additivity_error(sum_N[:, None, None], np.array([base]), forecast_N[:, None])
    return Cells(
        cells_NLF=cells_NLF, known_NHK=known_cells_NHK, base=base, forecast_N=forecast_N, additivity_error=error
    )


def by_cell(cells_NLF: Floats) -> Floats:
    """Mean absolute contribution of each feature at each lag: (L, F), target units; row 0 is the cutoff row."""
    return np.abs(cells_NLF).mean(axis=0)[::-1].copy()


def by_player(cells: Cells, players: tuple[Player, ...]) -> Floats:
    """The contribution of each player over all lags and known steps: (N, P), target units, summed over the steps."""
    past_NF, known_NK = cells.cells_NLF.sum(axis=1), cells.known_NHK.sum(axis=1)
    return np.stack(
        [past_NF[:, list(p.past)].sum(axis=1) + known_NK[:, list(p.known)].sum(axis=1) for p in players], axis=1
    )


def _block_windows(x_NLF: Floats, points: int) -> int:
    rows = min(BLOCK_ROWS, BLOCK_BYTES // (8 * x_NLF[0].size))
    return max(1, rows // points)


def _lines(x_WTF: Floats, background_KTF: Floats, node_M: Floats) -> Floats:
    """The nodes of every line from a background to a window as one batch: (W · K · M, T, F), float32."""
    node_M11 = node_M[:, None, None].astype(np.float32)
    start_1K1TF = background_KTF[None, :, None]
    line_WKMTF = start_1K1TF + node_M11 * (x_WTF[:, None, None] - start_1K1TF)
    return line_WKMTF.reshape(math.prod(line_WKMTF.shape[:3]), *x_WTF.shape[1:])


def _integral(slope_nTF: Floats, x_WTF: Floats, background_KTF: Floats, weight_M: Floats) -> Floats:
    """Mean over the backgrounds of (x − background) × the mean slope along the line: (W, T, F), float64."""
    shape = (len(x_WTF), len(background_KTF), len(weight_M), *x_WTF.shape[1:])
    mean_WKTF = np.einsum("wkmtf,m->wktf", slope_nTF.reshape(shape), weight_M)
    return (mean_WKTF * (x_WTF[:, None] - background_KTF.astype(np.float64))).mean(axis=1)
