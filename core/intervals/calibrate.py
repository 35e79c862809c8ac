"""From windows and quantiles to nested error bands, symbol by symbol; and the bands that these are held against.

Axis letters: T rows, N windows, H steps, Q quantiles of the model, C coverages, L levels of the table.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.baselines import garch
from core.datasets import targets
from core.datasets.windows import Prepared, again
from core.errors import DataError
from core.intervals import methods
from core.spec import Bands, Spec
from core.types import Floats, Ints, Rows, Run, Windows

COVERAGES = (0.95, 0.90, 0.80, 0.50)  # of the nested bands of every forecast, wide to narrow
GARCH = ("garch", "garch_conformal")
LOWEST = 1e-3  # of the last level: what a forecast counts as, at least, where its log is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What GARCH says of one symbol at the cutoff rows: the standard deviation of each label, as a log or a return."""

    scale_NH: Floats
    dof: float
    mean: float  # of a session's return


def check(spec: Spec, prepared: Prepared) -> None:
    """Raise DataError where the data cannot carry the band of the recipe, before anything is trained."""
    if spec.bands.method not in GARCH:
        return
    parts = prepared.splits
    before = parts.calib if len(parts.calib) else parts.val
    for s in np.unique(before.symbol_N):
        first = int(before.cutoff_row_N[before.symbol_N == s].min())
        seen = np.isfinite(_returns(before.rows, prepared.kind, int(s))[1][: first - _start(before.rows, int(s))]).sum()
        if seen < garch.LEAST:
            raise DataError(
                f"bands.method {spec.bands.method} learns from the returns before the calibration part, "
                f"and {before.rows.symbols[s]} has {seen}; at least {garch.LEAST} are needed. Set "
                "bands.method to auto, or make the training part larger."
            )


def calibrate(
    spec: Spec, kind: targets.TargetKind, before: Windows, before_NHQ: Floats, windows: Windows, made_NHQ: Floats
) -> tuple[Floats, tuple[Floats, Floats]]:
    """Nested bands around the forecasts of `windows`, which follow those of `before`; model units.

    Gives the quantiles of the table (N, H, L), of which the middle one is the forecast as it came, and the band of the
    wanted coverage. Bands hold the forecast, do not cross, and fall below zero for no level that never has.
    Raises DataError where GARCH cannot be fitted.
    """
    coverages = tuple(sorted({*COVERAGES, spec.bands.coverage}, reverse=True))
    low_CNH, high_CNH = np.empty((2, len(coverages), *made_NHQ.shape[:2]))
    for s in range(len(windows.rows.symbols)):
        old, new = before.symbol_N == s, windows.symbol_N == s
        if new.any():
            row_N = np.concatenate([before.cutoff_row_N[old], windows.cutoff_row_N[new]])
            all_NHQ = np.concatenate([before_NHQ[old], made_NHQ[new]])
            y_NH = np.concatenate([before.y_NH[old], windows.y_NH[new]])
            made = _bands(spec.bands, kind, windows.rows, s, row_N, int(new.sum()), y_NH, all_NHQ, coverages)
            low_CNH[:, new], high_CNH[:, new] = made[:, 0], made[:, 1]
    # A band drawn in far may miss the median, which is the forecast: it stays where it is, and inside.
    middle_NH = made_NHQ[:, :, methods.MEDIAN]
    floor_NH = np.minimum(_floor(windows, kind)[:, None], middle_NH)
    low_CNH = np.sort(np.maximum(np.minimum(low_CNH, middle_NH), floor_NH), axis=0)
    high_CNH = np.sort(np.maximum(high_CNH, middle_NH), axis=0)[::-1]
    nested = [coverages.index(c) for c in COVERAGES]
    levels_NHL = np.moveaxis(np.concatenate([low_CNH[nested], middle_NH[None], high_CNH[nested][::-1]]), 0, 2)
    wanted = coverages.index(spec.bands.coverage)
    return levels_NHL, (low_CNH[wanted], high_CNH[wanted])


def _bands(
    asks: Bands,
    kind: targets.TargetKind,
    rows: Rows,
    symbol: int,
    row_N: Ints,
    asked: int,
    y_NH: Floats,
    made_NHQ: Floats,
    coverages: tuple[float, ...],
) -> Floats:
    """Bands of one symbol's last `asked` forecasts, (C, 2, M, H) in model units; GARCH's are drawn over logs."""
    scale_NH, dof, logs = None, float("inf"), False
    if asks.method in GARCH:
        spread = _spread(rows, kind, symbol, row_N, int(row_N[0]))
        scale_NH, dof, logs = spread.scale_NH, spread.dof, kind.level and not _logged(kind)
    if logs:
        least_N11 = LOWEST * rows.level_T[row_N][:, None, None]
        y_NH, made_NHQ = np.log(y_NH), np.log(np.maximum(made_NHQ, least_N11))
    past = methods.Past(
        y_NH=y_NH,
        made_NHQ=made_NHQ,
        row_N=row_N,
        known_N=rows.label_end_T[row_N],
        asked=asked,
        scale_NH=scale_NH,
        dof=dof,
    )
    made = methods.bands(past, asks.method, coverages, asks.window, asks.joint)
    return np.exp(made) if logs else made


def rivals(spec: Spec, prepared: Prepared) -> pd.DataFrame:
    """The bands of the wanted coverage that any band is held against, on the test part, user's units.

    A long table: rival · symbol · cutoff · step · lo · hi. `historical` are the quantiles of the latest labels
    (`bands.window` of them) known at the cutoff, of levels those of their change; `garch` is GJR-GARCH-t around the
    mean return, for targets over a level above zero with enough returns before the calibration part.
    """
    kind, parts = prepared.kind, prepared.splits
    if kind.binary:
        return pd.DataFrame(columns=["rival", "symbol", "cutoff", "step", "lo", "hi"])
    tables = []
    for s, name in enumerate(parts.test.rows.symbols):
        test = parts.test.take(np.flatnonzero(parts.test.symbol_N == s))
        if not len(test):
            continue
        before = parts.calib if len(parts.calib) else parts.val
        first = int(before.cutoff_row_N[before.symbol_N == s].min(initial=int(test.cutoff_row_N[0])))
        for rival, (low_NH, high_NH) in _rivals(spec.bands, kind, test, s, first).items():
            steps = test.rows.steps
            tables.append(
                pd.DataFrame(
                    {
                        "rival": rival,
                        "symbol": name,
                        "cutoff": np.repeat(test.cutoff_N, len(steps)),
                        "step": np.tile(np.asarray(steps), len(test)),
                        "lo": kind.to_user(low_NH).ravel(),
                        "hi": kind.to_user(high_NH).ravel(),
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)


def rivals_of(run: Run) -> pd.DataFrame:
    """The rivals of a saved run's band, computed from its data."""
    return rivals(run.spec, again(run))


def _rivals(
    asks: Bands, kind: targets.TargetKind, test: Windows, symbol: int, first: int
) -> dict[str, tuple[Floats, Floats]]:
    rows = test.rows
    row_T = np.arange(_start(rows, symbol), int(test.cutoff_row_N.max()) + 1)
    row_N = row_T[np.isfinite(rows.y_TH[row_T]).all(axis=1) & np.isfinite(rows.level_T[row_T])]
    y_NH, asked = rows.y_TH[row_N], int((row_N >= test.cutoff_row_N[0]).sum())
    wanted = np.searchsorted(row_N[-asked:], test.cutoff_row_N)
    origin_NH = np.repeat(rows.level_T[row_N][:, None] if kind.level else np.zeros((len(row_N), 1)), y_NH.shape[1], 1)

    def drawn(method: str, middle_NH: Floats) -> tuple[Floats, Floats]:
        made_NHQ = np.repeat(middle_NH[:, :, None], 7, axis=2)
        made = _bands(
            Bands(method=method, window=asks.window), kind, rows, symbol, row_N, asked, y_NH, made_NHQ, (asks.coverage,)
        )
        return made[0, 0][wanted], made[0, 1][wanted]

    found = {"historical": drawn("historical", origin_NH)}
    if kind.level or kind.name == "log_return":
        try:
            spread = _spread(rows, kind, symbol, row_N, first)
        except DataError:
            return found  # too few returns, or levels that have no log: there is no such rival
        ahead_H = np.asarray(rows.steps, dtype=float)
        drift_H = spread.mean * ((ahead_H + 1) / 2 if kind.name == "mean_close" else ahead_H)
        logs = kind.level and not _logged(kind)
        half_NH = methods.student(asks.coverage, spread.dof) * spread.scale_NH
        start_NH = np.log(origin_NH) if logs else origin_NH
        low_NH, high_NH = (start_NH + drift_H + side * half_NH for side in (-1, 1))
        low_NH, high_NH = (np.exp(low_NH), np.exp(high_NH)) if logs else (low_NH, high_NH)
        found["garch"] = (low_NH[-asked:][wanted], high_NH[-asked:][wanted])
    return found


def _spread(rows: Rows, kind: targets.TargetKind, symbol: int, row_N: Ints, first: int) -> Spread:
    """GJR-GARCH-t fitted on the symbol's returns before row `first`, filtered on to the rows `row_N`."""
    start, return_T = _returns(rows, kind, symbol)
    fitted = garch.fit(return_T, np.arange(first - start))
    variance_NK = garch.variances(fitted, return_T, rows.steps[-1])[row_N - start]
    if kind.name == "mean_close":
        horizon = rows.steps[-1]  # of the mean of h logs: return j is in h − j + 1 of them
        weight_K = ((horizon - np.arange(horizon)) / horizon) ** 2
        return Spread(scale_NH=np.sqrt(variance_NK @ weight_K)[:, None], dof=fitted.dof, mean=fitted.mean)
    sum_NK = np.cumsum(variance_NK, axis=1)
    return Spread(scale_NH=np.sqrt(sum_NK[:, np.asarray(rows.steps) - 1]), dof=fitted.dof, mean=fitted.mean)


def _returns(rows: Rows, kind: targets.TargetKind, symbol: int) -> tuple[int, Floats]:
    """The first row of a symbol, and its log returns, the first of them missing. Raises DataError without a log."""
    at = np.flatnonzero(rows.symbol_T == symbol)
    level_T = rows.level_T[at]
    if not _logged(kind):
        if (level_T <= 0).any():
            raise DataError(
                f"A GARCH band takes log returns, and {(level_T <= 0).sum()} levels of "
                f"{rows.symbols[symbol]} are zero or below. Set bands.method to auto."
            )
        level_T = np.log(level_T)
    return int(at[0]), np.diff(level_T, prepend=np.nan)


def _start(rows: Rows, symbol: int) -> int:
    return int(np.argmax(rows.symbol_T == symbol))


def _logged(kind: targets.TargetKind) -> bool:
    """Whether the levels of this kind are logs in model units."""
    return kind.level and kind.of_level is np.log


def _floor(windows: Windows, kind: targets.TargetKind) -> Floats:
    """Zero at cutoffs by which no level was ever below it, −∞ at others and for what is no level: (N,)."""
    if not kind.level or _logged(kind):
        return np.full(len(windows), -np.inf)
    rows, floor_T = windows.rows, np.empty(len(windows.rows.level_T))
    for s in range(len(rows.symbols)):
        at = np.flatnonzero(rows.symbol_T == s)
        floor_T[at] = np.where(np.fmin.accumulate(rows.level_T[at]) >= 0, 0.0, -np.inf)
    return floor_T[windows.cutoff_row_N]
