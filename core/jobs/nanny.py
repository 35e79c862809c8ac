"""Our own worker processes: their keeper, and what each does when it is up. Imported only when needed."""

import signal
import threading
from importlib import import_module

from distributed import Nanny, Worker
from distributed.core import Status
from distributed.diagnostics.plugin import WorkerPlugin


class WatchfulNanny(Nanny):
    """A nanny that remembers how each process of its worker ended: `exit_codes` by its number."""

    _last_pid: int | None = None

    async def instantiate(self) -> Status:
        """Start a process, and remember its number: a nanny forgets it as soon as the process has ended."""
        status = await super().instantiate()
        self._last_pid = self.pid or self._last_pid
        return status

    async def _on_worker_exit(self, exitcode: int) -> None:
        if self._last_pid is not None:
            self.exit_codes = self.exit_codes | {self._last_pid: exitcode}
        await super()._on_worker_exit(exitcode)

    exit_codes: dict[int, int] = {}  # noqa: RUF012 - replaced, never changed


class WorkerSetup(WorkerPlugin):
    """What every worker does as soon as it is up, including those started in place of a dead one."""

    idempotent = True

    def __init__(self, modules: tuple[str, ...], own: bool) -> None:
        self.modules, self.own = modules, own

    def setup(self, worker: Worker) -> None:
        """Called by the worker; returns at once, because a worker that waits here takes no jobs."""
        if self.own:
            worker.http_server.stop()
        if self.own and threading.current_thread() is threading.main_thread():
            # Ctrl+C reaches the whole process group; the server then ends its workers, without a traceback.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=self._import, name="imports", daemon=True).start()

    def _import(self) -> None:
        for name in self.modules:
            import_module(name)
