"""Runs are saved whole or not at all, open as they were saved, and say what is wrong when they do not."""

import dataclasses
import errno
import io
import json
import math
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data import frame as frames
from core.errors import RunError
from core.language import message, shown, use
from core.storage import archive, run_files, runs
from core.training import failures
from core.types import Run


@pytest.fixture
def saved(finished: Run, tmp_path: Path) -> tuple[Run, Path]:
    return runs.save(finished, tmp_path), tmp_path


def test_a_run_opens_as_it_was_saved(finished: Run, saved: tuple[Run, Path]) -> None:
    loaded = runs.load(finished.id, saved[1])
    assert frames.digest(loaded.frame) == finished.data_digest
    pd.testing.assert_frame_equal(loaded.frame, finished.frame, check_exact=True, check_freq=False)
    pd.testing.assert_frame_equal(loaded.forecast, finished.forecast, check_exact=True)
    for name in ("weights", "state"):
        ours, theirs = getattr(finished, name), getattr(loaded, name)
        assert ours.keys() == theirs.keys()
        for key, value in ours.items():
            np.testing.assert_array_equal(theirs[key], value)
            assert theirs[key].dtype == value.dtype
    explained, before = loaded.explanation, finished.explanation
    assert explained is not None and before is not None
    np.testing.assert_array_equal(explained.values_NHF, before.values_NHF)
    arrays = {"frame", "forecast", "weights", "state", "explanation"}
    for f in dataclasses.fields(Run):
        if f.name not in arrays:
            assert getattr(loaded, f.name) == getattr(finished, f.name), f.name


def test_the_folder_holds_plain_files_alone(finished: Run, saved: tuple[Run, Path]) -> None:
    folder = saved[1] / finished.id
    assert {path.suffix for path in folder.iterdir()} == {".json", ".parquet", ".safetensors"}
    assert {*run_files.FILES} <= {path.name for path in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o755
    for path in folder.glob("*.json"):
        json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_why_a_training_ended_early_is_said_in_the_language_of_the_screen(finished: Run, tmp_path: Path) -> None:
    problem = failures.out_of_memory(finished.spec, "cuda")
    reason = message("It has no forecast for {missing} of {windows} windows.", missing=np.int64(3), windows=10)
    evaluation = dataclasses.replace(finished.evaluation, left_out={"ridge": reason})
    history = dataclasses.replace(finished.history, problem=problem)
    runs.save(dataclasses.replace(finished, evaluation=evaluation, history=history), tmp_path)
    loaded = runs.load(finished.id, tmp_path)
    assert loaded.history.problem == problem and problem.startswith("Memory ran out on cuda.")
    with use("ko"):
        assert shown(loaded.history.problem).startswith("cuda의 메모리가 부족합니다.")
        assert shown(loaded.evaluation.left_out["ridge"]) == "윈도우 10개 중 3개에 대한 예측이 없습니다."


def test_nan_and_infinities_stay_numbers(finished: Run, tmp_path: Path) -> None:
    scores = finished.evaluation.scores | {"mean": finished.evaluation.scores["mean"] | {"mase": math.nan}}
    verdict = dataclasses.replace(finished.evaluation.verdict, skill=-math.inf)
    evaluation = dataclasses.replace(finished.evaluation, scores=scores, verdict=verdict)
    runs.save(dataclasses.replace(finished, evaluation=evaluation), tmp_path)
    loaded = runs.load(finished.id, tmp_path).evaluation
    assert math.isnan(loaded.scores["mean"]["mase"])
    assert not math.isfinite(loaded.verdict.skill)
    assert math.isnan(runs.list_all(tmp_path)[0].skill)


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("a bug")])
def test_a_run_that_cannot_be_written_leaves_nothing_behind(
    finished: Run, tmp_path: Path, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(run: Run, folder: Path) -> None:
        (folder / "run.json").write_text("{}")
        raise failure

    monkeypatch.setattr(run_files, "write", half)
    expected = RunError if isinstance(failure, OSError) else RuntimeError  # a bug is never hidden
    with pytest.raises(expected, match=r"No space left|a bug"):
        runs.save(finished, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_reported_for_weights_too(
    finished: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if self.name == "weights.safetensors":
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(RunError, match="No space left on device"):
        runs.save(finished, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_reported(finished: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match=f"{finished.id} could not be saved in .*file"):
        runs.save(finished, tmp_path / "file")


def test_a_taken_name_gets_a_number(finished: Run, saved: tuple[Run, Path]) -> None:
    root = saved[1]
    second, third = runs.save(finished, root), runs.save(finished, root)
    assert [saved[0].id, second.id, third.id] == [finished.id, f"{finished.id}-2", f"{finished.id}-3"]
    assert runs.load(second.id, root).id == second.id
    assert [summary.id for summary in runs.list_all(root)] == sorted([finished.id, second.id, third.id], reverse=True)


def test_the_list_describes_each_run(finished: Run, saved: tuple[Run, Path]) -> None:
    (line,) = runs.list_all(saved[1])
    verdict = finished.evaluation.verdict
    assert (line.id, line.symbols, line.model) == (finished.id, ("A",), "lstm")
    assert (line.target, line.horizon) == ("volatility", 5)
    assert (line.skill, line.p_value, line.tone, line.verdict) == (
        verdict.skill,
        verdict.p_value,
        verdict.tone,
        verdict.text,
    )
    assert line.problem == ""


def test_an_empty_folder_has_no_runs(tmp_path: Path) -> None:
    assert runs.list_all(tmp_path) == runs.list_all(tmp_path / "nowhere") == ()
    (tmp_path / ".saving-abc").mkdir()
    (tmp_path / "notes").mkdir()
    assert runs.list_all(tmp_path) == ()


@pytest.mark.parametrize("name", run_files.FILES)
def test_a_missing_file_is_named(finished: Run, saved: tuple[Run, Path], name: str) -> None:
    (saved[1] / finished.id / name).unlink()
    with pytest.raises(RunError, match=f"its file {name} is missing"):
        runs.load(finished.id, saved[1])
    assert name in runs.list_all(saved[1])[0].problem


@pytest.mark.parametrize("name", run_files.FILES)
@pytest.mark.parametrize("damage", [b"", b"\x00\xff{", b"[]"])
def test_a_damaged_file_is_a_damaged_run(finished: Run, saved: tuple[Run, Path], name: str, damage: bytes) -> None:
    (saved[1] / finished.id / name).write_bytes(damage)
    with pytest.raises(RunError, match=f"run {finished.id} is damaged"):
        runs.load(finished.id, saved[1])


@pytest.mark.parametrize("name", ["forecast.parquet", "data.parquet", "weights.safetensors"])
def test_a_file_cut_short_is_a_damaged_run(finished: Run, saved: tuple[Run, Path], name: str) -> None:
    path = saved[1] / finished.id / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(RunError, match=f"run {finished.id} is damaged"):
        runs.load(finished.id, saved[1])


@pytest.mark.parametrize("name", ["run.json", "spec.json", "metrics.json"])
@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"verdict": 3}'])
def test_a_damaged_run_is_listed_with_its_problem(
    finished: Run, saved: tuple[Run, Path], name: str, damage: str
) -> None:
    (saved[1] / finished.id / name).write_text(damage)
    (line,) = runs.list_all(saved[1])
    assert line.id == finished.id
    assert line.problem


def test_another_format_is_reported(finished: Run, saved: tuple[Run, Path]) -> None:
    path = saved[1] / finished.id / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 99}))
    with pytest.raises(RunError, match="saved in format 99; this version reads 1"):
        runs.load(finished.id, saved[1])


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "..",
        ".",
        "",
        "/etc",
        "20200101-000000-0123abcd/../../x",
        "20200101-000000-0123abcd\n",
        "20200101-000000-0123abcd",
        "a" * 300,
    ],
)
@pytest.mark.parametrize("action", [runs.load, runs.delete, archive.pack])
def test_only_names_of_runs_are_looked_up(saved: tuple[Run, Path], name: str, action: object) -> None:
    if action is runs.delete and runs.NAME.fullmatch(name):
        return  # it is gone
    (saved[1].parent / "x").mkdir(exist_ok=True)
    with pytest.raises(RunError, match="There is no run called"):
        action(name, saved[1])  # type: ignore[operator]
    assert (saved[1].parent / "x").is_dir()


def test_a_deleted_run_leaves_nothing_behind(finished: Run, saved: tuple[Run, Path]) -> None:
    for _ in range(2):  # deleting what is gone is no error
        runs.delete(finished.id, saved[1])
        assert list(saved[1].iterdir()) == []


def test_a_packed_run_opens_elsewhere(finished: Run, saved: tuple[Run, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(archive.pack(finished.id, saved[1]))) as packed:
        packed.extractall(tmp_path / "elsewhere")
    loaded = runs.load(finished.id, tmp_path / "elsewhere")
    pd.testing.assert_frame_equal(loaded.forecast, finished.forecast, check_exact=True)


def test_a_newer_explanation_replaces_the_old_one(finished: Run, saved: tuple[Run, Path]) -> None:
    assert finished.explanation is not None
    newer = dataclasses.replace(finished.explanation, method="exact", seconds=9.0)
    runs.save_explanation(finished.id, newer, saved[1])
    loaded = runs.load(finished.id, saved[1]).explanation
    assert loaded is not None and (loaded.method, loaded.seconds) == ("exact", 9.0)
    assert [path.name for path in saved[1].iterdir()] == [finished.id]


def test_a_run_without_explanation_opens(finished: Run, tmp_path: Path) -> None:
    runs.save(dataclasses.replace(finished, explanation=None), tmp_path)
    assert runs.load(finished.id, tmp_path).explanation is None
