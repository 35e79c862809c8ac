"""What a model learns to predict: labels from levels, and the monotone way back to the user's units."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.errors import DataError
from core.spec import Target
from core.types import Floats

VOLATILITY_FLOOR = 1e-3  # % a year: keeps the log finite where a price stood still over the whole horizon
WHOLE = float(np.log1p(100.0))  # a drawdown of 100 %, as it is learned: no level above zero falls further


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetKind:
    """One kind of target.

    label   (level_T, horizon, sessions a year) → y_TH in model units; row t depends on rows t … t + horizon
    of_level level in the user's units → the level beside which labels of levels are learned
    to_user y in model units → user's units, monotone and within the bounds of the unit
    to_score user's units → the scale on which errors are measured
    """

    name: str
    title: str
    formula: str
    unit: str
    score_unit: str
    label: Callable[[Floats, int, float], Floats]
    to_user: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]  # of to_user
    to_score: Callable[[Floats], Floats]
    path: bool  # one output a step, or a single one at the horizon
    positive: bool  # needs a level above zero
    binary: bool = False
    level: bool = False  # the label is a level itself, or a mean of levels
    of_level: Callable[[Floats], Floats] = np.array


def steps(kind: TargetKind, horizon: int) -> tuple[int, ...]:
    """Sessions after the cutoff at which each output lies."""
    return tuple(range(1, horizon + 1)) if kind.path else (horizon,)


def future_levels(level_T: Floats, horizon: int) -> Floats:
    """level_{t+1} … level_{t+horizon} of every row, NaN beyond the end: (T, horizon)."""
    padded = np.concatenate([level_T, np.full(horizon, np.nan)])
    return np.stack([padded[k : k + len(level_T)] for k in range(1, horizon + 1)], axis=1)


def _level(level_T: Floats, horizon: int, per_year: float) -> Floats:
    return future_levels(level_T, horizon)


def _mean_level(level_T: Floats, horizon: int, per_year: float) -> Floats:
    return future_levels(level_T, horizon).mean(axis=1, keepdims=True)


def _log_return(level_T: Floats, horizon: int, per_year: float) -> Floats:
    return np.log(future_levels(level_T, horizon)) - np.log(level_T)[:, None]


def _direction(level_T: Floats, horizon: int, per_year: float) -> Floats:
    ahead_TH = future_levels(level_T, horizon)
    up_TH = (ahead_TH > level_T[:, None]).astype(float)
    return np.where(np.isnan(ahead_TH) | np.isnan(level_T)[:, None], np.nan, up_TH)


def _max_drawdown(level_T: Floats, horizon: int, per_year: float) -> Floats:
    path_TK = np.concatenate([level_T[:, None], future_levels(level_T, horizon)], axis=1)
    fall_TK = 1 - path_TK / np.maximum.accumulate(path_TK, axis=1)
    return np.log1p(100 * fall_TK.max(axis=1, keepdims=True))


def _volatility(level_T: Floats, horizon: int, per_year: float) -> Floats:
    return_T = np.diff(np.log(level_T), prepend=np.nan)
    mean_square_T = (future_levels(return_T, horizon) ** 2).mean(axis=1)
    percent_T = 100 * np.sqrt(mean_square_T * per_year)
    return np.log(np.maximum(percent_T, VOLATILITY_FLOOR))[:, None]


def _same(y: Floats) -> Floats:
    return y


def _percent(y: Floats) -> Floats:
    return np.expm1(np.clip(y, 0.0, WHOLE))


def _percent_slope(y: Floats) -> Floats:
    return np.where((y >= 0.0) & (y <= WHOLE), np.exp(np.clip(y, 0.0, WHOLE)), 0.0)


KINDS: dict[str, TargetKind] = {
    kind.name: kind
    for kind in (
        TargetKind(
            name="close",
            title="Closing level",
            formula="y(t, k) = close(t + k)",
            unit="price",
            score_unit="price",
            label=_level,
            to_user=_same,
            slope=np.ones_like,
            to_score=_same,
            path=True,
            positive=False,
            level=True,
        ),
        TargetKind(
            name="mean_close",
            title="Mean level",
            formula="y(t) = mean of close(t + 1) … close(t + h)",
            unit="price",
            score_unit="price",
            label=_mean_level,
            to_user=_same,
            slope=np.ones_like,
            to_score=_same,
            path=False,
            positive=False,
            level=True,
        ),
        TargetKind(
            name="log_return",
            title="Log return",
            formula="y(t, k) = log close(t + k) − log close(t)",
            unit="log return",
            score_unit="log return",
            label=_log_return,
            to_user=_same,
            slope=np.ones_like,
            to_score=_same,
            path=True,
            positive=True,
        ),
        TargetKind(
            name="direction",
            title="Direction",
            formula="y(t, k) = 1 if close(t + k) > close(t), else 0",
            unit="probability of a rise",
            score_unit="probability",
            label=_direction,
            to_user=_same,
            slope=np.ones_like,
            to_score=_same,
            path=True,
            positive=False,
            binary=True,
        ),
        TargetKind(
            name="volatility",
            title="Realised volatility",
            formula="y(t) = 100 · √(sessions a year · mean of r(t+1)² … r(t+h)²), learned as its log",
            unit="% a year",
            score_unit="log volatility",
            label=_volatility,
            to_user=np.exp,
            slope=np.exp,
            to_score=np.log,
            path=False,
            positive=True,
        ),
        TargetKind(
            name="max_drawdown",
            title="Largest drawdown",
            formula="y(t) = 100 · largest of 1 − close(t + k) / max(close(t) … close(t + k)), k = 1 … h, learned as "
            "log(1 + y)",
            unit="%",
            score_unit="log(1 + %)",
            label=_max_drawdown,
            to_user=_percent,
            slope=_percent_slope,
            to_score=np.log1p,
            path=False,
            positive=True,
        ),
        TargetKind(
            name="column",
            title="Any column",
            formula="y(t, k) = column(t + k)",
            unit="units of the column",
            score_unit="units of the column",
            label=_level,
            to_user=_same,
            slope=np.ones_like,
            to_score=_same,
            path=True,
            positive=False,
            level=True,
        ),
    )
}


def kind_of(target: Target, log: bool = False) -> TargetKind:
    """The kind of a target, with its dead zone; with `log`, levels are learned, and come back, through their logs."""
    kind = KINDS[target.kind]
    if kind.binary and target.dead_zone > 0:
        return replace(kind, label=_outside(kind, target.dead_zone))
    return _logged(kind) if log and kind.level else kind


def _outside(kind: TargetKind, zone: float) -> Callable[[Floats, int, float], Floats]:
    """The labels of `kind` where the level moves by at least the share `zone`; NaN where it moves by less."""

    def label(level_T: Floats, horizon: int, per_year: float) -> Floats:
        y_TH = kind.label(level_T, horizon, per_year)
        move_TH = np.abs(future_levels(level_T, horizon) - level_T[:, None])
        return np.where(move_TH < zone * np.abs(level_T)[:, None], np.nan, y_TH)

    return label


def _logged(kind: TargetKind) -> TargetKind:
    def label(level_T: Floats, horizon: int, per_year: float) -> Floats:
        return np.log(kind.label(level_T, horizon, per_year))

    return replace(
        kind,
        label=label,
        of_level=np.log,
        to_user=np.exp,
        slope=np.exp,
        positive=True,
        formula=f"{kind.formula}, learned as its log",
    )


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


def sessions_per_year(index: pd.DatetimeIndex) -> float:
    """Sessions a year by convention of the index: 252 for weekday series, 365 for every-day ones, 52, 12, or finer."""
    if len(index) < 2:
        return 252.0
    days = float(np.median(np.diff(index.to_numpy()) / np.timedelta64(1, "D")))
    if days >= 25:
        return max(1.0, float(round(365.25 / days)))
    if days >= 6:
        return 52.0
    if days >= 0.9:
        return 365.0 if (index.dayofweek >= 5).mean() > 0.1 else 252.0
    return 365.25 / days if math.isfinite(days) and days > 0 else 252.0
