"""One `Field` per parameter: it draws the widget, checks the value, reads it from text and spans the search space."""

import dataclasses
import difflib
import json
import math
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, reduce
from typing import Any, Union, get_args, get_origin, get_type_hints

from core.errors import SpecError
from core.language import Message, join, message
from core.spec.registries import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Everything about one parameter but its type and default.

    `low` and `high` are inclusive; `scale` is linear or log. A choice has `options`, or takes the ids of a registry.
    `empty` says in a few words what stands for a value that is left open: none, or the number `open`.
    """

    label: str
    help: str = ""
    low: float | None = None
    high: float | None = None
    scale: str = "linear"
    options: tuple[str, ...] = ()
    registry: str = ""
    empty: str = ""
    open: int | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that it can take; empty for a number or a free text."""
        return tuple(registry(self.registry)) if self.registry else self.options


def spec_field(
    default: Any,
    *,
    label: str,
    help: str = "",
    low: float | None = None,
    high: float | None = None,
    scale: str = "linear",
    choices: tuple[str, ...] | str = (),
    empty: str = "",
    open: int | None = None,
) -> Any:
    """A dataclass field with its `Field` in the metadata; `choices` are values, or the address of a registry."""
    options, address = ((), choices) if isinstance(choices, str) else (choices, "")
    about = Field(
        label=label,
        help=help,
        low=low,
        high=high,
        scale=scale,
        options=options,
        registry=address,
        empty=empty,
        open=open,
    )
    return field(default=default, metadata={"field": about})


@cache
def hints_of(kind: type) -> dict[str, Any]:
    """The types of the fields of a dataclass, by name. Resolving them takes longer than checking the values."""
    return get_type_hints(kind)


def fields_of(part: Any) -> Iterator[tuple[str, Field]]:
    """The (name, Field) pairs of a dataclass or an instance of one, in the order of their definition."""
    for f in dataclasses.fields(part):
        if "field" in f.metadata:
            yield f.name, f.metadata["field"]


def check(part: Any, path: str) -> None:
    """Raise SpecError if a value of `part` has the wrong type, lies outside its range or is no known choice."""
    kind: type = type(part)
    hints = hints_of(kind)
    for field_name, about in fields_of(part):
        value, name = getattr(part, field_name), f"{path}.{field_name}"
        if not _fits(value, hints[field_name]):
            raise SpecError(
                message(
                    "{name} takes {allowed}; got {value}.",
                    name=name,
                    allowed=_describe(hints[field_name]),
                    value=repr(value),
                )
            )
        if value is not None and (choices := about.choices) and value not in choices:
            raise SpecError(
                join(
                    [
                        message(
                            "{name} is one of {choices}; got {value}.",
                            name=name,
                            choices=", ".join(choices),
                            value=repr(value),
                        ),
                        _similar(value, choices),
                    ]
                )
            )
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if isinstance(value, float) and not math.isfinite(value):
            raise SpecError(message("{name} must be a finite number; got {value}.", name=name, value=repr(value)))
        if (about.low is not None and value < about.low) or (about.high is not None and value > about.high):
            raise SpecError(
                message(
                    "{name} ({label}) must lie {bounds}; got {value}.",
                    name=name,
                    label=Message(about.label.lower(), about.label),
                    bounds=_range(about),
                    value=_number(value),
                )
            )


def parse(text: str, hint: Any, path: str, choices: tuple[str, ...] = ()) -> Any:
    """The value of a field of type `hint` from its text on a command line, where one of `choices` stands for itself.

    A list is separated by commas, or written as in JSON, ["a, b"], where an entry holds a comma itself. Raises
    SpecError if the text does not fit.
    """
    if get_origin(hint) is tuple:
        return _parse_list(text, path)
    options = _types(hint)
    if text in choices and str in options:
        return text
    if type(None) in options and text.strip().lower() in {"", "none", "null"}:
        return None
    if bool in options:
        if text.lower() in {"true", "yes", "1", "false", "no", "0"}:
            return text.lower() in {"true", "yes", "1"}
        raise SpecError(message("{path} takes true or false; got {text}.", path=path, text=repr(text)))
    for kind in (int, float):
        if kind in options:
            try:
                return kind(text)
            except ValueError:
                continue
    if str in options:
        return text
    raise SpecError(message("{path} takes {allowed}; got {text}.", path=path, allowed=_describe(hint), text=repr(text)))


def _parse_list(text: str, path: str) -> tuple[str, ...]:
    if not text.lstrip().startswith("["):
        return tuple(item.strip() for item in text.split(",") if item.strip())
    try:
        items = json.loads(text)
    except ValueError:
        items = None
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise SpecError(
            message(
                '{path} takes words separated by commas, or a list as in JSON, \'{path}=["a, b", "c"]\'; got {text}.',
                path=path,
                text=repr(text),
            )
        )
    return tuple(items)


def coerce(value: Any, hint: Any) -> Any:
    """A JSON value as its field holds it: a list becomes a tuple, a whole number a float in a field of floats."""
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(value)
    if isinstance(value, int) and not isinstance(value, bool):
        options = _types(hint)
        if float in options and int not in options and abs(value) < 1e300:  # beyond, no float holds it
            return float(value)
    return value


def _types(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _fits(value: Any, hint: Any) -> bool:
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    return any(type(value) is option for option in _types(hint))


def _describe(hint: Any) -> str:
    kinds = {
        int: message("a whole number"),
        float: message("a number"),
        str: message("a word"),
        bool: message("true or false"),
        type(None): message("nothing"),
    }
    if get_origin(hint) is tuple:
        return message("a list of words")
    return either(kinds[option] for option in _types(hint))


def _similar(value: Any, choices: tuple[str, ...]) -> str:
    """A hint at the choices spelled most like this, where the list is too long to be read."""
    alike = difflib.get_close_matches(str(value).upper(), choices, n=3) if len(choices) > 30 else []
    return message("Did you mean {names}?", names=either(alike)) if alike else ""


def either(parts: Iterable[str]) -> str:
    """These words with "or" between them."""
    return reduce(lambda one, other: message("{one} or {other}", one=one, other=other), parts)


def _number(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e300 else message("a number too large to show")


def _range(about: Field) -> str:
    if about.high is None:
        return message("at or above {low}", low=f"{about.low:g}")
    if about.low is None:
        return message("at or below {high}", high=f"{about.high:g}")
    return message("between {low} and {high}", low=f"{about.low:g}", high=f"{about.high:g}")
