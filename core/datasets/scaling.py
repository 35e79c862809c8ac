"""Scaling of features and labels, one scale per symbol, fitted on training rows only.

Axis letters: T rows, N windows, S symbols, C columns.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from core.types import Flags, Floats, Ints

CLIP_QUANTILES = (0.005, 0.995)  # at which outliers are clipped
NORMAL_IQR = 1.349  # interquartile range of a standard normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaler:
    """scaled = (log clip(value, low, high) − center) / scale, for symbol s and column c.

    Without `low_SC` and `high_SC` nothing is clipped; only the columns of `log_C` are logged.
    """

    center_SC: Floats
    scale_SC: Floats
    low_SC: Floats | None = None
    high_SC: Floats | None = None
    log_C: Flags | None = None

    def apply(self, value_TC: Floats, symbol_T: Ints, dtype: type[np.floating] = np.float64) -> Floats:
        """Scaled values (T, C) of this type; computed in float64, symbol by symbol to save memory."""
        scaled_TC = np.empty(value_TC.shape, dtype=dtype)
        for s, rows in _symbol_slices(symbol_T):
            scaled_TC[rows] = (self._clip_and_log(value_TC[rows], s) - self.center_SC[s]) / self.scale_SC[s]
        return scaled_TC

    def invert(self, scaled_NC: Floats, symbol_N: Ints) -> Floats:
        """Unscaled values (N, C); clipping is not undone. A scaler of one column applies to any number of columns."""
        value_NC = scaled_NC * self.scale_SC[symbol_N] + self.center_SC[symbol_N]
        if self.log_C is not None:
            value_NC[:, self.log_C] = np.exp(value_NC[:, self.log_C])
        return value_NC

    def _clip_and_log(self, value_TC: Floats, symbol: int) -> Floats:
        if self.low_SC is not None and self.high_SC is not None:
            value_TC = np.clip(value_TC, self.low_SC[symbol], self.high_SC[symbol])
        return _log_columns(value_TC, self.log_C)

    def state(self, name: str) -> dict[str, Floats]:
        """The scaler as plain arrays whose names begin with `name`; `restore` rebuilds it bit for bit."""
        arrays = {
            "center": self.center_SC,
            "scale": self.scale_SC,
            "low": self.low_SC,
            "high": self.high_SC,
            "log": None if self.log_C is None else self.log_C.astype(float),
        }
        return {f"{name}_{key}": values for key, values in arrays.items() if values is not None}


def restore(state: dict[str, Floats], name: str) -> Scaler:
    """The scaler that `Scaler.state` stored under `name`."""
    log = state.get(f"{name}_log")
    return Scaler(
        center_SC=state[f"{name}_center"],
        scale_SC=state[f"{name}_scale"],
        low_SC=state.get(f"{name}_low"),
        high_SC=state.get(f"{name}_high"),
        log_C=None if log is None else log > 0,
    )


def fit(
    value_TC: Floats,
    symbol_T: Ints,
    train_T: Flags,
    symbols: int,
    scaling: str,
    *,
    log_C: Flags | None = None,
    clip_C: Flags | None = None,
) -> Scaler:
    """Fit a scaler to the rows of `train_T`, symbol by symbol. A column that does not vary there gets scale 1.

    Columns of `clip_C` are first clipped at their 0.5 % and 99.5 % quantiles in these rows; those of `log_C` are scaled
    as logs.
    """
    shape = (symbols, value_TC.shape[1])
    center_SC, scale_SC = np.zeros(shape), np.ones(shape)
    low_SC, high_SC = (None, None) if clip_C is None else (np.full(shape, -np.inf), np.full(shape, np.inf))
    for s, rows in _symbol_slices(symbol_T):
        train_TC = value_TC[rows][train_T[rows]]
        if clip_C is not None and low_SC is not None and high_SC is not None:
            for c in np.flatnonzero(clip_C).tolist():
                low_SC[s, c], high_SC[s, c] = _clip_bounds(train_TC[:, c])
            train_TC = np.clip(train_TC, low_SC[s], high_SC[s])
        train_TC = _log_columns(train_TC, log_C)
        for c in range(shape[1]):
            finite_T = train_TC[:, c][np.isfinite(train_TC[:, c])]
            if len(finite_T) and scaling != "none":
                center_SC[s, c], scale_SC[s, c] = _center_and_scale(finite_T, scaling)
    return Scaler(center_SC=center_SC, scale_SC=scale_SC, low_SC=low_SC, high_SC=high_SC, log_C=log_C)


def _symbol_slices(symbol_T: Ints) -> list[tuple[int, slice]]:
    """Each block of consecutive rows of one symbol: the symbol and the rows."""
    edges = np.concatenate([[0], np.flatnonzero(np.diff(symbol_T)) + 1, [len(symbol_T)]]).tolist()
    return [(int(symbol_T[start]), slice(start, end)) for start, end in itertools.pairwise(edges) if end > start]


def _clip_bounds(value_T: Floats) -> tuple[float, float]:
    finite_T = value_T[np.isfinite(value_T)]
    if not len(finite_T):
        return -np.inf, np.inf
    low, high = np.quantile(finite_T, CLIP_QUANTILES)
    return float(low), float(high)


def _log_columns(value_TC: Floats, log_C: Flags | None) -> Floats:
    if log_C is None or not log_C.any():
        return value_TC
    value_TC = value_TC.copy()
    value_TC[:, log_C] = np.log(value_TC[:, log_C])
    return value_TC


def _center_and_scale(value_T: Floats, scaling: str) -> tuple[float, float]:
    if scaling == "robust":
        low, center, high = np.percentile(value_T, [25, 50, 75])
        scale = (high - low) / NORMAL_IQR
    elif scaling == "minmax":
        center, scale = value_T.min(), value_T.max() - value_T.min()
    else:
        center, scale = value_T.mean(), value_T.std()
    # Relative to the size of the values: rounding noise around a constant is not a scale.
    varies = scale > 1e-12 * max(1.0, float(np.abs(center)))
    return float(center), float(scale) if varies else 1.0
