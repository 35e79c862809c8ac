"""The watch list: saved runs that the people of this machine keep an eye on, in the order in which they were added."""

import json
import threading
from pathlib import Path

from core.language import message
from core.storage import atomic, runs

FILE = "watch.json"
MOST = 60  # runs, the latest ones: a page of cards has an end

_changing = threading.Lock()


def load(root: Path = runs.DEFAULT) -> tuple[str, ...]:
    """The ids of the watched runs that are still saved."""
    return tuple(run for run in _read(root) if (root / run).is_dir())


def add(run_id: str, root: Path = runs.DEFAULT) -> None:
    """Watch a saved run. Raises RunError without the run, or when the disk refuses."""
    runs.find_folder(run_id, root)
    with _changing:
        _write([*(run for run in load(root) if run != run_id), run_id][-MOST:], root)


def remove(run_id: str, root: Path = runs.DEFAULT) -> None:
    """Watch a run no longer. Raises RunError when the disk refuses."""
    with _changing:
        _write([run for run in load(root) if run != run_id], root)


def _read(root: Path) -> list[str]:
    try:
        entries = json.loads((root / FILE).read_text())
    except (OSError, ValueError):
        return []
    entries = entries if isinstance(entries, list) else []
    return [run for run in entries if isinstance(run, str) and runs.NAME.fullmatch(run)]


def _write(entries: list[str], root: Path) -> None:
    atomic.write_file(root / FILE, json.dumps(entries).encode(), message("The watch list"))
