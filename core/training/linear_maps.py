"""The linear forecasts that a network is combined with, as maps of its inputs: fitted models and naive rules.

Axis letters: L rows of a window, C inputs of a linear model, H steps, S symbols, K known features.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.baselines import linear
from core.baselines.linear import Fitted
from core.datasets import frequency
from core.datasets.defaults import plain_level
from core.datasets.windows import Prepared, network_targets
from core.errors import DataError
from core.spec import Spec
from core.threads import one_thread
from core.types import Floats, Ints, Windows

if TYPE_CHECKING:
    from core.models.mixture import LinearMap

FITTED = ("nlinear", "ridge")
GATHER = 2048  # windows whose rows are gathered at once
RULE_WINDOWS = 1000  # training windows, evenly spaced, on which the naive rules are compared


def build(spec: Spec, prepared: Prepared) -> dict[str, "LinearMap"]:
    """The maps that the data allow, by name: NLinear and ridge, fitted on the training split, and one naive rule.

    NLinear and all rules but the last value need the target's own history as an input. Only a level that is no price
    has a rule: of returns, volatility and prices the mean label, which is always a part of the combination, is one.
    """
    plain = plain_level(spec, str(spec.target.column))
    return _fitted(spec, prepared) | (_naive(spec, prepared) if plain else {})


def _fitted(spec: Spec, prepared: Prepared) -> dict[str, "LinearMap"]:
    maps = {}
    for name in FITTED:
        columns = _columns(name, spec, prepared)
        if len(columns):
            try:
                with one_thread():
                    fitted = linear.fit(name, prepared.splits.train, prepared.splits.val, prepared.kind)
            except DataError:
                continue  # among the baselines it is left out with this reason
            maps[name] = _of_fitted(fitted, prepared, columns)
    return maps


def _naive(spec: Spec, prepared: Prepared) -> dict[str, "LinearMap"]:
    """The rule with the smallest squared error on the training split; rules learn nothing, so they do not overfit it.

    Of the validation windows, which are few, the best of several rules would be the luckiest.
    """
    train = prepared.splits.train
    some = train.take(np.unique(np.linspace(0, len(train) - 1, RULE_WINDOWS).astype(int)))
    maps, label_NH = rules(spec, prepared), labels(some, prepared)
    errors = {name: float(np.square(forecast(of_map, some) - label_NH).mean()) for name, of_map in maps.items()}
    best = min(errors, key=errors.__getitem__)
    return {best: maps[best]}


def forecast(of_map: "LinearMap", windows: Windows) -> Floats:
    """The forecast of a map for windows (N, H), standardised."""
    import torch

    parts = []
    for begin in range(0, len(windows), GATHER):
        some = windows.take(np.arange(begin, min(begin + GATHER, len(windows))))
        x, known = (torch.from_numpy(np.ascontiguousarray(values)) for values in (some.x_NLF, some.known_NHK))
        parts.append(of_map(of_map.read(x), known, torch.from_numpy(some.symbol_N.astype(np.int64))).numpy())
    return np.concatenate(parts)


def labels(windows: Windows, prepared: Prepared) -> Floats:
    """The labels of windows (N, H), standardised."""
    target_TH = prepared.y_scaler.apply(network_targets(windows.rows, prepared.anchored), windows.rows.symbol_T)
    return target_TH[windows.cutoff_row_N]


def rules(spec: Spec, prepared: Prepared) -> dict[str, "LinearMap"]:
    """The last value, the mean of the window and, if a window holds a whole season, the value one season ago.

    (Hyndman & Athanasopoulos 2021, 5.2.) The value one season ago is no forecast of a mean over several steps.
    """
    train, columns = prepared.splits.train, _own_column(spec, prepared)
    lookback, step_H = train.lookback, np.array(train.rows.steps)
    weights = {"last_value": np.zeros((lookback, len(step_H)))}
    if len(columns):
        weights["window_mean"] = np.full((lookback, len(step_H)), 1 / lookback)
        season = frequency.season(pd.DatetimeIndex(train.rows.time_T[train.rows.symbol_T == train.symbol_N[0]]))
        if 1 < season <= lookback and not prepared.kind.averaged:
            weights["seasonal"] = np.zeros((lookback, len(step_H)))
            back_H = season * -(-step_H // season) - step_H  # rows before the cutoff
            weights["seasonal"][lookback - 1 - back_H, np.arange(len(step_H))] = 1.0
    return {name: _of_rule(weight_LH, prepared, columns) for name, weight_LH in weights.items()}


def _columns(name: str, spec: Spec, prepared: Prepared) -> Ints:
    """The inputs that a linear model reads; none if the network does not have them as the model needs them."""
    every = np.arange(len(prepared.splits.train.rows.features))
    return every if name == "ridge" else _own_column(spec, prepared)


def _own_column(spec: Spec, prepared: Prepared) -> Ints:
    """The input that is the level itself; none if there is none or it is clipped."""
    rows, scaler = prepared.splits.train.rows, prepared.x_scaler
    columns = np.flatnonzero([feature == f"column:{spec.target.column}" for feature in rows.features])
    clipped = len(columns) and scaler.low_SC is not None and np.isfinite(scaler.low_SC[:, columns]).any()
    return columns if prepared.kind.level and not clipped else columns[:0]


def _of_fitted(fitted: Fitted, prepared: Prepared, columns: Ints) -> "LinearMap":
    """A fitted linear model as a map of the network's inputs, with forecasts in the network's units."""
    lookback, inputs, steps = prepared.splits.train.lookback, len(columns), fitted.weight_DH.shape[1]
    newest_LCH, own = fitted.weight_DH.reshape(-1, inputs, steps), fitted.scaler
    factor_S = np.ones(len(own.scale_SC))
    if fitted.name == "nlinear":  # it reads distances from the last value, in units of the target's change
        newest_LCH = np.concatenate([-newest_LCH.sum(axis=0, keepdims=True), newest_LCH])
        factor_S = prepared.x_scaler.scale_SC[:, columns[0]] / own.scale_SC[:, -1]
    weight_LCH = np.zeros((lookback, inputs, steps))
    weight_LCH[lookback - len(newest_LCH) :] = newest_LCH[::-1]
    scale_SH, offset_SH = own.scale_SC, fitted.bias_H * own.scale_SC + own.center_SC
    known_HK = None
    if len(fitted.plans_P):
        known_HK = np.zeros((steps, len(prepared.splits.train.rows.known)))
        known_HK[:, fitted.plans_P] = fitted.plan_HP
    return _map(prepared, columns, weight_LCH, factor_S, scale_SH, offset_SH, known_HK)


def _of_rule(weight_LH: Floats, prepared: Prepared, columns: Ints) -> "LinearMap":
    """The map to the distance of a weighted mean of the window from its last value; without weights there is none."""
    one_SH = np.ones_like(prepared.y_scaler.scale_SC)
    if not weight_LH.any():
        return _map(prepared, columns[:0], weight_LH[:, None][:, :0], one_SH[:, 0], one_SH, 0 * one_SH)
    weight_LH[-1] -= 1.0
    factor_S = prepared.x_scaler.scale_SC[:, columns[0]]
    return _map(prepared, columns, weight_LH[:, None], factor_S, one_SH, 0 * one_SH)


def _map(
    prepared: Prepared,
    columns: Ints,
    weight_LCH: Floats,
    factor_S: Floats,
    scale_SH: Floats,
    offset_SH: Floats,
    known_HK: Floats | None = None,
) -> "LinearMap":
    """The map to factor · (Σ weight · input + Σ known weight · known) · scale + offset, a change of the level in model
    units, in the network's."""
    import torch

    from core.models.mixture import LinearMap

    # Of a symbol without training windows, for which the network does not answer, nothing is kept.
    ours, seen_S = prepared.y_scaler, np.isin(np.arange(len(factor_S)), prepared.splits.train.symbol_N)
    arrays = {
        "weight_LCH": weight_LCH,
        "factor_S": factor_S * seen_S,
        "scale_SH": scale_SH / ours.scale_SC * seen_S[:, None],
        "offset_SH": (offset_SH - ours.center_SC) / ours.scale_SC * seen_S[:, None],
    }
    if known_HK is not None:
        arrays["known_HK"] = known_HK
    tensors = {name: torch.from_numpy(values.astype(np.float32)) for name, values in arrays.items()}
    return LinearMap(tensors | {"columns_C": torch.from_numpy(columns.astype(np.int64)), "share": torch.tensor(1.0)})
