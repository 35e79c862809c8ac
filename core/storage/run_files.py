"""A run as files: JSON for what is read, Parquet for tables, safetensors for arrays; nothing is ever unpickled.

What is not as it was saved does not open (`core.storage.run_record`). The name of the folder is the id of the run,
whatever `run.json` says: a copy is a run of its own.
"""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from core import spec as specs
from core.data.frame import LEVELS, digest
from core.errors import RunError, words
from core.explain import explanation as explanations
from core.language import message
from core.storage import checksums, run_record, sentences, tensors
from core.storage.run_record import EXPLANATION, FILES, RECORD, VERSION
from core.storage.serialize import dumps, from_json, to_json
from core.types import Evaluation, Explanation, History, Run

SENTENCES = "sentences"  # in metrics.json: how its sentences are put together
PARTS = ("data", "target", "window", "model", "train")  # that every spec.json has
TURNS = 3  # how often a run is read that somebody changes meanwhile


def write(run: Run, folder: Path) -> None:
    """Write every file of `run` into the existing empty `folder`."""
    columns = write_frame(run.frame, folder)
    (folder / "spec.json").write_text(specs.canonical(run.spec))
    (folder / "metrics.json").write_text(
        dumps(to_json(run.evaluation) | {SENTENCES: sentences.parts_of((run.evaluation, run.history.problem))})
    )
    (folder / "history.json").write_text(dumps(run.history))
    run.forecast.to_parquet(folder / "forecast.parquet", index=False)
    # As bytes, so that a full disk is an OSError here as it is for the other files.
    (folder / "weights.safetensors").write_bytes(tensors.to_bytes(run.weights))
    (folder / "state.safetensors").write_bytes(tensors.to_bytes(run.state))
    if run.explanation is not None:
        write_explanation(run.explanation, folder)
    meta = {
        "version": VERSION,
        "id": run.id,
        "created": run.created,
        "data_digest": run.data_digest,
        "rows": run.rows,
        "environment": run.environment,
        "columns": columns,
    }
    run_record.write(folder, meta)


def write_explanation(explanation: Explanation, folder: Path) -> None:
    """Write an explanation as a Parquet table of contributions and a JSON file with the rest."""
    table, values = explanations.to_tables(explanation)
    table.to_parquet(folder / "explanation.parquet", index=False)
    (folder / "explanation.json").write_text(dumps(values))


def write_frame(frame: pd.DataFrame, folder: Path) -> list[list[str]]:
    """Write the series as data.parquet, its columns under their numbers; returns their (symbol, column) pairs."""
    flat = frame.set_axis([str(i) for i in range(frame.shape[1])], axis=1)
    flat.reset_index().to_parquet(folder / "data.parquet", index=False)
    return [list(column) for column in frame.columns]


def read(folder: Path) -> Run:
    """The run in `folder`, under the folder's name. Raises RunError naming the file that is missing, damaged or of
    another version."""
    for turn in range(TURNS):
        before = _stamp(folder)
        try:
            return _read_checked(folder)
        except RunError:
            if turn + 1 == TURNS or _stamp(folder) == before:
                raise
    raise AssertionError  # the last turn returns or raises


def _stamp(folder: Path) -> bytes:
    """What changes when somebody else gives the run another explanation."""
    try:
        return (folder / RECORD).read_bytes()
    except OSError:
        return b""


def _read_checked(folder: Path) -> Run:
    for name in FILES:
        if not run_record.is_there(folder, name):
            raise _missing(folder, name)
    try:
        return _read(folder)
    except checksums.Damaged as error:
        raise _damaged(folder, error.file) from error
    except RunError:
        raise
    except Exception as error:
        # Whatever a damaged file makes its reader raise, the person needs to know which run it is.
        raise RunError(
            message(
                "The run {name} is damaged and cannot be opened ({error}). Delete it and train it again.",
                name=folder.name,
                error=words(error),
            )
        ) from error


def _missing(folder: Path, name: str) -> RunError:
    return RunError(
        message(
            "The run {name} cannot be opened: its file {name_2} is missing. Delete the run and train it "
            "again, or restore the file.",
            name=folder.name,
            name_2=name,
        )
    )


def _damaged(folder: Path, file: str) -> RunError:
    return RunError(
        message(
            "The run {name} is damaged: its file {file} is not as it was saved. Restore the file from a copy, or "
            "delete the run and train it again.",
            name=folder.name,
            file=file,
        )
    )


def read_frame(folder: Path, columns: list[list[str]]) -> pd.DataFrame:
    """The series that `write_frame` wrote, with its (symbol, column) pairs."""
    frame = pd.read_parquet(folder / "data.parquet").set_index("time")
    frame.columns = pd.MultiIndex.from_tuples([tuple(column) for column in columns], names=list(LEVELS))
    return frame


def read_json(path: Path) -> Any:
    """The JSON values of a file. Raises OSError or ValueError."""
    return json.loads(path.read_text())


def _read(folder: Path) -> Run:
    meta = run_record.read(folder)
    names = run_record.listed(folder, meta)
    for name in names:
        if not run_record.is_there(folder, name):
            raise _missing(folder, name)
    checksums.check(folder, meta, names)
    frame = read_frame(folder, meta["columns"])
    if digest(frame) != meta["data_digest"]:
        raise RunError(
            message(
                "The run {name} cannot be opened: its file data.parquet does not hold the data that it was trained "
                "on. Delete the run and train it again, or restore the file.",
                name=folder.name,
            )
        )
    metrics, history = read_json(folder / "metrics.json"), from_json(History, read_json(folder / "history.json"))
    parts = metrics.get(SENTENCES, {})
    evaluation = sentences.restore(from_json(Evaluation, metrics), parts)
    return Run(
        id=folder.name,
        created=meta["created"],
        spec=read_spec(folder),
        data_digest=meta["data_digest"],
        frame=frame,
        history=replace(history, problem=sentences.restore(history.problem, parts)),
        forecast=pd.read_parquet(folder / "forecast.parquet"),
        rows=meta["rows"],
        evaluation=replace(evaluation, bands=_nan(evaluation.bands)),
        environment=meta["environment"],
        weights=tensors.from_bytes((folder / "weights.safetensors").read_bytes()),
        state=tensors.from_bytes((folder / "state.safetensors").read_bytes()),
        explanation=_read_explanation(folder) if {*EXPLANATION} <= {*names} else None,
    )


def read_spec(folder: Path) -> specs.Spec:
    """The recipe of the run, whose file has been checked. Raises OSError, ValueError, and SpecError."""
    values = read_json(folder / "spec.json")
    if not isinstance(values, dict) or not {*PARTS} <= values.keys():
        raise ValueError("spec.json is no whole recipe")
    return specs.from_dict(values)


def _read_explanation(folder: Path) -> Explanation:
    table = pd.read_parquet(folder / "explanation.parquet")
    return explanations.from_tables(table, read_json(folder / "explanation.json"))


def _nan(value: Any) -> Any:
    """`value` with every null as NaN, for entries whose type the record does not say."""
    if isinstance(value, dict):
        return {name: _nan(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_nan(entry) for entry in value]
    return math.nan if value is None else value
