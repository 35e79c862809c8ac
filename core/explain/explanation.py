"""Around an Explanation: the choice of its windows, its additivity, sums over groups, and its form as tables and shap.

Axis letters: N windows, H steps, F features, P players.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.errors import DataError, RunError
from core.language import message
from core.types import Explanation, Floats, Ints


def sample_backgrounds(count_train: int, k: int = 16, seed: int = 0) -> Ints:
    """Positions of `k` training windows, one drawn at random from each of `k` equal segments of time; sorted.

    All positions if there are at most `k` windows. Raises DataError if there are none.
    """
    _check_any(count_train, message("to compare with"))
    if count_train <= k:
        return np.arange(count_train)
    edges = np.linspace(0, count_train, k + 1).astype(np.int64)
    return np.random.default_rng(seed).integers(edges[:-1], edges[1:])


def evenly_spaced(count: int, limit: int = 200) -> Ints:
    """Positions of at most `limit` windows, evenly spaced and always including the last; sorted.

    Raises DataError if there are none.
    """
    _check_any(count, message("to explain"))
    if count <= limit:
        return np.arange(count)
    return np.linspace(count - 1, 0, limit).round().astype(np.int64)[::-1].copy()


def sum_by_group(explanation: Explanation, groups: dict[str, tuple[str, ...]]) -> Explanation:
    """The explanation with the contributions of each group of features (a family, say) summed, so it stays additive.

    `groups` contain every feature once. A group has no value of its own: `data_NF` is NaN. `by_cell_LF` is summed too.
    """
    columns = group_columns(explanation.features, groups)
    by_cell_LF, count = explanation.by_cell_LF, len(explanation.values_NHF)
    return replace(
        explanation,
        features=tuple(groups),
        values_NHF=sum_groups(explanation.values_NHF, columns),
        data_NF=np.full((count, len(columns)), np.nan),
        by_cell_LF=None if by_cell_LF is None else sum_groups(by_cell_LF, columns),
        error_NHF=_sum_errors(explanation.error_NHF, columns),
        importance_error_CF=_sum_errors(explanation.importance_error_CF, columns),
    )


def _sum_errors(error: Floats | None, columns: list[list[int]]) -> Floats | None:
    """Root sums of squares. As all contributions add up to the forecast exactly, their errors tend to cancel, so that
    of a sum is rather smaller."""
    return None if error is None else np.sqrt(sum_groups(error**2, columns))


def group_columns(features: tuple[str, ...], groups: dict[str, tuple[str, ...]]) -> list[list[int]]:
    """The positions in `features` of each group's members."""
    return [[features.index(name) for name in members] for members in groups.values()]


def sum_groups(values: Floats, columns: list[list[int]]) -> Floats:
    """Sums over groups of features (the last axis), each group a list of positions: (…, F) to (…, G)."""
    return np.stack([values[..., members].sum(axis=-1) for members in columns], axis=-1)


def additivity_error(values_NPH: Floats, base_H: Floats, forecast_NH: Floats) -> float:
    """max |base_H + Σ_P values_NPH − forecast_NH| in standard deviations of the forecast over the windows.

    The standard deviation is averaged over the steps. If the forecast does not vary (one window), its largest distance
    from the base is used instead.
    """
    error = np.abs(base_H + values_NPH.sum(axis=1) - forecast_NH).max()
    spread = forecast_NH.std(axis=0).mean() or np.abs(forecast_NH - base_H).max() or 1.0
    return float(error / spread)


def to_shap(explanation: Explanation, step: int = 0) -> Any:
    """A shap.Explanation of one step (a position in `steps`), for the plots of the shap package.

    values (N, F) and base_values (N,) in target units, data (N, F) unscaled.
    """
    import shap

    return shap.Explanation(
        values=explanation.values_NHF[:, step, :],
        base_values=np.full(len(explanation.values_NHF), explanation.base_H[step]),
        data=explanation.data_NF,
        feature_names=list(explanation.features),
    )


def to_long_table(explanation: Explanation) -> pd.DataFrame:
    """The contributions as a long table: symbol · cutoff · step · feature · value · contribution.

    One row per window, step and feature, in this order; value in the feature's units, contribution in target units.
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
    """The explanation as a long table for Parquet, with columns `forecast` and, if sampled, `error`, and the remaining
    values for JSON."""
    table = to_long_table(explanation)
    table["forecast"] = np.repeat(explanation.forecast_NH.ravel(), len(explanation.features))
    if explanation.error_NHF is not None:
        table["error"] = explanation.error_NHF.ravel()
    importance_error_CF = explanation.importance_error_CF
    return table, {
        "method": explanation.method,
        "features": list(explanation.features),
        "steps": list(explanation.steps),
        "cutoff_type": str(explanation.cutoff_N.dtype),
        "base": explanation.base_H.tolist(),
        "by_lag": explanation.by_lag_L.tolist(),
        "by_cell": None if explanation.by_cell_LF is None else explanation.by_cell_LF.tolist(),
        "importance_error": None if importance_error_CF is None else importance_error_CF.tolist(),
        "additivity_error": explanation.additivity_error,
        "seconds": explanation.seconds,
    }


def from_tables(table: pd.DataFrame, values: dict[str, Any]) -> Explanation:
    """The inverse of `to_tables`, number for number. Raises RunError if the table and the values do not match."""
    features, steps = tuple(values["features"]), tuple(values["steps"])
    rows_per_window = len(features) * len(steps)
    if len(table) % rows_per_window or tuple(table["feature"].iloc[: len(features)]) != features:
        raise RunError(
            message(
                "The saved explanation is damaged: {rows} rows are not {steps} steps of {feature_count} features "
                "({features}) for each window. Explain the run again.",
                rows=len(table),
                steps=len(steps),
                feature_count=len(features),
                features=", ".join(features),
            )
        )
    first = table.iloc[::rows_per_window]
    shape = (len(first), len(steps), len(features))
    by_cell, importance_error = values.get("by_cell"), values.get("importance_error")
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
        error_NHF=table["error"].to_numpy().reshape(shape) if "error" in table else None,
        importance_error_CF=None if importance_error is None else np.array(importance_error, dtype=float),
    )


def _check_any(count: int, purpose: str) -> None:
    if count < 1:
        raise DataError(
            message(
                "There are {count} windows {purpose}; at least 1 is needed. Load more history or shorten the window "
                "length.",
                count=count,
                purpose=purpose,
            )
        )
