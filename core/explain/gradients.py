"""Expected gradients: the contribution of every feature at every lag to the forecast of each window.

Axis letters: N windows, L lookback, H steps, F features, K known features (as a last axis) or backgrounds (as a first
one), P players, W windows of one block, M nodes.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np

from core.events import Progress
from core.explain.explanation import additivity_error
from core.explain.game import Player, Predict, check_not_empty, predict_float64
from core.explain.shapley import BLOCK_BYTES
from core.types import Floats

# Maps x (n, L, F) and known (n, H, K), both float32, to the derivatives of the mean forecast, in target units and
# summed over the steps, with respect to x (n, L, F) and to known (n, H, K).
Gradient = Callable[[Floats, Floats], tuple[Floats, Floats]]

BLOCK_ROWS = 512  # backpropagation stores every layer's states; one thread is fastest at this size


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureLagAttribution:
    """Contributions to the forecast summed over its steps, target units, float64.

    base + Σ values_NLF + Σ known_NHK = forecast_N, up to `additivity_error` standard deviations of the forecast.
    """

    values_NLF: Floats
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
) -> Generator[Progress, None, FeatureLagAttribution]:
    """The mean of integrated gradients over all backgrounds; yields Progress and returns the FeatureLagAttribution.

    The path from each background to a window is integrated by Gauss–Legendre quadrature at `nodes` points, so the cost
    is K · nodes gradients per window; `predict` only serves the additivity error. Sundararajan et al. 2017; Erion et
    al. 2021, eq. 6, with the expectation over a fixed set of backgrounds instead of random draws.

    Raises DataError without windows or backgrounds.
    """
    check_not_empty(x_NLF, background_x_KLF)
    node_M, weight_M = np.polynomial.legendre.leggauss(nodes)
    node_M, weight_M = (node_M + 1) / 2, weight_M / 2  # from [−1, 1] to [0, 1]
    size = _block_windows(x_NLF, len(background_x_KLF) * nodes)
    total = math.ceil(len(x_NLF) / size)
    values_NLF, known_values_NHK = np.empty(x_NLF.shape), np.empty(known_NHK.shape)
    for done, start in enumerate(range(0, len(x_NLF), size), start=1):
        block_N = slice(start, start + size)
        x_nLF = _path_points(x_NLF[block_N], background_x_KLF, node_M)
        by_x_nLF, by_known_nHK = gradient(x_nLF, _path_points(known_NHK[block_N], background_known_KHK, node_M))
        values_NLF[block_N] = _integrate(by_x_nLF, x_NLF[block_N], background_x_KLF, weight_M)
        known_values_NHK[block_N] = _integrate(by_known_nHK, known_NHK[block_N], background_known_KHK, weight_M)
        yield Progress(done=done, total=total)
    forecast_N = predict_float64(predict, x_NLF, known_NHK).sum(axis=1)
    base = float(predict_float64(predict, background_x_KLF, background_known_KHK).sum(axis=1).mean())
    sum_N = values_NLF.sum(axis=(1, 2)) + known_values_NHK.sum(axis=(1, 2))
    error = additivity_error(sum_N[:, None, None], np.array([base]), forecast_N[:, None])
    return FeatureLagAttribution(
        values_NLF=values_NLF, known_NHK=known_values_NHK, base=base, forecast_N=forecast_N, additivity_error=error
    )


def by_lag_and_feature(values_NLF: Floats) -> Floats:
    """Mean absolute contribution of each feature at each lag: (L, F), target units; row 0 is the cutoff row."""
    return np.abs(values_NLF).mean(axis=0)[::-1].copy()


def by_player(attribution: FeatureLagAttribution, players: tuple[Player, ...]) -> Floats:
    """The contribution of each player over all lags and known steps: (N, P), target units, summed over the steps."""
    past_NF, known_NK = attribution.values_NLF.sum(axis=1), attribution.known_NHK.sum(axis=1)
    return np.stack(
        [past_NF[:, list(p.past)].sum(axis=1) + known_NK[:, list(p.known)].sum(axis=1) for p in players], axis=1
    )


def _block_windows(x_NLF: Floats, points: int) -> int:
    rows = min(BLOCK_ROWS, BLOCK_BYTES // (8 * x_NLF[0].size))
    return max(1, rows // points)


def _path_points(x_WTF: Floats, background_KTF: Floats, node_M: Floats) -> Floats:
    """The quadrature nodes of every path from a background to a window as one batch: (W · K · M, T, F), float32."""
    node_M11 = node_M[:, None, None].astype(np.float32)
    start_1K1TF = background_KTF[None, :, None]
    line_WKMTF = start_1K1TF + node_M11 * (x_WTF[:, None, None] - start_1K1TF)
    return line_WKMTF.reshape(math.prod(line_WKMTF.shape[:3]), *x_WTF.shape[1:])


def _integrate(slope_nTF: Floats, x_WTF: Floats, background_KTF: Floats, weight_M: Floats) -> Floats:
    """Mean over the backgrounds of (x − background) × the mean slope along the path: (W, T, F), float64."""
    shape = (len(x_WTF), len(background_KTF), len(weight_M), *x_WTF.shape[1:])
    mean_WKTF = np.einsum("wkmtf,m->wktf", slope_nTF.reshape(shape), weight_M)
    return (mean_WKTF * (x_WTF[:, None] - background_KTF.astype(np.float64))).mean(axis=1)
