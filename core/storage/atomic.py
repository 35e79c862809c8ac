"""Files and folders that appear whole or not at all: written to a temporary folder on the same disk, then renamed.

A temporary folder is locked while it is in use. What a killed process left is swept when it is a day old.
"""

import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import RunError
from core.language import message

ADVICE = message("Free space or choose another folder, then save it again.")
MAX_NUMBER = 999  # of folders under one name
PREFIX = ".saving-"
PART = re.compile(r"\.saving-.+|\.keeping-.+\.part")  # temporary folders of this module, and files of the caches
OF_PROCESS = re.compile(r"(?:core-jobs|lookback-numba)-(\d+)-\w+")  # in the folder for temporary files, by its process
DAY = 86_400.0  # s
PROBE = 4096  # bytes


@contextmanager
def staging(parent: Path, what: str, advice: str = ADVICE) -> Iterator[Path]:
    """An empty folder in `parent`, removed at the end: what the block moves out of it is saved.

    Raises RunError, which names `what` and ends with `advice`, in place of any OSError of the block.
    """
    folder: Path | None = None
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        with locked(folder):
            yield folder
    except OSError as error:
        raise RunError(
            message(
                "{what} could not be saved in {folder} ({error}). {advice}",
                what=what,
                folder=parent,
                error=error.strerror or error,
                advice=advice,
            )
        ) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(folder: Path, wait: bool = True) -> Iterator[bool]:
    """The block alone, of all threads and processes of this machine that lock this folder. Without `wait` the value
    says whether nobody else has it. Raises OSError without the folder. On Windows nobody waits."""
    try:
        import fcntl
    except ImportError:
        yield True
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)  # and with it the lock


def check_writable(root: Path) -> None:
    """Raise RunError if a file cannot be written under `root`: before hours of work, not after them. Also sweeps what
    killed processes left there."""
    with staging(root, message("A file"), message("Free space or choose another folder with --runs.")) as folder:
        (folder / "probe").write_bytes(bytes(PROBE))
    sweep(root)


def replace_file(path: Path, content: bytes, scratch: Path) -> None:
    """Write a file in one step, in place of an older one, by way of the folder `scratch`. Raises OSError."""
    (scratch / path.name).write_bytes(content)
    (scratch / path.name).replace(path)


def write_file(path: Path, content: bytes, what: str, *, within: Path | None = None, advice: str = ADVICE) -> None:
    """Write a file in one step, in place of an older one; `within` is the folder for the temporary one, by default
    that of the file. Raises RunError when the disk refuses."""
    with staging(within or path.parent, what, advice) as folder:
        path.parent.mkdir(exist_ok=True)
        replace_file(path, content, folder)


def write_folder(path: Path, fill: Callable[[Path], None], what: str) -> None:
    """Write a folder with `fill`, in place of an older one. Raises RunError when the disk refuses."""
    with staging(path.parent, what) as folder:
        new = folder / "new"
        new.mkdir()
        fill(new)
        new.chmod(0o755)
        _flush(new)
        if path.exists():
            path.rename(folder / "old")
        try:
            new.rename(path)
        except OSError:
            with suppress(OSError):
                (folder / "old").rename(path)
            raise


def add_folder(parent: Path, name: str, fill: Callable[[Path, str], None], what: str) -> str:
    """Write a folder with `fill` under `name`, or `name-2`, `name-3` … where that is taken; returns the name.

    Raises RunError when the disk refuses or a thousand folders share the name.
    """
    for free in (name, *(f"{name}-{number}" for number in range(2, MAX_NUMBER + 1))):
        if (parent / free).exists():
            continue
        with staging(parent, what) as folder:
            fill(folder, free)
            folder.chmod(0o755)
            _flush(folder)
            if not (parent / free).exists():  # else another process took the name in the meantime
                folder.rename(parent / free)
                return free
    raise RunError(
        message(
            "{folder} has {most} folders called {name} already. Delete some of them.",
            folder=parent,
            most=MAX_NUMBER,
            name=name,
        )
    )


def remove(path: Path, what: str) -> None:
    """Remove a file or a folder, at once for everybody who lists it; one that is gone is no error. A link goes, not
    what it leads to. Raises RunError, which names `what`, when the disk refuses."""
    try:
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return
        aside = path.with_name(f"{PREFIX}{secrets.token_hex(4)}")  # a sweep takes what the next line leaves
        path.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunError(
            message(
                "{what} could not be deleted ({error}). Check who may write to {folder}.",
                what=what,
                error=error.strerror or error,
                folder=path.parent,
            )
        ) from error


def sweep(root: Path, seconds: float = DAY) -> tuple[Path, ...]:
    """Remove the temporary folders and files below `root` that nobody uses and that were last written more than so many
    seconds ago; returns them. Follows no links, and leaves what the disk refuses to remove."""
    swept = list[Path]()
    for path in _below(root, 2):
        if not PART.fullmatch(path.name):
            continue
        with suppress(OSError):
            if time.time() - _last_written(path) <= seconds:
                continue
            if not stat.S_ISDIR(path.lstat().st_mode):
                path.unlink()
            else:
                with locked(path, wait=False) as free:
                    if free:
                        shutil.rmtree(path)
            if not os.path.lexists(path):
                swept.append(path)
    return tuple(swept)


def sweep_temporary(seconds: float = DAY) -> tuple[Path, ...]:
    """Remove the folders of this user that processes which ended left among the temporary files more than so many
    seconds ago; returns them. Follows no links."""
    user, swept = getattr(os, "getuid", int)(), list[Path]()
    for path in _below(Path(tempfile.gettempdir()), 0):
        match = OF_PROCESS.fullmatch(path.name)
        with suppress(OSError):
            about = path.lstat()
            own = stat.S_ISDIR(about.st_mode) and about.st_uid == user
            if match and own and not _lives(int(match[1])) and time.time() - _last_written(path) > seconds:
                shutil.rmtree(path)
                swept.append(path)
    return tuple(swept)


def _below(folder: Path, depth: int) -> Iterable[Path]:
    """What is in a folder, and in its folders down to this depth; not behind links, nor in temporary folders."""
    try:
        with os.scandir(folder) as entries:
            listed = [(Path(entry.path), entry.is_dir(follow_symlinks=False)) for entry in entries]
    except OSError:
        return
    for path, is_folder in listed:
        yield path
        if is_folder and depth and not PART.fullmatch(path.name):
            yield from _below(path, depth - 1)


def _last_written(path: Path) -> float:
    """The time of the newest file of a folder, or of a file, in seconds since 1970. Raises OSError."""
    return max(one.lstat().st_mtime for one in (path, *_below(path, 2)))


def _lives(pid: int) -> bool:
    """Whether a process of this number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's
        return True
    return True


def _flush(folder: Path) -> None:
    """Have the disk keep the files of a folder before its new name: a power cut leaves it whole or not there."""
    for path in (*(one for one in folder.iterdir() if one.is_file()), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
