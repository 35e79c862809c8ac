import math
import os
import signal
import threading
import time

import pytest

from core.errors import Cancelled, JobError, RunError, TrainError
from core.events import Checkpoint, Progress, Stage
from core.jobs import cluster
from core.jobs.book import MAX_ENDED
from core.jobs.queue import Queue

from . import sample_jobs
from .patience import over, until


@pytest.fixture(scope="module")
def queue():
    queue = Queue.open(workers=1, address="", modules=sample_jobs.MODULES)
    yield queue
    queue.close()


def test_a_job_is_accepted_before_the_workers_are_up():
    queue = Queue(1, "", ())  # its thread has not begun
    job_id = queue.submit(sample_jobs.count, 3, title="Count")
    assert queue.job(job_id).status == "queued"
    queue.cancel(job_id)
    assert queue.job(job_id).status == "cancelled"
    with pytest.raises(Cancelled):
        queue.result(job_id)


def test_events_arrive_live_and_in_order_and_the_result_is_saved(queue):
    saved = []
    job_id = queue.submit(
        sample_jobs.count, 20, seconds=0.02, title="Count", on_result=lambda value: saved.append(value) or "run-1"
    )
    first = until(queue, job_id, lambda job: job.events)
    assert first.status == "running" and len(first.events) < 20
    job = over(queue, job_id)
    assert job.events == (Stage(name="count", text="20 steps"), *(Progress(done=n, total=20) for n in range(1, 21)))
    assert (job.status, job.result_id, job.error, saved) == ("done", "run-1", None, [210])
    assert job.created <= job.started <= job.ended
    with pytest.raises(JobError, match="no result of"):
        queue.result(job_id)


def test_events_and_results_of_any_picklable_type_and_the_environment_of_a_worker(queue):
    job_id = queue.submit(sample_jobs.describe, title="Describe")
    assert over(queue, job_id).events[0]["pid"] != os.getpid()
    assert queue.result(job_id) == {
        "nice": max(cluster.NICE, os.getpriority(os.PRIO_PROCESS, 0)),
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "imported": {*sample_jobs.MODULES},
    }


def test_a_known_error_keeps_its_class_and_text(queue):
    job_id = queue.submit(sample_jobs.train_badly, title="Train")
    job = over(queue, job_id)
    assert (job.status, job.error_kind, job.traceback) == ("failed", "TrainError", None)
    assert job.error == "The loss is not a number after epoch 1. Lower the learning rate below 0.1."
    assert len(job.events) == 1
    with pytest.raises(TrainError, match="not a number"):
        queue.result(job_id)


def test_a_bug_has_a_traceback(queue):
    job = over(queue, queue.submit(sample_jobs.divide, 0, title="Divide"))
    assert (job.status, job.error_kind, job.error) == (
        "failed",
        "ZeroDivisionError",
        "ZeroDivisionError: division by zero",
    )
    assert "return 1 / by" in job.traceback


@pytest.mark.parametrize("function", [sample_jobs.return_a_lock, sample_jobs.no_generator])
def test_a_function_that_is_no_job_fails_as_a_bug(queue, function):
    job = over(queue, queue.submit(function, title="Wrong"))
    assert (job.status, job.error_kind) == ("failed", "TypeError")
    assert job.traceback


def test_arguments_that_cannot_be_pickled_are_refused_at_once(queue):
    before = len(queue.jobs())
    with pytest.raises(TypeError, match="pickle"):
        queue.submit(sample_jobs.count, threading.Lock(), title="Count")
    assert len(queue.jobs()) == before


def test_a_running_job_stops_within_a_second_and_cleans_up(queue, tmp_path):
    took = []
    while len(took) < 3 and min(took, default=math.inf) > 1:  # a busy machine has three attempts
        proof = tmp_path / f"proof{len(took)}"
        job_id = queue.submit(sample_jobs.clean_up, str(proof), title="Endless")
        until(queue, job_id, lambda job: len(job.events) > 2)
        requested = time.monotonic()
        queue.cancel(job_id)
        job = over(queue, job_id)
        took.append(time.monotonic() - requested)
        assert (job.status, job.error_kind, job.traceback) == ("cancelled", "Cancelled", None)
        assert proof.read_text() == "cleaned"
        queue.cancel(job_id)
        assert queue.job(job_id) == job
    assert min(took) <= 1, took


def test_two_jobs_wait_for_one_worker_in_order_and_a_waiting_one_can_be_cancelled(queue):
    first, second, third = (queue.submit(sample_jobs.count, 30, seconds=0.01, title=f"Count {n}") for n in (1, 2, 3))
    until(queue, first, lambda job: job.events)
    queue.cancel(second)
    assert [queue.job(job_id).status for job_id in (first, second, third)] == ["running", "cancelled", "queued"]
    assert over(queue, third).started >= over(queue, first).ended
    assert [job.id for job in queue.jobs()[:3]] == [third, second, first]
    assert queue.job(second).events == ()


def test_kind_and_owner_label_a_job(queue):
    labelled = queue.submit(sample_jobs.count, 1, title="Count", kind="train", owner="visitor-1")
    plain = queue.submit(sample_jobs.count, 1, title="Count")
    for job, labels in ((queue.job(labelled), ("train", "visitor-1")), (queue.job(plain), ("", ""))):
        assert (job.kind, job.owner) == labels
        ended = over(queue, job.id)
        assert (ended.status, ended.kind, ended.owner) == ("done", *labels)
    assert queue.result(labelled) == queue.result(plain) == 1


def test_a_late_reader_sees_all_events(queue):
    job_id = queue.submit(sample_jobs.count, 50, title="Count")
    over(queue, job_id)
    events = []
    reader = threading.Thread(target=lambda: events.extend(queue.job(job_id).events))
    reader.start()
    reader.join()
    assert len(events) == 51


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RunError("The folder is read-only.")])
def test_a_result_that_could_not_be_saved_is_kept_for_a_retry(queue, error):
    problems = [error, error]

    def save(value: int) -> str:
        if problems:
            raise problems.pop()
        return f"run-{value}"

    job_id = queue.submit(sample_jobs.count, 4, title="Count", on_result=save)
    job = over(queue, job_id)
    assert (job.status, job.error_kind, job.error) == ("failed", type(error).__name__, str(error))
    assert queue.result(job_id) == 10
    assert queue.retry_save(job_id).status == "failed"
    job = queue.retry_save(job_id)
    assert (job.status, job.result_id, job.error) == ("done", "run-10", None)
    with pytest.raises(JobError, match="no unsaved result"):
        queue.retry_save(job_id)


def test_a_bug_in_saving_shows_its_traceback_and_the_queue_goes_on(queue):
    job = over(queue, queue.submit(sample_jobs.count, 1, title="Count", on_result=lambda value: {}["run"]))
    assert (job.status, job.error_kind) == ("failed", "KeyError")
    assert '{}["run"]' in job.traceback
    assert over(queue, queue.submit(sample_jobs.count, 1, title="Count")).status == "done"


def test_a_killed_worker_fails_only_its_own_job_and_the_next_one_runs(queue):
    describe = over(queue, queue.submit(sample_jobs.describe, title="Describe"))
    job_id = queue.submit(sample_jobs.count, 1000, seconds=0.02, title="Count")
    waiting = queue.submit(sample_jobs.count, 2, title="Next")
    until(queue, job_id, lambda job: job.events)
    os.kill(describe.events[0]["pid"], signal.SIGKILL)
    job = over(queue, job_id)
    assert (job.status, job.error_kind, job.traceback) == ("failed", "JobError", None)
    assert "SIGKILL" in job.error and "memory" not in job.error and "Start it again" in job.error
    assert job.lost and not job.resumed
    assert over(queue, waiting).status == "done"


def test_the_last_checkpoint_of_a_killed_job_is_stored_and_none_stays_in_memory(queue, tmp_path):
    checkpoints, pid_file = [], tmp_path / "pid"
    job_id = queue.submit(
        sample_jobs.save_checkpoints, 30, str(pid_file), title="Save", on_checkpoint=checkpoints.append
    )
    until(queue, job_id, lambda job: pid_file.exists() and pid_file.read_text())
    os.kill(int(pid_file.read_text()), signal.SIGKILL)
    assert over(queue, job_id).status == "failed"
    assert checkpoints[-1].state == {"epoch": 30} and (checkpoints[-1].arrays["weights"] == 30).all()
    assert not any(isinstance(event, Checkpoint) for event in queue.job(job_id).events)


def test_a_checkpoint_that_cannot_be_stored_stops_nothing(queue, caplog):
    def full(_: Checkpoint) -> None:
        raise RunError("The disk is full.")

    job_id = queue.submit(sample_jobs.save_checkpoints, 3, title="Save", on_checkpoint=full)
    assert over(queue, job_id).status == "done" and queue.result(job_id) == 3
    assert "The disk is full." in caplog.text


def test_only_the_last_ended_jobs_are_remembered(queue):
    oldest = queue.submit(sample_jobs.count, 0, title="Oldest")
    over(queue, oldest)
    slow = queue.submit(sample_jobs.count, 1, seconds=0.5, title="Slow")
    for job_id in [queue.submit(sample_jobs.count, 0, title="Waiting") for _ in range(MAX_ENDED)]:
        queue.cancel(job_id)
    assert over(queue, slow).status == "done"
    assert len([job for job in queue.jobs() if job.over]) == MAX_ENDED
    with pytest.raises(JobError, match=f"no job {oldest}"):
        queue.job(oldest)


def test_many_threads_may_use_the_queue_at_once(queue):
    ids = []
    threads = [
        threading.Thread(target=lambda: ids.append(queue.submit(sample_jobs.count, 3, title="Count"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [over(queue, job_id).status for job_id in ids] == ["done"] * 8


def test_an_unreachable_cluster_is_reported_and_tried_again_for_the_next_job(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.3)
    queue = Queue.open(address="tcp://127.0.0.1:9")
    for _ in range(2):
        job = over(queue, queue.submit(sample_jobs.count, 3, title="Count"))
        assert (job.status, job.error_kind, job.traceback) == ("failed", "JobError", None)
        assert "No Dask scheduler answers at tcp://127.0.0.1:9" in job.error and "DASK_SCHEDULER_ADDRESS" in job.error
    queue.close()


def test_the_address_comes_from_the_environment(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.3)
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "tcp://127.0.0.1:11")
    queue = Queue.open()
    assert "tcp://127.0.0.1:11" in over(queue, queue.submit(sample_jobs.count, 1, title="Count")).error
    queue.close()


def test_submitting_returns_at_once(queue):
    until(queue, queue.submit(sample_jobs.count, 20, seconds=0.01, title="Count"), lambda job: job.events)
    began = time.monotonic()
    job_id = queue.submit(sample_jobs.count, 1, title="Count")
    assert time.monotonic() - began < 0.1
    over(queue, job_id)
