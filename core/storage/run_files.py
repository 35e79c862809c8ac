"""A run as files: JSON for what is read, Parquet for tables, safetensors for arrays; nothing is ever unpickled."""

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import spec as specs
from core.data.frame import LEVELS, digest
from core.errors import RunError
from core.events import Epoch
from core.explain import explanation as explanations
from core.types import Alarm, Evaluation, Explanation, History, Run, Verdict

VERSION = 1
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


def write(run: Run, folder: Path) -> None:
    """Write every file of `run` into the existing empty `folder`."""
    from safetensors.numpy import save

    meta = {
        "version": VERSION,
        "id": run.id,
        "created": run.created,
        "data_digest": run.data_digest,
        "rows": run.rows,
        "environment": run.environment,
        "columns": [list(c) for c in run.frame.columns],
    }
    _write_json(folder / "run.json", meta)
    (folder / "spec.json").write_text(specs.canonical(run.spec))
    _write_json(folder / "metrics.json", dataclasses.asdict(run.evaluation))
    _write_json(folder / "history.json", dataclasses.asdict(run.history))
    flat = run.frame.set_axis([str(i) for i in range(run.frame.shape[1])], axis=1)
    flat.reset_index().to_parquet(folder / "data.parquet", index=False)
    run.forecast.to_parquet(folder / "forecast.parquet", index=False)
    # As bytes, so that a full disk is an OSError here as it is for the other files.
    for name, arrays in (("weights", run.weights), ("state", run.state)):
        (folder / f"{name}.safetensors").write_bytes(save({k: np.ascontiguousarray(v) for k, v in arrays.items()}))
    if run.explanation is not None:
        write_explanation(run.explanation, folder)


def write_explanation(explanation: Explanation, folder: Path) -> None:
    table, values = explanations.to_tables(explanation)
    table.to_parquet(folder / "explanation.parquet", index=False)
    _write_json(folder / "explanation.json", values)


def read(folder: Path) -> Run:
    """The run in `folder`. Raises RunError naming the file that is missing, damaged or of another version."""
    from safetensors.numpy import load_file

    for name in FILES:
        if not (folder / name).is_file():
            raise RunError(
                f"The run {folder.name} cannot be opened: its file {name} is missing. Delete the run and "
                "train it again, or restore the file."
            )
    try:
        meta = _read_json(folder / "run.json")
        if meta["version"] != VERSION:
            raise RunError(
                f"The run {folder.name} was saved in format {meta['version']}; this version reads "
                f"{VERSION}. Train it again."
            )
        frame = pd.read_parquet(folder / "data.parquet").set_index("time")
        frame.columns = pd.MultiIndex.from_tuples([tuple(c) for c in meta["columns"]], names=list(LEVELS))
        if digest(frame) != meta["data_digest"]:
            raise RunError(
                f"The run {folder.name} cannot be opened: its file data.parquet does not hold the data that "
                "it was trained on. Delete the run and train it again, or restore the file."
            )
        return Run(
            id=meta["id"],
            created=meta["created"],
            spec=specs.from_dict(_read_json(folder / "spec.json")),
            data_digest=meta["data_digest"],
            frame=frame,
            history=_history(_read_json(folder / "history.json")),
            forecast=pd.read_parquet(folder / "forecast.parquet"),
            rows=meta["rows"],
            evaluation=_evaluation(_read_json(folder / "metrics.json")),
            environment=meta["environment"],
            weights=load_file(folder / "weights.safetensors"),
            state=load_file(folder / "state.safetensors"),
            explanation=_read_explanation(folder),
        )
    except RunError:
        raise
    except Exception as error:
        # Whatever a damaged file makes its reader raise, the person needs to know which run it is.
        raise RunError(
            f"The run {folder.name} is damaged and cannot be opened ({error}). Delete it and train it again."
        ) from error


def _read_explanation(folder: Path) -> Explanation | None:
    if not (folder / "explanation.json").is_file() or not (folder / "explanation.parquet").is_file():
        return None
    table = pd.read_parquet(folder / "explanation.parquet")
    return explanations.from_tables(table, _read_json(folder / "explanation.json"))


def _evaluation(values: dict[str, Any]) -> Evaluation:
    numbers = {name: _nan(values[name]) for name in ("scores", "by_step", "bands", "verdict")}
    made = (
        values
        | numbers
        | {"alarms": tuple(Alarm(**a) for a in values["alarms"]), "members": tuple(_nan(values.get("members", [])))}
    )
    return Evaluation(**(made | {"verdict": Verdict(**_tuples(numbers["verdict"]))}))


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _nan(value: Any) -> Any:
    """`value` with null as NaN again."""
    if isinstance(value, dict):
        return {k: _nan(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_nan(v) for v in value]
    return math.nan if value is None else value


def _history(values: dict[str, Any]) -> History:
    return History(**(values | {"epochs": tuple(Epoch(**e) for e in values["epochs"])}))


def plain(value: Any) -> Any:
    """`value` as JSON knows it: tuples as lists, numpy numbers as numbers, NaN and infinities as null."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_json(path: Path, values: Any) -> None:
    path.write_text(json.dumps(plain(values), indent=1, allow_nan=False))


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text())
