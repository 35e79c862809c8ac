"""Files and folders appear whole or not at all, and a disk that refuses is reported with what to do."""

import errno
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
