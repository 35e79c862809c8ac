"""Scaling of features and labels, one scale a symbol, fitted on training rows only."""

from dataclasses import dataclass

import numpy as np

from core.records import Flags, Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaler:
    """scaled = (value − center) / scale, for symbol s and column c."""

    center_SC: Floats
    scale_SC: Floats

    def apply(self, value_TC: Floats, symbol_T: Ints) -> Floats:
        return (value_TC - self.center_SC[symbol_T]) / self.scale_SC[symbol_T]

    def invert(self, scaled_NC: Floats, symbol_N: Ints) -> Floats:
        """Back to unscaled units; columns broadcast against one centre where there is a single one."""
        return scaled_NC * self.scale_SC[symbol_N] + self.center_SC[symbol_N]


def fit(value_TC: Floats, symbol_T: Ints, train_T: Flags, symbols: int, scaling: str) -> Scaler:
    """The scaler of the rows where `train_T` is true. A column that does not vary there keeps scale 1."""
    columns = value_TC.shape[1]
    center_SC, scale_SC = np.zeros((symbols, columns)), np.ones((symbols, columns))
    if scaling == "none":
        return Scaler(center_SC=center_SC, scale_SC=scale_SC)
    for s in range(symbols):
        part = value_TC[(symbol_T == s) & train_T]
        for c in range(columns):
            seen = part[:, c][np.isfinite(part[:, c])]
            if len(seen):
                center_SC[s, c], scale_SC[s, c] = _center_and_scale(seen, scaling)
    return Scaler(center_SC=center_SC, scale_SC=scale_SC)


def _center_and_scale(seen: Floats, scaling: str) -> tuple[float, float]:
    if scaling == "robust":
        low, center, high = np.percentile(seen, [25, 50, 75])
        scale = (high - low) / 1.349  # the interquartile range of a standard normal
    elif scaling == "minmax":
        center, scale = seen.min(), seen.max() - seen.min()
    else:
        center, scale = seen.mean(), seen.std()
    # Relative to the size of the values: rounding noise around a constant is no scale.
    varies = scale > 1e-12 * max(1.0, float(np.abs(center)))
    return float(center), float(scale) if varies else 1.0
