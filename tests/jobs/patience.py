"""Wait for a job, for a limited time."""

import time
from collections.abc import Callable

from core.jobs.job import Job
from core.jobs.queue import Queue


def until(queue: Queue, job_id: str, ready: Callable[[Job], object], seconds: float = 90) -> Job:
    """The job as soon as `ready` says yes; fails with the job's last snapshot after `seconds`."""
    end = time.monotonic() + seconds
    while not ready(job := queue.job(job_id)):
        assert time.monotonic() < end, f"still not ready after {seconds} s: {job}"
        time.sleep(0.005)
    return job


def over(queue: Queue, job_id: str, seconds: float = 90) -> Job:
    """The job when nothing more will happen to it."""
    return until(queue, job_id, lambda job: job.over, seconds)
