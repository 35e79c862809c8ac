"""A recipe as JSON, from JSON, and changed by dotted paths."""

import dataclasses
import json
from typing import Any, get_type_hints

from core.errors import SpecError
from core.spec.fields import coerce, parse
from core.spec.schema import Spec


def to_dict(spec: Spec) -> dict[str, Any]:
    """The recipe as plain JSON values."""
    return json.loads(json.dumps(dataclasses.asdict(spec)))


def from_dict(values: dict[str, Any]) -> Spec:
    """The recipe that `values` (parsed JSON) describes; missing entries take their defaults. Raises SpecError for an
    unknown entry, a wrong type or a value out of range."""
    return _build(Spec, values, "recipe")


def with_values(spec: Spec, assignments: dict[str, Any]) -> Spec:
    """`spec` with dotted paths set: {"model.hidden": 32}. Raises SpecError for an unknown path or a bad value."""
    values = to_dict(spec)
    for path, value in assignments.items():
        *parents, leaf = path.split(".")
        at: Any = values
        for parent in parents:
            at = at.get(parent) if isinstance(at, dict) else None
        if not isinstance(at, dict) or leaf not in at or isinstance(at[leaf], dict):
            raise SpecError(f"There is no {path!r} in the recipe. Known: {', '.join(paths())}.")
        at[leaf] = value
    return from_dict(values)


def assign(spec: Spec, texts: list[str]) -> Spec:
    """`spec` with `path=value` texts of a command line applied, lists separated by commas."""
    hints = dict(_leaves(Spec, ""))
    assignments: dict[str, Any] = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not equals or path not in hints:
            raise SpecError(f"{text!r} is not a setting. Write path=value with one of: {', '.join(hints)}.")
        assignments[path] = parse(value, hints[path], path)
    return with_values(spec, assignments)


def paths() -> list[str]:
    """Every dotted path of a recipe."""
    return [path for path, _ in _leaves(Spec, "")]


def _leaves(cls: Any, prefix: str) -> list[tuple[str, Any]]:
    hints = get_type_hints(cls)
    found: list[tuple[str, Any]] = []
    for f in dataclasses.fields(cls):
        hint = hints[f.name]
        found += _leaves(hint, f"{prefix}{f.name}.") if dataclasses.is_dataclass(hint) else [(prefix + f.name, hint)]
    return found


def _build(cls: Any, values: Any, path: str) -> Any:
    if not isinstance(values, dict):
        raise SpecError(f"{path} takes an object with named entries; got {type(values).__name__}.")
    hints = get_type_hints(cls)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise SpecError(f"{path} has no entry {unknown[0]!r}. Known: {', '.join(hints)}.")
    return cls(
        **{
            name: _build(hints[name], value, name)
            if dataclasses.is_dataclass(hints[name])
            else coerce(value, hints[name])
            for name, value in values.items()
        }
    )
