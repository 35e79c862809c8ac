"""The keeper of one of our own worker processes. Imported only when needed."""

from distributed import Nanny
from distributed.core import Status


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
