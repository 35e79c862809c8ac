"""The ledger of tries: every training leaves an entry that outlives its run; entries are added and never changed.

An entry is one safetensors file: arrays, and its facts as JSON in the header. It appears whole or not at all, under a
name of its own, so that processes that write at once lose nothing.
"""

import json
import re
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core import spec as specs
from core.errors import RunError, SpecError
from core.evaluation.experiments import record
from core.evaluation.experiments.record import Experiment
from core.storage.run_files import plain
from core.storage.runs import DEFAULT
from core.types import Run

FOLDER = ".ledger"
FORMAT = 1
NAME = re.compile(r"[0-9a-z-]{1,80}\.safetensors")
ARRAYS = ("symbol_N", "cutoff_N", "loss_N", "reference_N", "last_N", "return_T")
FACTS = (
    "run_id",
    "created",
    "spec_id",
    "data_digest",
    "question",
    "asked",
    "recipe",
    "skill",
    "interval",
    "p_value",
    "tone",
    "reference",
    "symbols",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentLog:
    """Every look that was entered, oldest first, and the entries that cannot be read: file name and why."""

    looks: tuple[Experiment, ...] = ()
    damaged: tuple[tuple[str, str], ...] = ()

    def of_run(self, run_id: str) -> Experiment | None:
        """The look that this run was; None where it was never entered."""
        return next((look for look in reversed(self.looks) if look.run_id == run_id), None)

    def question(self, look: Experiment) -> record.Task:
        """Everything that was tried on what `look` asked."""
        return next(one for one in record.questions(self.looks) if one.key == look.question)


def count(run: Run, root: Path = DEFAULT) -> str:
    """Enter the try; empty, or the sentence that says why it could not be done: a full disk ends no training."""
    try:
        enter(run, root)
    except RunError as error:
        return str(error)
    return ""


def enter(run: Run, root: Path = DEFAULT) -> Experiment:
    """Add the try that a saved run was. Raises RunError when the disk refuses; nothing is half written then."""
    from safetensors.numpy import save

    made, folder = record.of_run(run), root / FOLDER
    facts = plain({name: getattr(made, name) for name in FACTS})
    arrays = {name: np.ascontiguousarray(getattr(made, name)) for name in ARRAYS}
    arrays |= {"cutoff_N": arrays["cutoff_N"].view(np.int64), "symbol_N": arrays["symbol_N"].astype(np.int64)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".entering-", delete=False) as work:
            path = Path(work.name)
        try:
            path.write_bytes(save(arrays, metadata={"format": str(FORMAT), "facts": json.dumps(facts)}))
            path.chmod(0o644)
            path.rename(folder / f"{run.id}-{secrets.token_hex(4)}.safetensors")
        finally:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(
            f"The try could not be entered in the ledger of {root} ({error.strerror or error}). Free space, "
            "then count it on the Evaluate page."
        ) from error
    return made


def read(root: Path = DEFAULT) -> ExperimentLog:
    """The whole ledger; an entry that cannot be read is named and left out. Empty where there is none yet."""
    looks: list[Experiment] = []
    damaged: list[tuple[str, str]] = []
    for path in _files(root):
        try:
            looks.append(_read(path))
        except Exception as error:  # whatever the reader of a damaged file raises: the others are still good
            damaged.append((path.name, str(error) or type(error).__name__))
    return ExperimentLog(
        looks=tuple(sorted(looks, key=lambda look: (look.created, look.run_id))), damaged=tuple(damaged)
    )


def stamp(root: Path = DEFAULT) -> tuple[tuple[str, int], ...]:
    """Names and sizes of the entries: what changes when the ledger does."""
    return tuple((path.name, path.stat().st_size) for path in _files(root))


def _files(root: Path) -> list[Path]:
    folder = root / FOLDER
    return sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name)) if folder.is_dir() else []


def _read(path: Path) -> Experiment:
    from safetensors.numpy import load

    content = path.read_bytes()
    head = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    if head["format"] != str(FORMAT):
        raise RunError(f"It is of format {head['format']}; this version reads {FORMAT}.")
    facts: dict[str, Any] = _under_todays_names({name: json.loads(head["facts"])[name] for name in FACTS})
    arrays = load(content)
    made = Experiment(
        **facts
        | {name: arrays[name] for name in ARRAYS}
        | {
            "cutoff_N": arrays["cutoff_N"].view("M8[ns]"),
            "symbols": tuple(facts["symbols"]),
            "skill": _number(facts["skill"]),
            "p_value": _number(facts["p_value"]),
            "interval": (_number(facts["interval"][0]), _number(facts["interval"][1])),
        }
    )
    counts = {len(getattr(made, name)) for name in ARRAYS if name != "return_T"}
    if len(counts) != 1 or counts == {0}:
        raise RunError("Its arrays are empty or of unequal length.")
    if not all(isinstance(made.asked[name], kind) for name, kind in (("symbols", list), ("horizon", int))):
        raise RunError("It does not say what was asked.")
    return made


def _under_todays_names(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of an entry with its recipe as written today: the same recipe of two versions counts once."""
    try:
        spec = specs.from_dict(facts["recipe"])
    except SpecError:  # a setting that there is no more
        return facts
    return facts | {"recipe": specs.to_dict(spec), "spec_id": spec.id}


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
