"""The long forecast table that every metric and chart speaks, and its matrices."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.spec import QUANTILES
from core.types import Floats, Ints, Times, Windows

LEVELS = (0.025, *QUANTILES, 0.975)  # the network's, and those of the 95 % band, which calibration adds
QUANTILE_COLUMNS = tuple("q" + f"{1000 * q:03.0f}".removesuffix("0") for q in LEVELS)  # q025, q05, q10 … q95, q975


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """One part of the table: outcomes and each model's forecasts as (N, H), user's units."""

    y_NH: Floats
    yhat_NH: dict[str, Floats]
    cutoff_N: Times
    symbol_N: Ints
    symbols: tuple[str, ...]
    steps: tuple[int, ...]


def rows(
    model: str,
    part: str,
    windows: Windows,
    y_NH: Floats,
    yhat_NH: Floats,
    quantiles_NHQ: Floats | None = None,
    low_NH: Floats | None = None,
    high_NH: Floats | None = None,
) -> pd.DataFrame:
    """The table's rows of one model and part, windows in order and steps within them; user's units.

    `quantiles_NHQ` are those of LEVELS, or of QUANTILES alone.
    """
    count, steps = len(windows), windows.rows.steps
    empty = np.full((count, len(steps)), np.nan)
    if quantiles_NHQ is not None and quantiles_NHQ.shape[2] == len(QUANTILES):
        quantiles_NHQ = np.pad(quantiles_NHQ, ((0, 0), (0, 0), (1, 1)), constant_values=np.nan)
    table = {
        "model": _categorical(np.zeros(count * len(steps), dtype=np.int8), [model]),
        "part": _categorical(np.zeros(count * len(steps), dtype=np.int8), [part]),
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


def join(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """One table of several, categories united."""
    names = ("model", "part", "symbol")
    united = {n: list(dict.fromkeys(c for t in tables for c in t[n].cat.categories)) for n in names}
    return pd.concat(
        [t.assign(**{n: t[n].cat.set_categories(united[n]) for n in names}) for t in tables], ignore_index=True
    )


def matrix(forecast: pd.DataFrame, part: str) -> Matrix:
    """The part's outcomes and forecasts as matrices; every model has the same windows in the same order."""
    here = forecast[forecast["part"] == part]
    models = list(dict.fromkeys(here["model"]))
    steps = tuple(int(s) for s in dict.fromkeys(here["step"]))
    by_model = {name: here[here["model"] == name] for name in models}
    shape = (-1, len(steps))
    first = by_model[models[0]]
    return Matrix(
        y_NH=first["y"].to_numpy().reshape(shape),
        yhat_NH={name: table["yhat"].to_numpy().reshape(shape) for name, table in by_model.items()},
        cutoff_N=first["cutoff"].to_numpy().reshape(shape)[:, 0],
        symbol_N=first["symbol"].cat.codes.to_numpy().reshape(shape)[:, 0].astype(int),
        symbols=tuple(str(c) for c in first["symbol"].cat.categories),
        steps=steps,
    )
