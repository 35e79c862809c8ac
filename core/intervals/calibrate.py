"""Calibrated, nested prediction intervals around the forecasts of a model, symbol by symbol.

Axis letters: N windows, M windows of one symbol, H steps, Q quantiles of the model, C coverages, L levels of the table.
"""

import numpy as np

from core.baselines import garch
from core.datasets.levels import level_floor
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared
from core.errors import DataError
from core.intervals import garch_scale, methods
from core.spec import MEDIAN, Bands, Spec
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
                f"bands.method {spec.bands.method} is fitted on the returns before the calibration split, and "
                f"{rows.symbols[s]} has {count}; at least {garch.LEAST} are needed. Set bands.method to auto, or make "
                "the training split larger."
            )


def calibrate(
    spec: Spec, kind: TargetKind, past: Windows, past_NHQ: Floats, windows: Windows, quantile_NHQ: Floats
) -> Calibrated:
    """Nested intervals around the forecasts of `windows`, which follow those of `past`; model units.

    Returns the quantiles of the table (N, H, L), the middle one being the unchanged forecast, and the bounds of the
    recipe's coverage. Intervals contain the forecast, do not cross, and do not fall below zero for a level that never
    has. Raises DataError if GARCH cannot be fitted.
    """
    coverages = tuple(sorted({*COVERAGES, spec.bands.coverage}, reverse=True))
    low_CNH, high_CNH = np.empty((2, len(coverages), *quantile_NHQ.shape[:2]))
    for s in range(len(windows.rows.symbols)):
        old, new = past.symbol_N == s, windows.symbol_N == s
        if new.any():
            row_N = np.concatenate([past.cutoff_row_N[old], windows.cutoff_row_N[new]])
            all_NHQ = np.concatenate([past_NHQ[old], quantile_NHQ[new]])
            y_NH = np.concatenate([past.y_NH[old], windows.y_NH[new]])
            bound_C2MH = draw(spec.bands, kind, windows.rows, s, row_N, int(new.sum()), y_NH, all_NHQ, coverages)
            low_CNH[:, new], high_CNH[:, new] = bound_C2MH[:, 0], bound_C2MH[:, 1]
    # An interval that is drawn in far may miss the median. The median is the forecast: it stays, and stays inside.
    middle_NH = quantile_NHQ[:, :, MEDIAN]
    floor_N1 = level_floor(windows, kind)[:, None]
    low_CNH = np.sort(np.maximum(np.minimum(low_CNH, middle_NH), floor_N1), axis=0)
    high_CNH = np.sort(np.maximum(high_CNH, middle_NH), axis=0)[::-1]
    nested = [coverages.index(c) for c in COVERAGES]
    level_NHL = np.moveaxis(np.concatenate([low_CNH[nested], middle_NH[None], high_CNH[nested][::-1]]), 0, 2)
    chosen = coverages.index(spec.bands.coverage)
    return level_NHL, (low_CNH[chosen], high_CNH[chosen])


def draw(
    bands: Bands,
    kind: TargetKind,
    rows: Rows,
    symbol: int,
    row_N: Ints,
    count: int,
    y_NH: Floats,
    quantile_NHQ: Floats,
    coverages: tuple[float, ...],
) -> Floats:
    """Intervals of one symbol's last `count` forecasts, (C, 2, M, H) in model units; GARCH's are drawn on logs."""
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
        known_N=rows.label_end_T[row_N],
        count=count,
        scale_NH=scale_NH,
        dof=dof,
    )
    bound_C2MH = methods.intervals(history, method.name, coverages, bands.window, bands.joint)
    return np.exp(bound_C2MH) if in_logs else bound_C2MH
