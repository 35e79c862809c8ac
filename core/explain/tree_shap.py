"""TreeSHAP contributions of a model's own columns, brought to target units, features and lags.

Axis letters: N windows, L lookback, H steps, C columns of the trees, F features.
"""

from collections.abc import Callable

import numpy as np

from core.types import Floats, Ints

NUDGE = 1e-6


def rescaled(
    phi_NHC: Floats, base_H: Floats, forecast_NH: Floats, link: Callable[[Floats], Floats]
) -> tuple[Floats, Floats, Floats]:
    """Contributions, base and forecast behind a monotone link, additive as before.

    Each contribution is stretched by (link(forecast) − link(base)) / (forecast − base), which keeps shares and signs;
    for a link that is a straight line this is exact TreeSHAP. Where forecast = base the slope of the link is taken.
    """
    gap_NH = forecast_NH - base_H
    near_NH = np.abs(gap_NH) < NUDGE
    reach_NH = np.where(near_NH, NUDGE, gap_NH)
    stretch_NH = (link(base_H + reach_NH) - link(np.broadcast_to(base_H, gap_NH.shape))) / reach_NH
    user_NHC, user_H = phi_NHC * stretch_NH[:, :, None], link(base_H[None])[0]
    return user_NHC, user_H, user_H + gap_NH * stretch_NH


def by_feature(phi_NHC: Floats, feature_C: Ints, width: int) -> Floats:
    """Contributions of the first `width` features, (N, H, F), from those of their columns."""
    return phi_NHC @ (feature_C[:, None] == np.arange(width)).astype(float)


def by_lag(phi_NHC: Floats, feature_C: Ints, span_C: Ints, width: int, lookback: int) -> Floats:
    """Mean absolute contribution of each lag, summed over features, a mean over steps: (L,), lag 1 first.

    A mean over the last `span_C` rows shares its contribution evenly among them; columns of span 0 have no lag.
    """
    phi_NC, found = phi_NHC.mean(axis=1), np.zeros(lookback)
    for lag in range(1, lookback + 1):
        share_C = np.where(span_C >= lag, 1 / np.maximum(span_C, 1), 0.0)
        found[lag - 1] = np.abs(by_feature((phi_NC * share_C)[:, None], feature_C, width)).mean(axis=0).sum()
    return found
