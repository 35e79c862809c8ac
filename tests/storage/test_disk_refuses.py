"""Wherever the disk refuses, a CoreError says so in words; what was saved before stays."""

import dataclasses
import errno
import io
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data import parquet_cache
from core.data.sources import uploads
from core.errors import CoreError
from core.evaluation.backtest.plan import Plan
from core.events import Checkpoint
from core.storage import (
    archive,
    atomic,
    backtests,
    checkpoints,
    durations,
    experiment_log,
    forecast_log,
    lineage,
    lines,
    marks,
    runs,
    trash,
    visitors,
    watch_list,
)
from core.storage.durations import Duration
from core.storage.finish import finish
from core.types import CHECKPOINT_FORMAT, Run

ID = "20200101-000000-0123abcd"
VISITOR = "0" * 32
STATE = Checkpoint(arrays={"x": np.arange(3.0)}, state={"format": CHECKPOINT_FORMAT, "member": 1})
RECIPE = visitors.Recipe(text="x")
POINTS = {  # what changes the disk: every module goes through one of these
    "write": [(Path, "write_bytes"), (Path, "write_text"), (pd.DataFrame, "to_parquet")],
    "mkdir": [(Path, "mkdir"), (tempfile, "mkdtemp"), (tempfile, "NamedTemporaryFile")],
    "replace": [(Path, "replace"), (Path, "rename"), (Path, "unlink"), (os, "unlink"), (os, "rmdir")],
    "open": [(Path, "open"), (io, "open"), (os, "fsync")],
}
ACTIONS: dict[str, Callable[[Run, Path], Any]] = {
    "run": runs.save,
    "finish": lambda run, root: finish(run, "key", root),
    "explanation": lambda run, root: runs.save_explanation(run.id, run.explanation, root),  # type: ignore[arg-type]
    "marks": lambda run, root: runs.save_marks(run.id, marks.build(note="x"), root),
    "delete": lambda run, root: runs.delete(run.id, root),
    "trash": lambda run, root: trash.delete([run.id], root),
    "restore": lambda run, root: trash.restore([ID], root),
    "empty": lambda run, root: trash.empty(root, days=0),
    "pack": lambda run, root: archive.pack(run.id, root),
    "import": lambda run, root: archive.import_run(root / "run.zip", root),
    "load": lambda run, root: runs.load(run.id, root),
    "list": lambda run, root: runs.list_all(root),
    "recipe": lambda run, root: runs.load_spec(run.id, root),
    "times": lambda run, root: runs.load_times(run.id, root),
    "backtest": lambda run, root: backtests.create(run.spec, Plan(folds=2), run.frame, root),
    "backtests": lambda run, root: backtests.list_all(root),
    "delete backtest": lambda run, root: [backtests.delete(one.id, root) for one in backtests.list_all(root)],
    "checkpoint": lambda run, root: checkpoints.save(STATE, run.spec, run.data_digest, None, root),
    "load checkpoint": lambda run, root: checkpoints.load(run.spec, run.data_digest, root),
    "drop checkpoint": lambda run, root: checkpoints.delete(checkpoints.key(run.spec, run.data_digest), root),
    "experiment": experiment_log.add,
    "experiments": lambda run, root: experiment_log.load(root),
    "forecasts": lambda run, root: forecast_log.add_or_report(run, root),
    "forecast log": lambda run, root: forecast_log.load(root),
    "lines": lambda run, root: lines.append(root / "x" / "lines", {"a": 1}),
    "lineage": lambda run, root: lineage.announce("key", run.id, root),
    "visitor": lambda run, root: visitors.start_training(VISITOR, "key", RECIPE, root),
    "watch": lambda run, root: watch_list.add(run.id, root),
    "duration": lambda run, root: durations.add(Duration(work="x", stages=(("a", 1.0),)), root),
    "probe": lambda run, root: atomic.check_writable(root),
    "sweep": lambda run, root: (atomic.sweep(root, -1e9), atomic.sweep_temporary(1e9)),
    "upload": lambda run, root: uploads.save(run.frame, root / "cache"),
    "load upload": lambda run, root: uploads.load(run.data_digest, root / "uploads"),
    "copy": lambda run, root: parquet_cache.write_copy(run.forecast, root / "cache" / "x.parquet", "list"),
}


@pytest.fixture(scope="module")
def saved(finished: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with everything in it, which tests copy."""
    root = tmp_path_factory.mktemp("saved") / "runs"
    finish(finished, None, root)
    backtests.create(finished.spec, Plan(folds=2), finished.frame, root)
    checkpoints.save(STATE, finished.spec, finished.data_digest, None, root)
    (root / "run.zip").write_bytes(archive.pack(finished.id, root))
    shutil.copytree(root / finished.id, root / ID)
    trash.delete([ID], root)
    uploads.save(finished.frame, root / "uploads")
    (root / ".saving-left").mkdir()
    return root


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO], ids=errno.errorcode.get)
@pytest.mark.parametrize("point", POINTS)
def test_a_refusal_is_said_in_words(
    finished: Run, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, number: int
) -> None:
    """Every action at this point of the disk, one after the other, on one copy: they all fail or change nothing."""
    root = Path(shutil.copytree(saved, tmp_path / "runs"))

    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    said, raw = 0, dict[str, BaseException]()
    with monkeypatch.context() as patched:
        for owner, name in POINTS[point]:
            patched.setattr(owner, name, refuse)
        for name, act in ACTIONS.items():
            try:
                act(finished, root)
            except CoreError as error:
                said += os.strerror(number) in str(error)
            except Exception as error:
                raw[name] = error
    assert raw == {} and said >= 3
    left = {path.name for path in root.iterdir()} | {path.name for path in (root / trash.FOLDER).iterdir()}
    assert {finished.id, ID} <= left or point != "replace"  # where renaming works, deleting does


def test_what_is_gone_is_deleted_without_an_error(finished: Run, tmp_path: Path) -> None:
    runs.delete(ID, tmp_path)
    backtests.delete(ID, tmp_path)
    checkpoints.delete(checkpoints.key(finished.spec, finished.data_digest), tmp_path)
    assert trash.delete([ID], tmp_path) == ()


@pytest.mark.parametrize("content", ["cut", b"", b"PAR1", b"no table", "foreign", "flipped"])
def test_a_damaged_or_foreign_upload_asks_for_the_file(finished: Run, tmp_path: Path, content: bytes | str) -> None:
    name = uploads.save(finished.frame, tmp_path)
    assert name == finished.data_digest
    assert dataclasses.asdict(finished.spec) and uploads.load(name, tmp_path).equals(finished.frame)
    path = tmp_path / f"{name}.parquet"
    whole = path.read_bytes()
    if content == "foreign":
        pd.DataFrame({"a": [1.0]}).to_parquet(path)
    elif content == "flipped":
        path.write_bytes(whole[:3000] + bytes([whole[3000] ^ 4]) + whole[3001:])
    else:
        path.write_bytes(whole[: len(whole) // 2] if isinstance(content, str) else content)
    with pytest.raises(CoreError, match="Upload the file again"):
        uploads.load(name, tmp_path)
