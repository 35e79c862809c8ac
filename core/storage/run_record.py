"""`run.json`: what a run says of itself, and the checksum of each of its other files.

A file that is not as it was saved makes the run a damaged one. A run of an earlier version names no files; it opens as
it is, and gets its checksums then. Whoever changes `run.json` waits for others who do.
"""

import json
import math
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.language import message
from core.storage import atomic, checksums

VERSION = 1  # an earlier program reads a run with checksums and does not look at them
RECORD = "run.json"
FILES = (
    "run.json",
    "spec.json",
    "metrics.json",
    "history.json",
    "data.parquet",
    "forecast.parquet",
    "weights.safetensors",
    "state.safetensors",
)
EXPLANATION = ("explanation.json", "explanation.parquet")  # both or none


def write(folder: Path, values: dict[str, Any]) -> None:
    """Write `run.json` with these values, once the other files of the run are there. Raises OSError."""
    (folder / RECORD).write_bytes(checksums.seal(values | checksums.of_files(folder, present(folder))))


def read(folder: Path) -> dict[str, Any]:
    """The values of `run.json`; another version may have sealed it in another way."""
    version = json.loads((folder / RECORD).read_bytes())["version"]
    if version == VERSION:
        return checksums.read(folder / RECORD)
    raise RunError(
        message(
            "The run {name} was saved in format {format}; this version reads {version}. Train it again.",
            name=folder.name,
            format=version,
            version=VERSION,
        )
    )


def check(folder: Path, names: Iterable[str], most: float = math.inf) -> dict[str, Any]:
    """The values of `run.json`, if it and these files of the run, those of at most so many bytes, are as they were
    saved. Raises checksums.Damaged, OSError or ValueError."""
    meta = read(folder)
    checksums.check(folder, meta, names, most)
    return meta


def listed(folder: Path, meta: dict[str, Any]) -> list[str]:
    """The files that a run must have besides `run.json`. Raises checksums.Damaged if that names others, RunError if a
    run of an earlier version has half an explanation."""
    required = [name for name in FILES if name != RECORD]
    if checksums.FILES not in meta:
        explained = [name for name in EXPLANATION if is_there(folder, name)]
        if len(explained) == 1:
            raise RunError(message("Its file {name} is missing.", name=next(iter({*EXPLANATION} - {*explained}))))
        return [*required, *explained]
    names = meta[checksums.FILES].keys()
    if names not in ({*required}, {*required, *EXPLANATION}):
        raise checksums.Damaged(RECORD)
    return [*required, *(name for name in EXPLANATION if name in names)]


def replace_explanation(folder: Path, source: Path) -> None:
    """Move the explanation that was written to the folder `source` into the run, in place of an older one.

    `run.json` names no explanation while its files change: a crash leaves a run that opens with either or without, and
    never with half of one. Raises OSError, and Damaged where `run.json` is.
    """
    with atomic.locked(folder):
        before = _with_checksums(folder)
        added = checksums.of_files(source, EXPLANATION)
        without = {key: _without_explanation(before[key]) for key in added}
        atomic.replace_file(folder / RECORD, checksums.seal(before | without), source)
        try:
            for name in EXPLANATION:
                (source / name).replace(folder / name)
        except OSError:
            _put_back(folder, before, source)
            raise
        after = {key: without[key] | entries for key, entries in added.items()}
        atomic.replace_file(folder / RECORD, checksums.seal(before | after), source)


def _put_back(folder: Path, before: dict[str, Any], source: Path) -> None:
    """Name the older explanation again, if the disk let none of its files be replaced."""
    with suppress(OSError, checksums.Damaged):
        checksums.check(folder, before, [name for name in EXPLANATION if name in before[checksums.FILES]])
        atomic.replace_file(folder / RECORD, checksums.seal(before), source)


def _without_explanation(entries: dict[str, Any]) -> dict[str, Any]:
    return {name: entry for name, entry in entries.items() if name not in EXPLANATION}


def add_checksums(folder: Path, scratch: Path) -> None:
    """Give a run of an earlier version, which has just been opened, its checksums. Raises OSError."""
    with atomic.locked(folder):
        if checksums.FILES not in checksums.read(folder / RECORD):
            atomic.replace_file(folder / RECORD, checksums.seal(_with_checksums(folder)), scratch)


def rename(folder: Path, run_id: str) -> None:
    """Write another id into the run in this folder, and its checksums if it has none. Raises OSError."""
    (folder / RECORD).write_bytes(checksums.seal(_with_checksums(folder) | {"id": run_id}))


def _with_checksums(folder: Path) -> dict[str, Any]:
    meta: dict[str, Any] = checksums.read(folder / RECORD)
    return meta if checksums.FILES in meta else meta | checksums.of_files(folder, present(folder))


def present(folder: Path) -> list[str]:
    """The files of a run that stand in `run.json`."""
    explained = all((folder / name).is_file() for name in EXPLANATION)
    return [*(name for name in FILES if name != RECORD), *(EXPLANATION if explained else ())]


def is_there(folder: Path, name: str) -> bool:
    """Whether the folder has this file itself."""
    return (folder / name).is_file() and not (folder / name).is_symlink()  # a link would read a file of elsewhere
