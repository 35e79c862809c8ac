"""TreeSHAP of a LightGBM on a run's own windows, converted to target units, features and lags.

Axis letters: N windows, L lookback, H steps, C columns of the trees, F features.
"""

import time
from collections.abc import Callable, Generator

import numpy as np

from core.events import Event, Progress, Stage
from core.explain.explainer import WINDOWS
from core.explain.explanation import additivity_error
from core.explain.inputs import select_windows
from core.language import message
from core.types import Explanation, Floats, Ints, Run

NUDGE = 1e-6  # stands in for a gap of zero when a slope is measured


def compute(run: Run) -> Generator[Event, None, tuple[Explanation, dict[str, float]]]:
    """TreeSHAP of a LightGBM fitted on the run's windows, and each feature's share of the gain of its splits; yields
    Stage and Progress.

    This explains a model other than the network. Of several symbols, the first is explained, and the symbol itself
    counts as a feature called "symbol".
    """
    from core.baselines import boosting
    from core.training.trainer import reopen

    yield Stage(name="explain", text=message("Fitting LightGBM on the same windows"))
    began, (prepared, net) = time.perf_counter(), reopen(run)
    spec, splits, kind = run.spec, prepared.splits, prepared.kind
    trees = boosting.fit(splits.train, splits.val, kind)
    inputs = select_windows(spec, prepared, net, WINDOWS, 1)
    windows = inputs.windows
    phi_NHC, base_H = boosting.contributions(trees, windows)
    link = _sigmoid if kind.binary else kind.to_user
    phi_NHC, base_H, forecast_NH = rescale(phi_NHC, base_H, base_H + phi_NHC.sum(axis=2), link)
    feature_C, span_C = boosting.columns(windows.rows, windows.lookback)
    names, data_NF = spec.features, prepared.raw_TF[windows.cutoff_row_N]
    if len(windows.rows.symbols) > 1:
        feature_C = np.where(feature_C < 0, len(names), feature_C)
        names, data_NF = (*names, "symbol"), np.column_stack([data_NF, np.full(len(windows), np.nan)])
    values_NHF = by_feature(phi_NHC, feature_C, len(names))
    gain_C = boosting.gain(trees)
    gain_F = by_feature(gain_C[None, None], feature_C, len(names))[0, 0] / (gain_C.sum() or 1.0)
    yield Progress(done=1, total=1)
    explanation = inputs.to_explanation(
        method="lightgbm",
        features=names,
        values_NHF=values_NHF,
        base_H=base_H,
        data_NF=data_NF,
        forecast_NH=forecast_NH,
        by_lag_L=by_lag(phi_NHC, feature_C, span_C, len(names), windows.lookback),
        additivity_error=additivity_error(values_NHF.transpose(0, 2, 1), base_H, forecast_NH),
        began=began,
    )
    return explanation, dict(zip(names, gain_F.tolist(), strict=True))


def rescale(
    phi_NHC: Floats, base_H: Floats, forecast_NH: Floats, link: Callable[[Floats], Floats]
) -> tuple[Floats, Floats, Floats]:
    """Contributions, base and forecast after a monotone link, still additive.

    Each contribution is multiplied by (link(forecast) − link(base)) / (forecast − base), which preserves shares and
    signs; for a linear link this is exact TreeSHAP. If forecast = base, the slope of the link is used.
    """
    gap_NH = forecast_NH - base_H
    near_NH = np.abs(gap_NH) < NUDGE
    distance_NH = np.where(near_NH, NUDGE, gap_NH)
    slope_NH = (link(base_H + distance_NH) - link(np.broadcast_to(base_H, gap_NH.shape))) / distance_NH
    user_NHC, user_H = phi_NHC * slope_NH[:, :, None], link(base_H[None])[0]
    return user_NHC, user_H, user_H + gap_NH * slope_NH


def by_feature(phi_NHC: Floats, feature_C: Ints, width: int) -> Floats:
    """Contributions of the first `width` features, (N, H, F), summed over their columns."""
    return phi_NHC @ (feature_C[:, None] == np.arange(width)).astype(float)


def by_lag(phi_NHC: Floats, feature_C: Ints, span_C: Ints, width: int, lookback: int) -> Floats:
    """Mean absolute contribution of each lag, summed over features and averaged over steps: (L,), lag 1 first.

    A column that averages the last `span_C` rows spreads its contribution evenly over them; columns of span 0 belong to
    no lag.
    """
    phi_NC, importance_L = phi_NHC.mean(axis=1), np.zeros(lookback)
    for lag in range(1, lookback + 1):
        share_C = np.where(span_C >= lag, 1 / np.maximum(span_C, 1), 0.0)
        importance_L[lag - 1] = np.abs(by_feature((phi_NC * share_C)[:, None], feature_C, width)).mean(axis=0).sum()
    return importance_L


def _sigmoid(log_odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-log_odds))
