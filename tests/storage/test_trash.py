"""A deleted run can be restored until it is old; what is restored is what was deleted."""

import os
import time

import pytest

from core.errors import RunError
from core.storage import runs, trash


@pytest.fixture
def two(finished, tmp_path):
    """Two saved runs: their ids and the store."""
    return [runs.save(finished, tmp_path).id for _ in range(2)], tmp_path


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_deleted_run_is_out_of_the_list_and_comes_back_as_it_was(two):
    (first, second), root = two
    before = files(root / first)
    assert trash.delete([first], root) == (first,)
    assert [line.id for line in runs.list_all(root)] == [second]
    with pytest.raises(RunError):
        runs.load(first, root)
    assert trash.restore([first], root) == (first,)
    assert {line.id for line in runs.list_all(root)} == {first, second}
    assert files(root / first) == before


def test_what_is_no_run_is_neither_deleted_nor_restored(two):
    _, root = two
    outside = root.parent / "outside"
    outside.mkdir()
    names = ["../outside", "20200101-000000-00000000", ".experiments", ""]
    assert trash.delete(names, root) == () and trash.restore(names, root) == ()
    assert outside.is_dir() and len(runs.list_all(root)) == 2


def test_a_run_whose_name_is_taken_stays_deleted(two):
    (first, second), root = two
    trash.delete([first], root)
    (root / second).rename(root / first)
    assert trash.restore([first], root) == ()
    assert (root / trash.FOLDER / first).is_dir()
    assert trash.delete([first], root) == (first,)  # the newer one takes its place


def test_the_next_deletion_removes_what_is_older_than_a_week(two):
    (first, second), root = two
    trash.delete([first], root)
    trash.empty(root)
    assert (root / trash.FOLDER / first).is_dir()
    old = time.time() - (trash.DAYS + 1) * 86_400
    os.utime(root / trash.FOLDER / first, (old, old))
    trash.delete([second], root)
    assert {path.name for path in (root / trash.FOLDER).iterdir()} == {second}
    assert trash.restore([first], root) == ()


def test_a_store_that_cannot_be_written_to_is_named(two, monkeypatch):
    (first, _), root = two

    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(root), "rename", refuse)
    with pytest.raises(RunError, match=f"{first} could not be deleted .Permission denied"):
        trash.delete([first], root)
