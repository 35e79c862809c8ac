"""How well forecasts order several symbols at each cutoff: information coefficients.

Axis letters: N windows, H steps, C cutoffs, S symbols.
"""

import numpy as np

from core.datasets.targets import TargetKind
from core.forecasting.table import ForecastMatrix
from core.types import Floats

LEAST_SPREAD = 1e-12  # of the largest value: less is rounding, and the symbols are alike


def scores(test: ForecastMatrix, name: str, kind: TargetKind, level_NH: Floats | None) -> dict[str, float]:
    """ic, rank_ic and ic_positive of one model; empty for a single symbol.

    The correlation across symbols of forecasts with outcomes at one cutoff and step, Pearson's (ic) or Spearman's
    (rank_ic) (Grinold & Kahn 1999, ch. 6), averaged over cutoffs and steps, and the share of them with a positive rank
    correlation. Levels are compared by their moves relative to the level at the cutoff, `level_NH` in the user's units,
    so that the distance between prices explains nothing; other targets as they are scored. A cutoff counts with at
    least two symbols that differ in forecast and outcome; NaN if there is none.
    """
    if len(np.unique(test.symbol_N)) < 2 or (kind.origin == "level" and level_NH is None):
        return {}
    y_CSH, yhat_CSH = (_by_cutoff(test, _move(v, kind, level_NH)) for v in (test.y_NH, test.yhat_NH[name]))
    ic_CH = _correlation(y_CSH, yhat_CSH)
    rank_ic_CH = _correlation(_ranks(y_CSH), _ranks(yhat_CSH))
    rank_ic = rank_ic_CH[np.isfinite(rank_ic_CH)]
    if not len(rank_ic):
        return dict.fromkeys(("ic", "rank_ic", "ic_positive"), float("nan"))
    return {
        "ic": float(np.nanmean(ic_CH)),
        "rank_ic": float(rank_ic.mean()),
        "ic_positive": float((rank_ic > 0).mean()),
    }


def levels(test: ForecastMatrix) -> Floats | None:
    """The level at each cutoff, (N, H) in the user's units, of a target that is a level: what "next = last" says."""
    return test.yhat_NH.get("last_value")


def _move(value_NH: Floats, kind: TargetKind, level_NH: Floats | None) -> Floats:
    if kind.origin != "level" or level_NH is None:
        return kind.to_score(value_NH)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(level_NH == 0, np.nan, (value_NH - level_NH) / np.abs(level_NH))


def _by_cutoff(test: ForecastMatrix, value_NH: Floats) -> Floats:
    """The values with the symbols of one cutoff side by side: (C, S, H), NaN where a symbol has none."""
    cutoff_C, at_N = np.unique(test.cutoff_N, return_inverse=True)
    value_CSH = np.full((len(cutoff_C), test.symbol_N.max() + 1, value_NH.shape[1]), np.nan)
    value_CSH[at_N, test.symbol_N] = value_NH
    return value_CSH


def _ranks(value_CSH: Floats) -> Floats:
    """Ranks among the symbols, ties share theirs."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(value_CSH, axis=1, nan_policy="omit"))


def _correlation(a_CSH: Floats, b_CSH: Floats) -> Floats:
    """Pearson's correlation over the symbols: (C, H), NaN where one of the two does not vary."""
    known_CSH = np.isfinite(a_CSH) & np.isfinite(b_CSH)
    count_CH = np.maximum(known_CSH.sum(axis=1), 1)
    centred = []
    for value_CSH in (a_CSH, b_CSH):
        value_CSH = np.where(known_CSH, value_CSH, 0.0)
        from_mean_CSH = np.where(known_CSH, value_CSH - (value_CSH.sum(axis=1) / count_CH)[:, None], 0.0)
        alike_CH = np.abs(from_mean_CSH).max(axis=1) <= LEAST_SPREAD * np.abs(value_CSH).max(axis=1)
        centred.append(np.where(alike_CH[:, None], np.nan, from_mean_CSH))
    a_CSH, b_CSH = centred
    return (a_CSH * b_CSH).sum(axis=1) / np.sqrt((a_CSH**2).sum(axis=1) * (b_CSH**2).sum(axis=1))
