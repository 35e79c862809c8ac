"""A saved run that is not as it was saved does not open, is not listed as sound, and never becomes another run."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from core.errors import RunError
from core.storage import artifacts, checksums, marks, run_files, run_record, runs, summaries, trash
from core.types import Run

ALL = (*run_files.FILES, *run_record.EXPLANATION)


@pytest.fixture(scope="module")
def saved(finished: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one run, which tests copy."""
    root = tmp_path_factory.mktemp("saved")
    runs.save(finished, root)
    return root


@pytest.fixture
def store(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "runs"))


def flip(path: Path, at: int = -20) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def make_old(folder: Path) -> None:
    """Turn a run into one of an earlier version."""
    values = json.loads((folder / "run.json").read_bytes())
    for name in (checksums.FILES, checksums.SIZES, checksums.SEAL):
        del values[name]
    (folder / "run.json").write_text(json.dumps(values))


@pytest.mark.parametrize("at", [40, -20])
@pytest.mark.parametrize("name", ALL)
def test_a_flipped_bit_is_noticed(finished: Run, store: Path, name: str, at: int) -> None:
    flip(store / finished.id / name, at)
    assert runs.list_all(store)[0].problem
    with pytest.raises(RunError, match=f"run {finished.id} is damaged"):
        runs.load(finished.id, store)


@pytest.mark.parametrize("name", ALL)
def test_a_file_of_another_run_or_none_is_noticed(finished: Run, store: Path, name: str) -> None:
    for change in (lambda path: path.write_bytes(b"{}"), lambda path: path.unlink()):
        change(store / finished.id / name)
        assert runs.list_all(store)[0].problem
        with pytest.raises(RunError, match=finished.id):
            runs.load(finished.id, store)


def test_readers_of_one_file_check_it(finished: Run, store: Path) -> None:
    flip(store / finished.id / "data.parquet")
    assert runs.load_spec(finished.id, store) == finished.spec
    for read in (runs.load_times, runs.read_series_file):
        with pytest.raises(RunError, match="not as it was saved"):
            read(finished.id, store)
    (store / finished.id / "spec.json").write_text("{}")
    with pytest.raises(RunError, match="not as it was saved"):
        runs.load_spec(finished.id, store)


def test_a_large_file_is_checked_when_the_run_is_opened(
    finished: Run, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "LARGE", 10)
    flip(store / finished.id / "weights.safetensors")
    before = runs.fingerprint(finished.id, store)
    assert not runs.list_all(store)[0].problem
    with pytest.raises(RunError):
        runs.load(finished.id, store)
    assert "weights.safetensors" in runs.list_all(store)[0].problem == runs.summarize(finished.id, store).problem
    assert runs.fingerprint(finished.id, store) != before  # what was remembered of the sound one counts no more


def test_a_run_of_an_earlier_version_gets_its_checksums_when_it_opens(finished: Run, store: Path) -> None:
    folder = store / finished.id
    make_old(folder)
    assert not runs.list_all(store)[0].problem and checksums.FILES not in checksums.read(folder / "run.json")
    runs.load(finished.id, store)
    assert {*checksums.read(folder / "run.json")[checksums.FILES]} == {*ALL} - {"run.json"}
    flip(folder / "weights.safetensors")
    with pytest.raises(RunError, match="is damaged"):
        runs.load(finished.id, store)


def test_it_opens_where_nothing_can_be_written(finished: Run, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_old(store / finished.id)
    monkeypatch.setattr("tempfile.mkdtemp", lambda **named: (_ for _ in ()).throw(OSError(30, "read-only")))
    assert runs.load(finished.id, store).id == finished.id


@pytest.mark.parametrize("name", run_record.EXPLANATION)
def test_half_an_explanation_of_an_earlier_version_is_damage(finished: Run, store: Path, name: str) -> None:
    make_old(store / finished.id)
    (store / finished.id / name).unlink()
    assert name in runs.list_all(store)[0].problem
    with pytest.raises(RunError, match=name):
        runs.load(finished.id, store)


def test_an_empty_recipe_of_an_earlier_version_is_not_the_default_one(finished: Run, store: Path) -> None:
    make_old(store / finished.id)
    (store / finished.id / "spec.json").write_text("{}")
    with pytest.raises(RunError, match="no whole recipe"):
        runs.load(finished.id, store)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("call", range(1, 8))
def test_a_crash_while_an_explanation_is_replaced_leaves_a_whole_run(
    finished: Run, store: Path, monkeypatch: pytest.MonkeyPatch, call: int, old: bool
) -> None:
    class Crash(BaseException): ...

    assert finished.explanation is not None
    if old:
        make_old(store / finished.id)
    replace, calls = Path.replace, []

    def crash(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) >= call:
            raise Crash
        return replace(self, target)

    newer = dataclasses.replace(finished.explanation, method="exact")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", crash)
        try:
            runs.save_explanation(finished.id, newer, store)
        except Crash:
            assert call <= 4
    opened = runs.load(finished.id, store).explanation
    assert (opened.method if opened else None) == {1: finished.explanation.method}.get(
        call, "exact" if call > 4 else None
    )


def test_a_copied_folder_is_a_run_of_its_own(finished: Run, store: Path) -> None:
    assert finished.explanation is not None
    copy, moved = f"{finished.id}-2", "20200101-000000-0123abcd"
    shutil.copytree(store / finished.id, store / copy)
    (store / finished.id).rename(store / moved)
    assert [runs.load(name, store).id for name in (copy, moved)] == [copy, moved]
    before = {path: path.read_bytes() for path in (store / moved).iterdir()}
    own = runs.load(copy, store)
    runs.save_explanation(own.id, dataclasses.replace(finished.explanation, method="exact"), store)
    runs.save_marks(own.id, marks.build(note="mine"), store)
    artifacts.save(own.id, "A", "2016-01-01", marks.build(), store)
    assert runs.load(copy, store).explanation.method == "exact"  # type: ignore[union-attr]
    trash.delete([own.id], store)
    assert {path: path.read_bytes() for path in (store / moved).iterdir()} == before
    assert [line.id for line in runs.list_all(store)] == [moved]
