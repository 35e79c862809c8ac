"""The process from which workers are forked."""

import os
import stat
import subprocess
import sys
import tempfile
from multiprocessing import forkserver
from pathlib import Path

import psutil
import pytest

from benchmarks import served_app
from core import pipeline
from core.errors import JobError
from core.jobs import cluster, dask_settings, fork_server
from core.jobs.queue import Queue

from . import sample_jobs
from .patience import over

pytestmark = pytest.mark.skipif(dask_settings.METHOD != "forkserver", reason="workers start from nothing here")

# What a GPU remembers of the process that asked for it would be of no use to a forked one.
NO_GPU = """
import importlib, sys
import torch
def used(*args, **kwargs):
    raise AssertionError("a module asks for a GPU when it is imported")
for name in ("is_available", "device_count", "_lazy_init", "get_device_properties", "get_device_capability"):
    setattr(torch.cuda, name, used)
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


@pytest.fixture(scope="module")
def queue():
    queue = Queue.open(workers=1, address="", modules=sample_jobs.MODULES)
    yield queue
    queue.close()


def forking() -> psutil.Process:
    (process,) = filter(served_app.is_fork_server, psutil.Process().children())
    return process


def run(queue: Queue) -> int:
    """The number of the process that did a job."""
    job = over(queue, queue.submit(sample_jobs.describe, title="Describe"))
    assert job.status == "done", job.error
    return job.events[0]["pid"]


def test_a_worker_is_forked_from_it_and_it_has_no_thread_of_ours(queue):
    assert psutil.Process(run(queue)).ppid() == forking().pid
    names = [Path(task, "comm").read_text().strip() for task in Path(f"/proc/{forking().pid}/task").iterdir()]
    assert len([name for name in names if name != "jemalloc_bg_thd"]) == 1  # which is pyarrow's, and used to forks


def test_its_socket_is_a_file_that_only_this_user_may_use(queue):
    run(queue)
    path = Path(forkserver._forkserver._forkserver_address)
    assert stat.S_ISSOCK(path.stat().st_mode)
    assert path.stat().st_mode & 0o077 == path.parent.stat().st_mode & 0o077 == 0


def test_it_may_be_killed(queue):
    first = run(queue)
    forking().kill()
    psutil.Process(first).wait(60)  # whose end nobody could report any more
    second = run(queue)
    assert second != first and psutil.Process(second).ppid() == forking().pid


def test_it_has_one_thread_and_the_environment_of_the_server_stays_as_it_was(monkeypatch):
    seen = {}
    monkeypatch.setattr(forkserver, "ensure_running", lambda: seen.update(os.environ))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "8")
    monkeypatch.delenv("PYTORCH_NVML_BASED_CUDA_CHECK", raising=False)
    before = dict(os.environ)
    fork_server.start(())
    assert dict(os.environ) == before
    assert seen["OPENBLAS_NUM_THREADS"] == "1" and "PYTORCH_NVML_BASED_CUDA_CHECK" in seen
    assert seen["PYTHONPATH"].split(os.pathsep)[0] == str(Path(__file__).parents[2])


def test_without_room_for_its_socket_nothing_starts_and_the_reason_is_told(monkeypatch):
    def full() -> None:
        raise OSError(28, "No space left on device")

    folders = {*Path(tempfile.gettempdir()).glob("core-jobs-*")}
    monkeypatch.setattr(forkserver, "ensure_running", full)
    with pytest.raises(JobError, match=r"No worker process could be started .*No space left"):
        cluster.connect("", 1, ())
    assert {*Path(tempfile.gettempdir()).glob("core-jobs-*")} <= folders


def test_nothing_that_it_imports_asks_for_a_gpu():
    done = subprocess.run(
        [sys.executable, "-c", NO_GPU, *pipeline.MODULES], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
