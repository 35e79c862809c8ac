"""Explains the forecasts of a trained network by feature: Shapley values or expected gradients.

Axis letters: N windows, L lookback, H steps, F features, P players.
"""

import time
from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.windows import Prepared
from core.errors import SpecError
from core.events import Event, Stage
from core.explain import gradients, shapley
from core.explain.explanation import additivity_error, evenly_spaced
from core.explain.gradients import FeatureLagAttribution
from core.explain.inputs import ExplanationInputs, select_windows
from core.explain.predictor import forecast_gradient, sum_over_steps
from core.explain.shapley import Attribution
from core.language import message
from core.spec import Spec
from core.types import Explanation, Floats, Ints, Run

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

METHODS = ("permutation", "exact", "gradients")
WINDOWS = 64  # explained by default
BACKGROUNDS = 24  # each visited once: more backgrounds reduce the error further than more orders for each
BY_LAG = 16  # windows behind the importance by lag
NODES = 32  # of the integral for a single window


def compute(
    run: Run,
    method: str = "permutation",
    symbol: str | None = None,
    cutoffs: tuple[str, ...] | None = None,
    limit: int = WINDOWS,
) -> Generator[Event, None, Explanation]:
    """Explain a saved run as `explain` does; yields Stage and Progress."""
    from core.training.trainer import reopen

    yield Stage(name="explain", text=message("Attributing the forecasts to the features"))
    return (yield from explain(run.spec, *reopen(run), method, symbol, cutoffs, limit))


def explain(
    spec: Spec,
    prepared: Prepared,
    net: "Network | Ensemble",
    method: str,
    symbol: str | None,
    cutoffs: tuple[str, ...] | None,
    limit: int,
) -> Generator[Event, None, Explanation]:
    """Contributions of each feature to the mean forecast of one symbol, target units; yields Progress.

    If the network learns the distance from the last value, that distance is explained. The windows are those of the
    test split and the live one: those with these ISO cutoffs, or `limit` of them, evenly spaced. The background is 24
    complete training windows spread over time. Raises SpecError for an unknown method, symbol or cutoff.
    """
    if method not in METHODS:
        raise SpecError(
            message(
                "There is no explanation method called {method}. Choose one of {methods}.",
                method=repr(method),
                methods=", ".join(METHODS),
            )
        )
    began = time.perf_counter()
    inputs = select_windows(spec, prepared, net, limit, BACKGROUNDS, symbol, cutoffs)
    count = len(inputs.windows)
    sample = np.arange(count) if method == "gradients" else evenly_spaced(count, BY_LAG)
    by_lag = yield from _attribute_lags(net, inputs, sample)
    if method == "gradients":
        attribution = _split_over_steps(by_lag, inputs)
        error = by_lag.additivity_error
    else:
        attribution = yield from _attribute_features(method, inputs, spec.seed)
        error = additivity_error(attribution.values_NPH, attribution.base_H, attribution.forecast_NH)
    error_NHF, importance_error_CF = _errors(attribution)
    by_cell_LF = gradients.by_lag_and_feature(by_lag.values_NLF) / len(inputs.windows.rows.steps)
    return inputs.to_explanation(
        method=method,
        features=spec.features,
        values_NHF=attribution.values_NPH.transpose(0, 2, 1),
        base_H=attribution.base_H,
        forecast_NH=attribution.forecast_NH,
        data_NF=prepared.raw_TF[inputs.windows.cutoff_row_N],
        by_lag_L=by_cell_LF.sum(axis=1),
        by_cell_LF=by_cell_LF,
        additivity_error=error,
        error_NHF=error_NHF,
        importance_error_CF=importance_error_CF,
        began=began,
    )


def attribute_window(
    spec: Spec, prepared: Prepared, net: "Network | Ensemble", symbol: str, cutoff: str
) -> Generator[Event, None, FeatureLagAttribution]:
    """The contribution of every feature at every lag to one forecast, summed over its steps; N = 1.

    Raises SpecError for an unknown symbol or cutoff.
    """
    inputs = select_windows(spec, prepared, net, 1, BACKGROUNDS, symbol, (cutoff,))
    return (yield from _attribute_lags(net, inputs, np.array([0]), NODES))


def _attribute_lags(
    net: "Network | Ensemble", inputs: ExplanationInputs, sample: Ints, nodes: int = 3
) -> Generator[Event, None, FeatureLagAttribution]:
    """Expected gradients of the windows at these positions."""
    x_NLF, known_NHK, *background = inputs.arrays
    gradient, predict = forecast_gradient(net, inputs.predictor), sum_over_steps(inputs.predict)
    return (
        yield from gradients.expected_gradients(
            gradient, predict, x_NLF[sample], known_NHK[sample], background[0], background[1], nodes
        )
    )


def _attribute_features(method: str, inputs: ExplanationInputs, seed: int) -> Generator[Event, None, Attribution]:
    """Shapley values of the features, exact or sampled."""
    players = inputs.players()
    if method == "exact":
        return (yield from shapley.exact(inputs.predict, *inputs.arrays, players))
    return (yield from shapley.permutation(inputs.predict, *inputs.arrays, players, seed, visits=1))


def _errors(attribution: Attribution) -> tuple[Floats | None, Floats | None]:
    """The standard errors of the contributions, and of their mean absolute values at each step and over all (H + 1, F).

    The orders of one window are drawn independently of those of another. None if the contributions are not sampled.
    """
    if attribution.error_NPH is None or attribution.mean_error_NP is None:
        return None, None
    error_NHF = attribution.error_NPH.transpose(0, 2, 1)
    error_NCF = np.concatenate([error_NHF, attribution.mean_error_NP[:, None]], axis=1)
    return error_NHF, np.sqrt((error_NCF**2).sum(axis=0)) / len(error_NCF)


def _split_over_steps(by_lag: FeatureLagAttribution, inputs: ExplanationInputs) -> Attribution:
    """Gradients explain the sum over steps; each step gets an equal share, so that importance stays per step."""
    count = len(inputs.windows.rows.steps)
    value_NP = gradients.by_player(by_lag, inputs.players())
    value_NHP = np.repeat(value_NP[:, None, :], count, axis=1) / count
    return Attribution(
        values_NPH=value_NHP.transpose(0, 2, 1),
        base_H=np.full(count, by_lag.base / count),
        forecast_NH=np.repeat(by_lag.forecast_N[:, None], count, axis=1) / count,
    )
