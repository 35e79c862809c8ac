"""Which run a training continues on newer data: announced when it starts, kept with the run when that is saved."""

import json
import threading
from pathlib import Path

from core.errors import RunError
from core.language import message
from core.storage import atomic, runs
from core.storage.forecast_log import FOLDER

FILE, RECORD = "continued.json", "lineage"
MOST = 200  # trainings, the latest ones: the others never ended

_changing = threading.Lock()


def announce(checkpoint: str, parent: str, root: Path) -> None:
    """Say that the training with this key (`core.storage.checkpoints`) continues a saved run. Raises RunError when the
    disk refuses."""
    with _changing:
        known = {key: run for key, run in _load(root).items() if key != checkpoint}
        _write(dict([*known.items(), (checkpoint, parent)][-MOST:]), root)


def claim(checkpoint: str, run_id: str, root: Path) -> str:
    """The run that the training with this key continues, now kept with the saved run `run_id`; empty if none.

    A disk that refuses ends no training: the run then stands for itself.
    """
    with _changing:
        known = _load(root)
        parent = known.pop(checkpoint, "")
        if not parent:
            return ""
        try:
            runs.save_record(run_id, RECORD, {"parent": parent}, root)
            _write(known, root)
        except RunError:
            return ""
    return parent


def parent_of(run_id: str, root: Path) -> str:
    """The run that a saved run continues; empty if none. Raises RunError without the run."""
    record = runs.load_record(run_id, RECORD, dict[str, str], root)
    return record.get("parent", "") if record else ""


def _load(root: Path) -> dict[str, str]:
    try:
        return {str(key): str(run) for key, run in json.loads((root / FOLDER / FILE).read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _write(known: dict[str, str], root: Path) -> None:
    content = json.dumps(known).encode()
    atomic.write_file(root / FOLDER / FILE, content, message("The lineage of a run"), within=root)
