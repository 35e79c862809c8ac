"""Calibrated quantiles of the forecasts of a model, symbol by symbol: their median, and nested prediction intervals.

Axis letters: N windows, M windows of one symbol, H steps, Q quantiles of the model, L quantile levels.
"""

import numpy as np

from core.baselines import garch
from core.datasets.levels import level_floor
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared
from core.errors import DataError
from core.intervals import garch_scale, methods
from core.language import message
from core.spec import Bands, Spec
from core.types import Floats, Ints, Rows, Windows

COVERAGES = (0.95, 0.90, 0.80, 0.50)  # of the nested intervals of every forecast, wide to narrow
Calibrated = tuple[Floats, tuple[Floats, Floats]]  # quantiles (N, H, L), and the bounds (N, H) of one interval
MIN_LEVEL = 1e-3  # of the last level: the least that a forecast counts as when its log is taken


def check(spec: Spec, prepared: Prepared) -> None:
    """Raise DataError if the data cannot carry the intervals of the recipe; called before anything is trained."""
    if not methods.METHODS[spec.bands.method].needs_returns:
        return
    calibration = prepared.splits.calib if len(prepared.splits.calib) else prepared.splits.val
    rows = calibration.rows
    for s in np.unique(calibration.symbol_N):
        first = int(calibration.cutoff_row_N[calibration.symbol_N == s].min())
        return_T = garch_scale.returns(rows, prepared.kind, int(s))[1]
        count = np.isfinite(return_T[: first - garch_scale.first_row(rows, int(s))]).sum()
        if count < garch.LEAST:
            raise DataError(
                message(
                    "bands.method {method} is fitted on the returns before the calibration split, and {symbol} has "
                    "{count}; at least {least} are needed. Set bands.method to auto, or make the training split "
                    "larger.",
                    method=spec.bands.method,
                    symbol=rows.symbols[s],
                    count=count,
                    least=garch.LEAST,
                )
            )


def calibrate(
    spec: Spec, kind: TargetKind, past: Windows, past_NHQ: Floats, windows: Windows, quantile_NHQ: Floats
) -> Calibrated:
    """Calibrated quantiles of the forecasts of `windows`, which follow those of `past`; model units.

    Returns the quantiles of the table (N, H, L), the calibrated median among them, and the bounds of the recipe's
    coverage. Equal quantiles are a point. Quantiles do not cross and do not fall below zero for a level that never has.
    Raises DataError if GARCH cannot be fitted.
    """
    low, high = ends(spec.bands.coverage)
    levels = tuple(sorted({low, 0.5, high, *(end for coverage in COVERAGES for end in ends(coverage))}))
    value_LNH = np.empty((len(levels), *quantile_NHQ.shape[:2]))
    for s in range(len(windows.rows.symbols)):
        old, new = past.symbol_N == s, windows.symbol_N == s
        if new.any():
            row_N = np.concatenate([past.cutoff_row_N[old], windows.cutoff_row_N[new]])
            all_NHQ = np.concatenate([past_NHQ[old], quantile_NHQ[new]])
            y_NH = np.concatenate([past.y_NH[old], windows.y_NH[new]])
            value_LNH[:, new] = draw(spec.bands, kind, windows.rows, s, row_N, int(new.sum()), y_NH, all_NHQ, levels)
    value_LNH = np.maximum(value_LNH, level_floor(windows, kind)[:, None])
    table = [level for level in levels if level == 0.5 or any(level in ends(coverage) for coverage in COVERAGES)]
    level_NHL = np.moveaxis(value_LNH[[levels.index(level) for level in table]], 0, 2)
    return level_NHL, (value_LNH[levels.index(low)], value_LNH[levels.index(high)])


def ends(coverage: float) -> tuple[float, float]:
    """The levels of the quantiles that bound an interval of this coverage, with equal tails."""
    return round((1 - coverage) / 2, 6), round((1 + coverage) / 2, 6)


def draw(
    bands: Bands,
    kind: TargetKind,
    rows: Rows,
    symbol: int,
    row_N: Ints,
    count: int,
    y_NH: Floats,
    quantile_NHQ: Floats,
    levels: tuple[float, ...],
) -> Floats:
    """Quantiles of one symbol's last `count` forecasts, (L, M, H) in model units; GARCH's are drawn on logs."""
    method = methods.METHODS[bands.method]
    scale_NH, dof, in_logs = None, float("inf"), False
    if method.needs_returns:
        scale = garch_scale.compute(rows, kind, symbol, row_N, int(row_N[0]))
        scale_NH, dof, in_logs = scale.scale_NH, scale.dof, kind.level and not kind.in_logs
    if in_logs:
        least_N11 = MIN_LEVEL * rows.level_T[row_N][:, None, None]
        y_NH, quantile_NHQ = np.log(y_NH), np.log(np.maximum(quantile_NHQ, least_N11))
    history = methods.History(
        y_NH=y_NH,
        quantile_NHQ=quantile_NHQ,
        row_N=row_N,
        known_NH=rows.label_end_T[row_N][:, None] - (rows.steps[-1] - np.asarray(rows.steps)),
        count=count,
        scale_NH=scale_NH,
        dof=dof,
    )
    value_LMH = methods.quantiles(history, method.name, levels, bands.window, bands.joint)
    return np.exp(value_LMH) if in_logs else value_LMH
