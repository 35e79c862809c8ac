"""Combines a trained network with the linear models: the shares that are best on the validation split.

Axis letters: N windows, L rows of a window, C inputs of a linear model, F inputs, H steps, S symbols, K forecasts.
"""

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from core.baselines import linear
from core.baselines.linear import Fitted
from core.datasets.windows import Prepared, network_targets
from core.errors import DataError
from core.models.kinds import MODELS
from core.spec import MEAN, Spec
from core.threads import one_thread
from core.types import Floats, Ints

if TYPE_CHECKING:
    from core.models.mixture import LinearMap, Mixture
    from core.models.network import Network

LINEAR = ("nlinear", "ridge")
PRIOR = 0.02  # how strongly shares are drawn to equal ones, in units of the variance of the labels


def applies(spec: Spec, prepared: Prepared) -> bool:
    """Whether forecasts of this recipe can be combined with those of the linear models.

    Probabilities add up to no probability of the combined event, a linear kind is one of the models itself, and a
    network that learns raw levels has other units.
    """
    kind = prepared.kind
    wanted = spec.model.combine and "combine" in MODELS[spec.model.kind].fields
    return wanted and not kind.binary and (prepared.anchored or not kind.level)


def linear_maps(spec: Spec, prepared: Prepared) -> dict[str, "LinearMap"]:
    """NLinear, if the target's own history is an input, and ridge, fitted on the training split, as maps of the
    network's inputs; one that the data do not allow is missing."""
    maps = {}
    for name in LINEAR:
        columns = _columns(name, f"column:{spec.target.column}", prepared)
        if len(columns):
            try:
                with one_thread():
                    fitted = linear.fit(name, prepared.splits.train, prepared.splits.val, prepared.kind)
            except DataError:
                continue  # among the baselines it is left out with this reason
            maps[name] = _to_map(fitted, prepared, columns)
    return maps


def combine(net: "Network", prepared: Prepared, maps: dict[str, "LinearMap"]) -> "Mixture":
    """The maps with the shares that forecast the validation windows best together with `net`."""
    import torch

    from core.models.inference import compute_distribution, compute_outputs
    from core.models.mixture import LinearMap, Mixture

    val = prepared.splits.val
    x_NLF, symbol_N = val.x_NLF, torch.from_numpy(val.symbol_N.astype(np.int64))
    own_NH = compute_distribution(net, compute_outputs(net, x_NLF, val.known_NHK, val.symbol_N))[..., MEAN]
    x = torch.from_numpy(np.ascontiguousarray(x_NLF))
    forecasts = [of_map(of_map.read(x), symbol_N).numpy() for of_map in maps.values()]
    target_TH = prepared.y_scaler.apply(network_targets(val.rows, prepared.anchored), val.rows.symbol_T)
    share_K = choose_shares(np.stack([*forecasts, own_NH]), target_TH[val.cutoff_row_N])
    *shares, own = torch.from_numpy(share_K.astype(np.float32))
    taken = {name: (of_map, share) for (name, of_map), share in zip(maps.items(), shares, strict=True) if share > 0}
    return Mixture(
        {name: LinearMap(of_map.state_dict() | {"share": share}) for name, (of_map, share) in taken.items()}, own
    )


def choose_shares(forecast_KNH: Floats, y_NH: Floats) -> Floats:
    """The shares (K,) of forecasts of standardised labels: at least zero, and at most one together.

    They minimise mean (y − Σ share · forecast)² + .02 · var(y) · Σ (share − 1 / (K + 1))² over the shares of the
    forecasts and of the mean label, which add up to one. Combined forecasts are seldom worse than the best of them, and
    shares near equal ones are hard to beat (Bates & Granger 1969; Diebold & Pauly 1990). Solved exactly: of each set of
    forecasts that may take part, the stationary point.
    """
    flat_KN = np.concatenate([forecast_KNH.reshape(len(forecast_KNH), -1), np.zeros((1, y_NH.size))])
    count, weight = len(flat_KN), PRIOR * float(y_NH.var())
    gram_KK = flat_KN @ flat_KN.T / y_NH.size + weight * np.eye(count)
    cross_K = flat_KN @ y_NH.ravel() / y_NH.size + weight / count
    best_K, least = np.full(count, 1 / count), np.inf
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


def _columns(name: str, target: str, prepared: Prepared) -> Ints:
    """The inputs that a linear model reads; none if the network does not have them as the model needs them."""
    rows = prepared.splits.train.rows
    if name == "ridge":
        return np.arange(len(rows.features))
    scaler, columns = prepared.x_scaler, np.flatnonzero([feature == target for feature in rows.features])
    clipped = len(columns) and scaler.low_SC is not None and np.isfinite(scaler.low_SC[:, columns]).any()
    return columns if prepared.kind.level and not clipped else columns[:0]


def _to_map(fitted: Fitted, prepared: Prepared, columns: Ints) -> "LinearMap":
    """A fitted linear model as a map of the network's inputs, with forecasts in the network's units."""
    import torch

    from core.models.mixture import LinearMap

    lookback, inputs, steps = prepared.splits.train.lookback, len(columns), fitted.weight_DH.shape[1]
    newest_LCH = fitted.weight_DH.reshape(-1, inputs, steps)
    factor_S = np.ones(len(fitted.scaler.scale_SC))
    if fitted.name == "nlinear":  # it reads distances from the last value, in units of the target's change
        newest_LCH = np.concatenate([-newest_LCH.sum(axis=0, keepdims=True), newest_LCH])
        factor_S = prepared.x_scaler.scale_SC[:, columns[0]] / fitted.scaler.scale_SC[:, -1]
    weight_LCH = np.zeros((lookback, inputs, steps))
    weight_LCH[lookback - len(newest_LCH) :] = newest_LCH[::-1]
    own, ours = fitted.scaler, prepared.y_scaler
    offset_SH = (fitted.bias_H * own.scale_SC + own.center_SC - ours.center_SC) / ours.scale_SC
    # Of a symbol without training windows, for which the network does not answer, nothing is kept.
    seen_S = np.isin(np.arange(len(factor_S)), prepared.splits.train.symbol_N)
    arrays = {
        "weight_LCH": weight_LCH,
        "factor_S": factor_S * seen_S,
        "scale_SH": own.scale_SC / ours.scale_SC * seen_S[:, None],
        "offset_SH": offset_SH * seen_S[:, None],
    }
    tensors = {name: torch.from_numpy(values.astype(np.float32)) for name, values in arrays.items()}
    return LinearMap(tensors | {"columns_C": torch.from_numpy(columns.astype(np.int64)), "share": torch.tensor(1.0)})
