"""What a recipe may choose from: registries of the rooms above, read by name when they are asked for.

A kind of target, of model, of data source or a method of intervals is declared by one record in its own room. The
recipe lies below those rooms and imports none of them; it knows where each registry lives and asks its records.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

MODELS = "core.models.kinds:MODELS"
TARGETS = "core.datasets.targets:TARGETS"
SOURCES = "core.data.sources.registry:SOURCES"
CALENDARS = "core.data.calendar_names:CALENDARS"
INTERVALS = "core.intervals.methods:METHODS"


def registry(address: str) -> Mapping[str, Any]:
    """The registry at "package.module:NAME": the id of each record → the record."""
    module, _, name = address.partition(":")
    return getattr(import_module(module), name)
