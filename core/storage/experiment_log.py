"""The experiment log: every training leaves an entry that outlives its run; entries are added and never changed.

An entry is one safetensors file: arrays, and its facts as JSON in the header. It appears whole or not at all, under a
name of its own, so that processes that write at once lose nothing.
"""

import json
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core import spec as specs
from core.errors import RunError, SpecError, words
from core.evaluation.experiments import record
from core.evaluation.experiments.record import Experiment
from core.language import message
from core.storage import atomic, tensors, trial_log
from core.storage.runs import DEFAULT
from core.storage.serialize import dumps, from_json
from core.types import Run

FOLDER, FORMAT = trial_log.FOLDER, 1
NAME = re.compile(r"[0-9a-z-]{1,80}\.safetensors")
ARRAYS = ("symbol_N", "cutoff_N", "loss_N", "reference_N", "last_N", "return_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentLog:
    """Every evaluation of a test period, oldest first, the entries that cannot be read (file name and why), and the
    trials of searches, which evaluated none."""

    evaluations: tuple[Experiment, ...] = ()
    damaged: tuple[tuple[str, str], ...] = ()
    trials: tuple[trial_log.CountedTrial, ...] = ()

    def of_run(self, run_id: str) -> Experiment | None:
        """The entry of this run; None if it was never added."""
        return next((one for one in reversed(self.evaluations) if one.run_id == run_id), None)

    def count_trials(self, task_key: str) -> int:
        """How many trials searches made on this task, on validation rows alone."""
        return sum(one.task_key == task_key for one in self.trials)

    def task_of(self, experiment: Experiment) -> record.Task:
        """All experiments of the task of this one."""
        return next(task for task in record.group_by_task(self.evaluations) if task.key == experiment.task_key)


def add_or_report(run: Run, root: Path = DEFAULT) -> str:
    """Add the entry of a saved run; empty, or the sentence that says why not: a full disk ends no training."""
    try:
        add(run, root)
    except RunError as error:
        return words(error)
    return ""


def add(run: Run, root: Path = DEFAULT) -> Experiment:
    """Add the entry of a saved run in one step. Raises RunError when the disk refuses."""
    experiment = record.of_run(run, trial_log.chosen_among(run.spec, root))
    arrays = {name: np.asarray(getattr(experiment, name)) for name in ARRAYS}
    arrays |= {"cutoff_N": arrays["cutoff_N"].view(np.int64), "symbol_N": arrays["symbol_N"].astype(np.int64)}
    texts = {"format": str(FORMAT), "facts": dumps(experiment, omit=ARRAYS, indent=None)}
    atomic.write_file(
        trial_log.folder(root) / f"{run.id}-{secrets.token_hex(4)}.safetensors",
        tensors.to_bytes(arrays, texts),
        message("The experiment"),
        advice=message("Free space, then count it on the Evaluate page."),
    )
    return experiment


def load(root: Path = DEFAULT) -> ExperimentLog:
    """The whole log, empty at first; an entry that cannot be read is named and left out."""
    evaluations: list[Experiment] = []
    damaged: list[tuple[str, str]] = []
    for path in _files(root):
        try:
            evaluations.append(_read(path))
        except Exception as error:  # whatever the reader of a damaged file raises: the others are still good
            damaged.append((path.name, words(error) or type(error).__name__))
    evaluations.sort(key=lambda one: (one.created, one.run_id))
    return ExperimentLog(evaluations=tuple(evaluations), damaged=tuple(damaged), trials=trial_log.load(root))


def fingerprint(root: Path = DEFAULT) -> tuple[tuple[str, int], ...]:
    """Names and sizes of the entries: what changes when the log does."""
    listed = list[tuple[str, int]]()
    for path in [*_files(root), *trial_log.files(root)]:
        with suppress(OSError):  # removed since it was listed
            listed.append((path.name, path.stat().st_size))
    return tuple(listed)


def _files(root: Path) -> list[Path]:
    folder = trial_log.folder(root)
    return sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name)) if folder.is_dir() else []


def _read(path: Path) -> Experiment:
    content = path.read_bytes()
    texts = tensors.words(content)
    if texts["format"] != str(FORMAT):
        raise RunError(
            message(
                "It is of format {format}; this version reads {this_format}.",
                format=texts["format"],
                this_format=FORMAT,
            )
        )
    arrays = tensors.from_bytes(content)
    arrays = {name: arrays[name] for name in ARRAYS} | {"cutoff_N": arrays["cutoff_N"].view("M8[ns]")}
    experiment = _with_current_recipe(from_json(Experiment, json.loads(texts["facts"]), **arrays))
    counts = {len(arrays[name]) for name in ARRAYS if name != "return_T"}
    if len(counts) != 1 or counts == {0}:
        raise RunError(message("Its arrays are empty or of unequal length."))
    if not all(isinstance(experiment.task[name], kind) for name, kind in (("symbols", list), ("horizon", int))):
        raise RunError(message("It does not say what is forecast."))
    return experiment


def _with_current_recipe(experiment: Experiment) -> Experiment:
    """The entry with its recipe as this version writes it, so that the same recipe of two versions counts once."""
    try:
        spec = specs.from_dict(experiment.recipe)
    except SpecError:  # a setting that no longer exists
        return experiment
    return replace(experiment, recipe=specs.to_dict(spec), spec_id=spec.id)
