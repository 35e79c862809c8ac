"""Subtasks of a job on the other workers of a real queue: shared, lost, cancelled, in the way of other jobs."""

import os
import signal
import time
from pathlib import Path

import pytest

from core.errors import TrainError
from core.events import Progress, SubtaskReturned
from core.jobs.parallel import SharedSubtasks
from core.jobs.queue import Queue

from . import sample_jobs
from .patience import over, until

PATIENCE = 30  # seconds, for what takes one on an idle machine


@pytest.fixture(scope="module")
def queue():
    queue = Queue.open(workers=2, address="", modules=sample_jobs.MODULES)
    yield queue
    queue.close()


@pytest.fixture(autouse=True)
def free(queue):
    """Leaves the workers without jobs."""
    yield
    for job in queue.jobs():
        queue.cancel(job.id)


def start(queue: Queue, folder: Path, count: int, workers: int = 2) -> str:
    """Start a job of `count` subtasks and wait until `workers` workers are at them; its id."""
    job_id = queue.submit(sample_jobs.shared, count, str(folder), title="Shared")
    until(queue, job_id, lambda job: len({pid for pids in processes(folder).values() for pid in pids}) == workers)
    return job_id


def processes(folder: Path) -> dict[int, list[int]]:
    """The processes that started each subtask."""
    pids: dict[int, list[int]] = {}
    for path in folder.glob("*-*"):
        number, pid = map(int, path.name.split("-"))
        pids.setdefault(number, []).append(pid)
    return pids


def release(folder: Path) -> None:
    """Let every subtask finish."""
    (folder / "go").touch()


def wait_until_stopped(folder: Path) -> None:
    """Wait until no subtask runs; fails after a while."""
    end = time.monotonic() + PATIENCE
    while any(not path.read_text() for path in folder.glob("*-*")):
        assert time.monotonic() < end, "a subtask goes on"
        time.sleep(0.05)


def returned(queue: Queue, job_id: str) -> set[int]:
    return {event.number for event in queue.job(job_id).events if isinstance(event, SubtaskReturned)}


def test_two_workers_share_the_subtasks_and_each_result_is_collected_once(queue, tmp_path):
    job_id = start(queue, tmp_path, 6)
    release(tmp_path)
    job = over(queue, job_id)
    assert job.error is None
    done = queue.result(job_id)
    assert set(done) == set(range(1, 7)) and len(set(done.values())) == 2
    reported = {event.done for event in job.events if isinstance(event, Progress)}
    assert reported == set(done)  # events of helpers arrive too
    # The job takes back a subtask that is assigned and not started; a helper that starts it just then works in vain.
    pids = processes(tmp_path)
    assert set(pids) == set(done) and all(pid in pids[n] for n, pid in done.items())
    assert all(len(own) == 1 or done[n] == done[1] for n, own in pids.items())


def test_a_single_worker_does_all_subtasks(tmp_path):
    release(tmp_path)
    queue = Queue.open(workers=1, address="")
    try:
        job_id = queue.submit(sample_jobs.shared, 3, str(tmp_path), title="Alone")
        assert over(queue, job_id).error is None
        assert len(set(queue.result(job_id).values())) == 1
    finally:
        queue.close()


def test_the_job_does_the_subtask_of_a_helper_that_died(queue, tmp_path):
    job_id = start(queue, tmp_path, 3)
    (own,), (lost,) = processes(tmp_path)[1], processes(tmp_path)[2]
    os.kill(lost, signal.SIGKILL)
    until(queue, job_id, lambda job: returned(queue, job_id) == {2})
    release(tmp_path)
    assert over(queue, job_id).error is None
    done = queue.result(job_id)
    assert set(done) == {1, 2, 3} and done[2] == own


def test_the_job_reports_an_error_in_a_subtask(queue, tmp_path):
    release(tmp_path)
    job_id = queue.submit(sample_jobs.shared, 13, str(tmp_path), title="Unlucky")
    assert over(queue, job_id).error_kind == "TrainError"
    with pytest.raises(TrainError, match="Subtask 13 cannot be done"):
        queue.result(job_id)


def test_cancelling_a_job_stops_its_helpers(queue, tmp_path):
    job_id = start(queue, tmp_path, 4)
    queue.cancel(job_id)
    assert over(queue, job_id, PATIENCE).status == "cancelled"
    wait_until_stopped(tmp_path)


def test_helpers_stop_when_the_worker_of_the_job_dies(queue, tmp_path):
    job_id = start(queue, tmp_path, 3)
    (own,) = processes(tmp_path)[1]
    os.kill(own, signal.SIGKILL)
    assert over(queue, job_id, PATIENCE).error_kind == "JobError"
    for path in tmp_path.glob(f"*-{own}"):
        path.write_text("killed")
    wait_until_stopped(tmp_path)


@pytest.mark.parametrize("workers", [2, 3])
def test_a_helper_leaves_for_a_waiting_job(tmp_path, workers):
    queue = Queue.open(workers=workers, address="", modules=sample_jobs.MODULES)
    try:
        job_id = start(queue, tmp_path, 5, workers)
        short = queue.submit(sample_jobs.count, 3, seconds=0.1, title="Short")
        assert over(queue, short, PATIENCE).status == "done" and queue.job(job_id).status == "running"
        until(queue, job_id, lambda job: returned(queue, job_id))
        release(tmp_path)
        assert over(queue, job_id).error is None
        done = queue.result(job_id)
        assert set(done) == set(range(1, 6))
        assert {done[number] for number in returned(queue, job_id)} == {done[1]}  # by the job's own worker
    finally:
        queue.close()


def test_the_job_takes_back_subtasks_that_wait_behind_another_job(queue, tmp_path):
    release(tmp_path)
    other = queue.submit(sample_jobs.count, 1000, seconds=0.1, title="In the way")
    until(queue, other, lambda job: job.events)
    job_id = queue.submit(sample_jobs.shared, 3, str(tmp_path), title="Impatient")
    assert over(queue, job_id).error is None
    assert len(set(queue.result(job_id).values())) == 1
    assert queue.job(other).status == "running"
    queue.cancel(other)


def test_a_subtask_that_returns_between_taking_and_waiting_is_not_lost(monkeypatch):
    subtasks = object.__new__(SharedSubtasks)  # in its state after a poll that came between taking and waiting
    subtasks.waiting, subtasks._assigned = [2], {}
    assert subtasks.wait()
    monkeypatch.setattr(SharedSubtasks, "_gather", lambda self: None)
    monkeypatch.setattr(SharedSubtasks, "_assign", lambda self: None)
    assert subtasks.take() == 2
    assert not subtasks.wait() and subtasks.take() is None
