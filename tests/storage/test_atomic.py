"""Files and folders appear whole or not at all, and a disk that refuses is reported with what to do."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import RunError
from core.storage import atomic

FULL = OSError(errno.ENOSPC, "No space left on device")


def fail(folder: Path, *_: object) -> None:
    (folder / "half").write_text("half")
    raise FULL


def test_a_file_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "home" / "file"
    for content in (b"old", b"new"):
        atomic.write_file(path, content, "The file")
    assert path.read_bytes() == b"new"

    def half(self: Path, content: bytes) -> int:
        self.open("wb").close()
        raise FULL

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(
        RunError, match=r"The file could not be saved in .*home \(No space left on device\)\. Free space"
    ):
        atomic.write_file(path, b"newer", "The file")
    assert path.read_bytes() == b"new" and [*path.parent.iterdir()] == [path]


def test_a_folder_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    for name in ("old", "new"):
        atomic.write_folder(path, lambda folder, name=name: (folder / name).touch(), "The folder")
    assert [entry.name for entry in path.iterdir()] == ["new"] and path.stat().st_mode & 0o777 == 0o755
    with pytest.raises(RunError, match="The folder could not be saved"):
        atomic.write_folder(path, fail, "The folder")
    assert [entry.name for entry in path.iterdir()] == ["new"] and [*tmp_path.iterdir()] == [path]


def test_a_new_folder_never_replaces_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(folder: Path, name: str) -> None:
        (folder / name).touch()

    names = [atomic.add_folder(tmp_path, "a", fill, "The folder") for _ in range(2)]
    assert names == ["a", "a-2"] and (tmp_path / "a-2" / "a-2").is_file()

    def overtaken(folder: Path, name: str) -> None:
        fill(folder, name)
        if name == "a-3":
            fill_other = tmp_path / name
            fill_other.mkdir()
            (fill_other / "other").touch()

    assert atomic.add_folder(tmp_path, "a", overtaken, "The folder") == "a-4"
    assert [path.name for path in (tmp_path / "a-3").iterdir()] == ["other"]
    monkeypatch.setattr(atomic, "MAX_NUMBER", 4)
    with pytest.raises(RunError, match="has 4 folders called a already"):
        atomic.add_folder(tmp_path, "a", fill, "The folder")
    assert len([*tmp_path.iterdir()]) == 4


def test_a_bug_is_not_hidden_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), atomic.staging(tmp_path, "The file"):
        _ = 1 / 0
    assert [*tmp_path.iterdir()] == []


def age(path: Path, days: float = 2.0) -> None:
    for one in (*path.rglob("*"), path):
        os.utime(one, (time.time() - days * 86_400,) * 2, follow_symlinks=False)


def test_what_killed_processes_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "runs"
    old = [root / ".saving-a", root / ".backtests" / "x" / ".saving-b"]
    for folder in (*old, outside, root / ".saving-young", root / "notes"):
        folder.mkdir(parents=True)
        (folder / "file").write_text("kept")
    (old[0] / "link").symlink_to(outside)
    (root / ".saving-link").symlink_to(outside)
    part = root / ".keeping-x.part"
    part.touch()
    (root / "behind").symlink_to(outside)
    (outside / ".saving-c").mkdir()
    for path in (*old, part, outside, root / "notes", root / ".saving-link"):
        age(path)
    with atomic.staging(root, "The file") as busy:
        (busy / "file").touch()
        age(busy)
        swept = atomic.sweep(root)
        assert busy.is_dir() and {*swept} == {*old, part, root / ".saving-link"}
    assert (outside / "file").read_text() == "kept" and (outside / ".saving-c").is_dir()
    assert (root / ".saving-young").is_dir() and (root / "notes" / "file").is_file()


def test_temporary_folders_go_when_their_process_is_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic.tempfile, "gettempdir", lambda: str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead, alive = tmp_path / f"core-jobs-{ended.pid}-abc", tmp_path / f"core-jobs-{os.getpid()}-abc"
    others = [alive, tmp_path / "core-jobs-abc", tmp_path / f"elsewhere-{ended.pid}-abc"]
    for folder in (dead, *others):
        folder.mkdir()
        age(folder)
    (tmp_path / f"core-jobs-{ended.pid}-link").symlink_to(alive)
    assert atomic.sweep_temporary() == (dead,)
    assert all(folder.is_dir() for folder in others)


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_removed_is_gone_at_once_and_a_refusal_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path, other = tmp_path / "it", tmp_path / "other"
    other.mkdir()
    {"file": path.touch, "folder": path.mkdir, "link": lambda: path.symlink_to(other)}[kind]()
    with monkeypatch.context() as refusing:
        for name in ("unlink", "rename"):
            refusing.setattr(Path, name, lambda *_, **__: (_ for _ in ()).throw(OSError(errno.EROFS, "Read-only")))
        with pytest.raises(RunError, match=r"It could not be deleted \(Read-only\)"):
            atomic.remove(path, "It")
    assert path.exists()
    for _ in range(2):  # what is gone is no error
        atomic.remove(path, "It")
        assert [*tmp_path.iterdir()] == [other]


def test_a_folder_that_cannot_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, rename = tmp_path / "folder", Path.rename
    atomic.write_folder(path, lambda folder: (folder / "old").touch(), "The folder")

    def refuse(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise FULL
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(RunError, match="No space"):
        atomic.write_folder(path, lambda folder: (folder / "new").touch(), "The folder")
    assert [entry.name for entry in path.iterdir()] == ["old"]
