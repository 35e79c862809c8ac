"""The one serialiser: frozen records of numbers, names and arrays as JSON values, and back, number for number.

A renamed field keeps its old key in files: `field(metadata={"stored": "old_name"})`. With msgspec or cattrs, arrays,
null as NaN and those keys would need hooks, which are most of this module.
"""

import json
import math
import types
from collections.abc import Collection
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Union, get_args, get_origin

import numpy as np

from core.spec.fields import hints_of


def to_json(value: Any, omit: Collection[str] = ()) -> Any:
    """`value` as JSON values: a record as a dict without the fields in `omit`, a tuple as a list, an array with its
    dtype and shape, NaN and infinities as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {_key(field): to_json(getattr(value, field.name)) for field in fields(value) if field.name not in omit}
    if isinstance(value, np.ndarray | np.datetime64):
        plain = value.astype(str) if value.dtype.kind == "M" else value
        return {"type": str(value.dtype), "shape": list(value.shape), "values": to_json(plain.ravel().tolist())}
    if isinstance(value, np.generic):
        return to_json(value.item())
    if isinstance(value, dict):
        return {str(name): to_json(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def from_json(kind: Any, values: Any, **extra: Any) -> Any:
    """The value of type `kind` that `to_json` turned into `values`; `extra` are the fields that were omitted.

    A field without an entry takes its default, since earlier versions did not have it. Raises ValueError, KeyError or
    TypeError where the values are not those of `kind`.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return values
    if origin in (types.UnionType, Union):
        return None if values is None else from_json(inner[0], values)
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind, values, extra)
    if origin is np.ndarray or kind is np.datetime64:
        return _array(values) if origin is np.ndarray else _array(values)[()]
    if origin is dict:
        return {name: from_json(inner[1], entry) for name, entry in dict(values).items()}
    if origin is list:
        return [from_json(inner[0], entry) for entry in values]
    if origin is tuple:
        kinds = [inner[0]] * len(values) if inner[-1] is Ellipsis else inner
        return tuple(from_json(each, entry) for each, entry in zip(kinds, values, strict=True))
    if kind is float:
        return math.nan if values is None else _checked(int | float, values)
    return _checked(kind, values)


def dumps(value: Any, omit: Collection[str] = (), indent: int | None = 1) -> str:
    """`to_json` as text."""
    return json.dumps(to_json(value, omit), indent=indent, allow_nan=False)


def _record(kind: type, values: Any, extra: dict[str, Any]) -> Any:
    read, hints = dict(extra), hints_of(kind)
    for field in fields(kind):
        key, optional = _key(field), field.default is not MISSING or field.default_factory is not MISSING
        if field.name not in extra and (key in _checked(dict, values) or not optional):
            read[field.name] = from_json(hints[field.name], values[key])
    return kind(**read)


def _array(values: Any) -> Any:
    """An array with dtype and shape; or a number or nested lists of them, as earlier versions have it."""
    if isinstance(values, list | int | float):
        return np.array(values, dtype=float)
    dtype = np.dtype(values["type"])
    if dtype.kind not in "fiubM":
        raise ValueError(f"Arrays hold numbers and times; got {dtype}.")
    return np.array(values["values"], dtype=dtype).reshape(values["shape"])


def _checked(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"Expected {kind}, got {value!r}.")
    return value


def _key(field: Field[Any]) -> str:
    return field.metadata.get("stored", field.name)
