"""The space of a search: which fields of a recipe vary, and between which values; one `Field` says what is possible."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from core import spec as specs
from core.errors import SpecError
from core.language import mark, message
from core.models.kinds import MODELS
from core.spec import Spec
from core.spec.convert import current_name, field_at
from core.spec.fields import parse

# What can be searched, and the usual range of numbers. The rest of a recipe says what is forecast, from which data, on
# which splits, or costs time alone; a search over seeds would be a search for luck.
RANGES: dict[str, tuple[float, float] | None] = {
    "window.lookback": (12, 120),
    "window.scaling": None,
    "window.outliers": None,
    "model.kind": None,
    "model.hidden": (16, 128),
    "model.layers": (1, 3),
    "model.dropout": (0.0, 0.6),
    "model.bidirectional": None,
    "model.pooling": None,
    "model.norm_layer": None,
    "model.residual": None,
    "model.heads": (1, 8),
    "model.segment": (4, 48),
    "model.norm": None,
    "model.head": None,
    "model.combine": None,
    "train.steps": (300, 3000),
    "train.batch_size": (8, 256),
    "train.learning_rate": (3e-4, 2e-2),
    "train.weight_decay": (1e-4, 0.3),
    "train.optimizer": None,
    "train.schedule": None,
    "train.warmup": (0, 200),
    "train.averaging": (0.9, 0.999),
    "train.loss": None,
    "train.clip_norm": (0.1, 10.0),
    "train.patience": (5, 30),
}
LOG = {"train.weight_decay"}  # searched on a log scale, although the recipe takes 0 as well
PRESETS: dict[str, tuple[str, tuple[str, ...]]] = {  # title, fields: those that a kind of model does not use drop out
    "quick": (mark("Quick"), ("train.learning_rate", "model.hidden", "model.dropout")),
    "network": (
        mark("Network"),
        ("window.lookback", "model.hidden", "model.layers", "model.dropout", "model.segment", "model.heads"),
    ),
    "training": (
        mark("Training"),
        ("train.learning_rate", "train.batch_size", "train.weight_decay", "model.dropout", "train.averaging"),
    ),
    "wide": (
        mark("Wide"),
        (
            "window.lookback",
            "model.kind",
            "model.hidden",
            "model.layers",
            "model.dropout",
            "train.learning_rate",
            "train.batch_size",
            "train.weight_decay",
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One field of the space: numbers from `low` to `high`, `whole` ones or not, on a linear or a log scale; or
    `choices`."""

    path: str
    low: float = math.nan
    high: float = math.nan
    log: bool = False
    whole: bool = False
    choices: tuple[Any, ...] = ()

    def holds(self, value: Any) -> bool:
        """Whether a value of a recipe lies in this dimension."""
        if self.choices:
            return value in self.choices
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and self.low <= value <= self.high


def searchable(kinds: Sequence[str]) -> tuple[str, ...]:
    """The fields that a search over these kinds of model can vary, in the order of the recipe."""
    used = {name for kind in kinds for name in MODELS[kind].fields} | {"kind"}
    return tuple(path for path in RANGES if not path.startswith("model.") or path.removeprefix("model.") in used)


def dimension(path: str, text: str = "") -> Dimension:
    """The dimension of a field, with its usual range, or with that of `text`: LOW..HIGH, LOW..HIGH:log (or :linear),
    or the choices A|B. Raises SpecError for a field that cannot be searched and for a range that it does not take."""
    path = current_name(path.strip())
    if path not in RANGES:
        known = ", ".join(RANGES)
        raise SpecError(message("{path} cannot be searched. Known: {known}.", path=repr(path), known=known))
    field, hint = field_at(path), _hint(path)
    if RANGES[path] is None:
        values = field.choices or (False, True)
        chosen = tuple(parse(part.strip(), hint, path, field.choices) for part in text.split("|")) if text else values
        if unknown := [value for value in chosen if value not in values]:
            listed = ", ".join(map(str, values))
            raise SpecError(
                message("{path} is one of {choices}; got {value}.", path=path, choices=listed, value=repr(unknown[0]))
            )
        return Dimension(path=path, choices=tuple(dict.fromkeys(chosen)))
    low, high, log = _numbers(path, text)
    whole = int in getattr(hint, "__args__", (hint,))
    if not low < high or (log and low <= 0) or (field.low or 0) > low or (field.high or math.inf) < high:
        limits = f"{field.low or 0:g}..{field.high:g}" if field.high is not None else f"{field.low or 0:g}.."
        raise SpecError(
            message(
                "The range of {path} must rise, lie within {limits}, and begin above 0 on a log scale; got {text}.",
                path=path,
                limits=limits,
                text=text or f"{low:g}..{high:g}",
            )
        )
    return Dimension(path=path, low=low, high=high, log=log, whole=whole)


def parse_space(text: str) -> tuple[Dimension, ...]:
    """The space of a command line: fields separated by commas, each with =RANGE if it is not to be the usual one; the
    name of a preset stands for its fields. Raises SpecError."""
    paths: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, given = part.partition("=")
        paths |= dict.fromkeys(PRESETS[name][1], "") if name in PRESETS else {name: given}
    if not paths:
        raise SpecError(message("The space of the search is empty. Name fields such as train.learning_rate."))
    return tuple(dimension(path, given) for path, given in paths.items())


def check(space: Sequence[Dimension], spec: Spec, presets: bool = False) -> tuple[Dimension, ...]:
    """The space without fields that no kind of model in it uses; those are refused unless `presets` named them.

    Raises SpecError; also for a loss that the head of the recipe does not have.
    """
    kinds = next((one.choices for one in space if one.path == "model.kind"), (spec.model.kind,))
    useful = searchable(kinds)
    useless = [one.path for one in space if one.path not in useful]
    if useless and not presets:
        raise SpecError(
            message(
                "{path} is not used by {kinds}. Leave it out of the search, or choose another model.",
                path=useless[0],
                kinds=", ".join(kinds),
            )
        )
    left = tuple(one for one in space if one.path in useful)
    if not left:
        raise SpecError(message("The space of the search is empty. Name fields such as train.learning_rate."))
    return left


def params_of(space: Sequence[Dimension], spec: Spec) -> dict[str, Any] | None:
    """The point of the space at which a recipe stands; None if it lies outside."""
    params = {one.path: _value(spec, one.path) for one in space}
    return params if all(one.holds(params[one.path]) for one in space) else None


def at(spec: Spec, params: Mapping[str, Any]) -> Spec:
    """The recipe at a point of the space. Raises SpecError where its settings do not fit together."""
    return specs.with_values(spec, dict(params))


def largest(spec: Spec, space: Sequence[Dimension]) -> Spec:
    """The recipe with the longest window and the most steps of the space. Raises SpecError."""
    longest = {one.path: int(one.high) for one in space if one.path in ("window.lookback", "train.steps")}
    return at(spec, longest)


def size(space: Sequence[Dimension]) -> float:
    """How many points the space has; infinite if a number of it is no whole one."""
    counts = [len(one.choices) or (one.high - one.low + 1 if one.whole else math.inf) for one in space]
    return math.prod(counts)


def _value(spec: Spec, path: str) -> Any:
    part, _, name = path.partition(".")
    return getattr(getattr(spec, part), name)


def _numbers(path: str, text: str) -> tuple[float, float, bool]:
    usual = RANGES[path]
    assert usual is not None
    log = field_at(path).scale == "log" or path in LOG
    if not text:
        return *usual, log
    bounds, _, scale = text.partition(":")
    low, dots, high = bounds.partition("..")
    try:
        if not dots or scale not in ("", "log", "linear"):
            raise ValueError
        return float(low), float(high), scale == "log" if scale else log
    except ValueError:
        raise SpecError(
            message("{path} takes a range LOW..HIGH, with :log or :linear; got {text}.", path=path, text=repr(text))
        ) from None


def _hint(path: str) -> Any:
    part, _, name = path.partition(".")
    return get_type_hints(type(getattr(Spec(), part)))[name]
