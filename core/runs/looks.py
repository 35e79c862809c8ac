"""What a closer look at a saved run found, kept in its folder: one forecast explained, its window, the run's memory.

Each is a frozen dataclass of numbers, names and arrays in a JSON file of its own, and can be worked out again.
"""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any, TypeVar

from core.errors import RunError
from core.runs import store, values

FOLDER = "looks"
Look = TypeVar("Look")


def keep(run_id: str, symbol: str, cutoff: str, found: Any, root: Path = store.DEFAULT) -> str:
    """Store what was found about the forecast of a symbol from an ISO cutoff; gives the run's id. Raises RunError."""
    path = _path(type(found), run_id, symbol, cutoff, root)
    try:
        path.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".saving-", dir=root) as work:
            made = Path(work) / path.name
            made.write_text(json.dumps(values.apart(found), allow_nan=False))
            made.replace(path)
    except OSError as error:
        raise RunError(f"The closer look could not be kept with the run {run_id} ({error.strerror or error}). Free "
                       "space, then save it again.") from error
    return run_id


def read(kind: type[Look], run_id: str, symbol: str, cutoff: str, root: Path = store.DEFAULT) -> Look | None:
    """What was kept of this kind; None where there is nothing that can be read. Raises RunError without the run."""
    try:
        return values.together(kind, json.loads(_path(kind, run_id, symbol, cutoff, root).read_text()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _path(kind: type, run_id: str, symbol: str, cutoff: str, root: Path) -> Path:
    # Symbols come from people's files: what they say is no part of a path.
    known = hashlib.sha256(f"{symbol}\n{cutoff}".encode()).hexdigest()[:16]
    return store.folder(run_id, root) / FOLDER / f"{kind.__name__.lower()}-{known}.json"
