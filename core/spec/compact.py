"""A recipe as one short line of text, for addresses and records, and what differs between two recipes."""

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from core.errors import SpecError
from core.language import message
from core.spec.convert import field_at, paths, with_values
from core.spec.fields import Field
from core.spec.schema import Spec

LONGEST = 4000  # characters; the longest that a person makes on the screen has some hundreds


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field in which two recipes differ, by its dotted path, with its value in the one and in the other."""

    path: str
    field: Field
    before: Any
    after: Any


def to_text(spec: Spec) -> str:
    """JSON of the values that differ from the defaults, by dotted path; empty for the default recipe."""
    changed = {one.path: one.after for one in differences(Spec(), spec)}
    return json.dumps(changed, separators=(",", ":"), ensure_ascii=False) if changed else ""


def from_text(text: str) -> Spec:
    """The recipe that `to_text` wrote, checked as every other; Spec of the defaults for an empty text.

    The text may come from anybody. Raises SpecError if it is too long, not JSON, or no recipe.
    """
    if not text:
        return Spec()
    if len(text) > LONGEST:
        raise SpecError(
            message(
                "It has {count} characters; a recipe has at most {most}.", count=f"{len(text):,}", most=f"{LONGEST:,}"
            )
        )
    try:
        values = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise SpecError(message('It is not written like {{"target.horizon":10}}.')) from error
    if not isinstance(values, dict):
        raise SpecError(message('It is not written like {{"target.horizon":10}}.'))
    return with_values(Spec(), values)


def differences(before: Spec, after: Spec) -> tuple[Difference, ...]:
    """The fields in which `after` differs from `before`, in the order of the recipe."""
    pairs = ((path, value_at(before, path), value_at(after, path)) for path in paths())
    return tuple(
        Difference(path=path, field=field_at(path), before=old, after=new) for path, old, new in pairs if old != new
    )


def value_at(spec: Spec, path: str) -> Any:
    """The value of the field with this dotted path."""
    at: Any = spec
    for name in path.split("."):
        at = getattr(at, name)
    return at


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
