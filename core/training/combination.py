"""Combines a trained network with linear forecasts: the shares that are best on the validation split.

Axis letters: N windows, L rows of a window, F inputs, H steps, K forecasts.
"""

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.defaults import plain_level
from core.datasets.windows import Prepared, network_targets
from core.models.kinds import MODELS
from core.spec import MEAN, Spec
from core.training import linear_maps
from core.types import Floats

if TYPE_CHECKING:
    from core.models.mixture import LinearMap, Mixture
    from core.models.network import Network

PRIOR = 0.02  # how strongly shares are drawn to equal ones, in units of the variance of the labels


def applies(spec: Spec, prepared: Prepared) -> bool:
    """Whether forecasts of this recipe can be combined with those of the linear models.

    Probabilities add up to no probability of the combined event, a linear kind is one of the models itself, and a
    network that learns raw levels has other units.
    """
    kind = prepared.kind
    wanted = spec.model.combine and "combine" in MODELS[spec.model.kind].fields
    return wanted and not kind.binary and (prepared.anchored or not kind.level)


def combine(spec: Spec, net: "Network", prepared: Prepared, maps: dict[str, "LinearMap"]) -> "Mixture":
    """The maps with the shares that forecast the validation windows best together with `net`.

    Windows of a horizon overlap, so of n of them n / H are independent. For a level that is no price the fewer those
    are, the more the shares are drawn to equal ones of what has learned, and none of naive rule and mean label.
    """
    import torch

    from core.models.inference import compute_distribution, compute_outputs
    from core.models.mixture import LinearMap, Mixture

    val = prepared.splits.val
    x_NLF, symbol_N = val.x_NLF, torch.from_numpy(val.symbol_N.astype(np.int64))
    own_NH = compute_distribution(net, compute_outputs(net, x_NLF, val.known_NHK, val.symbol_N))[..., MEAN]
    x = torch.from_numpy(np.ascontiguousarray(x_NLF))
    forecasts = [of_map(of_map.read(x), symbol_N).numpy() for of_map in maps.values()]
    target_TH = prepared.y_scaler.apply(network_targets(val.rows, prepared.anchored), val.rows.symbol_T)
    toward_K, strength = np.full(len(maps) + 2, 1 / (len(maps) + 2)), PRIOR
    if plain_level(spec, str(spec.target.column)):
        toward_K = np.array([*(name in linear_maps.FITTED for name in maps), True, False], dtype=float)
        toward_K, strength = toward_K / toward_K.sum(), PRIOR + val.rows.steps[-1] / len(val)
    share_K = choose_shares(np.stack([*forecasts, own_NH]), target_TH[val.cutoff_row_N], toward_K, strength)
    *shares, own = torch.from_numpy(share_K.astype(np.float32))
    taken = {name: (of_map, share) for (name, of_map), share in zip(maps.items(), shares, strict=True) if share > 0}
    return Mixture(
        {name: LinearMap(of_map.state_dict() | {"share": share}) for name, (of_map, share) in taken.items()}, own
    )


def choose_shares(
    forecast_KNH: Floats, y_NH: Floats, toward_K: Floats | None = None, strength: float = PRIOR
) -> Floats:
    """The shares (K,) of forecasts of standardised labels: at least zero, and at most one together.

    They minimise mean (y − Σ share · forecast)² + strength · var(y) · Σ (share − toward)² over the shares of the
    forecasts and of the mean label, which add up to one; `toward_K` has K + 1, equal ones if it is not given. Combined
    forecasts are seldom worse than the best of them, and shares near equal ones are hard to beat (Bates & Granger 1969;
    Diebold & Pauly 1990). Solved exactly: of each set of forecasts that may take part, the stationary point.
    """
    flat_KN = np.concatenate([forecast_KNH.reshape(len(forecast_KNH), -1), np.zeros((1, y_NH.size))])
    count, weight = len(flat_KN), strength * float(y_NH.var())
    toward_K = np.full(count, 1 / count) if toward_K is None else toward_K
    gram_KK = flat_KN @ flat_KN.T / y_NH.size + weight * np.eye(count)
    cross_K = flat_KN @ y_NH.ravel() / y_NH.size + weight * toward_K
    best_K, least = toward_K, np.inf
    for size in range(1, count + 1):
        for part in map(list, combinations(range(count), size)):
            # Lagrange: the gradient is the same for all that take part, and their shares add up to one.
            system = np.ones((size + 1, size + 1))
            system[:size, :size], system[size, size] = gram_KK[np.ix_(part, part)], 0.0
            share_K = np.zeros(count)
            share_K[part] = np.linalg.lstsq(system, np.append(cross_K[part], 1.0), rcond=None)[0][:size]
            value = float(share_K @ gram_KK @ share_K - 2 * cross_K @ share_K)
            if (share_K >= 0).all() and value < least:
                best_K, least = share_K, value
    return best_K[:-1]
