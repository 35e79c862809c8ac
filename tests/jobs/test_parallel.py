"""Pieces of a job in other workers of a real queue: shared out, lost, cancelled, in the way of others."""

import os
import signal
import time
from pathlib import Path

import pytest

from core.errors import TrainError
from core.events import Progress, SubtaskReturned
from core.jobs.parallel import Crew
from core.jobs.queue import Queue

from . import sample_jobs
from .patience import over, until

PATIENCE = 30  # seconds, for what takes one on a quiet machine


@pytest.fixture(scope="module")
def queue():
    queue = Queue.open(workers=2, address="", warm=sample_jobs.warm)
    yield queue
    queue.close()


@pytest.fixture(autouse=True)
def free(queue):
    """Workers that have nothing to do any more."""
    yield
    for job in queue.jobs():
        queue.cancel(job.id)


def shared(queue: Queue, folder: Path, count: int, workers: int = 2) -> str:
    """A job of so many pieces, at which as many workers are."""
    job_id = queue.submit(sample_jobs.shared, count, str(folder), title="Shared")
    until(queue, job_id, lambda job: len({pid for pids in begun(folder).values() for pid in pids}) == workers)
    return job_id


def begun(folder: Path) -> dict[int, list[int]]:
    """Which processes began each piece."""
    found: dict[int, list[int]] = {}
    for path in folder.glob("*-*"):
        number, pid = map(int, path.name.split("-"))
        found.setdefault(number, []).append(pid)
    return found


def go(folder: Path) -> None:
    """Let every piece come to its end."""
    (folder / "go").touch()


def stopped(folder: Path) -> None:
    """Until nobody is at a piece; fails after a while."""
    end = time.monotonic() + PATIENCE
    while any(not path.read_text() for path in folder.glob("*-*")):
        assert time.monotonic() < end, "somebody goes on"
        time.sleep(0.05)


def given_back(queue: Queue, job_id: str) -> set[int]:
    return {event.number for event in queue.job(job_id).events if isinstance(event, SubtaskReturned)}


def test_pieces_are_done_by_two_workers_and_each_is_there_once(queue, tmp_path):
    job_id = shared(queue, tmp_path, 6)
    go(tmp_path)
    job = over(queue, job_id)
    assert job.error is None
    done = queue.result(job_id)
    assert set(done) == set(range(1, 7)) and len(set(done.values())) == 2
    told = {event.done for event in job.events if isinstance(event, Progress)}
    assert told == set(done)  # what the helper tells arrives too
    # The job takes back a piece that is given and not begun; a helper that begins it just then works in vain.
    who = begun(tmp_path)
    assert set(who) == set(done) and all(pid in who[n] for n, pid in done.items())
    assert all(len(pids) == 1 or done[n] == done[1] for n, pids in who.items())


def test_a_worker_alone_does_all_pieces(tmp_path):
    go(tmp_path)
    queue = Queue.open(workers=1, address="")
    try:
        job_id = queue.submit(sample_jobs.shared, 3, str(tmp_path), title="Alone")
        assert over(queue, job_id).error is None
        assert len(set(queue.result(job_id).values())) == 1
    finally:
        queue.close()


def test_a_piece_whose_helper_dies_is_done_all_the_same(queue, tmp_path):
    job_id = shared(queue, tmp_path, 3)
    (own,), (lost,) = begun(tmp_path)[1], begun(tmp_path)[2]
    os.kill(lost, signal.SIGKILL)
    until(queue, job_id, lambda job: given_back(queue, job_id) == {2})
    go(tmp_path)
    assert over(queue, job_id).error is None
    done = queue.result(job_id)
    assert set(done) == {1, 2, 3} and done[2] == own


def test_an_error_in_a_piece_is_told_by_the_job(queue, tmp_path):
    go(tmp_path)
    job_id = queue.submit(sample_jobs.shared, 13, str(tmp_path), title="Unlucky")
    assert over(queue, job_id).error_kind == "TrainError"
    with pytest.raises(TrainError, match="Piece 13 cannot be done"):
        queue.result(job_id)


def test_cancelling_stops_the_helpers_too(queue, tmp_path):
    job_id = shared(queue, tmp_path, 4)
    queue.cancel(job_id)
    assert over(queue, job_id, PATIENCE).status == "cancelled"
    stopped(tmp_path)


def test_a_helper_stops_when_the_worker_of_the_job_dies(queue, tmp_path):
    job_id = shared(queue, tmp_path, 3)
    (own,) = begun(tmp_path)[1]
    os.kill(own, signal.SIGKILL)
    assert over(queue, job_id, PATIENCE).error_kind == "JobError"
    for path in tmp_path.glob(f"*-{own}"):
        path.write_text("killed")
    stopped(tmp_path)


@pytest.mark.parametrize("workers", [2, 3])
def test_a_helper_leaves_for_a_job_of_its_own(tmp_path, workers):
    queue = Queue.open(workers=workers, address="", warm=sample_jobs.warm)
    try:
        job_id = shared(queue, tmp_path, 5, workers)
        short = queue.submit(sample_jobs.count, 3, seconds=0.1, title="Short")
        assert over(queue, short, PATIENCE).status == "done" and queue.job(job_id).status == "running"
        until(queue, job_id, lambda job: given_back(queue, job_id))
        go(tmp_path)
        assert over(queue, job_id).error is None
        done = queue.result(job_id)
        assert set(done) == set(range(1, 6))
        assert {done[number] for number in given_back(queue, job_id)} == {done[1]}  # by the job's own worker
    finally:
        queue.close()


def test_pieces_that_wait_behind_another_job_are_taken_back(queue, tmp_path):
    go(tmp_path)
    other = queue.submit(sample_jobs.count, 1000, seconds=0.1, title="In the way")
    until(queue, other, lambda job: job.events)
    job_id = queue.submit(sample_jobs.shared, 3, str(tmp_path), title="Impatient")
    assert over(queue, job_id).error is None
    assert len(set(queue.result(job_id).values())) == 1
    assert queue.job(other).status == "running"
    queue.cancel(other)


def test_a_piece_that_came_back_unnoticed_is_waited_for(monkeypatch):
    crew = object.__new__(Crew)  # as it stands after a look that came between taking and waiting
    crew._waiting, crew._back, crew._away = [], [2], {}
    assert crew.wait()
    monkeypatch.setattr(Crew, "_gather", lambda self: None)
    monkeypatch.setattr(Crew, "_share_out", lambda self: None)
    assert crew.take() == 2
    assert not crew.wait() and crew.take() is None
