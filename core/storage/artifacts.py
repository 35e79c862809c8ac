"""What a closer look at a saved run found, kept in its folder: one forecast explained, its window, the run's memory.

Each is a frozen dataclass of numbers, names and arrays in a JSON file of its own, and can be worked out again.
"""

import hashlib
from pathlib import Path
from typing import Any, TypeVar

from core.errors import RunError
from core.storage import runs

FOLDER = "looks"
Look = TypeVar("Look")


def keep(run_id: str, symbol: str, cutoff: str, found: Any, root: Path = runs.DEFAULT) -> str:
    """Store what was found about the forecast of a symbol from an ISO cutoff; gives the run's id. Raises RunError."""
    return runs.keep_values(run_id, _name(type(found), symbol, cutoff), found, root)


def read(kind: type[Look], run_id: str, symbol: str, cutoff: str, root: Path = runs.DEFAULT) -> Look | None:
    """What was kept of this kind; None where there is nothing that can be read. Raises RunError without the run."""
    runs.folder(run_id, root)
    try:
        return runs.values(run_id, _name(kind, symbol, cutoff), kind, root)
    except RunError:  # of an older version
        return None


def _name(kind: type, symbol: str, cutoff: str) -> str:
    # Symbols come from people's files: what they say is no part of a path.
    known = hashlib.sha256(f"{symbol}\n{cutoff}".encode()).hexdigest()[:16]
    return f"{FOLDER}/{kind.__name__.lower()}-{known}"
