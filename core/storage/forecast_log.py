"""The log of live forecasts: lines are appended and never changed, and each holds the hash of the line before.

A line is a JSON object with its number `n`, the hash `previous` of the line before (SHA-256, hex), what is recorded,
and at its end `hash`, that of the line itself without it. Whoever changes, removes, moves or inserts a line breaks the
chain there; `head.json` says how long the chain was, so that lines missing at its end are noticed too. Processes that
append at once wait for each other. What a crash left of a line is set aside before the next one is written.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import CoreError, RunError, words
from core.evaluation.track.record import KINDS, Record, of_run
from core.language import message
from core.storage import atomic
from core.storage.runs import DEFAULT
from core.storage.serialize import from_json, to_json
from core.types import Run

FOLDER, FILE, HEAD, LOCK = ".track", "forecasts.jsonl", "head.json", "lock"
START = "0" * 64  # the hash before the first line
SEAL = b', "hash": "'  # what follows is the hash of all before it, and "}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastLog:
    """The records of the lines that are what they were, the number of lines, the hash of the last one, and what is
    wrong: `line` is the number of the first line that is not as it was written, `problem` says how."""

    records: tuple[Record, ...] = ()
    entries: int = 0
    head: str = START
    line: int | None = None
    problem: str = ""

    @property
    def intact(self) -> bool:
        """Whether every line is as it was written, and none is missing."""
        return not self.problem

    def has(self, key: str) -> bool:
        """Whether a record with this key is in the log."""
        return any(record.key == key for record in self.records)


def now() -> str:
    """The time at which something is logged: ISO, UTC, seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def add_or_report(run: Run, root: Path = DEFAULT, parent: str = "") -> str:
    """Log a finished run and its live forecasts; empty, or the sentence that says why not: it ends no training."""
    try:
        append(of_run(run, now(), parent), root)
    except CoreError as error:
        return words(error)
    return ""


def append(records: Sequence[Record], root: Path = DEFAULT) -> int:
    """Add the records that are not in the log yet, all at once; returns how many. Raises RunError when the disk
    refuses."""
    folder = root / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            content = _repair(folder)
            number, previous = _last(content)
            lines = list[bytes]()
            for record in records:
                mark = f'"key": {json.dumps(record.key)}'.encode()
                if mark in content or any(mark in line for line in lines):
                    continue
                number += 1
                lines.append(_seal(_line(record, number, previous)))
                previous = _hash_of(lines[-1])
            if lines:
                with (folder / FILE).open("ab") as file:
                    file.write(b"".join(lines))
                    file.flush()
                    os.fsync(file.fileno())
                _write_head(folder, number, previous)
    except OSError as error:
        raise RunError(
            message(
                "The forecast could not be logged in {folder} ({error}). Free space, then refresh the track record.",
                folder=folder,
                error=error.strerror or error,
            )
        ) from error
    return len(lines)


def load(root: Path = DEFAULT) -> ForecastLog:
    """The whole log, checked line by line; empty without one. A line that is not as it was written is left out;
    of a file that cannot be read the problem says why."""
    path = root / FOLDER / FILE
    if not path.is_file():
        return ForecastLog(**_check_head(root / FOLDER, []))
    try:
        content = path.read_bytes()
    except OSError as error:
        return ForecastLog(
            problem=message("The log of forecasts cannot be read ({error}).", error=error.strerror or error)
        )
    lines = content.split(b"\n")[:-1]  # what follows the last line break was never finished
    records, hashes, problem = list[Record](), list[str](), dict[str, Any]()
    number, previous = 0, START
    for at, line in enumerate(lines, start=1):
        values, wrong = _check(line, at, number, previous)
        if wrong and not problem:
            problem = {"line": _line_of(wrong, at), "problem": wrong}
        if values is not None:
            number, previous = values["n"], _hash_of(line)
            records += _read(values)
        else:
            number, previous = number + 1, _hash_of(line)
        hashes.append(previous)
    problem = problem or _check_head(root / FOLDER, hashes)
    return ForecastLog(records=tuple(records), entries=len(lines), head=hashes[-1] if hashes else START, **problem)


def fingerprint(root: Path = DEFAULT) -> tuple[int, int]:
    """What changes when the log does: its size and the time of its last change."""
    try:
        state = (root / FOLDER / FILE).stat()
    except OSError:
        return 0, 0
    return state.st_size, state.st_mtime_ns


def _line(record: Record, number: int, previous: str) -> bytes:
    kind = next(name for name, type_ in KINDS.items() if isinstance(record, type_))
    values = {"n": number, "previous": previous, "kind": kind, "key": record.key} | to_json(record)
    return json.dumps(values, allow_nan=False, ensure_ascii=False).encode()[:-1]


def _seal(line: bytes) -> bytes:
    return line + SEAL + hashlib.sha256(line).hexdigest().encode() + b'"}\n'


def _hash_of(line: bytes) -> str:
    """The hash that stands at the end of a line."""
    return line.rstrip(b"\n")[-66:-2].decode("ascii", "replace")


def _check(line: bytes, at: int, number: int, previous: str) -> tuple[dict[str, Any] | None, str]:
    """The values of a line, None if it is not as it was written, and what is wrong with it or its place."""
    body, seal, _ = line.rpartition(SEAL)
    try:
        values = json.loads(line)
        named = f"{values['kind']} {values['run']} {values.get('symbol', '')} {values.get('cutoff', '')}".strip()
        sound = bool(seal) and hashlib.sha256(body).hexdigest() == values["hash"] and isinstance(values["n"], int)
    except (ValueError, KeyError, TypeError):
        return None, message("Line {line} of the log of forecasts was changed: it is no JSON object.", line=at)
    if not sound:
        return None, message(
            "Line {line} of the log of forecasts was changed after it was written ({named}): its content does not "
            "have the hash at its end.",
            line=at,
            named=named,
        )
    if values["n"] != number + 1:
        return values, message(
            "At line {line} of the log of forecasts ({named}) the numbers go from {before} to {number}: lines were "
            "removed, moved or inserted.",
            line=at,
            named=named,
            before=number,
            number=values["n"],
        )
    if values["previous"] != previous:
        return values, message(
            "Line {line} of the log of forecasts was changed together with its hash, or exchanged: line {next} "
            "({named}) was written after another one.",
            line=at - 1,
            next=at,
            named=named,
        )
    return values, ""


def _check_head(folder: Path, hashes: list[str]) -> dict[str, Any]:
    """What is wrong with the end of a sound chain: fewer lines than there were, or others."""
    try:
        head = json.loads((folder / HEAD).read_text())
        count, last = int(head["entries"]), str(head["hash"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # a crash came between the first line and its head, or somebody removed it
    if count > len(hashes):
        return {
            "line": len(hashes) + 1,
            "problem": message(
                "The log of forecasts ends after line {line}, and it had {count} lines: the last ones were removed.",
                line=len(hashes),
                count=count,
            ),
        }
    if count and hashes[count - 1] != last:
        return {
            "line": count,
            "problem": message("Line {line} of the log of forecasts is not the one that was written.", line=count),
        }
    return {}


def _line_of(problem: str, at: int) -> int:
    """The line that a sentence names; `at` is where it was noticed."""
    return int(getattr(problem, "values", {}).get("line", at))


def _read(values: dict[str, Any]) -> list[Record]:
    """The record of a sound line; none for a kind of a later version."""
    try:
        return [from_json(KINDS[values["kind"]], values)]
    except (ValueError, KeyError, TypeError):
        return []


def _last(content: bytes) -> tuple[int, str]:
    """The number of the last line and its hash."""
    if not content:
        return 0, START
    last = content[content.rfind(b"\n", 0, -1) + 1 :]
    try:
        return int(json.loads(last)["n"]), _hash_of(last)
    except (ValueError, KeyError, TypeError):  # changed since; the next line follows it all the same
        return content.count(b"\n"), _hash_of(last)


def _repair(folder: Path) -> bytes:
    """The lines of the log; what a crash left behind the last one is moved to a file of its own."""
    path = folder / FILE
    content = path.read_bytes() if path.is_file() else b""
    end = content.rfind(b"\n") + 1
    if end < len(content):
        rest = hashlib.sha256(content[end:]).hexdigest()[:8]
        atomic.write_file(folder / f"unfinished-{rest}.txt", content[end:], message("The unfinished line"))
        with path.open("r+b") as file:
            file.truncate(end)
    return content[:end]


def _write_head(folder: Path, entries: int, last: str) -> None:
    atomic.write_file(
        folder / HEAD, json.dumps({"entries": entries, "hash": last}).encode(), message("The head of the log")
    )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """The block alone, of all threads and processes on this machine."""
    import fcntl

    with (folder / LOCK).open("ab") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)  # given back when the file is closed, whatever happens
        yield
