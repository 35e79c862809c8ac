"""Linear forecasts in closed form: ridge on all features of a window, NLinear on the target's own history in it.

Axis letters: N windows, B windows of a block, L rows of a window, F inputs, D numbers in a window, H steps, P plans
(columns whose future is known), S symbols, R runs of consecutive cutoffs, T rows.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.baselines.baseline import Baseline, Forecaster
from core.baselines.normal_equations import Inputs, blocks, products, solve
from core.datasets import scaling
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared
from core.errors import DataError
from core.language import message
from core.spec import PLAN
from core.types import Flags, Floats, Ints, Rows, Windows

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)  # in units of the variance of each number of a window
TOLERANCE = 0.005  # share of the validation error that NLinear gives up for a weaker ridge
MAX_INPUTS = 4096  # numbers of a window that ridge uses, the newest: their products take 8 · MAX_INPUTS² bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A fitted linear model: label − origin = (x · weight + plans · plan weight + bias) · scale + center, model units.

    The plans are those of the step itself, at the positions `plans_P` among the known features. `errors` are the mean
    squared validation errors of STRENGTHS, in units of the spread of the training labels.
    """

    name: str
    kind: TargetKind
    strength: float
    errors: tuple[float, ...]
    weight_DH: Floats
    plan_HP: Floats
    plans_P: Ints
    bias_H: Floats
    scaler: scaling.Scaler


def fit(name: str, train: Windows, val: Windows, kind: TargetKind) -> Fitted:
    """Fit `ridge` or `nlinear` on the training windows; the validation windows choose the strength of the ridge.

    ridge (Hoerl & Kennard 1970) uses all features of a window, as the network does (of a very wide window, its newest
    rows), and for each step the plans of that step; for levels it learns the change from the last value. nlinear (Zeng
    et al. 2023) uses the target's own history less its last value; as published it has no ridge, so it takes the
    weakest one within 0.5 % of the best validation error. Each input is shrunk in units of its own spread, the
    intercept not at all; all symbols share one map, each in its own units. Raises DataError if no training window is
    complete and has a known value of the target.
    """
    history = _inputs(name, train, kind)
    at_N = _known(history, train)
    if not len(at_N):
        raise DataError(
            message(
                "None of the {count} training windows has all of its {lookback} rows and ends at least {ahead} rows "
                "after the start of its series, where the first value of the target is known. Make the training part "
                "larger, or the window or the horizon shorter.",
                count=len(train),
                lookback=history.lookback,
                ahead=train.rows.steps[-1],
            )
        )
    target_NH, symbol_N = _target(history, train.rows, at_N), train.rows.symbol_T[at_N]
    scaler = scaling.fit(target_NH, symbol_N, np.ones(len(at_N), dtype=bool), len(train.rows.symbols), "standard")
    history = _scaled(history, train.rows, scaler)
    sums = products(history, at_N, scaler.apply(target_NH, symbol_N))
    valid_N = _known(history, val)
    valid_NH = scaler.apply(_target(history, val.rows, valid_N), val.rows.symbol_T[valid_N])
    errors: list[float] = []
    for strength in STRENGTHS:
        errors.append(float(np.square(_forecast(history, valid_N, *solve(sums, strength)) - valid_NH).mean()))
    strength = _choose_strength(errors, TOLERANCE if name == "nlinear" else 0.0)
    weight_DH, plan_HP, bias_H = solve(sums, strength)
    return Fitted(
        name=name,
        kind=kind,
        strength=strength,
        errors=tuple(errors),
        weight_DH=weight_DH,
        plan_HP=plan_HP,
        plans_P=_plans(name, train.rows),
        bias_H=bias_H,
        scaler=scaler,
    )


def predict(fitted: Fitted, windows: Windows) -> Floats:
    """The forecast of each window, (N, H) in model units; NaN if it is shorter than the lookback, or if no value of the
    target is known by its cutoff."""
    history = _scaled(_inputs(fitted.name, windows, fitted.kind), windows.rows, fitted.scaler)
    complete_N = _complete(history, windows.rows, windows.cutoff_row_N)
    at_N, forecast_NH = windows.cutoff_row_N[complete_N], np.full((len(windows), len(fitted.bias_H)), np.nan)
    scaled_NH = _forecast(history, at_N, fitted.weight_DH, fitted.plan_HP, fitted.bias_H)
    forecast_NH[complete_N] = (
        fitted.scaler.invert(scaled_NH, windows.rows.symbol_T[at_N]) + history.origin_T[at_N, None]
    )
    return np.clip(forecast_NH, 0.0, 1.0) if fitted.kind.binary else forecast_NH


def _choose_strength(errors: list[float], tolerance: float) -> float:
    """The weakest of STRENGTHS whose validation error is at most the share `tolerance` above the smallest."""
    return STRENGTHS[next(at for at, error in enumerate(errors) if error <= (1 + tolerance) * min(errors))]


def _plans(name: str, rows: Rows) -> Ints:
    """The positions of the plans among the known features; NLinear has none. The future of the calendar follows from
    its past, which a window holds."""
    return np.flatnonzero([name == "ridge" and known.startswith(PLAN) for known in rows.known])


def _inputs(name: str, windows: Windows, kind: TargetKind) -> Inputs:
    rows = windows.rows
    plan_TP, steps = rows.known_TK[:, _plans(name, rows)], rows.steps
    if name == "ridge":
        origin_T = rows.level_T if kind.level else np.zeros(len(rows.level_T))
        fits = max(1, MAX_INPUTS // rows.x_TF.shape[1])
        lookback = min(windows.lookback, fits)
        return Inputs(rows.x_TF, origin_T, lookback, relative=False, plan_TP=plan_TP, steps=steps)
    known_T = _history(rows, kind)
    origin_T = np.where(np.isnan(known_T), np.nan, 0.0) if kind.origin == "zero" else known_T
    filled_T = _by_symbol(rows, known_T).bfill().to_numpy()  # before the first known value, that value
    return Inputs(filled_T[:, None], origin_T, windows.lookback, relative=True, plan_TP=plan_TP, steps=steps)


def _history(rows: Rows, kind: TargetKind) -> Floats:
    """The target's own history as known at each row, the latest value across holes: (T,) in model units.

    For a level the level, for log returns its log, for all other targets the latest known label.
    """
    if kind.has_returns:
        value_T = rows.level_T if kind.level else np.log(rows.level_T)
    else:
        value_T = _by_symbol(rows, rows.y_TH[:, 0]).shift(rows.steps[0]).to_numpy()
    return _by_symbol(rows, value_T).ffill().to_numpy()


def _by_symbol(rows: Rows, value_T: Floats) -> "pd.api.typing.SeriesGroupBy":
    return pd.Series(value_T).groupby(rows.symbol_T)


def _known(history: Inputs, windows: Windows) -> Ints:
    """The cutoff rows, in order, of complete windows with a known value of the target."""
    at_N = np.sort(windows.cutoff_row_N)
    return at_N[_complete(history, windows.rows, at_N)]


def _complete(history: Inputs, rows: Rows, at_N: Ints) -> Flags:
    """Which windows lie within one symbol, have no hole, and know what their labels are measured from: (N,)."""
    begin_N = at_N - history.lookback + 1
    first_N = np.maximum(begin_N, 0)
    holes_T = np.concatenate([[0], np.cumsum(~np.isfinite(history.value_TF).all(axis=1))])
    inside_N = (begin_N >= 0) & (rows.symbol_T[first_N] == rows.symbol_T[at_N])
    return inside_N & (holes_T[first_N] == holes_T[at_N + 1]) & np.isfinite(history.origin_T[at_N])


def _target(history: Inputs, rows: Rows, at_N: Ints) -> Floats:
    return rows.y_TH[at_N] - history.origin_T[at_N, None]


def _scaled(history: Inputs, rows: Rows, scaler: scaling.Scaler) -> Inputs:
    """The target's own history in units of its change over the horizon; features are already scaled."""
    if not history.relative:
        return history
    return replace(history, value_TF=history.value_TF / scaler.scale_SC[rows.symbol_T, -1:])


def _forecast(history: Inputs, at_N: Ints, weight_DH: Floats, plan_HP: Floats, bias_H: Floats) -> Floats:
    forecast_NH = np.empty((len(at_N), len(bias_H)))
    for part, x_BD in blocks(history, at_N):
        forecast_NH[part] = x_BD @ weight_DH + bias_H
        if plan_HP.size:
            forecast_NH[part] += np.einsum("bhp,hp->bh", history.gather_plans(at_N[part]), plan_HP)
    return forecast_NH


def _baseline(name: str, title: str, phrase: str) -> Baseline:
    def forecaster(prepared: Prepared) -> Forecaster:
        fitted = fit(name, prepared.splits.train, prepared.splits.val, prepared.kind)
        return lambda windows: predict(fitted, windows)

    return Baseline(name=name, title=title, phrase=phrase, fit=forecaster, naive=False)


RIDGE = _baseline("ridge", "Ridge regression", "ridge regression")
NLINEAR = _baseline("nlinear", "NLinear", "NLinear")
