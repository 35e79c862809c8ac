"""The engine under the queue: Dask workers on this machine, or an existing cluster. Imported only when needed."""

import asyncio
import concurrent.futures
import logging
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import dask
from dask.system import CPU_COUNT
from distributed import Client, Event, Future, KilledWorker, LocalCluster, Security, Variable
from distributed.core import Status
from distributed.system import MEMORY_LIMIT

from core.errors import JobError, words
from core.jobs import fork_server
from core.jobs.dask_settings import ENVIRONMENT, FOR_GOOD, SETTINGS, TERMINATE
from core.jobs.losses import Loss
from core.jobs.nanny import WatchfulNanny, WorkerSetup
from core.jobs.worker import LOST, Outcome, outcome_of_error, run_job
from core.language import message

NICE = 10  # the pages of the server come first
CONNECT_SECONDS = 10  # for the first answer of an existing scheduler
MISSING_SECONDS = 1  # in which a scheduler that does not know an attempt has learned of it
MAX_WORKERS = 8  # each has a copy of every library it uses in memory; more start only on request
WITHOUT_TLS = (
    "The Dask scheduler at %s is reached without TLS: whoever can connect to it can run code as this user and read "
    "every job. Use an address that begins with tls:// and Dask's distributed.comm.tls settings, or a network that you "
    "trust."
)
GONE = (Status.closed, Status.failed)
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

    @property
    def has_workers(self) -> bool:
        """Whether our own scheduler still runs, with its workers and jobs; unknown of an existing cluster: True."""
        return self.local is None or self.local.status == Status.running

    def job_slots(self) -> int:
        """How many jobs can run in parallel: the threads of all workers, 1 while there are none."""
        return max(1, sum(self.client.nthreads().values()))

    @property
    def worker_memory(self) -> int | None:
        """The bytes at which one of our own workers is ended; unknown of an existing cluster: None."""
        return None if self.local is None else int(MEMORY_LIMIT // self.workers * TERMINATE)

    def subtask_slots(self) -> int:
        """How many workers of one thread there are, or will be once there is work for all of them."""
        if self.local is not None:
            return self.workers
        return sum(threads == 1 for threads in self.client.nthreads().values())

    def start_all_workers(self) -> None:
        """Start the rest of our own workers, if they are not running yet."""
        if self.local is not None and len(self.local.worker_spec) < self.workers:
            self.local.scale(self.workers)

    def replace_lost_workers(self) -> None:
        """Start a worker in place of each whose nanny has given up."""
        if self.local is not None and (
            len(self.local.workers) < len(self.local.worker_spec)
            or any(nanny.status in GONE for nanny in self.local.workers.values())
        ):
            self.local.sync(_drop_lost_workers, self.local)
            self.local.scale(len(self.local.worker_spec))

    def launch(self, task: str, topic: str, payload: bytes) -> Future:
        """Hand one attempt at a job to the workers; its future carries an Outcome."""
        nice = NICE if self.local is not None else 0
        with dask.config.set(LARGE_IS_FINE):
            future = self.client.submit(run_job, task, topic, payload, nice, self.subtask_slots(), key=f"job-{task}")
        # Else the scheduler would drop the task together with a connection that breaks.
        Variable(f"outcome-{task}", client=self.client).set(future)
        return future

    def find(self, task: str) -> Future | None:
        """The future of an attempt that was launched before the connection broke; None if the scheduler has none."""
        try:
            return Variable(f"outcome-{task}", client=self.client).get(timeout=MISSING_SECONDS)
        except TimeoutError:
            return None

    def logged(self, topic: str) -> list[dict[str, Any]]:
        """The messages of the workers under this topic, oldest first: the last 100,000."""
        return [message for _, message in self.client.get_events(topic)]

    def fetch(self, future: Future) -> concurrent.futures.Future[Outcome]:
        """Start to fetch the outcome of a future that is done, however long its worker takes to answer."""
        loop: Any = self.client.loop
        return asyncio.run_coroutine_threadsafe(self.client.gather(future, asynchronous=True), loop.asyncio_loop)

    def cancel(self, task: str) -> None:
        """Ask the worker that has this attempt, or will have it, to stop it."""
        Event(f"cancel-{task}", client=self.client).set()

    def kill(self, pid: int) -> None:
        """End one of our own worker processes at once; its nanny starts another. Nothing on an existing cluster."""
        if self.local is not None and any(nanny.pid == pid for nanny in self.local.workers.values()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def loss(self, pid: int) -> Loss:
        """How the worker process with this number ended, as far as that is known."""
        killed = {event["pid"] for _, event in self.client.get_events("worker-restart-memory")}
        if pid in killed:
            return Loss(memory=self.worker_memory)
        nannies = self.local.workers.values() if self.local is not None else ()
        codes = [nanny.exit_codes[pid] for nanny in nannies if pid in nanny.exit_codes]
        return Loss(exit_code=codes[0] if codes else None)

    def announce_waiting(self, topic: str, waiting: bool) -> None:
        """Tell the workers that help with another job's subtasks whether a job waits for a worker."""
        event = Event(f"waits-{topic}", client=self.client)
        event.set() if waiting else event.clear()

    def checkpoint(self, task: str) -> bytes | None:
        """The last Checkpoint of an attempt, packed; None if it has none."""
        try:
            return Variable(f"checkpoint-{task}", client=self.client).get(timeout=MISSING_SECONDS)
        except TimeoutError:
            return None

    def forget(self, task: str) -> None:
        """Remove the scheduler's state of an attempt that is over, as far as the scheduler answers."""
        with suppress(OSError):
            for name in ("checkpoint", "outcome"):
                Variable(f"{name}-{task}", client=self.client).delete()
            for name in ("started", "cancel"):
                Event(f"{name}-{task}", client=self.client).clear()

    def close(self) -> None:
        """End our own workers, or leave an existing cluster as it is."""
        if self.local is not None:
            self.local.sync(_end_workers, self.local)
        self.client.close()
        if self.local is not None:
            self.local.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def connect(address: str, workers: int | None, modules: tuple[str, ...]) -> Link:
    """A connection to the scheduler at `address`, or to `workers` processes of our own if that is empty.

    Our own workers have one thread each, no HTTP, and can be reached only from this machine and with the certificate
    that this process makes for them; by default there is one less than cores (1 to 8). A scheduler elsewhere is reached
    with the certificates of Dask's own settings (`distributed.comm.tls`); without encryption a warning is logged.
    Raises JobError if no scheduler answers within ten seconds or the workers do not start.
    """
    count = workers or max(1, min(CPU_COUNT - 1, MAX_WORKERS))
    link = _join(address) if address else _start(count, modules)
    link.client.register_plugin(WorkerSetup(modules, own=link.local is not None), name="core.jobs")
    return link


def reconnect(link: Link, address: str) -> Link:
    """A new connection to the same workers. Raises JobError if the scheduler does not answer."""
    if link.local is None:
        return _join(address)
    return replace(link, client=Client(link.local, set_as_default=False))


def outcome_of(answer: concurrent.futures.Future[Outcome]) -> Outcome:
    """The outcome that was fetched, or what went wrong with its worker."""
    try:
        return answer.result(timeout=0)
    except KilledWorker:
        return LOST
    except Exception as error:
        return outcome_of_error(error)


async def _close_http(cluster: LocalCluster) -> None:
    if cluster.scheduler is not None:
        cluster.scheduler.http_server.stop()


async def _drop_lost_workers(cluster: LocalCluster) -> None:
    for name in [name for name, nanny in cluster.workers.items() if nanny.status in GONE]:
        del cluster.workers[name]


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
            message(
                "The Dask scheduler at {address} wants certificates, and none are set. Name them in Dask's settings "
                "distributed.comm.tls.ca-file, .client.cert and .client.key.",
                address=address,
            )
        )
    try:
        return Link(client=Client(address, timeout=CONNECT_SECONDS, set_as_default=False, security=security))
    except (OSError, TimeoutError, ValueError) as error:
        raise JobError(
            message(
                "No Dask scheduler answers at {address} ({kind}: {error}). Start one there, correct "
                "DASK_SCHEDULER_ADDRESS, or unset it to work on this machine.",
                address=address,
                kind=type(error).__name__,
                error=words(error),
            )
        ) from error


def _start(count: int, modules: tuple[str, ...]) -> Link:
    dask.config.set(FOR_GOOD)
    folder = _private_folder()
    try:
        fork_server.start(modules)
        with dask.config.set(SETTINGS):
            local = LocalCluster(**_cluster_options(count, folder))
            local.sync(_close_http, local)
        return Link(client=Client(local, set_as_default=False), local=local, folder=folder, workers=count)
    except (OSError, TimeoutError, RuntimeError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise JobError(
            message(
                "No worker process could be started ({kind}: {error}). Free some memory and try again.",
                kind=type(error).__name__,
                error=words(error),
            )
        ) from error


def _private_folder() -> str:
    """A folder that this user alone can read. The process in its name says when it may be swept (core.storage)."""
    try:
        return tempfile.mkdtemp(prefix=f"core-jobs-{os.getpid()}-")
    except OSError as error:
        raise JobError(
            message(
                "No worker process could be started ({kind}: {error}). Free some space for temporary files and try "
                "again.",
                kind=type(error).__name__,
                error=error.strerror or error,
            )
        ) from error


def _cluster_options(count: int, folder: str) -> dict[str, Any]:
    return {
        "n_workers": 1,
        "worker_class": WatchfulNanny,
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
