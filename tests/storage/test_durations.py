import json

import pytest

from core.storage import durations
from core.storage.durations import Duration

ONE = Duration(work="core.pipeline.run", stages=(("features", 0.5), ("train", 3.0)), cost={"train": 2.0}, used=0.4)


def test_durations_are_read_back_oldest_first_and_only_the_latest_are_kept(tmp_path, monkeypatch):
    assert durations.load(tmp_path) == ()
    monkeypatch.setattr(durations, "MOST", 2)
    jobs = [Duration(work=work, stages=ONE.stages, cost=ONE.cost, used=ONE.used) for work in "abc"]
    for job in jobs:
        durations.add(job, tmp_path)
    assert durations.load(tmp_path) == tuple(jobs[1:])
    assert [path.name for path in tmp_path.iterdir()] == [durations.NAME]


@pytest.mark.parametrize("content", ["", "[1]", '{"format": 2, "jobs": []}', '{"format": 1, "jobs": 3}', "[" * 10_000])
def test_a_damaged_file_is_as_none_and_the_next_job_replaces_it(tmp_path, content):
    (tmp_path / durations.NAME).write_text(content)
    assert durations.load(tmp_path) == ()
    durations.add(ONE, tmp_path)
    assert durations.load(tmp_path) == (ONE,)


@pytest.mark.parametrize(
    "damage",
    [
        {"work": 3},
        {"stages": []},
        {"stages": [["train", -1]]},
        {"stages": [["train", "NaN"]]},
        {"cost": [1]},
        {"used": 1e999},
    ],
)
def test_an_entry_that_makes_no_sense_is_left_out(tmp_path, damage):
    durations.add(ONE, tmp_path)
    content = json.loads((tmp_path / durations.NAME).read_text())
    content["jobs"].insert(0, content["jobs"][0] | damage)
    content["jobs"].insert(0, 7)
    (tmp_path / durations.NAME).write_text(json.dumps(content))
    assert durations.load(tmp_path) == (ONE,)
