"""What a job survives: a slow scheduler, a stopped process, a broken connection, a killed worker."""

import asyncio
import inspect
import os
import signal
import threading
import time
from functools import partial
from pathlib import Path

import dask
import pytest
from distributed.comm.core import CommClosedError
from distributed.core import Status

from core.events import Progress, Stage
from core.jobs import cluster
from core.jobs.dispatcher import DEAF_SECONDS
from core.jobs.queue import Queue

from . import sample_jobs
from .patience import over, until


@pytest.fixture(scope="module")
def queue():
    queue = Queue.open(workers=2, address="", modules=sample_jobs.MODULES)
    yield queue
    queue.close()


@pytest.fixture
def scheduler(queue):
    """The queue's scheduler, which runs in this process, as soon as it is up; its handlers are restored."""
    over(queue, queue.submit(sample_jobs.count, 1, title="Count"))
    scheduler = queue._dispatcher.link.local.scheduler
    before = dict(scheduler.handlers)
    yield scheduler
    scheduler.handlers.update(before)


def slow_down(scheduler, operation: str, seconds: float) -> None:
    """Have the scheduler answer this operation so much later."""
    original = scheduler.handlers[operation]

    async def later(*args, **kwargs):
        await asyncio.sleep(seconds)
        answer = original(*args, **kwargs)
        return await answer if inspect.isawaitable(answer) else answer

    scheduler.handlers[operation] = later


def break_once(scheduler, operation: str) -> threading.Event:
    """Have the scheduler fail this operation once, as a connection that times out does; set when it has."""
    original, failed = scheduler.handlers[operation], threading.Event()

    def fail(*args, **kwargs):
        if not failed.is_set():
            failed.set()
            raise CommClosedError("Timed out trying to connect after 10 s")
        return original(*args, **kwargs)

    scheduler.handlers[operation] = fail
    return failed


def pids(folder: Path) -> dict[int, int]:
    """Where each attempt of `count_on` began → its process."""
    return {int(first): int(pid) for first, pid in (path.name.split("-") for path in folder.iterdir())}


def start(queue: Queue, folder: Path, total: int = 60, **handlers) -> str:
    """A job that can go on from its checkpoints, running."""
    args = (total, 0.05, str(folder))
    return queue.submit(
        sample_jobs.count_on,
        *args,
        title="Count on",
        on_checkpoint=lambda _: None,
        resume=partial(sample_jobs.go_on, *args),
        **handlers,
    )


def test_a_result_that_takes_longer_than_any_time_out_is_waited_for(queue, scheduler, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.3)
    slow_down(scheduler, "gather", 1.5)
    job_id = queue.submit(sample_jobs.count, 3, title="Count")
    job = over(queue, job_id)
    assert (job.status, job.error) == ("done", None) and queue.result(job_id) == 6


def test_cancel_survives_a_scheduler_that_answers_late_or_not_at_once(queue, scheduler):
    other = queue.submit(sample_jobs.count, 40, seconds=0.05, title="Bystander")
    job_id = queue.submit(sample_jobs.count, 1000, seconds=0.05, title="Endless")
    until(queue, job_id, lambda job: job.events)
    failed = break_once(scheduler, "event_set")
    queue.cancel(job_id)
    assert over(queue, job_id).status == "cancelled" and failed.is_set()
    assert over(queue, other).status == "done"


def test_a_worker_that_cannot_ask_whether_to_stop_goes_on(queue, scheduler):
    job_id = queue.submit(sample_jobs.count, 30, seconds=0.05, title="Count")
    until(queue, job_id, lambda job: job.events)
    failed = break_once(scheduler, "event_is_set")
    assert over(queue, job_id).status == "done" and failed.is_set()


def test_a_stopped_worker_is_waited_for(queue, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.3)
    job_id = start(queue, tmp_path, 20)
    until(queue, job_id, lambda job: job.part)
    (pid,) = pids(tmp_path).values()
    os.kill(pid, signal.SIGSTOP)
    time.sleep(12)
    assert queue.job(job_id).status == "running"
    os.kill(pid, signal.SIGCONT)
    job = over(queue, job_id)
    assert (job.status, job.resumed, list(pids(tmp_path))) == ("done", False, [0])


def test_the_queue_finds_its_jobs_and_their_events_again_after_the_connection_broke(queue, scheduler):
    ids = [queue.submit(sample_jobs.count, 100, seconds=0.02, title="Count") for _ in range(2)]
    for job_id in ids:
        until(queue, job_id, lambda job: len(job.events) > 5)
    client = queue._dispatcher.link.client
    client.loop.add_callback(client.scheduler_comm.comm.abort)
    for job_id in ids:
        job = over(queue, job_id)
        assert (job.status, job.error, job.resumed) == ("done", None, False)
        events = (Stage(name="count", text="100 steps"), *(Progress(done=n, total=100) for n in range(1, 101)))
        assert job.events == events and queue.result(job_id) == 5050


def test_a_closed_connection_is_replaced(queue, scheduler):
    job_id = queue.submit(sample_jobs.count, 60, seconds=0.05, title="Count")
    until(queue, job_id, lambda job: job.events)
    before = queue._dispatcher.link
    before.client.close()
    job = over(queue, job_id)
    assert (job.status, job.error, len(job.events)) == ("done", None, 61)
    assert queue._dispatcher.link.local is before.local


def test_a_job_goes_on_from_its_last_checkpoint_once_and_the_slots_stay(queue, tmp_path):
    job_id = start(queue, tmp_path)
    until(queue, job_id, lambda job: job.part and job.part.event.done >= 5)
    os.kill(pids(tmp_path)[0], signal.SIGKILL)
    job = over(queue, job_id)
    assert (job.status, job.resumed, job.error) == ("done", True, None) and queue.result(job_id) == 60
    (first,) = set(pids(tmp_path)) - {0}
    assert first >= 4
    assert [timed.event.text for timed in job.stages] == [f"from {first}"]


def test_a_job_goes_on_although_the_scheduler_does_not_answer_at_once_with_its_checkpoint(queue, scheduler, tmp_path):
    job_id = start(queue, tmp_path)
    until(queue, job_id, lambda job: job.part and job.part.event.done >= 5)
    pid = pids(tmp_path)[0]
    os.kill(pid, signal.SIGSTOP)
    time.sleep(0.5)
    failed = break_once(scheduler, "variable_get")
    os.kill(pid, signal.SIGKILL)
    job = over(queue, job_id)
    assert (job.status, job.resumed, failed.is_set()) == ("done", True, True)


def test_a_job_that_loses_its_worker_twice_ends_and_says_so(queue, tmp_path):
    job_id = start(queue, tmp_path, 400)
    until(queue, job_id, lambda job: job.part)
    os.kill(pids(tmp_path)[0], signal.SIGKILL)
    until(queue, job_id, lambda job: len(pids(tmp_path)) == 2 and job.resumed and job.part)
    os.kill(next(pid for first, pid in pids(tmp_path).items() if first), signal.SIGKILL)
    job = over(queue, job_id)
    assert (job.status, job.error_kind, job.lost, job.kept) == ("failed", "JobError", True, True)
    assert "SIGKILL" in job.error and "twice" in job.error and len(pids(tmp_path)) == 2
    assert "press “Resume” on the Train page" in job.error and "memory" not in job.error


def test_a_job_that_is_killed_for_its_memory_says_so_and_what_to_reduce(queue, tmp_path, scheduler):
    link = queue._dispatcher.link
    job_id = queue.submit(sample_jobs.deaf, 300, str(tmp_path / "pid"), title="A large model")
    pid = until(queue, job_id, lambda job: job.stages) and queue._book.entries[job_id].pid
    nanny = next(one for one in link.local.workers.values() if one.pid == pid)
    nanny.memory_manager.memory_limit = 10_000_000  # less than its process takes
    job = over(queue, job_id)
    nanny.memory_manager.memory_limit = 10**12
    assert (job.status, job.lost) == ("failed", True)
    assert "of memory" in job.error and "Reduce the batch size" in job.error and "signal" not in job.error


def test_a_cancelled_job_does_not_go_on(queue, tmp_path):
    job_id = start(queue, tmp_path, 400)
    until(queue, job_id, lambda job: job.part)
    pid = pids(tmp_path)[0]
    os.kill(pid, signal.SIGSTOP)  # it cannot hear that it is cancelled
    queue.cancel(job_id)
    time.sleep(0.3)
    os.kill(pid, signal.SIGKILL)
    assert over(queue, job_id).status == "cancelled" and len(pids(tmp_path)) == 1


def test_a_job_that_does_not_hear_of_its_end_is_ended_with_its_worker(queue, tmp_path, scheduler):
    file = tmp_path / "pid"
    job_id = queue.submit(sample_jobs.deaf, 300, str(file), title="One batch of a large model")
    until(queue, job_id, lambda _: file.is_file() and file.read_text())  # after that it looks for no request
    pid = int(file.read_text())
    assert pid in {nanny.pid for nanny in queue._dispatcher.link.local.workers.values()}
    requested = time.monotonic()
    queue.cancel(job_id)
    job = over(queue, job_id)
    assert (job.status, job.error_kind, job.lost) == ("cancelled", "Cancelled", False)
    assert job.ended - job.created > DEAF_SECONDS and time.monotonic() - requested < 60
    with pytest.raises(ProcessLookupError):
        for _ in range(600):
            os.kill(pid, 0)
            time.sleep(0.1)
    assert over(queue, queue.submit(sample_jobs.count, 3, title="Next")).status == "done"


def test_after_several_kills_all_slots_are_there(queue, tmp_path, scheduler):
    link = queue._dispatcher.link
    link.start_all_workers()
    link.client.wait_for_workers(2, timeout=60)
    for number in range(3):
        folder = tmp_path / str(number)
        folder.mkdir()
        job_id = queue.submit(sample_jobs.count_on, 1000, 0.05, str(folder), title="Victim")
        until(queue, job_id, lambda job: job.part)
        os.kill(pids(folder)[0], signal.SIGKILL)
        assert over(queue, job_id).lost
    link.client.wait_for_workers(2, timeout=60)
    assert dask.config.get("distributed.deploy.lost-worker-timeout") == "300s"
    ids = [queue.submit(sample_jobs.count, 40, seconds=0.05, title="Count") for _ in range(2)]
    for job_id in ids:
        until(queue, job_id, lambda job: job.status == "running")
    assert [over(queue, job_id).status for job_id in ids] == ["done", "done"]


def test_after_each_of_two_was_killed_several_times_both_are_there_and_work(queue, scheduler):
    link = queue._dispatcher.link
    link.start_all_workers()
    link.client.wait_for_workers(2, timeout=60)
    nannies = [*link.local.workers.values()]
    for number in range(2):
        for nanny in nannies:
            before = nanny.pid
            os.kill(before, signal.SIGKILL)
            wait(lambda nanny=nanny, before=before: nanny.pid not in (None, before))
            if number:  # and once more while it starts
                os.kill(nanny.pid, signal.SIGKILL)
    ids = [queue.submit(sample_jobs.count, 60, seconds=0.05, title="Count", owner=str(one)) for one in range(2)]
    wait(lambda: all(queue.job(job_id).status == "running" for job_id in ids))
    workers = {queue._book.entries[job_id].pid for job_id in ids}
    assert [over(queue, job_id).status for job_id in ids] == ["done", "done"]
    assert workers == {nanny.pid for nanny in link.local.workers.values()} and len(workers) == 2


def wait(ready, seconds: float = 90) -> None:
    """Until `ready` says yes."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_worker_whose_nanny_gave_up_is_replaced(queue, scheduler):
    link = queue._dispatcher.link
    link.start_all_workers()
    link.client.wait_for_workers(2, timeout=60)
    local = link.local
    name = next(iter(local.workers))
    local.sync(local.workers[name].close)
    over(queue, queue.submit(sample_jobs.count, 3, title="Count"))
    end = time.monotonic() + 60
    while len(local.workers) < 2 or any(nanny.status != Status.running for nanny in local.workers.values()):
        assert time.monotonic() < end
        time.sleep(0.1)
