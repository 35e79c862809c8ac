"""Pieces of a job in other workers of a real queue: shared out, lost, cancelled, in the way of others."""

import os
import signal
import time
from pathlib import Path

import pytest

from core.errors import TrainError
from core.events import GivenBack, Progress
from core.jobs.queue import Queue

from . import sample_jobs
from .patience import over, until


@pytest.fixture(scope="module")
def queue():
    queue = Queue.open(workers=2, address="", warm=sample_jobs.warm)
    over(queue, queue.submit(sample_jobs.count, 1, title="The first"))  # all workers are started after it
    yield queue
    queue.close()


def begun(folder: Path) -> dict[int, list[int]]:
    """Which processes began each piece."""
    found: dict[int, list[int]] = {}
    for path in folder.iterdir():
        number, pid = map(int, path.name.split("-"))
        found.setdefault(number, []).append(pid)
    return found


def apart(folder: Path) -> int | None:
    """The process of a helper as soon as there is one."""
    own = begun(folder).get(1)
    others = {pid for pids in begun(folder).values() for pid in pids} - set(own or [])
    return others.pop() if own and others else None


def test_pieces_are_done_by_two_workers_and_each_is_there_once(queue, tmp_path):
    job_id = queue.submit(sample_jobs.shared, 6, str(tmp_path), 1.0, title="Shared")
    job = over(queue, job_id)
    assert job.error is None
    done = queue.result(job_id)
    assert set(done) == set(range(1, 7)) and len(set(done.values())) == 2
    told = {event.done for event in job.events if isinstance(event, Progress)}
    assert told == set(done)  # what the helper tells arrives too
    assert begun(tmp_path) == {n: [pid] for n, pid in done.items()}


def test_a_worker_alone_does_all_pieces(tmp_path):
    queue = Queue.open(workers=1, address="")
    try:
        job_id = queue.submit(sample_jobs.shared, 3, str(tmp_path), 0.05, title="Alone")
        assert over(queue, job_id).error is None
        assert len(set(queue.result(job_id).values())) == 1
    finally:
        queue.close()


def test_a_piece_whose_helper_dies_is_done_all_the_same(queue, tmp_path):
    job_id = queue.submit(sample_jobs.shared, 3, str(tmp_path), 2.0, title="Bereaved")
    until(queue, job_id, lambda job: apart(tmp_path))
    lost = apart(tmp_path)
    os.kill(lost, signal.SIGKILL)
    assert over(queue, job_id).error is None
    done = queue.result(job_id)
    assert set(done) == {1, 2, 3} and lost not in done.values()


def test_an_error_in_a_piece_is_told_by_the_job(queue, tmp_path):
    job_id = queue.submit(sample_jobs.shared, 13, str(tmp_path), 0.1, title="Unlucky")
    assert over(queue, job_id).error_kind == "TrainError"
    with pytest.raises(TrainError, match="Piece 13 cannot be done"):
        queue.result(job_id)


def test_cancelling_stops_the_helpers_too(queue, tmp_path):
    job_id = queue.submit(sample_jobs.shared, 4, str(tmp_path), 60.0, title="Unwanted")
    until(queue, job_id, lambda job: apart(tmp_path))
    queue.cancel(job_id)
    assert over(queue, job_id, seconds=10).status == "cancelled"
    stopped(tmp_path)


def stopped(folder: Path) -> None:
    """Until nobody is at a piece; fails after a while."""
    end = time.monotonic() + 10
    while any(not path.read_text() for path in folder.iterdir()):
        assert time.monotonic() < end, "a helper goes on"
        time.sleep(0.05)


def test_a_helper_stops_when_the_worker_of_the_job_dies(queue, tmp_path):
    job_id = queue.submit(sample_jobs.shared, 3, str(tmp_path), 60.0, title="Lost")
    until(queue, job_id, lambda job: apart(tmp_path))
    (own,) = begun(tmp_path)[1]
    os.kill(own, signal.SIGKILL)
    assert over(queue, job_id, seconds=20).error_kind == "JobError"
    for path in tmp_path.glob(f"*-{own}"):
        path.write_text("killed")
    stopped(tmp_path)


@pytest.mark.parametrize("workers", [2, 3])
def test_a_helper_leaves_for_a_job_of_its_own(tmp_path, workers):
    queue = Queue.open(workers=workers, address="", warm=sample_jobs.warm)
    try:
        over(queue, queue.submit(sample_jobs.count, 1, title="The first"))
        job_id = queue.submit(sample_jobs.shared, 5, str(tmp_path), 8.0, title="Long")
        until(queue, job_id, lambda job: len(begun(tmp_path)) == workers)
        short = over(queue, queue.submit(sample_jobs.count, 3, seconds=0.1, title="Short"), seconds=6)
        assert short.status == "done" and queue.job(job_id).status == "running"
        gone = until(queue, job_id, lambda job: any(isinstance(event, GivenBack) for event in job.events))
        left = {event.number for event in gone.events if isinstance(event, GivenBack)}
        assert over(queue, job_id).error is None
        done = queue.result(job_id)
        assert set(done) == set(range(1, 6)) and {done[number] for number in left} == {done[1]}  # the job's own worker
    finally:
        queue.close()


def test_pieces_that_wait_behind_another_job_are_taken_back(queue, tmp_path):
    other = queue.submit(sample_jobs.count, 100, seconds=0.1, title="In the way")
    until(queue, other, lambda job: job.events)
    job_id = queue.submit(sample_jobs.shared, 3, str(tmp_path), 0.1, title="Impatient")
    assert over(queue, job_id).error is None
    assert len(set(queue.result(job_id).values())) == 1
    assert queue.job(other).status == "running"
    queue.cancel(other)
