"""Linear forecasts in closed form: ridge on everything in a window, NLinear on the target's own history in it.

Axis letters: N windows, B windows of a block, L rows of a window, F inputs, D numbers in a window, H steps, S symbols,
R runs of cutoffs that follow each other row by row, T rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from core.datasets import scaling
from core.datasets.targets import TargetKind
from core.errors import DataError
from core.types import Flags, Floats, Ints, Rows, Windows

TITLES = {"ridge": "Ridge regression", "nlinear": "NLinear"}
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)  # in units of the variance of each number of a window
SPARED = 0.005  # share of the validation error that NLinear gives up for less of a ridge
MOST = 4096  # numbers of a window that ridge takes, the newest ones: their products are held in 8 · MOST² bytes
BLOCK = 2**21  # numbers gathered at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What `fit` found: label − origin = (x · weight + bias) · scale + center, in model units.

    `errors` are the mean squared validation errors of STRENGTHS, in units of the spread of the training labels.
    """

    name: str
    kind: TargetKind
    strength: float
    errors: tuple[float, ...]
    weight_DH: Floats
    bias_H: Floats
    scaler: scaling.Scaler


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Rows to cut windows from; `relative` ones count from the last value, which then says nothing itself."""

    value_TF: Floats
    origin_T: Floats  # what labels are measured from, model units; NaN where it is not known
    lookback: int
    relative: bool

    def gather(self, at_B: Ints) -> Floats:
        """The windows with these cutoff rows, newest row first: (B, D) in float64."""
        view = sliding_window_view(self.value_TF, self.lookback, axis=0)
        x_BLF = np.moveaxis(view[at_B - self.lookback + 1], 2, 1)[:, ::-1].astype(float)
        if self.relative:
            x_BLF = x_BLF[:, 1:] - x_BLF[:, :1]
        return x_BLF.reshape(len(at_B), -1)


def fit(name: str, train: Windows, val: Windows, kind: TargetKind) -> Fitted:
    """Fit `ridge` or `nlinear` on the training windows; the validation windows choose the strength of the ridge.

    ridge (Hoerl & Kennard 1970) takes all features of a window (of a very wide one, its newest rows), as the network
    does; of a level it learns the change from the last value. nlinear (Zeng et al. 2023) takes the target's own history
    less its last value; as published it has no ridge, so it takes the weakest that validates within 0.5 % of the best.
    Every input is shrunk in units of its own spread, the intercept not at all, and all symbols share one map in units
    of their own. Raises DataError where no training window is whole and knows a value of the target.
    """
    history = _inputs(name, train, kind)
    at_N = _known(history, train)
    if not len(at_N):
        raise DataError(
            f"None of the {len(train)} training windows has all of its {history.lookback} rows and ends "
            f"at least {train.rows.steps[-1]} rows after the start of its series, where the first value of "
            "the target is known. Make the training part larger, or the window or the horizon shorter."
        )
    target_NH, symbol_N = _target(history, train.rows, at_N), train.rows.symbol_T[at_N]
    scaler = scaling.fit(target_NH, symbol_N, np.ones(len(at_N), dtype=bool), len(train.rows.symbols), "standard")
    history = _scaled(history, train.rows, scaler)
    gram_DD, cross_DH, mean_D = _products(history, at_N, scaler.apply(target_NH, symbol_N))
    spread_D = np.where(np.diag(gram_DD) > 1e-9 * len(at_N), np.diag(gram_DD), len(at_N))
    asked_N = _known(history, val)
    asked_NH = scaler.apply(_target(history, val.rows, asked_N), val.rows.symbol_T[asked_N])
    errors: list[float] = []
    for strength in STRENGTHS:
        weight_DH = _solve(gram_DD, strength * spread_D, cross_DH)
        missed_NH = _answers(history, asked_N, weight_DH, -mean_D @ weight_DH) - asked_NH
        errors.append(float(np.square(missed_NH).mean()))
    strength = _chosen(errors, SPARED if name == "nlinear" else 0.0)
    weight_DH = _solve(gram_DD, strength * spread_D, cross_DH)
    return Fitted(
        name=name,
        kind=kind,
        strength=strength,
        errors=tuple(errors),
        weight_DH=weight_DH,
        bias_H=-mean_D @ weight_DH,
        scaler=scaler,
    )


def predict(fitted: Fitted, windows: Windows) -> Floats:
    """The forecast of each window, (N, H) in model units; NaN where it is shorter than the lookback, or nothing of the
    target is known by its cutoff."""
    history = _scaled(_inputs(fitted.name, windows, fitted.kind), windows.rows, fitted.scaler)
    whole_N = _whole(history, windows.rows, windows.cutoff_row_N)
    at_N, made_NH = windows.cutoff_row_N[whole_N], np.full((len(windows), len(fitted.bias_H)), np.nan)
    answer_NH = _answers(history, at_N, fitted.weight_DH, fitted.bias_H)
    made_NH[whole_N] = fitted.scaler.invert(answer_NH, windows.rows.symbol_T[at_N]) + history.origin_T[at_N, None]
    return np.clip(made_NH, 0.0, 1.0) if fitted.kind.binary else made_NH


def _chosen(errors: list[float], spared: float) -> float:
    """The weakest of STRENGTHS whose validation error is at most that share above the smallest."""
    return STRENGTHS[next(at for at, error in enumerate(errors) if error <= (1 + spared) * min(errors))]


def _inputs(name: str, windows: Windows, kind: TargetKind) -> Inputs:
    rows = windows.rows
    if name == "ridge":
        origin_T = rows.level_T if kind.level else np.zeros(len(rows.level_T))
        fits = max(1, MOST // rows.x_TF.shape[1])
        return Inputs(value_TF=rows.x_TF, origin_T=origin_T, lookback=min(windows.lookback, fits), relative=False)
    known_T = _own(rows, kind)
    origin_T = np.where(np.isnan(known_T), np.nan, 0.0) if kind.name == "log_return" else known_T
    whole_T = _by_symbol(rows, known_T).bfill().to_numpy()  # before the first known value, that one
    return Inputs(value_TF=whole_T[:, None], origin_T=origin_T, lookback=windows.lookback, relative=True)


def _own(rows: Rows, kind: TargetKind) -> Floats:
    """The target's own history at each row as it was known then, across holes the latest value; (T,) model units.

    Levels are their own history, their logs that of log returns; of all else it is the latest label that has been seen
    whole.
    """
    if kind.level or kind.name == "log_return":
        seen_T = rows.level_T if kind.level else np.log(rows.level_T)
    else:
        seen_T = _by_symbol(rows, rows.y_TH[:, 0]).shift(rows.steps[0]).to_numpy()
    return _by_symbol(rows, seen_T).ffill().to_numpy()


def _by_symbol(rows: Rows, value_T: Floats) -> "pd.api.typing.SeriesGroupBy":
    return pd.Series(value_T).groupby(rows.symbol_T)


def _known(history: Inputs, windows: Windows) -> Ints:
    """The cutoff rows, in order, of whole windows by whose end something of the target is known."""
    at_N = np.sort(windows.cutoff_row_N)
    return at_N[_whole(history, windows.rows, at_N)]


def _whole(history: Inputs, rows: Rows, at_N: Ints) -> Flags:
    """Which windows lie in one symbol's rows, without a hole, and know what their labels are measured from; (N,)."""
    begin_N = at_N - history.lookback + 1
    first_N = np.maximum(begin_N, 0)
    holes_T = np.concatenate([[0], np.cumsum(~np.isfinite(history.value_TF).all(axis=1))])
    inside_N = (begin_N >= 0) & (rows.symbol_T[first_N] == rows.symbol_T[at_N])
    return inside_N & (holes_T[first_N] == holes_T[at_N + 1]) & np.isfinite(history.origin_T[at_N])


def _target(history: Inputs, rows: Rows, at_N: Ints) -> Floats:
    return rows.y_TH[at_N] - history.origin_T[at_N, None]


def _scaled(history: Inputs, rows: Rows, scaler: scaling.Scaler) -> Inputs:
    """The target's own history in units of its change over the horizon; features are scaled already."""
    if not history.relative:
        return history
    value_TF = history.value_TF / scaler.scale_SC[rows.symbol_T, -1:]
    return Inputs(value_TF=value_TF, origin_T=history.origin_T, lookback=history.lookback, relative=True)


def _blocks(history: Inputs, at_N: Ints) -> Iterator[tuple[slice, Floats]]:
    size = max(1, BLOCK // (history.lookback * history.value_TF.shape[1]))
    for start in range(0, len(at_N), size):
        part = slice(start, start + size)
        yield part, history.gather(at_N[part])


def _answers(history: Inputs, at_N: Ints, weight_DH: Floats, bias_H: Floats) -> Floats:
    made_NH = np.empty((len(at_N), len(bias_H)))
    for part, x_BD in _blocks(history, at_N):
        made_NH[part] = x_BD @ weight_DH + bias_H
    return made_NH


def _products(history: Inputs, at_N: Ints, y_NH: Floats) -> tuple[Floats, Floats, Floats]:
    """Of the windows less their mean: products with each other (D, D) and with `y_NH` (D, H); and the mean (D,)."""
    features = history.value_TF.shape[1]
    width = features * (history.lookback - history.relative)
    first = width if history.relative else features  # rows of the products that are summed window by window
    top_KD, cross_DH, sum_D = np.zeros((first, width)), np.zeros((width, y_NH.shape[1])), np.zeros(width)
    for part, x_BD in _blocks(history, at_N):
        top_KD += x_BD[:, :first].T @ x_BD
        cross_DH += x_BD.T @ y_NH[part]
        sum_D += x_BD.sum(axis=0)
    gram_DD = top_KD if history.relative else _from_top(top_KD, history, at_N)
    gram_DD -= np.outer(sum_D, sum_D / len(at_N))
    cross_DH -= np.outer(sum_D, y_NH.mean(axis=0))
    return gram_DD, cross_DH, sum_D / len(at_N)


def _from_top(top_FD: Floats, history: Inputs, at_N: Ints) -> Floats:
    """All products from those of the newest row with all others: N · F · D steps of work in place of N · D².

    Windows overlap. Rows i + 1 and j + 1 before a cutoff are rows i and j before the cutoff one earlier, so over a run
    of cutoffs their products differ by the first window's less the last one's.
    """
    features, width = top_FD.shape
    breaks = np.flatnonzero(np.diff(at_N) != 1)
    in_RD = history.gather(at_N[np.concatenate([[0], breaks + 1])])[:, features:]
    out_RD = history.gather(at_N[np.concatenate([breaks, [len(at_N) - 1]])])[:, : width - features]
    gram_DD = np.empty((width, width))
    gram_DD[:features] = top_FD
    for at in range(features, width, features):
        here, before = slice(at, at + features), slice(at - features, at)
        moved = in_RD[:, before].T @ in_RD[:, before.start :] - out_RD[:, before].T @ out_RD[:, before.start :]
        gram_DD[here, at:] = gram_DD[before, before.start : width - features] + moved
        gram_DD[here, :at] = gram_DD[:at, here].T
    return gram_DD


def _solve(gram_DD: Floats, penalty_D: Floats, cross_DH: Floats) -> Floats:
    """(D, H) weights w of (gram + diagonal penalty) w = cross."""
    from scipy.linalg import solve

    shrunk_DD = gram_DD.copy()
    shrunk_DD[np.diag_indices(len(penalty_D))] += penalty_D
    return solve(shrunk_DD, cross_DH, assume_a="pos", overwrite_a=True, check_finite=False)
