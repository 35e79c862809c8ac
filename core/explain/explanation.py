"""What surrounds an Explanation: which windows it takes, how well it adds up, and its forms as tables and for shap.

Axis letters: N windows, H steps, F features, P players.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.errors import DataError, RunError
from core.types import Explanation, Floats, Ints


def backgrounds(count_train: int, k: int = 16, seed: int = 0) -> Ints:
    """Positions of `k` training windows, one drawn at random from each of `k` equal stretches of time; sorted.

    All positions when there are no more than `k` windows. Raises DataError when there are none.
    """
    _check_any(count_train, "to compare with")
    if count_train <= k:
        return np.arange(count_train)
    edges = np.linspace(0, count_train, k + 1).astype(np.int64)
    return np.random.default_rng(seed).integers(edges[:-1], edges[1:])


def pick(count: int, limit: int = 200) -> Ints:
    """Positions of at most `limit` windows, evenly spaced, the last one always among them; sorted.

    Raises DataError when there are none.
    """
    _check_any(count, "to explain")
    if count <= limit:
        return np.arange(count)
    return np.linspace(count - 1, 0, limit).round().astype(np.int64)[::-1].copy()


def grouped(explanation: Explanation, groups: dict[str, tuple[str, ...]]) -> Explanation:
    """The explanation with the contributions of each group of features (a family, say) added up, which keeps it
    additive; `groups` hold every feature once. A group has no value of its own: `data_NF` is NaN. Its cells are
    sums of those of its features."""
    at = [[explanation.features.index(name) for name in names] for names in groups.values()]
    cells_LF, count = explanation.by_cell_LF, len(explanation.values_NHF)
    return replace(
        explanation,
        features=tuple(groups),
        values_NHF=joined(explanation.values_NHF, at),
        data_NF=np.full((count, len(at)), np.nan),
        by_cell_LF=None if cells_LF is None else joined(cells_LF, at),
    )


def joined(values: Floats, at: list[list[int]]) -> Floats:
    """Sums over groups of features, the last axis, each a list of positions: (…, F) to (…, G)."""
    return np.stack([values[..., columns].sum(axis=-1) for columns in at], axis=-1)


def additivity_error(values_NPH: Floats, base_H: Floats, forecast_NH: Floats) -> float:
    """max |base_H + Σ_P values_NPH − forecast_NH| in standard deviations of the forecast over the windows.

    The deviation is averaged over the steps. Where the forecast does not vary (one window), its largest distance from
    the base takes that place.
    """
    error = np.abs(base_H + values_NPH.sum(axis=1) - forecast_NH).max()
    spread = forecast_NH.std(axis=0).mean() or np.abs(forecast_NH - base_H).max() or 1.0
    return float(error / spread)


def to_shap(explanation: Explanation, step: int = 0) -> Any:
    """A shap.Explanation of one step (a position in `steps`), for every plot of the shap package.

    values (N, F) and base_values (N,) in target units, data (N, F) unscaled.
    """
    import shap

    return shap.Explanation(
        values=explanation.values_NHF[:, step, :],
        base_values=np.full(len(explanation.values_NHF), explanation.base_H[step]),
        data=explanation.data_NF,
        feature_names=list(explanation.features),
    )


def long(explanation: Explanation) -> pd.DataFrame:
    """The contributions as a long table: symbol · cutoff · step · feature · value · contribution.

    One row for each window, step and feature, in this order; value in the feature's units, contribution in target
    units.
    """
    count, steps, width = explanation.values_NHF.shape
    return pd.DataFrame(
        {
            "symbol": np.repeat(np.array(explanation.symbol_N, dtype=object), steps * width),
            "cutoff": np.repeat(explanation.cutoff_N, steps * width),
            "step": np.tile(np.repeat(np.asarray(explanation.steps, dtype=np.int64), width), count),
            "feature": np.tile(np.array(explanation.features, dtype=object), count * steps),
            "value": np.repeat(explanation.data_NF[:, None, :], steps, axis=1).ravel(),
            "contribution": explanation.values_NHF.ravel(),
        }
    )


def to_tables(explanation: Explanation) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The explanation as a long table for Parquet, with a column `forecast`, and plain values for JSON."""
    table = long(explanation)
    table["forecast"] = np.repeat(explanation.forecast_NH.ravel(), len(explanation.features))
    return table, {
        "method": explanation.method,
        "features": list(explanation.features),
        "steps": list(explanation.steps),
        "cutoff_type": str(explanation.cutoff_N.dtype),
        "base": explanation.base_H.tolist(),
        "by_lag": explanation.by_lag_L.tolist(),
        "by_cell": None if explanation.by_cell_LF is None else explanation.by_cell_LF.tolist(),
        "additivity_error": explanation.additivity_error,
        "seconds": explanation.seconds,
    }


def from_tables(table: pd.DataFrame, values: dict[str, Any]) -> Explanation:
    """The explanation that `to_tables` took apart, number for number.

    Raises RunError when table and values do not belong together.
    """
    features, steps = tuple(values["features"]), tuple(values["steps"])
    cells = len(features) * len(steps)
    if len(table) % cells or tuple(table["feature"].iloc[: len(features)]) != features:
        raise RunError(
            f"The saved explanation is damaged: {len(table)} rows are not {len(steps)} steps of "
            f"{len(features)} features ({', '.join(features)}) for each window. Explain the run again."
        )
    first = table.iloc[::cells]
    shape = (len(first), len(steps), len(features))
    by_cell = values.get("by_cell")
    return Explanation(
        method=values["method"],
        features=features,
        steps=steps,
        symbol_N=tuple(first["symbol"]),
        cutoff_N=first["cutoff"].to_numpy().astype(values["cutoff_type"]),
        values_NHF=table["contribution"].to_numpy().reshape(shape),
        base_H=np.array(values["base"]),
        data_NF=table["value"].to_numpy().reshape(shape)[:, 0, :].copy(),
        forecast_NH=table["forecast"].to_numpy().reshape(shape)[:, :, 0].copy(),
        by_lag_L=np.array(values["by_lag"]),
        additivity_error=values["additivity_error"],
        seconds=values["seconds"],
        by_cell_LF=None if by_cell is None else np.array(by_cell),
    )


def _check_any(count: int, purpose: str) -> None:
    if count < 1:
        raise DataError(
            f"There are {count} windows {purpose}; at least 1 is needed. Load more history or shorten "
            "the window length."
        )
