"""A study: what is searched, and its trials so far, in a folder of JSON and Parquet that outlives any process.

`study.json` says what is searched, `data.parquet` has the rows that trials get (no calibration or test row is in it),
and `trials.jsonl` grows by a line when a trial begins and one when it ends.
"""

import json
import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from core import spec as specs
from core.errors import CoreError, RunError, words
from core.language import message
from core.spec import Spec, members
from core.storage import atomic, checksums, leases, lines
from core.storage.leases import Holder, Lease
from core.storage.run_files import read_frame, write_frame
from core.storage.runs import NAME, is_gone
from core.storage.serialize import from_json, to_json
from core.tuning import space as spaces
from core.tuning.space import Dimension
from core.tuning.trial import Result

FOLDER, DATA, TRIALS, DRIVER = ".studies", "data.parquet", "trials.jsonl", "driver"
VERSION = 1
MATES = 3  # best trials that become an ensemble


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What is searched. `spec` is the resolved recipe with its own splits, `cut` the one that trials get; `trials` and
    `minutes` are the most of each, one of which may be left open. `upload` is the digest of an uploaded series."""

    id: str
    created: str
    spec: Spec
    cut: Spec
    space: tuple[Dimension, ...]
    objective: str = "validation"
    folds: int = 0
    trials: int | None = 20
    minutes: float | None = None
    data_digest: str = ""
    upload: str | None = None

    @property
    def lookback(self) -> int:
        """The longest window of the search: all trials are scored on its cutoffs."""
        longest = next((int(one.high) for one in self.space if one.path == "window.lookback"), 0)
        return max(longest, self.spec.window.lookback)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Trial `number` (from 1): its point of the space, and how it ended; `state` is running until it has."""

    number: int
    params: dict[str, Any]
    state: str = "running"
    value: float = math.nan
    curve: dict[int, float] = field(default_factory=dict)
    seconds: float = 0.0
    problem: str = ""
    ended: str = ""

    @property
    def over(self) -> bool:
        return self.state != "running"


def create(study: Study, frame: pd.DataFrame, root: Path) -> Study:
    """Write the folder of a new study with the rows of its trials; returns it under its own id. Raises RunError."""

    def fill(folder: Path, name: str) -> None:
        columns = write_frame(frame, folder)
        of_files = checksums.of_files(folder, [DATA])
        (folder / "study.json").write_bytes(_dump(replace(study, id=name), {"columns": columns} | of_files))

    return replace(study, id=atomic.add_folder(root / FOLDER, study.id, fill, message("The search")))


def new_id(spec: Spec) -> tuple[str, str]:
    """The id of a study that begins now, and the time."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%d-%H%M%S}-{spec.id[:8]}", now.isoformat(timespec="seconds")


def load(study_id: str, root: Path) -> Study:
    """The study of this id. Raises RunError if there is none or it cannot be read."""
    return _read(find_folder(study_id, root))[0]


def load_frame(study_id: str, root: Path) -> pd.DataFrame:
    """The rows that its trials get. Raises RunError."""
    folder = find_folder(study_id, root)
    stored = _read(folder)[1]
    try:
        checksums.check(folder, stored, [DATA])
        return read_frame(folder, stored["columns"])
    except (OSError, ValueError, KeyError, checksums.Damaged) as error:
        raise _damaged(folder, error) from error


def extend(study_id: str, trials: int | None, minutes: float | None, root: Path) -> Study:
    """The same study with another limit. Raises RunError."""
    folder = find_folder(study_id, root)
    study, stored = _read(folder)
    study = replace(study, trials=trials, minutes=minutes)
    atomic.write_file(folder / "study.json", _dump(study, stored), message("The search"), within=root)
    return study


def list_all(root: Path) -> tuple[Study, ...]:
    """Every study that can be read, the latest first."""
    home = root / FOLDER
    studies = []
    for path in sorted(home.iterdir(), reverse=True) if home.is_dir() else ():
        if NAME.fullmatch(path.name):
            try:
                studies.append(_read(path)[0])
            except RunError:  # of another version, or damaged: it cannot go on
                continue
    return tuple(studies)


def begin(study_id: str, number: int, params: dict[str, Any], root: Path) -> None:
    """Note that a trial begins. Raises RunError when the disk refuses."""
    values = {"number": number, "state": "running", "params": params}
    lines.append(find_folder(study_id, root) / TRIALS, to_json(values))


def end(study_id: str, trial: Trial, result: Result, root: Path) -> Trial:
    """Note how a trial ended. Raises RunError when the disk refuses."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    ended = replace(
        trial,
        state=result.state,
        value=result.value,
        curve=result.curve,
        seconds=result.seconds,
        problem=str(result.problem),
        ended=now,
    )
    lines.append(find_folder(study_id, root) / TRIALS, to_json(ended))
    return ended


def trials(study_id: str, root: Path) -> tuple[Trial, ...]:
    """The trials by number. One that began and has no end is running, or was when its process was killed."""
    by_number: dict[int, Trial] = {}
    for values in lines.read(find_folder(study_id, root) / TRIALS):
        try:
            curve = {int(rung): float(loss) for rung, loss in values.pop("curve", {}).items()}
            trial: Trial = from_json(Trial, values, curve=curve)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        if not (trial.number in by_number and by_number[trial.number].over):
            by_number[trial.number] = trial
    return tuple(by_number[number] for number in sorted(by_number))


def fingerprint(study_id: str, root: Path) -> int:
    """What changes with every line of the trials: their bytes."""
    path = find_folder(study_id, root) / TRIALS
    return path.stat().st_size if path.exists() else 0


def best(of: tuple[Trial, ...], most: int = 1) -> tuple[Trial, ...]:
    """The complete trials of least value, the best first."""
    complete = [trial for trial in of if trial.state == "complete"]
    return tuple(sorted(complete, key=lambda trial: (trial.value, trial.number))[:most])


def recipe_of(study: Study, trial: Trial) -> Spec:
    """The whole recipe of a trial, to be trained and judged on the test split."""
    return spaces.at(study.spec, trial.params)


def ensemble_of(study: Study, trials: tuple[Trial, ...], most: int = MATES) -> tuple[Spec, tuple[Trial, ...]] | None:
    """The recipe of one network for each of the best trials, averaged, and these trials; None with fewer than two.

    The recipe is that of the best trial. Trials take part that read the same windows and answer in the same form.
    """
    ranked = best(trials, len(trials))
    mates = tuple(one for one in ranked if _shared(one) == _shared(ranked[0]))[:most]
    texts = [members.write({path: one.params[path] for path in one.params if path in members.PATHS}) for one in mates]
    if len(mates) < 2:
        return None
    values = {"train.ensemble": len(mates), "train.member_settings": texts}
    return specs.with_values(recipe_of(study, ranked[0]), values), mates


def _shared(trial: Trial) -> dict[str, Any]:
    """The settings of a trial that all networks of an ensemble share."""
    return {path: value for path, value in trial.params.items() if path not in members.PATHS}


def claim(study_id: str, root: Path) -> Lease:
    """The lease of a study: only one process at a time runs it. Raises UnderWay, and RunError when the disk refuses."""
    busy = message("The search {id} is under way already, here or in another process.", id=study_id)
    return leases.acquire(find_folder(study_id, root), DRIVER, busy)


def driver(study_id: str, root: Path) -> Holder | None:
    """The living process that runs a study; None if nobody does. Raises RunError without the study."""
    return leases.holder(find_folder(study_id, root), DRIVER)


def delete(study_id: str, root: Path) -> None:
    """Remove a study; one that is gone is no error. Its trials still count as experiments (`core.storage.trial_log`).
    Raises UnderWay while a process runs it, and RunError for what is no id and when the disk refuses."""
    if is_gone(study_id, root / FOLDER):
        return
    claim(study_id, root).release()
    atomic.remove(find_folder(study_id, root), message("The search {id}", id=study_id))


def find_folder(study_id: str, root: Path) -> Path:
    """The folder of a study; only what has the form of an id is joined to a path. Raises RunError without one."""
    if not NAME.fullmatch(study_id) or not (root / FOLDER / study_id).is_dir():
        raise RunError(message("There is no search called {id} in {folder}.", id=repr(study_id), folder=root / FOLDER))
    return root / FOLDER / study_id


def _dump(study: Study, stored: dict[str, Any]) -> bytes:
    """A study with what else its file says: the columns of its rows, and the checksum of their file."""
    values = to_json(study, omit=("spec", "cut"))
    parts = {"version": VERSION, "spec": specs.to_dict(study.spec), "cut": specs.to_dict(study.cut)}
    return checksums.seal(values | parts | stored)


def _read(folder: Path) -> tuple[Study, dict[str, Any]]:
    try:
        values = checksums.read(folder / "study.json")
        if values["version"] != VERSION:
            raise ValueError(f"version {values['version']}")
        recipes = {name: specs.from_dict(values[name]) for name in ("spec", "cut")}
        plain = {name: value for name, value in values.items() if name not in recipes}
        stored = {name: values[name] for name in ("columns", checksums.FILES, checksums.SIZES) if name in values}
        return from_json(Study, plain, **recipes), stored
    except (OSError, ValueError, KeyError, TypeError, CoreError, json.JSONDecodeError) as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: BaseException) -> RunError:
    return RunError(message("The search {id} cannot be read ({error}).", id=folder.name, error=words(error)))
