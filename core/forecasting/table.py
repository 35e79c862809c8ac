"""The long forecast table that every metric and chart uses, and its matrices.

Axis letters: N windows, H steps, Q quantiles.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.spec import QUANTILES
from core.types import Floats, Ints, Times, Windows

QUANTILE_LEVELS = (0.025, *QUANTILES, 0.975)  # those of the network, and those of the 95 % interval by calibration
# q025, q05, q10 … q95, q975
QUANTILE_COLUMNS = tuple("q" + f"{1000 * level:03.0f}".removesuffix("0") for level in QUANTILE_LEVELS)
MEDIAN_COLUMN = "q50"
CATEGORIES = ("model", "part", "symbol")  # columns with categories


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastMatrix:
    """One split of the table: outcomes and the forecasts of each model as (N, H), user's units."""

    y_NH: Floats
    yhat_NH: dict[str, Floats]
    cutoff_N: Times
    symbol_N: Ints
    symbols: tuple[str, ...]
    steps: tuple[int, ...]


def build_rows(
    model: str,
    split: str,
    windows: Windows,
    y_NH: Floats,
    yhat_NH: Floats,
    quantiles_NHQ: Floats | None = None,
    low_NH: Floats | None = None,
    high_NH: Floats | None = None,
) -> pd.DataFrame:
    """The rows of the table for one model and split, window by window and step by step; user's units.

    `yhat_NH` is the mean, `quantiles_NHQ` those of QUANTILE_LEVELS, or of QUANTILES only. A window that lacks the
    outcome of one step is not scored: its `y` is NaN at every step.
    """
    y_NH = np.where(np.isfinite(y_NH).all(axis=1, keepdims=True), y_NH, np.nan)
    count, steps = len(windows), windows.rows.steps
    empty = np.full((count, len(steps)), np.nan)
    if quantiles_NHQ is not None and quantiles_NHQ.shape[2] == len(QUANTILES):
        quantiles_NHQ = np.pad(quantiles_NHQ, ((0, 0), (0, 0), (1, 1)), constant_values=np.nan)
    table = {
        "model": _categorical(np.zeros(count * len(steps), dtype=np.int8), [model]),
        "part": _categorical(np.zeros(count * len(steps), dtype=np.int8), [split]),
        "symbol": _categorical(np.repeat(windows.symbol_N, len(steps)), list(windows.rows.symbols)),
        "cutoff": np.repeat(windows.cutoff_N, len(steps)),
        "step": np.tile(np.asarray(steps, dtype=np.int32), count),
        "time": windows.time_NH.ravel(),
        "y": y_NH.ravel(),
        "yhat": yhat_NH.ravel(),
    }
    for q, name in enumerate(QUANTILE_COLUMNS):
        table[name] = (empty if quantiles_NHQ is None else quantiles_NHQ[:, :, q]).ravel()
    table["lo"] = (empty if low_NH is None else low_NH).ravel()
    table["hi"] = (empty if high_NH is None else high_NH).ravel()
    return pd.DataFrame(table)


def _categorical(code_N: Ints, names: list[str]) -> "pd.Categorical[str]":
    return pd.Categorical.from_codes(code_N.tolist(), categories=pd.Index(names))


def concat(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """One table out of several; its categories are those of all of them."""
    united = {n: list(dict.fromkeys(c for table in tables for c in table[n].cat.categories)) for n in CATEGORIES}
    return pd.concat(
        [table.assign(**{n: table[n].cat.set_categories(united[n]) for n in CATEGORIES}) for table in tables],
        ignore_index=True,
    )


def to_matrix(forecast: pd.DataFrame, split: str, unscored: bool = False, median: bool = False) -> ForecastMatrix:
    """The outcomes and forecasts of a split as matrices; every model has the same windows in the same order.

    Forecasts are means, or medians where a model has them. Windows without an outcome to score are left out, unless
    `unscored`.
    """
    rows = forecast[(forecast["part"] == split) & (forecast["y"].notna() | unscored)]
    steps = tuple(int(step) for step in dict.fromkeys(rows["step"]))
    by_model = _by_model(rows)
    shape = (-1, len(steps))
    first = next(iter(by_model.values()))

    def point(table: pd.DataFrame) -> Floats:
        return (table[MEDIAN_COLUMN].fillna(table["yhat"]) if median else table["yhat"]).to_numpy().reshape(shape)

    return ForecastMatrix(
        y_NH=first["y"].to_numpy().reshape(shape),
        yhat_NH={name: point(table) for name, table in by_model.items()},
        cutoff_N=first["cutoff"].to_numpy().reshape(shape)[:, 0],
        symbol_N=first["symbol"].cat.codes.to_numpy().reshape(shape)[:, 0].astype(int),
        symbols=tuple(str(c) for c in first["symbol"].cat.categories),
        steps=steps,
    )


def test_quantiles(forecast: pd.DataFrame) -> dict[str, Floats]:
    """The quantiles of QUANTILE_LEVELS of the scored test windows, (N, H, Q), of each model that has them all."""
    rows = forecast[(forecast["part"] == "test") & forecast["y"].notna()]
    steps = rows["step"].nunique()
    by_model = {name: table[[*QUANTILE_COLUMNS]].to_numpy() for name, table in _by_model(rows).items()}
    return {
        name: value.reshape(-1, steps, len(QUANTILE_COLUMNS))
        for name, value in by_model.items()
        if np.isfinite(value).all()
    }


def _by_model(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): rows[rows["model"] == name] for name in dict.fromkeys(rows["model"])}
