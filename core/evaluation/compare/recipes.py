"""What differs between the recipes of several runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.spec import Spec, compact
from core.spec.convert import field_at, paths
from core.spec.fields import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeDifference:
    """A field in which some recipes differ, by its dotted path, with its value in each of them."""

    path: str
    field: Field
    values: tuple[Any, ...]


def differences(specs: Sequence[Spec]) -> tuple[RecipeDifference, ...]:
    """The fields in which any of `specs` differs from the first, in the order of the recipe."""
    values = ((path, tuple(compact.value_at(spec, path) for spec in specs)) for path in paths())
    return tuple(
        RecipeDifference(path=path, field=field_at(path), values=value)
        for path, value in values
        if any(one != value[0] for one in value)
    )
