"""Scaling of features and labels, one scale a symbol, fitted on training rows only."""

import itertools
from dataclasses import dataclass

import numpy as np

from core.types import Flags, Floats, Ints

TAILS = (0.005, 0.995)  # quantiles at which outliers are clipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaler:
    """scaled = (log? clip(value, low, high) − center) / scale, for symbol s and column c.

    Without `low_SC` and `high_SC` nothing is clipped, without `log_C` no column is taken as its log.
    """

    center_SC: Floats
    scale_SC: Floats
    low_SC: Floats | None = None
    high_SC: Floats | None = None
    log_C: Flags | None = None

    def apply(self, value_TC: Floats, symbol_T: Ints, kind: type[np.floating] = np.float64) -> Floats:
        """Scaled values (T, C) as numbers of `kind`; calculated in float64, symbol by symbol to spare memory."""
        scaled_TC = np.empty(value_TC.shape, dtype=kind)
        for s, of_s in _runs(symbol_T):
            scaled_TC[of_s] = (self._level(value_TC[of_s], s) - self.center_SC[s]) / self.scale_SC[s]
        return scaled_TC

    def invert(self, scaled_NC: Floats, symbol_N: Ints) -> Floats:
        """Back to unscaled units; columns broadcast against one centre where there is a single one."""
        value_NC = scaled_NC * self.scale_SC[symbol_N] + self.center_SC[symbol_N]
        if self.log_C is not None:
            value_NC[:, self.log_C] = np.exp(value_NC[:, self.log_C])
        return value_NC

    def _level(self, value_TC: Floats, symbol: int) -> Floats:
        if self.low_SC is not None and self.high_SC is not None:
            value_TC = np.clip(value_TC, self.low_SC[symbol], self.high_SC[symbol])
        return _logs(value_TC, self.log_C)

    def state(self, name: str) -> dict[str, Floats]:
        """The scaler as plain arrays whose names begin with `name`; `restore` gives it back bit for bit."""
        parts = {
            "center": self.center_SC,
            "scale": self.scale_SC,
            "low": self.low_SC,
            "high": self.high_SC,
            "log": None if self.log_C is None else self.log_C.astype(float),
        }
        return {f"{name}_{part}": values for part, values in parts.items() if values is not None}


def restore(state: dict[str, Floats], name: str) -> Scaler:
    """The scaler that `Scaler.state` wrote under `name`."""
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
    """The scaler of the rows where `train_T` is true. A column that does not vary there keeps scale 1.

    Columns of `log_C` are scaled as logs; those of `clip_C` are first clipped at the 0.5 % and 99.5 % quantiles of
    each symbol's rows in `train_T`.
    """
    shape = (symbols, value_TC.shape[1])
    center_SC, scale_SC = np.zeros(shape), np.ones(shape)
    low_SC, high_SC = (None, None) if clip_C is None else (np.full(shape, -np.inf), np.full(shape, np.inf))
    for s, of_s in _runs(symbol_T):
        part = value_TC[of_s][train_T[of_s]]
        if clip_C is not None and low_SC is not None and high_SC is not None:
            for c in np.flatnonzero(clip_C).tolist():
                low_SC[s, c], high_SC[s, c] = _tails(part[:, c])
            part = np.clip(part, low_SC[s], high_SC[s])
        part = _logs(part, log_C)
        for c in range(shape[1]):
            seen = part[:, c][np.isfinite(part[:, c])]
            if len(seen) and scaling != "none":
                center_SC[s, c], scale_SC[s, c] = _center_and_scale(seen, scaling)
    return Scaler(center_SC=center_SC, scale_SC=scale_SC, low_SC=low_SC, high_SC=high_SC, log_C=log_C)


def _runs(symbol_T: Ints) -> list[tuple[int, slice]]:
    """Each stretch of rows of one symbol, as the symbol and its rows."""
    at = np.concatenate([[0], np.flatnonzero(np.diff(symbol_T)) + 1, [len(symbol_T)]]).tolist()
    return [(int(symbol_T[start]), slice(start, end)) for start, end in itertools.pairwise(at) if end > start]


def _tails(value_T: Floats) -> tuple[float, float]:
    seen = value_T[np.isfinite(value_T)]
    if not len(seen):
        return -np.inf, np.inf
    low, high = np.quantile(seen, TAILS)
    return float(low), float(high)


def _logs(value_TC: Floats, log_C: Flags | None) -> Floats:
    if log_C is None or not log_C.any():
        return value_TC
    value_TC = value_TC.copy()
    value_TC[:, log_C] = np.log(value_TC[:, log_C])
    return value_TC


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
