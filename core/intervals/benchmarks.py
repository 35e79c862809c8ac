"""Benchmark intervals: what any prediction interval is compared with on the test split.

Axis letters: T rows, N cutoffs of the test split, M rows with an interval, H steps.
"""

import numpy as np
import pandas as pd

from core.datasets import windows
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared
from core.errors import DataError, words
from core.intervals import calibrate, garch_scale, methods
from core.language import Message, message
from core.spec import Bands, Spec
from core.types import Floats, Run, Windows

COLUMNS = ("benchmark", "symbol", "cutoff", "step", "lo", "hi")


def of_run(run: Run) -> pd.DataFrame:
    """The benchmark intervals of a saved run, computed from its data."""
    return compute(run.spec, windows.prepare_saved(run))


def compute(spec: Spec, prepared: Prepared) -> pd.DataFrame:
    """Benchmark intervals of the recipe's coverage on the test split, user's units.

    A long table: benchmark · symbol · cutoff · step · lo · hi. `historical` takes quantiles of the latest
    `bands.window` labels known at the cutoff, for levels those of their change. `garch` is GJR-GARCH-t around the mean
    return, for targets made of returns with enough of them before the calibration split; where there is none,
    `attrs["no_garch"]` says why.
    """
    kind, splits = prepared.kind, prepared.splits
    if kind.binary:
        return pd.DataFrame(columns=list(COLUMNS))
    tables, reason = [], ""
    for s, symbol in enumerate(splits.test.rows.symbols):
        test = splits.test.take(np.flatnonzero(splits.test.symbol_N == s))
        if not len(test):
            continue
        calibration = splits.calib if len(splits.calib) else splits.val
        row_N = calibration.cutoff_row_N[calibration.symbol_N == s]
        first = int(row_N.min(initial=int(test.cutoff_row_N[0])))
        intervals, missing = _of_symbol(spec.bands, kind, test, s, first)
        reason = reason or missing
        for name, (low_NH, high_NH) in intervals.items():
            tables.append(
                pd.DataFrame(
                    {
                        "benchmark": name,
                        "symbol": symbol,
                        "cutoff": np.repeat(test.cutoff_N, len(test.rows.steps)),
                        "step": np.tile(np.asarray(test.rows.steps), len(test)),
                        "lo": kind.to_user(low_NH).ravel(),
                        "hi": kind.to_user(high_NH).ravel(),
                    }
                )
            )
    table = pd.concat(tables, ignore_index=True)
    table.attrs["no_garch"] = reason
    return table


def _of_symbol(
    bands: Bands, kind: TargetKind, test: Windows, symbol: int, fit_before: int
) -> tuple[dict[str, tuple[Floats, Floats]], str]:
    """The benchmark intervals of one symbol, and why that of GARCH is not among them; empty if it is."""
    rows = test.rows
    row_T = np.arange(garch_scale.first_row(rows, symbol), int(test.cutoff_row_N.max()) + 1)
    row_N = row_T[np.isfinite(rows.y_TH[row_T]).all(axis=1) & np.isfinite(rows.level_T[row_T])]
    y_NH, count = rows.y_TH[row_N], int((row_N >= test.cutoff_row_N[0]).sum())
    test_M = np.searchsorted(row_N[-count:], test.cutoff_row_N)
    origin_NH = np.repeat(rows.level_T[row_N][:, None] if kind.level else np.zeros((len(row_N), 1)), y_NH.shape[1], 1)
    historical = Bands(method="historical", window=bands.window)
    origin_NHQ = np.repeat(origin_NH[:, :, None], 7, axis=2)
    ends = calibrate.ends(bands.coverage)
    low_MH, high_MH = calibrate.draw(historical, kind, rows, symbol, row_N, count, y_NH, origin_NHQ, ends)
    intervals = {"historical": (low_MH[test_M], high_MH[test_M])}
    if not kind.has_returns:
        return intervals, message(
            "GARCH models returns, and the target {target} is not made of them.", target=message(kind.title.lower())
        )
    try:
        scale = garch_scale.compute(rows, kind, symbol, row_N, fit_before)
    except DataError as error:  # too few returns, or levels without a log; what to do is about another method
        return intervals, _reason(error)
    step_H = np.asarray(rows.steps, dtype=float)
    drift_H = scale.mean * ((step_H + 1) / 2 if kind.averaged else step_H)
    in_logs = kind.level and not kind.in_logs
    half_NH = methods.student(ends[1], scale.dof) * scale.scale_NH
    start_NH = np.log(origin_NH) if in_logs else origin_NH
    low_NH, high_NH = (start_NH + drift_H + side * half_NH for side in (-1, 1))
    low_NH, high_NH = (np.exp(low_NH), np.exp(high_NH)) if in_logs else (low_NH, high_NH)
    return intervals | {"garch": (low_NH[-count:][test_M], high_NH[-count:][test_M])}, ""


def _reason(error: DataError) -> str:
    """Its first sentence: the second says what to do about another method."""
    text = words(error)
    return text.values["0"] if isinstance(text, Message) and not text.key else text
