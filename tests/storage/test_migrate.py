"""A folder under its former name moves once, whoever else does it, and is read where it cannot move."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.storage import migrate


def fill(folder: Path, *names: str) -> None:
    folder.mkdir()
    for name in names:
        (folder / name).write_text(name)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_former_folder_is_renamed(tmp_path: Path) -> None:
    assert migrate.folder(tmp_path, "new", "old") == tmp_path / "new" and names(tmp_path) == []
    fill(tmp_path / "old", "a", "b")
    for _ in range(2):
        assert migrate.folder(tmp_path, "new", "old") == tmp_path / "new"
        assert names(tmp_path) == ["new"] and names(tmp_path / "new") == ["a", "b"]


def test_what_an_earlier_version_writes_later_moves_too(tmp_path: Path) -> None:
    fill(tmp_path / "new", "a")
    fill(tmp_path / "old", "b")
    assert names(migrate.folder(tmp_path, "new", "old")) == ["a", "b"] and names(tmp_path) == ["new"]


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    for attempt in range(20):
        home = tmp_path / str(attempt)
        home.mkdir()
        fill(home / "old", *map(str, range(20)))
        if attempt % 2:
            fill(home / "new", "mine")
        with ThreadPoolExecutor(8) as pool:
            folders = set(pool.map(lambda _, home=home: migrate.folder(home, "new", "old"), range(8)))
        assert folders == {home / "new"} and names(home) == ["new"]
        assert {*map(str, range(20))} <= {*names(home / "new")}


def test_a_store_that_cannot_be_written_is_read_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "old", "a")

    def refuse(self: Path, target: Path) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "rename", refuse)
    monkeypatch.setattr(Path, "rmdir", lambda self: refuse(self, self))
    assert names(migrate.folder(tmp_path, "new", "old")) == ["a"] and names(tmp_path) == ["old"]
