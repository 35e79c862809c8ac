"""The kinds of target: what a model learns to predict, and how to get from model units to the user's units.

Axis letters: T rows of one symbol, N forecasts, H steps.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from core.datasets import labels
from core.datasets.labels import future_levels
from core.spec import Target
from core.types import Floats

Label = Callable[[Floats, int, float], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How forecasts are traded.

    rule  when the position is long and when it is short, in words
    move  (forecast (N,), level at the cutoff (N,)), user's units → expected move as a share of the price, or the
          distance of a probability from one half; None if the forecast only sets the size of a long position
    """

    rule: str
    move: Callable[[Floats, Floats], Floats] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetKind:
    """One kind of target and everything that other packages need to know about it.

    label       (level_T, horizon, steps per year) → y_TH in model units; row t depends on rows t … t + horizon
    to_user     y in model units → user's units, monotone and within the bounds of the unit; `slope` is its derivative
    to_score    user's units → the scale on which errors are measured: the identity, or the inverse of `to_user`
    from_level  level in user's units → the scale on which labels of levels are learned
    origin      the naive forecast of the label: the last level, no change (0), or the latest known label
    position    how its forecasts are traded; None if they give no signal, and then `untradable` is the reason

    `only_column` is the one column that it is for (None: any). With `named_by_column` the recipe must name the column,
    and the target goes by the column's name.
    """

    name: str
    title: str
    formula: str
    unit: str
    score_unit: str
    label: Label
    path: bool  # one output per step, or a single one at the horizon
    positive: bool  # needs a level above zero
    origin: Literal["level", "zero", "label"]
    default_features: str  # a group of core.features.registry.defaults
    position: Position | None = None
    untradable: str = ""
    only_column: str | None = None
    named_by_column: bool = False
    binary: bool = False
    level: bool = False  # the label is a level itself, or a mean of levels
    averaged: bool = False  # the label is a mean over the path
    volatility: bool = False  # the label is the log of a volatility in % a year
    to_user: Callable[[Floats], Floats] = labels.identity
    slope: Callable[[Floats], Floats] = np.ones_like
    to_score: Callable[[Floats], Floats] = labels.identity
    from_level: Callable[[Floats], Floats] = np.array
    floor: float = 0.0  # least label, as a share of the root mean square of the training labels, user's units
    scores: tuple[str, ...] = ()  # further metrics of core.evaluation.metrics
    max_skill: float | None = None  # largest plausible skill one session ahead (docs/method.md); None: no bound
    skill_grows: bool = True  # the bound grows with √horizon

    @property
    def has_returns(self) -> bool:
        """Whether the label follows from the returns of the level, so that their variance determines its spread."""
        return self.level or self.origin == "zero"

    @property
    def scored_as_learned(self) -> bool:
        """Whether errors are measured in model units rather than in the user's units."""
        return self.to_score is not labels.identity

    def to_model(self, value: Floats) -> Floats:
        """Values in the user's units back in model units: the inverse of `to_user`."""
        return self.to_score(value) if self.scored_as_learned else self.from_level(value)

    @property
    def in_logs(self) -> bool:
        """Whether the label is the log of a level."""
        return self.level and self.from_level is np.log


def output_steps(kind: TargetKind, horizon: int) -> tuple[int, ...]:
    """The step of each output: 1 … horizon for a path, else the horizon alone."""
    return tuple(range(1, horizon + 1)) if kind.path else (horizon,)


def _relative_move(yhat_N: Floats, level_N: Floats) -> Floats:
    return yhat_N / level_N - 1


def _return_move(yhat_N: Floats, level_N: Floats) -> Floats:
    return np.expm1(yhat_N)


def _odds_move(yhat_N: Floats, level_N: Floats) -> Floats:
    return yhat_N - 0.5


LEVEL_POSITION = Position(
    rule="long if the forecast is above the last value, short if it is below", move=_relative_move
)

TARGETS: dict[str, TargetKind] = {
    kind.name: kind
    for kind in (
        TargetKind(
            name="close",
            title="Closing level",
            formula="y(t, k) = close(t + k)",
            unit="price",
            score_unit="price",
            label=labels.level,
            path=True,
            positive=False,
            origin="level",
            only_column="close",
            level=True,
            default_features="levels",
            scores=("r2", "mape"),
            max_skill=0.05,
            position=LEVEL_POSITION,
        ),
        TargetKind(
            name="mean_close",
            title="Mean level",
            formula="y(t) = mean of close(t + 1) … close(t + h)",
            unit="price",
            score_unit="price",
            label=labels.mean_level,
            path=False,
            positive=False,
            origin="level",
            level=True,
            averaged=True,
            default_features="levels",
            scores=("r2", "mape"),
            max_skill=0.05,
            position=LEVEL_POSITION,
        ),
        TargetKind(
            name="log_return",
            title="Log return",
            formula="y(t, k) = log close(t + k) − log close(t)",
            unit="log return",
            score_unit="log return",
            label=labels.log_return,
            path=True,
            positive=True,
            origin="zero",
            default_features="returns",
            scores=("r2",),
            max_skill=0.05,
            position=Position(rule="long if the forecast is a rise, short if it is a fall", move=_return_move),
        ),
        TargetKind(
            name="direction",
            title="Direction",
            formula="y(t, k) = 1 if close(t + k) > close(t), else 0",
            unit="probability of a rise",
            score_unit="probability",
            label=labels.direction,
            path=True,
            positive=False,
            origin="label",
            binary=True,
            default_features="returns",
            scores=("brier", "hit_rate", "log_loss", "base_rate", "auc", "matthews", "f1", "balanced_accuracy"),
            max_skill=0.05,
            position=Position(rule="long if a rise is more likely than not, short if it is not", move=_odds_move),
        ),
        TargetKind(
            name="volatility",
            title="Realised volatility",
            formula="y(t) = 100 · √(steps per year · mean of r(t+1)² … r(t+h)²), at least a tenth of that of the "
            "training windows, learned as its log",
            unit="% a year",
            score_unit="log volatility",
            label=labels.volatility,
            to_user=np.exp,
            slope=np.exp,
            to_score=np.log,
            path=False,
            positive=True,
            origin="label",
            volatility=True,
            floor=0.1,
            default_features="ranges",
            scores=("r2", "qlike"),
            max_skill=0.35,
            skill_grows=False,
            position=Position(
                rule="always long, smaller when the volatility forecast is higher, and never more than the capital",
                move=None,
            ),
        ),
        TargetKind(
            name="max_drawdown",
            title="Largest drawdown",
            formula="y(t) = 100 · largest of 1 − close(t + k) / max(close(t) … close(t + k)), k = 1 … h, learned as "
            "log(1 + y)",
            unit="%",
            score_unit="log(1 + %)",
            label=labels.max_drawdown,
            to_user=labels.percent,
            slope=labels.percent_slope,
            to_score=np.log1p,
            path=False,
            positive=True,
            origin="label",
            default_features="ranges",
            scores=("r2",),
            max_skill=0.35,
            skill_grows=False,
            untradable="The largest drawdown says how far a price may fall on the way, not whether it ends higher or "
            "lower.",
        ),
        TargetKind(
            name="column",
            title="Any column",
            formula="y(t, k) = column(t + k)",
            unit="units of the column",
            score_unit="units of the column",
            label=labels.level,
            path=True,
            positive=False,
            origin="level",
            named_by_column=True,
            level=True,
            default_features="columns",
            scores=("r2", "mape"),
            position=LEVEL_POSITION,
        ),
    )
}


def kind_of(target: Target, log: bool = False) -> TargetKind:
    """The kind of a target, with its dead zone if it has one; with `log`, levels are learned as logs."""
    kind = TARGETS[target.kind]
    if kind.binary and target.dead_zone > 0:
        return replace(kind, label=_with_dead_zone(kind, target.dead_zone))
    return _log_kind(kind) if log and kind.level else kind


def _with_dead_zone(kind: TargetKind, zone: float) -> Label:
    """The labels of `kind`, NaN at steps to which the level moves by less than the share `zone`."""

    def label(level_T: Floats, horizon: int, per_year: float) -> Floats:
        y_TH = kind.label(level_T, horizon, per_year)
        move_TH = np.abs(future_levels(level_T, horizon) - level_T[:, None])
        return np.where(move_TH < zone * np.abs(level_T)[:, None], np.nan, y_TH)

    return label


def _log_kind(kind: TargetKind) -> TargetKind:
    def label(level_T: Floats, horizon: int, per_year: float) -> Floats:
        return np.log(kind.label(level_T, horizon, per_year))

    return replace(
        kind,
        label=label,
        from_level=np.log,
        to_user=np.exp,
        slope=np.exp,
        positive=True,
        formula=f"{kind.formula}, learned as its log",
    )
