"""The engine under the queue: Dask workers on this machine, or an existing cluster. Imported only when needed."""

import asyncio
import logging
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import dask
from dask.system import CPU_COUNT
from distributed import Client, Event, Future, KilledWorker, LocalCluster, Security, Variable, Worker
from distributed.diagnostics.plugin import WorkerPlugin
from distributed.system import MEMORY_LIMIT

from core.errors import JobError
from core.jobs.transport import WORKER_LOST
from core.jobs.worker import Outcome, outcome_of_error, run_job

NICE = 10  # the pages of the server come first
CONNECT_SECONDS = 10
MAX_WORKERS = 8  # each has a copy of every library it uses in memory; more start only on request
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
}
SETTINGS = {
    # Nothing needs the HTTP servers; they answer no request until they are closed.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # A job keeps its data itself, so there is nothing to spill, and a pause would only make the next job wait.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
}
WITHOUT_TLS = (
    "The Dask scheduler at %s is reached without TLS: whoever can connect to it can run code as this user and read "
    "every job. Use an address that begins with tls:// and Dask's distributed.comm.tls settings, or a network that you "
    "trust."
)
LARGE_IS_FINE = {"distributed.admin.large-graph-warning-threshold": "1TB"}  # a job takes its own data along, once


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An open connection to the workers; `local` and `folder` are set if the workers are our own.

    Of our own only one starts at first: starting all together would make the first job wait for the last of them.
    """

    client: Client
    local: LocalCluster | None = None
    folder: str | None = None
    workers: int = 1  # of our own, once there is work for all of them

    @property
    def alive(self) -> bool:
        return self.client.status in ("running", "connecting")

    def job_slots(self) -> int:
        """How many jobs can run in parallel: the threads of all workers, 1 while there are none."""
        return max(1, sum(self.client.nthreads().values()))

    def subtask_slots(self) -> int:
        """How many workers of one thread there are, or will be once there is work for all of them."""
        if self.local is not None:
            return self.workers
        return sum(threads == 1 for threads in self.client.nthreads().values())

    def start_all_workers(self) -> None:
        """Start the rest of our own workers, if they are not running yet."""
        if self.local is not None and len(self.local.worker_spec) < self.workers:
            self.local.scale(self.workers)

    def launch(self, job_id: str, topic: str, payload: bytes) -> Future:
        """Hand one job to the workers; its future carries an Outcome."""
        nice = NICE if self.local is not None else 0
        with dask.config.set(LARGE_IS_FINE):
            return self.client.submit(run_job, job_id, topic, payload, nice, self.subtask_slots(), key=f"job-{job_id}")

    def take_outcome(self, future: Future) -> Outcome:
        """The outcome of a future that is done, which is then released: Dask would recompute it if its worker died."""
        try:
            return future.result(timeout=CONNECT_SECONDS)
        except KilledWorker:
            return Outcome(kind="JobError", error=WORKER_LOST)
        except Exception as error:
            return outcome_of_error(error)
        finally:
            future.release()

    def cancel(self, job_id: str) -> None:
        """Ask the worker that has the job, or will have it, to stop it."""
        Event(f"cancel-{job_id}", client=self.client).set()

    def announce_waiting(self, topic: str, waiting: bool) -> None:
        """Tell the workers that help with another job's subtasks whether a job waits for a worker."""
        event = Event(f"waits-{topic}", client=self.client)
        event.set() if waiting else event.clear()

    def checkpoint(self, job_id: str) -> bytes:
        """The last Checkpoint of a job, packed."""
        return Variable(f"checkpoint-{job_id}", client=self.client).get(timeout=CONNECT_SECONDS)

    def forget(self, job_id: str) -> None:
        """Remove the scheduler's state of a job that is over."""
        Variable(f"checkpoint-{job_id}", client=self.client).delete()
        for name in ("started", "cancel"):
            Event(f"{name}-{job_id}", client=self.client).clear()

    def close(self) -> None:
        """End our own workers, or leave an existing cluster as it is."""
        if self.local is not None:
            self.local.sync(_end_workers, self.local)
        self.client.close()
        if self.local is not None:
            self.local.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


class WorkerSetup(WorkerPlugin):
    """What every worker does as soon as it is up, including those started in place of a dead one."""

    idempotent = True

    def __init__(self, warm: Callable[[], None] | None, own: bool) -> None:
        self.warm, self.own = warm, own

    def setup(self, worker: Worker) -> None:
        """Called by the worker; returns at once, because a worker that waits here takes no jobs."""
        if self.own:
            worker.http_server.stop()
        if self.own and threading.current_thread() is threading.main_thread():
            # Ctrl+C reaches the whole process group; the server then ends its workers, without a traceback.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self.warm is not None:
            threading.Thread(target=self.warm, name="warm", daemon=True).start()


def connect(address: str, workers: int | None, warm: Callable[[], None] | None) -> Link:
    """A connection to the scheduler at `address`, or to `workers` processes of our own if that is empty.

    Our own workers have one thread each, no HTTP, and can be reached only from this machine and with the certificate
    that this process makes for them; by default there is one less than cores (1 to 8). A scheduler elsewhere is reached
    with the certificates of Dask's own settings (`distributed.comm.tls`); without encryption a warning is logged.
    Raises JobError if no scheduler answers within ten seconds or the workers do not start.
    """
    count = workers or max(1, min(CPU_COUNT - 1, MAX_WORKERS))
    link = _join(address) if address else _start(count)
    link.client.register_plugin(WorkerSetup(warm, own=link.local is not None), name="core.jobs")
    return link


async def _close_http(cluster: LocalCluster) -> None:
    if cluster.scheduler is not None:
        cluster.scheduler.http_server.stop()


async def _end_workers(cluster: LocalCluster) -> None:
    # By default a worker with a running job is given four seconds; the job is lost either way. One that takes longer
    # than a second is killed with the cluster, which is closed next.
    with suppress(TimeoutError):
        await asyncio.gather(*(nanny.close(timeout=1) for nanny in cluster.workers.values()))


def _join(address: str) -> Link:
    security = Security()  # of Dask's settings
    if not address.startswith("tls://"):
        logging.getLogger(__name__).warning(WITHOUT_TLS, address)
    elif security.get_connection_args("client")["ssl_context"] is None:
        raise JobError(
            f"The Dask scheduler at {address} wants certificates, and none are set. Name them in Dask's "
            "settings distributed.comm.tls.ca-file, .client.cert and .client.key."
        )
    try:
        return Link(client=Client(address, timeout=CONNECT_SECONDS, set_as_default=False, security=security))
    except (OSError, TimeoutError, ValueError) as error:
        raise JobError(
            f"No Dask scheduler answers at {address} ({type(error).__name__}: {error}). Start one there, correct "
            "DASK_SCHEDULER_ADDRESS, or unset it to work on this machine."
        ) from error


def _start(count: int) -> Link:
    folder = tempfile.mkdtemp(prefix="core-jobs-")  # readable by this user alone
    try:
        with dask.config.set(SETTINGS):
            local = LocalCluster(**_cluster_options(count, folder))
            local.sync(_close_http, local)
        return Link(client=Client(local, set_as_default=False), local=local, folder=folder, workers=count)
    except (OSError, TimeoutError, RuntimeError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise JobError(
            f"No worker process could be started ({type(error).__name__}: {error}). Free some memory and try again."
        ) from error


def _cluster_options(count: int, folder: str) -> dict[str, Any]:
    return {
        "n_workers": 1,
        "memory_limit": MEMORY_LIMIT // count,
        "threads_per_worker": 1,
        "processes": True,
        "host": "127.0.0.1",
        "security": Security.temporary(),  # its key is in the memory of this process and its workers, nowhere else
        # The scheduler serves HTTP in any case, at a fixed port that a second app would find taken.
        "scheduler_kwargs": {"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        "worker_dashboard_address": None,
        "env": ENVIRONMENT,
        "config": SETTINGS,  # of the workers that start later, too
        "local_directory": folder,
        "silence_logs": logging.CRITICAL,  # the job of a lost worker reports it
    }
