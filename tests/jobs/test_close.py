import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from benchmarks import served_app
from core.errors import JobError
from core.jobs.queue import Queue

from . import sample_jobs
from .patience import over, until

SCRIPT = """
import sys, time
import psutil

def main():
    from core.jobs.queue import Queue
    import sample_jobs
    queue = Queue.open(workers=1, address="")
    job_id = queue.submit(sample_jobs.count, 1000, seconds=0.02, title="Count")
    while not queue.job(job_id).events:
        time.sleep(0.02)
    print(*(child.pid for child in psutil.Process().children(recursive=True)))

if __name__ == "__main__":
    main()
"""


def workers() -> list[psutil.Process]:
    """The worker processes of this one."""
    return [child for child in psutil.Process().children(recursive=True) if served_app.is_worker(child)]


def alive(pid: int) -> bool:
    """Whether this process still runs; a zombie does not."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_close_ends_the_workers_and_the_jobs_and_may_be_called_twice():
    before = workers()
    queue = Queue.open(workers=1, address="")
    running = queue.submit(sample_jobs.count, 1, seconds=60, title="Sleeping")
    waiting = queue.submit(sample_jobs.count, 1, title="Waiting")
    until(queue, running, lambda job: job.events)
    folder = Path(queue._dispatcher.link.folder)
    assert len(workers()) == len(before) + 1
    assert folder.stat().st_mode & 0o077 == 0
    queue.close()
    queue.close()
    assert workers() == before
    assert not folder.exists()
    assert [over(queue, job_id).status for job_id in (running, waiting)] == ["cancelled", "cancelled"]
    with pytest.raises(JobError, match="closed"):
        queue.submit(sample_jobs.count, 1, title="Late")


def test_a_program_that_just_ends_leaves_no_process_and_prints_nothing(tmp_path):
    script = tmp_path / "program.py"
    script.write_text(SCRIPT)
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": f"{here.parent.parent}:{here}"},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) >= 1
    end = time.monotonic() + 5  # a busy machine takes a while
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < end, pids
        time.sleep(0.05)


def test_a_queue_needs_no_fixed_port_and_listens_only_to_this_machine():
    """A second app on the machine must not find a port taken, and no other machine may reach either."""
    with socket.socket() as other:
        with contextlib.suppress(OSError):  # another program has it: just as good
            other.bind(("127.0.0.1", 8787))
            other.listen()
        queue = Queue.open(workers=1, address="")
        assert over(queue, queue.submit(sample_jobs.count, 1, title="Count")).status == "done"
        family = [psutil.Process(), *workers()]
        listening = [c.laddr.ip for process in family for c in process.net_connections("inet") if c.status == "LISTEN"]
        assert listening and set(listening) == {"127.0.0.1"}
        queue.close()
