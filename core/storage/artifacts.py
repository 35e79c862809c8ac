"""Results on one forecast of a saved run, kept in its folder: a local explanation, its time segments, gradient norms.

Each is a record in a JSON file of its own and can be computed again.
"""

import hashlib
from pathlib import Path
from typing import Any, TypeVar

from core.errors import RunError
from core.explain.gradient_memory import Memory
from core.explain.local import LocalExplanation, TimeSegments
from core.storage import migrate, runs

FOLDER, FORMER = "artifacts", "looks"
PREFIXES = {
    LocalExplanation: "day",
    TimeSegments: "stretches",
    Memory: "memory",
}  # of file names; of other records that of the class
Artifact = TypeVar("Artifact")


def save(run_id: str, symbol: str, cutoff: str, artifact: Any, root: Path = runs.DEFAULT) -> str:
    """Store a record on the forecast of a symbol from an ISO cutoff; returns the run's id. Raises RunError."""
    return runs.save_record(run_id, _name(type(artifact), run_id, symbol, cutoff, root), artifact, root)


def load(kind: type[Artifact], run_id: str, symbol: str, cutoff: str, root: Path = runs.DEFAULT) -> Artifact | None:
    """The stored record of this kind; None if there is none that can be read. Raises RunError without the run."""
    name = _name(kind, run_id, symbol, cutoff, root)
    try:
        return runs.load_record(run_id, name, kind, root)
    except RunError:  # damaged, or of a version whose record was another
        return None


def _name(kind: type, run_id: str, symbol: str, cutoff: str, root: Path) -> str:
    folder = migrate.folder(runs.find_folder(run_id, root), FOLDER, FORMER)
    # Symbols come from people's files, so they are hashed and never become part of a path.
    digest = hashlib.sha256(f"{symbol}\n{cutoff}".encode()).hexdigest()[:16]
    return f"{folder.name}/{PREFIXES.get(kind, kind.__name__.lower())}-{digest}"
