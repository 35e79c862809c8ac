"""Which settings of a recipe fit together, beyond the range of each one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from core.errors import SpecError, words
from core.language import message
from core.spec import members
from core.spec.parts import PARTS
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
    text = message("The target {kind} needs target.column. Name the column to forecast.", kind=repr(target.kind))
    return Conflict(message=text, path="target.kind", fallback="close")


def _model(recipe: Any) -> Conflict | None:
    return registry(MODELS)[recipe.model.kind].conflict(recipe)


def _supervision(recipe: Any) -> Conflict | None:
    kinds = registry(MODELS)
    obstacle = kinds[recipe.model.kind].every_step_obstacle(recipe)
    if obstacle is None or recipe.train.supervision != "every_step":
        return None
    reason, remedy = obstacle
    remedy = remedy or message("model.kind to one of {ids}", ids=_ids(kinds, lambda kind: kind.supports_every_step))
    text = message(
        "{reason} cannot be supervised at every step: its forecast depends on one whole window, and a chunk holds "
        "many. Set train.supervision to window, or {remedy}.",
        reason=reason,
        remedy=remedy,
    )
    return Conflict(message=text, path="train.supervision", fallback="auto")


def _reversible(recipe: Any) -> Conflict | None:
    target, kinds = recipe.target, registry(TARGETS)
    if recipe.model.norm != "reversible":
        return None
    if not kinds[target.kind].level:
        text = message(
            "Reversible normalisation restores the level of each window, and the target {kind} is not a level. "
            "Set model.norm to last, or target.kind to one of {ids}.",
            kind=target.kind,
            ids=_ids(kinds, lambda kind: kind.level),
        )
    elif target.column is not None and recipe.features and f"column:{target.column}" not in recipe.features:
        text = message(
            "Reversible normalisation needs the target's own values in each window, and {column} is not among the "
            "features. Add column:{column_2} to features, or set model.norm to last.",
            column=repr(target.column),
            column_2=target.column,
        )
    else:
        return None
    return Conflict(message=text, path="model.norm", fallback="last")


def _min_length(recipe: Any) -> Conflict | None:
    length, lookback, kinds = recipe.window.min_length, recipe.window.lookback, registry(MODELS)
    longer = length is not None and 0 < lookback < length
    if length is None or (not longer and kinds[recipe.model.kind].takes_short_windows):
        return None
    text = (
        message(
            "window.min_length ({length}) is longer than the window ({lookback} rows). Set it to at most {lookback}, "
            "or lengthen window.lookback.",
            length=length,
            lookback=lookback,
        )
        if longer
        else message(
            "A {kind} model needs full windows, and window.min_length allows windows of {length} rows. Set "
            "window.min_length to none, or model.kind to one of {ids}.",
            kind=recipe.model.kind,
            length=length,
            ids=_ids(kinds, lambda kind: kind.takes_short_windows),
        )
    )
    return Conflict(message=text, path="window.min_length", fallback=None)


def _lookback(recipe: Any) -> Conflict | None:
    if recipe.window.lookback != 1:
        return None
    text = message("window.lookback takes 0, for a length from the data, or at least 2; got 1.")
    return Conflict(message=text, path="window.lookback", fallback=0)


def _loss(recipe: Any) -> Conflict | None:
    binary, loss, head = registry(TARGETS)[recipe.target.kind].binary, recipe.train.loss, recipe.model.head
    if loss == "auto" or (head == "point" and not binary):
        return None
    if binary:
        text = message(
            "train.loss {loss} applies to the point head only; this recipe has the class probability head, which "
            "has its own loss. Set train.loss to auto.",
            loss=loss,
        )
    else:
        text = message(
            "train.loss {loss} applies to the point head only; this recipe has the {head} head, which has its own "
            "loss. Set train.loss to auto, or model.head to point.",
            loss=loss,
            head=head,
        )
    return Conflict(message=text, path="train.loss", fallback="auto")


def _class_weights(recipe: Any) -> Conflict | None:
    kinds = registry(TARGETS)
    if not recipe.train.class_weights or kinds[recipe.target.kind].binary:
        return None
    text = message(
        "train.class_weights balances up and down, and the target {kind} has no classes. Switch it off, or set "
        "target.kind to {ids}.",
        kind=recipe.target.kind,
        ids=_ids(kinds, lambda kind: kind.binary),
    )
    return Conflict(message=text, path="train.class_weights", fallback=False)


def _interval_method(recipe: Any) -> Conflict | None:
    bands, kinds = recipe.bands, registry(TARGETS)
    kind, method = kinds[recipe.target.kind], registry(INTERVALS)[bands.method]
    if kind.binary and bands.method != "auto":
        text = message(
            "bands.method {method} draws a prediction interval, and a direction has none: its probability already "
            "states the uncertainty. Set bands.method to auto, or choose another target.kind.",
            method=bands.method,
        )
    elif method.needs_returns and not kind.has_returns:
        text = message(
            "bands.method {method} needs the variance of returns, and the target {name} is neither a level nor a "
            "return. Set bands.method to auto, or target.kind to one of {ids}.",
            method=bands.method,
            name=kind.name,
            ids=_ids(kinds, lambda kind: kind.has_returns),
        )
    elif method.head and recipe.model.head != method.head:
        text = message(
            "bands.method {method} needs the {head} head, and this recipe has the {own_head} head. Set model.head "
            "to {head}, or bands.method to auto.",
            method=bands.method,
            head=method.head,
            own_head=recipe.model.head,
        )
    else:
        return None
    return Conflict(message=text, path="bands.method", fallback="auto")


def _joint(recipe: Any) -> Conflict | None:
    bands, methods = recipe.bands, registry(INTERVALS)
    if not bands.joint:
        return None
    if registry(TARGETS)[recipe.target.kind].binary:
        text = message(
            "bands.joint draws a prediction interval, and a direction has none: its probability already states "
            "the uncertainty. Set bands.joint to false, or choose another target.kind."
        )
    elif not methods[bands.method].calibrated:
        text = message(
            "bands.joint sets the width by the largest error of past paths, and bands.method {method} uses no "
            "past errors. Set bands.method to one of {ids}, or bands.joint to false.",
            method=bands.method,
            ids=_ids(methods, lambda method: method.calibrated),
        )
    else:
        return None
    return Conflict(message=text, path="bands.joint", fallback=False)


def _ids(records: Any, keep: Callable[[Any], bool]) -> str:
    return ", ".join(name for name, record in records.items() if keep(record))


def _members(recipe: Any) -> Conflict | None:
    for text in recipe.train.member_settings:
        try:
            alone = SimpleNamespace(**{name: getattr(recipe, name) for name in (*PARTS, "features")})
            vars(alone).update(members.parts(recipe, text))
        except SpecError as problem:
            why = words(problem)
        else:
            why = next((conflict.message for conflict in conflicts(alone)), "")
        if why:
            about = message("The settings of a single network, {text}, cannot be used: {why}", text=repr(text), why=why)
            return Conflict(message=about, path="train.member_settings", fallback=())
    return None


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
    _members,
)
