"""Frozen records of numbers, names and arrays as values that JSON knows, and back, number for number."""

import math
import types
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np


def apart(value: Any) -> Any:
    """Plain values of a record, a tuple or a dict: arrays with type and shape, NaN and infinities as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: apart(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray | np.generic):
        plain = value.astype(str) if value.dtype.kind == "M" else value
        return {"type": str(value.dtype), "shape": list(value.shape), "values": apart(plain.ravel().tolist())}
    if isinstance(value, dict):
        return {name: apart(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [apart(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def together(kind: Any, values: Any) -> Any:
    """A value of this type from what `apart` made of it. Raises ValueError, KeyError or TypeError otherwise."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is types.UnionType:
        return None if values is None else together(inner[0], values)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{field.name: together(hints[field.name], values[field.name]) for field in fields(kind)})
    if origin is np.ndarray or kind is np.datetime64:
        dtype = np.dtype(values["type"])
        if dtype.kind not in "fiubM":
            raise ValueError(f"Arrays of numbers and times are kept; got {dtype}.")
        array = np.array(values["values"], dtype=dtype).reshape(values["shape"])
        return array if origin is np.ndarray else array[()]
    if origin is dict:
        return {name: together(inner[1], part) for name, part in dict(values).items()}
    if origin is tuple:
        return tuple(together(inner[0], part) for part in values)
    return math.nan if kind is float and values is None else kind(values)
