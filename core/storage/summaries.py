"""The lines of the list of runs, each read from a few small files of a folder, and remembered as long as those stay.

Five hundred runs are two thousand files; what was read of them is kept in memory and, for the next process, in one file
of the store. A line counts as long as the names, times and sizes of the files in its folder are the same.

When a line is read, the files of its run are compared with their checksums, large ones by their size alone. Who opens a
run compares them all; what is found then is reported here, and stands in the list from then on.
"""

import hashlib
import math
import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import RunError, words
from core.language import message
from core.storage import atomic, checksums, marks, run_files, run_record, sentences
from core.storage.marks import Marks
from core.storage.serialize import from_json, to_json

FILE, VERSION = ".summaries.json", 2  # the version changes with what a line says
FEWEST = 20  # lines that are worth writing the file for
LOSSES = 24  # points of the loss curve in a line
LARGE = 500_000  # bytes; a larger file is read when its run is opened, not when it is listed

_known: dict[Path, "Lines"] = {}  # by the folder of the store
_problems: dict[Path, tuple[str, str]] = {}  # by the folder of a run: its stamp and what was wrong when it was opened
_writing = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A line of the list of runs; `problem` says why a folder cannot be opened, else it is empty.

    `interval` is that of the skill (95 %), `losses` the validation losses of the first network, thinned out.
    """

    id: str
    created: str = ""
    symbols: tuple[str, ...] = ()
    target: str = ""
    column: str = ""
    horizon: int = 0
    model: str = ""
    source: str = ""
    window: int = 0
    skill: float = math.nan
    interval: tuple[float, float] = (math.nan, math.nan)
    p_value: float = math.nan
    tone: str = ""
    verdict: str = ""
    losses: tuple[float, ...] = ()
    marks: Marks = field(default_factory=Marks)
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A summary, and the stamp of the folder that it was read from."""

    stamp: str
    summary: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The lines of a store by the name of their folder, and how many of them the file does not have yet."""

    by_name: dict[str, Line]
    unsaved: int = 0


def stamp(folder: Path) -> str:
    """What changes when a file of this folder does, apart from those in folders of it. Raises OSError without it."""
    with os.scandir(folder) as entries:
        files = sorted(
            (entry.name, (about := entry.stat()).st_mtime_ns, about.st_size) for entry in entries if entry.is_file()
        )
    return hashlib.blake2b(repr(files).encode(), digest_size=8).hexdigest()


def list_folders(folders: Iterable[Path], root: Path) -> tuple[Summary, ...]:
    """A line for each of these folders of the store `root`, in their order, without those that vanish meanwhile."""
    known = _known.get(root.resolve()) or Lines(by_name=_load(root))
    lines, unsaved = dict[str, Line](), known.unsaved
    for folder in folders:
        try:
            now = stamp(folder)
        except OSError:  # deleted since it was listed
            continue
        line = known.by_name.get(folder.name)
        if line is None or line.stamp != now or (not line.summary.problem and problem(folder, now)):
            line, unsaved = Line(stamp=now, summary=read(folder)), unsaved + 1
        lines[folder.name] = line
    if unsaved >= FEWEST:
        _save(lines, root)
        unsaved = 0
    _known[root.resolve()] = Lines(by_name=lines, unsaved=unsaved)
    return tuple(line.summary for line in lines.values())


def read(folder: Path) -> Summary:
    """The line of the run in this folder."""
    try:
        if known := problem(folder, stamp(folder)):
            return Summary(id=folder.name, problem=known)
        return _read(folder)
    except (RunError, OSError, ValueError, KeyError, TypeError) as error:
        return Summary(id=folder.name, problem=words(error) or type(error).__name__)


def report(folder: Path, error: RunError) -> None:
    """List the run in this folder as damaged, which was found when it was opened, until a file of it changes."""
    with suppress(OSError):
        _problems[folder.resolve()] = (stamp(folder), words(error))


def problem(folder: Path, now: str) -> str:
    """What was found when the run was opened as it is now; empty if nothing was."""
    known = _problems.get(folder.resolve())
    return known[1] if known is not None and known[0] == now else ""


def _read(folder: Path) -> Summary:
    present = {path.name for path in folder.iterdir()}
    for name in run_files.FILES:
        if name not in present:
            raise RunError(message("Its file {name} is missing.", name=name))
    meta = run_record.read(folder)
    for name in (names := run_record.listed(folder, meta)):
        if name not in present:
            raise RunError(message("Its file {name} is missing.", name=name))
    checksums.check(folder, meta, names, LARGE)
    spec = run_files.read_json(folder / "spec.json")
    metrics = run_files.read_json(folder / "metrics.json")
    verdict = sentences.restore(metrics["verdict"], metrics.get(run_files.SENTENCES, {}))
    return Summary(
        id=folder.name,
        created=meta["created"],
        symbols=tuple(spec["data"]["symbols"]),
        target=spec["target"]["kind"],
        column=spec["target"].get("column") or "",
        horizon=spec["target"]["horizon"],
        model=spec["model"]["kind"],
        source=spec["data"].get("source", ""),
        window=spec["window"]["lookback"],
        skill=from_json(float, verdict["skill"]),
        interval=from_json(tuple[float, float], verdict.get("interval") or (None, None)),
        p_value=from_json(float, verdict["p_value"]),
        tone=verdict["tone"],
        verdict=verdict["text"],
        losses=_losses(run_files.read_json(folder / "history.json")),
        marks=marks.read(folder) if f"{marks.RECORD}.json" in present else Marks(),
    )


def _losses(history: dict[str, Any]) -> tuple[float, ...]:
    """The validation losses of the first network, evenly thinned out, with four digits."""
    values = [epoch["val_loss"] for epoch in history["epochs"] if epoch.get("member", 1) == 1]
    known = [float(f"{value:.4g}") for value in values if isinstance(value, float | int) and math.isfinite(value)]
    if len(known) <= LOSSES:
        return tuple(known)
    return tuple(known[round(at * (len(known) - 1) / (LOSSES - 1))] for at in range(LOSSES))


def _load(root: Path) -> dict[str, Line]:
    """The lines that another process kept; none if there are none that can be read."""
    try:
        stored = checksums.read(root / FILE)
        if stored["version"] != VERSION:
            return {}
        lines = {name: from_json(Line, values) for name, values in stored["lines"].items()}
        return sentences.restore(lines, stored[run_files.SENTENCES])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, checksums.Damaged):
        return {}


def _save(lines: dict[str, Line], root: Path) -> None:
    """Keep the lines for other processes; a store that cannot be written to is read each time."""
    with _writing, suppress(RunError):
        content = {"version": VERSION, "lines": to_json(lines), run_files.SENTENCES: sentences.parts_of(lines)}
        atomic.write_file(root / FILE, checksums.seal(content, indent=None), message("The list of runs"))
