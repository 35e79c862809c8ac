"""Combines a network with linear forecasts: those whose errors it learns, and the shares of all in the forecast.

Axis letters: N windows, L rows of a window, F inputs, H steps, K forecasts.
"""

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.defaults import plain_level
from core.datasets.windows import Prepared
from core.models.kinds import MODELS
from core.spec import MEAN, Spec
from core.training import linear_maps
from core.types import Floats, Windows

if TYPE_CHECKING:
    from core.models.mixture import LinearMap, Mixture
    from core.models.network import Network

PRIOR = 0.02  # how strongly shares are drawn to equal ones, in units of the variance of the labels
SPREAD = 1 / 2  # of the shares of a level about equal ones, before any data


def applies(spec: Spec, prepared: Prepared) -> bool:
    """Whether forecasts of this recipe can be combined with those of the linear models.

    Probabilities add up to no probability of the combined event, a linear kind is one of the models itself, and a
    network that learns raw levels has other units.
    """
    kind = prepared.kind
    wanted = spec.model.combine and "combine" in MODELS[spec.model.kind].fields
    return wanted and not kind.binary and (prepared.anchored or not kind.level)


def build(spec: Spec, prepared: Prepared) -> dict[str, "LinearMap"]:
    """The linear maps that networks can be combined with, by name; none if the recipe or the target allows none.

    Of a level that is no price a network learns what the fitted ones leave: their `skip` is the share in the best
    combination of them on the validation split. (Development series, validation: .993 of the better linear model
    without, .976 with it. On volatility it costs 1 to 5 %, on prices and returns it changes nothing.)
    """
    if not applies(spec, prepared):
        return {}
    maps = linear_maps.build(spec, prepared)
    fitted = [name for name in maps if name in linear_maps.FITTED]
    if not fitted or not plain_level(spec, str(spec.target.column)):
        return maps
    forecast_KNH = np.stack([linear_maps.forecast(maps[name], prepared.splits.val) for name in fitted])
    skips = dict(
        zip(
            fitted, choose_shares(forecast_KNH, linear_maps.labels(prepared.splits.val, prepared)).tolist(), strict=True
        )
    )
    return {name: of_map.with_shares(0.0, skips.get(name, 0.0)) for name, of_map in maps.items()}


def skip(maps: dict[str, "LinearMap"], windows: Windows) -> Floats | None:
    """The linear forecast (N, H) whose errors a network learns, standardised; None if it learns all by itself."""
    parts = [float(of_map.skip) * linear_maps.forecast(of_map, windows) for of_map in maps.values() if of_map.skip > 0]
    return np.sum(parts, axis=0) if parts else None


def combine(spec: Spec, net: "Network", prepared: Prepared, maps: dict[str, "LinearMap"]) -> "Mixture | None":
    """The maps with the shares that forecast the validation windows best together with `net`; None without maps.

    For a level that is no price the shares have a normal prior about equal ones of what has learned, and none of naive
    rule and mean label: with errors of variance v, their posterior mode minimises the mean squared error plus
    v / (m · SPREAD²) · Σ (share − prior)². Windows of a horizon overlap, so m = n / H of n are independent, and v is
    the mean squared error of the best forecast alone. (Against a pull of PRIOR + 1 / m that does not fall with the
    errors: .995 on the other half of the validation split, 1.007 on the calibration split, .989 on 39 short pieces of
    the training parts of the development series; half-hourly demand, of which the network explains .99, .012 for .023.)
    """
    if not maps:
        return None
    import torch

    from core.models.inference import compute_distribution, compute_outputs
    from core.models.mixture import Mixture

    val = prepared.splits.val
    own_NH = compute_distribution(net, compute_outputs(net, val.x_NLF, val.known_NHK, val.symbol_N))[..., MEAN]
    skip_NH = skip(maps, val)
    own_NH = own_NH if skip_NH is None else own_NH + skip_NH
    forecast_KNH = np.stack([*(linear_maps.forecast(of_map, val) for of_map in maps.values()), own_NH])
    y_NH, independent = linear_maps.labels(val, prepared), len(val) / val.rows.steps[-1]
    toward_K, strength = np.full(len(maps) + 2, 1 / (len(maps) + 2)), PRIOR
    if plain_level(spec, str(spec.target.column)):
        toward_K = np.array([*(name in linear_maps.FITTED for name in maps), True, False], dtype=float)
        toward_K, strength = toward_K / toward_K.sum(), _unexplained(forecast_KNH, y_NH) / (independent * SPREAD**2)
    *shares, own = choose_shares(forecast_KNH, y_NH, toward_K, strength).tolist()
    taken = {
        name: of_map.with_shares(share, float(of_map.skip))
        for (name, of_map), share in zip(maps.items(), shares, strict=True)
        if share > 0 or (of_map.skip > 0 and own > 0)
    }
    return Mixture(taken, torch.tensor(own))


def _unexplained(forecast_KNH: Floats, y_NH: Floats) -> float:
    """The share of the variance of the labels that the best of the forecasts leaves; at most one."""
    variance, errors_K = float(y_NH.var()), np.square(y_NH - forecast_KNH).mean(axis=(1, 2))
    return min(float(errors_K.min()) / variance, 1.0) if variance > 0 else 1.0


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
