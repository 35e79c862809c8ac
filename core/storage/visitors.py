"""What a visitor comes back to: their last recipes, the trainings that they started, and their language.

A visitor is a random number that their browser keeps. Whoever knows it is that visitor, so it stands in no file: the
name of a record is its hash. A record appears whole or not at all; one that cannot be read is as good as none.
"""

import hashlib
import json
import re
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from core.language import message
from core.storage import atomic
from core.storage.serialize import dumps, from_json

FOLDER = ".visitors"
ID = re.compile(r"[0-9a-f]{32}")
RECIPES, TRAININGS, VISITORS = 20, 50, 1000  # the latest ones that are remembered

_changing = threading.Lock()  # a queue and several tabs change one record


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A recipe as `core.spec.compact` writes it, and the digest of its uploaded series, if it has one."""

    text: str
    upload: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A training that the visitor started: its key (`core.storage.checkpoints`), and its run once that is saved."""

    key: str
    recipe: Recipe
    run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """`recipes` with the current one at the end, `trainings` with the newest one first; `language` is the code of the
    one that they chose, empty if they chose none."""

    recipes: tuple[Recipe, ...] = ()
    trainings: tuple[Training, ...] = ()
    language: str = ""

    @property
    def runs(self) -> tuple[str, ...]:
        """The ids of this visitor's runs, the newest first; some may have been deleted since."""
        return tuple(dict.fromkeys(training.run for training in self.trainings if training.run))


def new_id() -> str:
    """The id of a new visitor: 32 hex digits that nobody can guess."""
    return secrets.token_hex(16)


def is_id(sent: object) -> bool:
    """Whether what a browser sent has the form of an id."""
    return isinstance(sent, str) and ID.fullmatch(sent) is not None


def load(visitor: str, root: Path) -> Visitor:
    """What is remembered of this visitor; nothing for one who is unknown."""
    return _load(_path(visitor, root))


def _load(path: Path) -> Visitor:
    try:
        return from_json(Visitor, json.loads(path.read_text()))
    except (OSError, ValueError, KeyError, TypeError):
        return Visitor()


def remember_recipes(visitor: str, recipes: tuple[Recipe, ...], root: Path) -> None:
    """Remember the last of these recipes, the current one at the end. Raises RunError when the disk refuses."""
    _change(visitor, lambda known: replace(known, recipes=recipes[-RECIPES:]), root)


def choose_language(visitor: str, language: str, root: Path) -> None:
    """Remember the language that this visitor chose. Raises RunError when the disk refuses."""
    _change(visitor, lambda known: replace(known, language=language), root)


def start_training(visitor: str, key: str, recipe: Recipe, root: Path) -> None:
    """Remember that this visitor started a training. Raises RunError when the disk refuses."""
    _change(visitor, lambda known: _with(known, Training(key=key, recipe=recipe)), root)


def finish_training(visitor: str, training: Training, root: Path) -> None:
    """Remember the run of a training that this visitor started. Raises RunError when the disk refuses."""
    _change(visitor, lambda known: _with(known, training), root)


def may_delete(visitor: str, run: str, root: Path) -> bool:
    """Whether this visitor may delete a run: they trained it, or nobody who is remembered did."""
    return run not in trained_by_others(visitor, root)


def trained_by_others(visitor: str, root: Path) -> frozenset[str]:
    """The runs that others trained and this visitor did not."""
    own, others = set(load(visitor, root).runs), set[str]()
    for path in (root / FOLDER).glob("*.json"):
        others.update(_load(path).runs)
    return frozenset(others - own)


def _with(known: Visitor, training: Training) -> Visitor:
    """The newest training at the front; the one of the same recipe that had no run yet gives way to it."""
    others = [other for other in known.trainings if other.run or other.key != training.key]
    return replace(known, trainings=(training, *others)[:TRAININGS])


def _change(visitor: str, change: Callable[[Visitor], Visitor], root: Path) -> None:
    path = _path(visitor, root)
    with _changing:
        before = load(visitor, root)
        after = change(before)
        if after == before:
            return
        if not path.exists():
            _make_room(path.parent)
        atomic.write_file(path, dumps(after, indent=None).encode(), message("What you chose"), within=root)


def _make_room(folder: Path) -> None:
    """Forget the visitors who were away longest."""
    with suppress(OSError):  # there is room for some more until the next visitor comes
        paths = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
        for path in paths[: max(0, len(paths) - VISITORS + 1)]:
            path.unlink(missing_ok=True)


def _path(visitor: str, root: Path) -> Path:
    """The name is a hash: what a browser sends is never part of a path."""
    return root / FOLDER / f"{hashlib.sha256(visitor.encode()).hexdigest()[:32]}.json"
