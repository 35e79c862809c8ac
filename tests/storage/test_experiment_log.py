"""Entries appear whole or not at all, outlive their runs, and a damaged one hides no other."""

import dataclasses
import errno
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.errors import RunError
from core.evaluation.experiments import record
from core.storage import experiment_log, runs
from core.types import Run


def names(root: Path) -> list[str]:
    return sorted(path.name for path in (root / experiment_log.FOLDER).iterdir())


def test_an_entry_is_read_as_it_was_added(finished: Run, tmp_path: Path) -> None:
    added = experiment_log.add(finished, tmp_path)
    log = experiment_log.load(tmp_path)
    (loaded,) = log.evaluations
    assert log.damaged == ()
    for f in dataclasses.fields(record.Experiment):
        ours, theirs = getattr(added, f.name), getattr(loaded, f.name)
        if f.name in experiment_log.ARRAYS:
            np.testing.assert_array_equal(theirs, ours)
            assert theirs.dtype == ours.dtype
        else:
            assert theirs == ours, f.name
    assert log.of_run(finished.id) is loaded and log.of_run("20200101-000000-0123abcd") is None
    assert log.task_of(loaded).experiments == (loaded,)


def test_deleting_a_run_keeps_its_experiment(finished: Run, tmp_path: Path) -> None:
    saved = runs.save(finished, tmp_path)
    experiment_log.add(saved, tmp_path)
    runs.delete(saved.id, tmp_path)
    assert runs.list_all(tmp_path) == ()
    assert [one.run_id for one in experiment_log.load(tmp_path).evaluations] == [saved.id]


def test_the_same_run_again_is_an_evaluation_and_no_new_experiment(finished: Run, tmp_path: Path) -> None:
    for _ in range(3):
        experiment_log.add(runs.save(finished, tmp_path), tmp_path)
    (task,) = record.group_by_task(experiment_log.load(tmp_path).evaluations)
    assert (len(task.experiments), len(task.evaluations), task.count_evaluations(task.evaluations[0])) == (1, 3, 3)


def test_the_log_is_empty_at_first(tmp_path: Path) -> None:
    assert experiment_log.load(tmp_path) == experiment_log.load(tmp_path / "nowhere") == experiment_log.ExperimentLog()
    assert experiment_log.fingerprint(tmp_path) == ()


@pytest.mark.parametrize("damage", [b"", b"\x00\xff{", b"[]", None, b"\xff" * 40, "other"])
def test_a_damaged_entry_is_named_and_hides_no_other(finished: Run, tmp_path: Path, damage: bytes | str | None) -> None:
    experiment_log.add(finished, tmp_path)
    (good,) = (tmp_path / experiment_log.FOLDER).iterdir()
    bad = good.with_name("20200101-000000-0123abcd-00000000.safetensors")
    content = good.read_bytes()
    if isinstance(damage, bytes):
        bad.write_bytes(damage)
    else:
        bad.write_bytes(
            content[: len(content) // 2] if damage is None else content.replace(b'"format":"1"', b'"format":"7"')
        )
    log = experiment_log.load(tmp_path)
    assert [one.run_id for one in log.evaluations] == [finished.id]
    assert [name for name, _ in log.damaged] == [bad.name] and log.damaged[0][1]
    assert damage != "other" or "format 7; this version reads 1" in log.damaged[0][1]


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("a bug")])
def test_a_full_disk_leaves_nothing_half_written_and_is_reported(
    finished: Run, tmp_path: Path, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:100])
        raise failure

    monkeypatch.setattr(Path, "write_bytes", half)
    if isinstance(failure, OSError):
        assert "No space left on device" in experiment_log.add_or_report(finished, tmp_path)
    with pytest.raises(RunError if isinstance(failure, OSError) else RuntimeError):  # a bug is never hidden
        experiment_log.add(finished, tmp_path)
    assert names(tmp_path) == [] and experiment_log.load(tmp_path) == experiment_log.ExperimentLog()


def test_a_folder_that_cannot_be_written_is_reported(finished: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "could not be saved in" in experiment_log.add_or_report(finished, tmp_path / "file")
    assert experiment_log.add_or_report(finished, tmp_path) == ""


def test_threads_that_write_at_once_lose_nothing(finished: Run, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: experiment_log.add(finished, tmp_path), range(24)))
    assert len(names(tmp_path)) == len(experiment_log.load(tmp_path).evaluations) == 24


def test_processes_that_write_at_once_lose_nothing(finished: Run, tmp_path: Path) -> None:
    runs.save(finished, tmp_path)
    code = (
        f"from pathlib import Path; from core.storage import experiment_log, runs; root = Path({str(tmp_path)!r})\n"
        f"run = runs.load({finished.id!r}, root)\n"
        "for _ in range(5): experiment_log.add(run, root)"
    )
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert len(experiment_log.load(tmp_path).evaluations) == 10


def test_the_fingerprint_changes_with_every_entry(finished: Run, tmp_path: Path) -> None:
    experiment_log.add(finished, tmp_path)
    before = experiment_log.fingerprint(tmp_path)
    assert experiment_log.fingerprint(tmp_path) == before
    experiment_log.add(finished, tmp_path)
    assert experiment_log.fingerprint(tmp_path) != before
