"""The column behind a target, and whether the target can be computed from its values."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.frame import select_symbol, symbols
from core.data.parsing.roles import known_ahead
from core.datasets.targets import TargetKind
from core.errors import DataError
from core.language import message
from core.spec import Target
from core.types import Floats, Windows


def level_column(target: Target, columns: tuple[str, ...]) -> str:
    """The column behind the target: the one that the recipe names, else `close`, else the only column.

    Raises DataError if the named column does not exist, or if none is named and there are several without a `close`.
    """
    if target.column is not None:
        if target.column not in columns:
            raise DataError(
                message(
                    "target.column is {column}, but the series has {columns}. Choose one of these.",
                    column=repr(target.column),
                    columns=", ".join(columns),
                )
            )
        return target.column
    if "close" in columns:
        return "close"
    if len(columns) == 1:
        return columns[0]
    raise DataError(
        message(
            "The series has no column 'close', but {columns}. Set target.column to the one to forecast.",
            columns=", ".join(columns),
        )
    )


def default_target(column: str, target: Target) -> Target:
    """`target` for this column where nothing else is asked for: the volatility of a close, or the column itself."""
    if column == "close":
        return replace(target, kind=Target().kind, column=None)
    return replace(target, kind="column", column=column)


def suggest_target(frame: pd.DataFrame, column: str, known: tuple[str, ...]) -> Target:
    """The default target for a column of a frame, no further ahead than the `known` future covariates reach."""
    ahead = known_ahead((select_symbol(frame, name) for name in symbols(frame)), column)
    usual = Target()
    horizon = min([usual.horizon, *(ahead[name] for name in known if name in ahead)])
    return default_target(column, replace(usual, horizon=horizon))


def check_level(level: pd.Series, kind: TargetKind) -> None:
    """Raise DataError if the target cannot be computed: a level without values, constant, or too low to take logs."""
    observed = level.dropna()
    if observed.empty:
        raise DataError(message("The column {name} has no values. Choose another column.", name=repr(level.name)))
    if observed.nunique() == 1:
        raise DataError(
            message(
                "The column {name} is constant ({value} on all {rows} rows), so there is nothing to forecast. Choose "
                "another column.",
                name=repr(level.name),
                value=f"{observed.iloc[0]:g}",
                rows=len(observed),
            )
        )
    if kind.positive and (observed <= 0).any():
        first = observed.index[observed <= 0][0]
        remedy = message("Set window.log to false.") if kind.level else message("Choose the target 'column' instead.")
        raise DataError(
            message(
                "The target {name} takes logs, and {count} values of {name_2} are zero or below (the first on "
                "{first}). {remedy}",
                name=repr(kind.name),
                count=(observed <= 0).sum(),
                name_2=repr(level.name),
                first=f"{first:%Y-%m-%d}",
                remedy=remedy,
            )
        )


def level_floor(windows: Windows, kind: TargetKind) -> Floats:
    """(N,) the least value that a forecast can take, model units: zero at cutoffs by which no level was ever below
    it, −∞ at others and for targets that are no level."""
    if not kind.level or kind.in_logs:
        return np.full(len(windows), -np.inf)
    rows, floor_T = windows.rows, np.empty(len(windows.rows.level_T))
    for s in range(len(rows.symbols)):
        row_T = np.flatnonzero(rows.symbol_T == s)
        floor_T[row_T] = np.where(np.fmin.accumulate(rows.level_T[row_T]) >= 0, 0.0, -np.inf)
    return floor_T[windows.cutoff_row_N]
