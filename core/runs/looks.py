"""What a closer look at a saved run found, kept in its folder: one forecast explained, its window, the run's memory.

Each is a frozen dataclass of numbers, names and arrays in a JSON file of its own, and can be worked out again.
"""

import hashlib
import json
import math
import tempfile
import types
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from core.errors import RunError
from core.runs import store

FOLDER = "looks"
Look = TypeVar("Look")


def keep(run_id: str, symbol: str, cutoff: str, found: Any, root: Path = store.DEFAULT) -> str:
    """Store what was found about the forecast of a symbol from an ISO cutoff; gives the run's id. Raises RunError."""
    path = _path(type(found), run_id, symbol, cutoff, root)
    try:
        path.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".saving-", dir=root) as work:
            made = Path(work) / path.name
            made.write_text(json.dumps(_apart(found), allow_nan=False))
            made.replace(path)
    except OSError as error:
        raise RunError(f"The closer look could not be kept with the run {run_id} ({error.strerror or error}). Free "
                       "space, then save it again.") from error
    return run_id


def read(kind: type[Look], run_id: str, symbol: str, cutoff: str, root: Path = store.DEFAULT) -> Look | None:
    """What was kept of this kind; None where there is nothing that can be read. Raises RunError without the run."""
    try:
        made: Look = _together(kind, json.loads(_path(kind, run_id, symbol, cutoff, root).read_text()))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return made


def _path(kind: type, run_id: str, symbol: str, cutoff: str, root: Path) -> Path:
    # Symbols come from people's files: what they say is no part of a path.
    known = hashlib.sha256(f"{symbol}\n{cutoff}".encode()).hexdigest()[:16]
    return store.folder(run_id, root) / FOLDER / f"{kind.__name__.lower()}-{known}.json"


def _apart(value: Any) -> Any:
    """Plain values: arrays with their type, NaN and infinities as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _apart(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray | np.generic):
        plain = value.astype(str) if value.dtype.kind == "M" else value
        return {"type": str(value.dtype), "values": _apart(plain.tolist())}
    if isinstance(value, dict):
        return {name: _apart(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_apart(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _together(kind: Any, values: Any) -> Any:
    """A value of this type from what `_apart` made of it. Raises ValueError, KeyError or TypeError where it is not."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is types.UnionType:
        return None if values is None else _together(inner[0], values)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{field.name: _together(hints[field.name], values[field.name]) for field in fields(kind)})
    if origin is np.ndarray or kind is np.datetime64:
        dtype = np.dtype(values["type"])
        if dtype.kind not in "fiubM":
            raise ValueError(f"Arrays of numbers and times are kept; got {dtype}.")
        array = np.array(values["values"], dtype=dtype)
        return array if origin is np.ndarray else array[()]
    if origin is dict:
        return {name: _together(inner[1], part) for name, part in values.items()}
    if origin is tuple:
        return tuple(_together(inner[0], part) for part in values)
    return math.nan if kind is float and values is None else kind(values)
