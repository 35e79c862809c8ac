"""A recipe as JSON, from JSON, and changed by dotted paths."""

import dataclasses
import json
from typing import Any

from core.errors import SpecError
from core.language import message
from core.spec.fields import Field, coerce, fields_of, hints_of, parse
from core.spec.schema import Spec

# Old names of fields: recipes and saved runs of earlier versions keep working.
RENAMED = {
    "data.known": "data.known_future",
    "window.shortest": "window.min_length",
    "model.between": "model.norm_layer",
    "train.tied": "train.scale_learning_rate",
    "override": "allow_lookahead",
}


def to_dict(spec: Spec) -> dict[str, Any]:
    """The recipe as plain JSON values."""
    return json.loads(json.dumps(dataclasses.asdict(spec)))


def from_dict(values: dict[str, Any]) -> Spec:
    """The recipe that `values` (parsed JSON) describes; missing entries take their defaults. Raises SpecError for an
    unknown entry, a wrong type or a value out of range."""
    return _build(Spec, values, "")


def with_values(spec: Spec, assignments: dict[str, Any]) -> Spec:
    """`spec` with dotted paths set: {"model.hidden": 32}. Raises SpecError for an unknown path or a bad value."""
    values = to_dict(spec)
    for path, value in assignments.items():
        *parents, leaf = current_name(path).split(".")
        at: Any = values
        for parent in parents:
            at = at.get(parent) if isinstance(at, dict) else None
        if not isinstance(at, dict) or leaf not in at or isinstance(at[leaf], dict):
            raise SpecError(
                message("There is no {path} in the recipe. Known: {known}.", path=repr(path), known=", ".join(paths()))
            )
        at[leaf] = value
    return from_dict(values)


def assign(spec: Spec, texts: list[str]) -> Spec:
    """`spec` with `path=value` texts of a command line applied; a list is separated by commas or written in JSON."""
    hints = dict(_leaves(Spec, ""))
    assignments: dict[str, Any] = {}
    for text in texts:
        given, equals, value = text.partition("=")
        path = current_name(given)
        if not equals or path not in hints:
            raise SpecError(
                message(
                    "{text} is not a setting. Write path=value with one of: {known}.",
                    text=repr(text),
                    known=", ".join(hints),
                )
            )
        assignments[path] = parse(value, hints[path], path, field_at(path).choices)
    return with_values(spec, assignments)


def paths() -> list[str]:
    """Every dotted path of a recipe."""
    return [path for path, _ in _leaves(Spec, "")]


def current_name(path: str) -> str:
    """The dotted path of a field under its name of today."""
    return RENAMED.get(path, path)


def field_at(path: str) -> Field:
    """The field of a dotted path that exists."""
    *parents, leaf = path.split(".")
    part: Any = Spec()
    for parent in parents:
        part = getattr(part, parent)
    return dict(fields_of(part))[leaf]


def _leaves(cls: Any, prefix: str) -> list[tuple[str, Any]]:
    hints = hints_of(cls)
    leaves: list[tuple[str, Any]] = []
    for f in dataclasses.fields(cls):
        hint = hints[f.name]
        leaves += _leaves(hint, f"{prefix}{f.name}.") if dataclasses.is_dataclass(hint) else [(prefix + f.name, hint)]
    return leaves


def _build(cls: Any, values: Any, prefix: str) -> Any:
    where = prefix.rstrip(".") or "recipe"
    if not isinstance(values, dict):
        raise SpecError(
            message("{where} takes an object with named entries; got {kind}.", where=where, kind=type(values).__name__)
        )
    named = {current_name(f"{prefix}{name}").removeprefix(prefix): value for name, value in values.items()}
    if len(named) < len(values):
        twice = next(old for old in values if current_name(prefix + old) != prefix + old)
        raise SpecError(
            message(
                "{where} has {twice} under its old and its new name. Leave out {twice}.", where=where, twice=repr(twice)
            )
        )
    hints = hints_of(cls)
    if unknown := sorted(set(named) - set(hints)):
        raise SpecError(
            message(
                "{where} has no entry {name}. Known: {known}.",
                where=where,
                name=repr(unknown[0]),
                known=", ".join(hints),
            )
        )
    return cls(**{name: _value(hints[name], value, f"{prefix}{name}") for name, value in named.items()})


def _value(hint: Any, value: Any, path: str) -> Any:
    return _build(hint, value, f"{path}.") if dataclasses.is_dataclass(hint) else coerce(value, hint)
