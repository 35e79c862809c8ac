"""The column behind a target, and whether its values can carry the target."""

import pandas as pd

from core.datasets.targets import TargetKind
from core.errors import DataError
from core.spec import Target


def level_column(target: Target, columns: tuple[str, ...]) -> str:
    """The column behind the target: the one named, else close, else the only one there is."""
    if target.column is not None:
        if target.column not in columns:
            raise DataError(f"There is no column {target.column!r} to forecast. The series has {', '.join(columns)}.")
        return target.column
    if "close" in columns:
        return "close"
    if len(columns) == 1:
        return columns[0]
    raise DataError(
        f"The series has no 'close' column. Name the one to forecast among {', '.join(columns)} as target.column."
    )


def check_level(level: pd.Series, kind: TargetKind) -> None:
    """Raise DataError where the level cannot carry this target: constant, or not above zero where logs are taken."""
    observed = level.dropna()
    if observed.empty:
        raise DataError(f"The column {level.name!r} has no values. Choose another column.")
    if observed.nunique() == 1:
        raise DataError(
            f"The column {level.name!r} is constant ({observed.iloc[0]:g} on all {len(observed)} rows): "
            "there is nothing to forecast. Choose another column."
        )
    if kind.positive and (observed <= 0).any():
        first = observed.index[observed <= 0][0]
        raise DataError(
            f"The target {kind.name!r} takes logs, and {(observed <= 0).sum()} values of {level.name!r} "
            f"are zero or below (first on {first:%Y-%m-%d}). {_way_out(kind)}"
        )


def _way_out(kind: TargetKind) -> str:
    return "Set window.log to false." if kind.level else "Choose the target 'column' instead."
