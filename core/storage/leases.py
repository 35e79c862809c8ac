"""Leases: who works on something in a store that several servers share. One process at a time holds one.

A lease is a small file `NAME.GENERATION.lease` with its holder; the highest generation counts. Files are created
exclusively, so of two that want a lease one gets it, and of two that take over a dead one's, one creates the next
generation. The holder renews the time of its file every few seconds. A holder on this machine is dead when its process
is; of one elsewhere the file has to stay unchanged for `STALE` seconds of our own clock while we look, because the
clocks of two machines may differ. A holder that was held up for longer than that finds that it was replaced, and stops.
"""

import json
import logging
import os
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.errors import RunError
from core.language import message

SUFFIX = ".lease"
FORM = re.compile(r"(?P<name>[0-9a-z-]{1,80})\.(?P<generation>[1-9][0-9]{0,8})\.lease")
BEAT = 3.0  # s between two renewals
STALE = 30.0  # s without one, after which the holder on another machine counts as dead

_own: dict[str, "Lease"] = {}  # by token: those of this process
_seen: dict[Path, tuple[int, float]] = {}  # a foreign lease's last renewal, and when we first saw it
_lock = threading.Lock()
_beating = threading.Event()


class UnderWay(RunError):
    """Another process holds the lease."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lease: a process by its machine, its number and the time it started, and a token for each lease."""

    host: str
    pid: int
    started: str
    token: str

    @property
    def machine(self) -> str:
        """The name of its machine."""
        return self.host.partition("/")[0]


@dataclass(slots=True, kw_only=True, eq=False)
class Lease:
    """A lease that this process holds until `release` or the end of a block; `on_lost` is called if another process has
    taken it over."""

    path: Path
    holder: Holder
    on_lost: Callable[[], object] = field(default=lambda: None)
    times: int = 1  # that this process holds it, where it may share it

    @property
    def is_held(self) -> bool:
        """Whether nobody has taken it over, nor removed it."""
        return self.holder.token in _own and _current(self.path.parent, _parts(self.path)[0]) == self.path

    def __enter__(self) -> "Lease":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Give it back; one that is shared goes with the last who does."""
        with _lock:
            self.times -= 1
            if self.times <= 0 and _own.pop(self.holder.token, None) is not None:
                with suppress(OSError):  # what stays is the lease of a holder without this token: stale in time
                    self.path.unlink(missing_ok=True)


def acquire(folder: Path, name: str, busy: str, share: bool = False) -> Lease:
    """The lease of this name. Raises UnderWay with the words `busy` if another process holds it, or this one and it
    does not `share` it, and RunError when the disk refuses."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lease = (_share(folder, name) if share else None) or _acquire(folder, name)
    except OSError as error:
        raise RunError(
            message(
                "What is under way could not be noted in {folder} ({error}). Check who may write there; free space.",
                folder=folder,
                error=error.strerror or error,
            )
        ) from error
    if lease is None:
        raise UnderWay(busy)
    _beat()
    return lease


def holder(folder: Path, name: str) -> Holder | None:
    """The living process that holds this lease, which may be our own; None if nobody does. One that cannot be read
    (it is being written, or its writer was killed) has a holder of whom nothing is known, until it is stale."""
    path = _current(folder, name)
    return None if path is None else _living(path)


def remove_dead(folder: Path, name: str) -> None:
    """Remove what a dead holder left."""
    if holder(folder, name) is None:
        for path in _generations(folder, name):
            path.unlink(missing_ok=True)


def is_mine(one: Holder) -> bool:
    """Whether this process holds the lease of this holder."""
    return one.token in _own


def renew() -> None:
    """Renew every lease of this process, and tell whoever has lost one."""
    for lease in [*_own.values()]:
        with suppress(OSError):  # a disk that does not answer now may do so in time
            if lease.is_held:
                os.utime(lease.path)
            elif _own.pop(lease.holder.token, None) is not None:
                try:
                    lease.on_lost()
                except Exception:  # the other leases are renewed all the same
                    logging.getLogger(__name__).exception("The loss of %s was not noted", lease.path.name)


def _share(folder: Path, name: str) -> Lease | None:
    """The lease that this process holds already."""
    with _lock:
        for lease in _own.values():
            if lease.path.parent == folder and _parts(lease.path)[0] == name:
                lease.times += 1
                return lease
    return None


def _acquire(folder: Path, name: str) -> Lease | None:
    current = _current(folder, name)
    if current is not None and _living(current) is not None:
        return None
    generation = 1 if current is None else _parts(current)[1] + 1
    path = folder / f"{name}.{generation}{SUFFIX}"
    if not FORM.fullmatch(path.name):
        raise ValueError(f"{name!r} names no lease")
    me = Holder(host=_host(), pid=os.getpid(), started=_started(os.getpid()), token=secrets.token_hex(8))
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return None  # another process was faster
    lease = Lease(path=path, holder=me)
    with _lock:
        _own[me.token] = lease
    try:
        os.write(descriptor, json.dumps(asdict(me)).encode())
    except OSError:
        lease.release()
        raise
    finally:
        os.close(descriptor)
    if _current(folder, name) != path:  # somebody has taken the lease and a higher generation since we looked
        lease.release()
        return None
    for old in _generations(folder, name):
        if old != path:
            old.unlink(missing_ok=True)
            _seen.pop(old, None)
    return lease


def _living(path: Path) -> Holder | None:
    """The holder of this file, if it lives."""
    try:
        content, renewed = path.read_bytes(), path.stat().st_mtime_ns
    except OSError:
        return None  # released since
    try:
        one = Holder(**json.loads(content))
    except (ValueError, TypeError):
        one = Holder(host="", pid=0, started="", token="")
    if one.token in _own:
        return one
    if one.host == _host() and (lives := _lives(one)) is not None:
        return one if lives else None
    before = _seen.get(path)
    if before is None or before[0] != renewed:
        _seen[path] = before = (renewed, time.monotonic())
    return one if time.monotonic() - before[1] <= STALE else None


def _current(folder: Path, name: str) -> Path | None:
    """The file of the highest generation."""
    return max(_generations(folder, name), key=lambda path: _parts(path)[1], default=None)


def _generations(folder: Path, name: str) -> list[Path]:
    return [path for path in folder.glob(f"{name}.*{SUFFIX}") if FORM.fullmatch(path.name)]


def _parts(path: Path) -> tuple[str, int]:
    match = FORM.fullmatch(path.name)
    assert match is not None
    return match["name"], int(match["generation"])


def _beat() -> None:
    """Start the thread that renews, once."""
    with _lock:
        if _beating.is_set():
            return
        _beating.set()

    def run() -> None:
        while True:
            time.sleep(BEAT)
            renew()

    threading.Thread(target=run, name="core.storage.leases", daemon=True).start()


def _host() -> str:
    """This machine since it started, and the space of its process numbers: containers have spaces of their own."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    with suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return "/".join(parts)


def _started(pid: int) -> str:
    """When a process of this machine started, in ticks since the machine did; empty where the system does not say, and
    for one that is gone or has ended and waits for its parent."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def _lives(one: Holder) -> bool | None:
    """Whether a process of this machine lives; None where the system does not say."""
    if not one.started:
        return None
    return _started(one.pid) == one.started
