"""Which settings of a recipe fit together, beyond the range of each one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.spec.registries import INTERVALS, MODELS, TARGETS, registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A setting that does not fit the rest of the recipe: what is wrong and what to do, and a value that would fit."""

    message: str
    path: str
    fallback: Any


def conflicts(recipe: Any) -> Iterator[Conflict]:
    """Every conflict of a recipe, or of anything that has its parts as attributes."""
    for rule in RULES:
        if (conflict := rule(recipe)) is not None:
            yield conflict


def _column(recipe: Any) -> Conflict | None:
    target = recipe.target
    if not registry(TARGETS)[target.kind].named_by_column or target.column is not None:
        return None
    message = f"The target {target.kind!r} needs target.column. Name the column to forecast."
    return Conflict(message=message, path="target.kind", fallback="close")


def _model(recipe: Any) -> Conflict | None:
    return registry(MODELS)[recipe.model.kind].conflict(recipe)


def _supervision(recipe: Any) -> Conflict | None:
    kinds = registry(MODELS)
    obstacle = kinds[recipe.model.kind].every_step_obstacle(recipe)
    if obstacle is None or recipe.train.supervision != "every_step":
        return None
    reason, remedy = obstacle
    remedy = remedy or f"model.kind to one of {_ids(kinds, lambda kind: kind.supports_every_step)}"
    message = (
        f"{reason} cannot be supervised at every step: its forecast depends on one whole window, and a chunk holds "
        f"many. Set train.supervision to window, or {remedy}."
    )
    return Conflict(message=message, path="train.supervision", fallback="auto")


def _reversible(recipe: Any) -> Conflict | None:
    target, kinds = recipe.target, registry(TARGETS)
    if recipe.model.norm != "reversible":
        return None
    if not kinds[target.kind].level:
        message = (
            f"Reversible normalisation restores the level of each window, and the target {target.kind} is not a level. "
            f"Set model.norm to last, or target.kind to one of {_ids(kinds, lambda kind: kind.level)}."
        )
    elif target.column is not None and recipe.features and f"column:{target.column}" not in recipe.features:
        message = (
            f"Reversible normalisation needs the target's own values in each window, and {target.column!r} is not "
            f"among the features. Add column:{target.column} to features, or set model.norm to last."
        )
    else:
        return None
    return Conflict(message=message, path="model.norm", fallback="last")


def _min_length(recipe: Any) -> Conflict | None:
    length, lookback, kinds = recipe.window.min_length, recipe.window.lookback, registry(MODELS)
    longer = length is not None and 0 < lookback < length
    if length is None or (not longer and kinds[recipe.model.kind].takes_short_windows):
        return None
    message = (
        f"window.min_length ({length}) is longer than the window ({lookback} rows). Set it to at most {lookback}, or "
        "lengthen window.lookback."
        if longer
        else f"A {recipe.model.kind} model needs full windows, and window.min_length allows windows of {length} rows. "
        f"Set window.min_length to none, or model.kind to one of {_ids(kinds, lambda kind: kind.takes_short_windows)}."
    )
    return Conflict(message=message, path="window.min_length", fallback=None)


def _lookback(recipe: Any) -> Conflict | None:
    if recipe.window.lookback != 1:
        return None
    message = "window.lookback takes 0, for a length from the data, or at least 2; got 1."
    return Conflict(message=message, path="window.lookback", fallback=0)


def _loss(recipe: Any) -> Conflict | None:
    binary, loss, head = registry(TARGETS)[recipe.target.kind].binary, recipe.train.loss, recipe.model.head
    if loss == "auto" or (head == "point" and not binary):
        return None
    message = (
        f"train.loss {loss} applies to the point head only; this recipe has the "
        f"{'class probability' if binary else head} head, which has its own loss. Set train.loss to auto"
        + ("." if binary else ", or model.head to point.")
    )
    return Conflict(message=message, path="train.loss", fallback="auto")


def _class_weights(recipe: Any) -> Conflict | None:
    kinds = registry(TARGETS)
    if not recipe.train.class_weights or kinds[recipe.target.kind].binary:
        return None
    message = (
        f"train.class_weights balances up and down, and the target {recipe.target.kind} has no classes. Switch it off, "
        f"or set target.kind to {_ids(kinds, lambda kind: kind.binary)}."
    )
    return Conflict(message=message, path="train.class_weights", fallback=False)


def _interval_method(recipe: Any) -> Conflict | None:
    bands, kinds = recipe.bands, registry(TARGETS)
    kind, method = kinds[recipe.target.kind], registry(INTERVALS)[bands.method]
    if kind.binary and bands.method != "auto":
        message = (
            f"bands.method {bands.method} draws a prediction interval, and a direction has none: its probability "
            "already states the uncertainty. Set bands.method to auto, or choose another target.kind."
        )
    elif method.needs_returns and not kind.has_returns:
        message = (
            f"bands.method {bands.method} needs the variance of returns, and the target {kind.name} is neither a level "
            f"nor a return. Set bands.method to auto, or target.kind to one of "
            f"{_ids(kinds, lambda kind: kind.has_returns)}."
        )
    elif method.head and recipe.model.head != method.head:
        message = (
            f"bands.method {bands.method} needs the {method.head} head, and this recipe has the {recipe.model.head} "
            f"head. Set model.head to {method.head}, or bands.method to auto."
        )
    else:
        return None
    return Conflict(message=message, path="bands.method", fallback="auto")


def _joint(recipe: Any) -> Conflict | None:
    bands, methods = recipe.bands, registry(INTERVALS)
    if not bands.joint:
        return None
    if registry(TARGETS)[recipe.target.kind].binary:
        message = (
            "bands.joint draws a prediction interval, and a direction has none: its probability already states the "
            "uncertainty. Set bands.joint to false, or choose another target.kind."
        )
    elif not methods[bands.method].calibrated:
        message = (
            f"bands.joint sets the width by the largest error of past paths, and bands.method {bands.method} uses no "
            f"past errors. Set bands.method to one of {_ids(methods, lambda method: method.calibrated)}, or "
            "bands.joint to false."
        )
    else:
        return None
    return Conflict(message=message, path="bands.joint", fallback=False)


def _ids(records: Any, keep: Callable[[Any], bool]) -> str:
    return ", ".join(name for name, record in records.items() if keep(record))


RULES: tuple[Callable[[Any], Conflict | None], ...] = (
    _column,
    _model,
    _supervision,
    _reversible,
    _lookback,
    _min_length,
    _loss,
    _class_weights,
    _interval_method,
    _joint,
)
