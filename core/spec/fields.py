"""One `Knob` per parameter: it draws the widget, checks the value, reads it from text and spans the search space."""

import dataclasses
import math
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Union, get_args, get_origin, get_type_hints

from core.errors import SpecError


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What a person needs to turn one parameter. `low` and `high` are inclusive; `scale` is linear or log."""

    label: str
    help: str = ""
    low: float | None = None
    high: float | None = None
    scale: str = "linear"
    choices: tuple[str, ...] = ()


def spec_field(
    default: Any,
    *,
    label: str,
    help: str = "",
    low: float | None = None,
    high: float | None = None,
    scale: str = "linear",
    choices: tuple[str, ...] = (),
) -> Any:
    """A dataclass field with its Knob in the metadata."""
    made = Field(label=label, help=help, low=low, high=high, scale=scale, choices=choices)
    return field(default=default, metadata={"knob": made})


def fields_of(part: Any) -> Iterator[tuple[str, Field]]:
    """The (field name, Knob) pairs of a dataclass or an instance of one, in the order they are written."""
    for f in dataclasses.fields(part):
        if "knob" in f.metadata:
            yield f.name, f.metadata["knob"]


def check(part: Any, path: str) -> None:
    """Raise SpecError when a value of `part` has the wrong type, lies outside its range or is no known choice."""
    hints = get_type_hints(type(part))
    for f in dataclasses.fields(part):
        if "knob" not in f.metadata:
            continue
        k, value, name = f.metadata["knob"], getattr(part, f.name), f"{path}.{f.name}"
        if not _fits(value, hints[f.name]):
            raise SpecError(f"{name} takes {_describe(hints[f.name])}; got {value!r}.")
        if k.choices and value is not None and value not in k.choices:
            raise SpecError(f"{name} is one of {', '.join(k.choices)}; got {value!r}.")
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if not math.isfinite(value):
            raise SpecError(f"{name} must be a finite number; got {value!r}.")
        if (k.low is not None and value < k.low) or (k.high is not None and value > k.high):
            raise SpecError(f"{name} ({k.label.lower()}) must lie {_between(k)}; got {value:g}.")


def parse(text: str, hint: Any, path: str) -> Any:
    """The value that `text` says, as a field of type `hint`; SpecError when it says none."""
    if get_origin(hint) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    options = _options(hint)
    if type(None) in options and text.strip().lower() in {"", "none", "null"}:
        return None
    if bool in options:
        if text.lower() in {"true", "yes", "1", "false", "no", "0"}:
            return text.lower() in {"true", "yes", "1"}
        raise SpecError(f"{path} takes true or false; got {text!r}.")
    for kind in (int, float):
        if kind in options:
            try:
                return kind(text)
            except ValueError:
                continue
    if str in options:
        return text
    raise SpecError(f"{path} takes {_describe(hint)}; got {text!r}.")


def coerce(value: Any, hint: Any) -> Any:
    """A JSON value as the field holds it: lists become tuples, whole numbers become floats where floats are meant."""
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(value)
    if isinstance(value, int) and not isinstance(value, bool):
        options = _options(hint)
        if float in options and int not in options:
            return float(value)
    return value


def _options(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _fits(value: Any, hint: Any) -> bool:
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(isinstance(v, str) for v in value)
    return any(type(value) is option for option in _options(hint))


def _describe(hint: Any) -> str:
    words = {int: "a whole number", float: "a number", str: "a word", bool: "true or false", type(None): "nothing"}
    if get_origin(hint) is tuple:
        return "a list of words"
    return " or ".join(words[option] for option in _options(hint))


def _between(k: Field) -> str:
    if k.high is None:
        return f"at or above {k.low:g}"
    if k.low is None:
        return f"at or below {k.high:g}"
    return f"between {k.low:g} and {k.high:g}"
