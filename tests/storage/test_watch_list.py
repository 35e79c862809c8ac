"""The watch list: saved runs in the order in which they were added."""

import shutil

import pytest

from core.errors import RunError
from core.storage import watch_list

IDS = ("20260102-030405-00000000", "20260102-030405-11111111")


@pytest.fixture
def root(tmp_path):
    for run in IDS:
        (tmp_path / run).mkdir()
    return tmp_path


def test_runs_are_added_once_and_removed(root):
    assert watch_list.load(root) == ()
    for run in (*IDS, IDS[0]):
        watch_list.add(run, root)
    assert watch_list.load(root) == IDS[::-1]
    watch_list.remove(IDS[0], root)
    watch_list.remove("never there", root)
    assert watch_list.load(root) == IDS[1:]


def test_a_deleted_run_is_no_longer_watched(root):
    watch_list.add(IDS[0], root)
    shutil.rmtree(root / IDS[0])
    assert watch_list.load(root) == ()


def test_only_saved_runs_can_be_watched(root):
    for name in ("../etc", "20260102-030405-22222222"):
        with pytest.raises(RunError):
            watch_list.add(name, root)


@pytest.mark.parametrize("content", ["", "{", "null", "7", '{"a": 1}', '["../etc", 5]'])
def test_a_damaged_list_is_empty(root, content):
    (root / watch_list.FILE).write_text(content)
    assert watch_list.load(root) == ()
