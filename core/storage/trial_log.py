"""The trials of searches in the experiment log: one file of lines for each study, which outlives the study.

A trial is judged on validation rows alone, so it is no evaluation of a test period and has no losses there; it counts
among what was tried before a recipe was chosen.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import spec as specs
from core.evaluation.experiments import record
from core.language import message_n
from core.spec import Spec
from core.storage import lines, migrate
from core.storage.serialize import from_json, to_json

FOLDER, FORMER = ".experiments", ".ledger"
NAME = re.compile(r"[0-9a-z-]{1,80}\.trials")
COUNTED = ("complete", "pruned")  # a trial that failed was no candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedTrial:
    """Trial `number` of a study on the task with this key, at this point of its space: dotted paths and values."""

    study: str
    number: int
    task_key: str
    task: dict[str, Any]
    params: dict[str, Any]
    state: str
    ended: str


def add(trial: CountedTrial, root: Path) -> None:
    """Count a trial. Raises RunError when the disk refuses."""
    lines.append(folder(root) / f"{trial.study}.trials", to_json(trial))


def load(root: Path, study: str = "") -> tuple[CountedTrial, ...]:
    """Every counted trial, once each; of one study only, if it is named. Lines that cannot be read are left out."""
    counted: dict[tuple[str, int], CountedTrial] = {}
    for path in files(root):
        if study and path.stem != study:
            continue
        for values in lines.read(path):
            try:
                trial: CountedTrial = from_json(CountedTrial, values)
            except (ValueError, KeyError, TypeError):
                continue
            counted.setdefault((trial.study, trial.number), trial)
    return tuple(counted.values())


def chosen_among(spec: Spec, root: Path) -> int:
    """Among how many trials a recipe was chosen: all of its task, if one of them had its settings, else 0."""
    key, values = record.describe_task(spec)[0], specs.to_dict(spec)
    trials = [trial for trial in load(root) if trial.task_key == key and trial.state in COUNTED]
    return len(trials) if any(_same(trial.params, values) for trial in trials) else 0


def describe(count: int) -> str:
    """Among how many trials a recipe was chosen, as a sentence of a verdict; empty for 0."""
    if not count:
        return ""
    return message_n(
        "Its settings were chosen by validation, among {count} trial of a search; the test split decided nothing.",
        "Its settings were chosen by validation, among {count} trials of a search; the test split decided nothing.",
        count,
    )


def files(root: Path) -> list[Path]:
    """The files of trials, one for each study."""
    home = folder(root)
    return sorted(path for path in home.iterdir() if NAME.fullmatch(path.name)) if home.is_dir() else []


def folder(root: Path) -> Path:
    """The folder of the experiment log."""
    return migrate.folder(root, FOLDER, FORMER)


def _same(params: dict[str, Any], recipe: dict[str, Any]) -> bool:
    """Whether a recipe has these settings."""
    for path, value in params.items():
        part, _, name = path.partition(".")
        if recipe.get(part, {}).get(name) != value:
            return False
    return bool(params)
