"""The weights that a network with variable selection gives its inputs in each row of one window.

Computed from the saved weights without torch, so a page may do it in its own process. Axis letters: L lookback,
F features, D units.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.datasets.windows import Prepared
from core.errors import SpecError
from core.explain import recurrent_cell
from core.language import message
from core.models.kinds import MODELS
from core.types import Floats, Run, Times

EPS = 1e-5  # of torch's layer norm
PREFIX = "encoder.selection."  # begins the names of the weights


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionWeights:
    """The weights (L, F) of the features in the rows of a window: at least zero, each row adds up to one."""

    symbol: str
    time_L: Times
    features: tuple[str, ...]
    weight_LF: Floats


def inspect(run: Run, prepared: Prepared, symbol: str, cutoff: np.datetime64, member: int = 0) -> SelectionWeights:
    """The selection weights of one network (`member` counts from 0) over the window of this cutoff.

    Raises SpecError for a model that does not weigh its inputs and for an unknown symbol, cutoff or network.
    """
    kind = run.spec.model.kind
    if not MODELS[kind].selects_inputs:
        raise SpecError(
            message("A {kind} model does not weigh its inputs. Train a model that does to see its weights.", kind=kind)
        )
    window = recurrent_cell.read_window(run, prepared, symbol, cutoff, member)
    weights = {name.removeprefix(PREFIX): v for name, v in window.weights.items() if name.startswith(PREFIX)}
    return SelectionWeights(
        symbol=symbol, time_L=window.time_L, features=window.features, weight_LF=compute(weights, window.x_LI)
    )


def compute(weights: Mapping[str, Any], x_LF: Floats) -> Floats:
    """(L, F): softmax of a gated residual network over the inputs of each row (Lim et al. 2021, equations 2 to 6).

    `weights` are those of core.models.tft.Selection by name, plain arrays.
    """
    w = {name: np.asarray(value, dtype=float) for name, value in weights.items()}
    wide_LD = x_LF @ w["wide.weight"].T + w["wide.bias"]
    wide_LD = np.where(wide_LD > 0, wide_LD, np.expm1(np.minimum(wide_LD, 0.0)))
    value_LF, gate_LF = np.split(wide_LD @ w["gate.linear.weight"].T + w["gate.linear.bias"], 2, axis=1)
    sum_LF = x_LF @ w["skip.weight"].T + value_LF * 0.5 * (1 + np.tanh(0.5 * gate_LF))
    centred_LF = sum_LF - sum_LF.mean(axis=1, keepdims=True)
    normed_LF = centred_LF / np.sqrt(np.square(centred_LF).mean(axis=1, keepdims=True) + EPS)
    score_LF = normed_LF * w["gate.norm.weight"] + w["gate.norm.bias"]
    share_LF = np.exp(score_LF - score_LF.max(axis=1, keepdims=True))
    return share_LF / share_LF.sum(axis=1, keepdims=True)
