"""What people say of a saved run: tags, a note and a star, in a small file of its folder.

The words are theirs: cut to a length, without control characters, and never taken for a path or for markup. A file that
cannot be read is as good as none: it makes no run unreadable.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.storage import run_files
from core.storage.serialize import from_json

RECORD = "marks"  # the name of the record in the folder of a run
MAX_NOTE, MAX_TAG, MAX_TAGS = 500, 30, 8  # characters, characters, tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Tags, each once; a note of one paragraph; and whether the run has a star."""

    tags: tuple[str, ...] = ()
    note: str = ""
    star: bool = False


def build(tags: Iterable[str] = (), note: str = "", star: bool = False) -> Marks:
    """The marks with these words, cut to what is kept of them."""
    cleaned = (_clean(tag, MAX_TAG) for tag in tags)
    return Marks(
        tags=tuple(dict.fromkeys(tag for tag in cleaned if tag))[:MAX_TAGS], note=_clean(note, MAX_NOTE), star=star
    )


def read(folder: Path) -> Marks:
    """The marks in the folder of a run; none if there are none that can be read."""
    try:
        marks: Marks = from_json(Marks, run_files.read_json(folder / f"{RECORD}.json"))
    except (OSError, ValueError, KeyError, TypeError):
        return Marks()
    return build(marks.tags, marks.note, marks.star)  # the file may come from anybody


def _clean(text: str, most: int) -> str:
    """`text` in one line without control characters, at most so long."""
    plain = "".join(" " if unicodedata.category(one).startswith(("C", "Z")) else one for one in text)
    return " ".join(plain.split())[:most].strip()
