"""Files and folders that appear whole or not at all: written to a temporary folder on the same disk, then renamed."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import RunError
from core.language import message

ADVICE = message("Free space or choose another folder, then save it again.")
MAX_NUMBER = 999  # of folders under one name


@contextmanager
def staging(parent: Path, what: str, advice: str = ADVICE) -> Iterator[Path]:
    """An empty folder in `parent`, removed at the end: what the block moves out of it is saved.

    Raises RunError, which names `what` and ends with `advice`, in place of any OSError of the block.
    """
    folder: Path | None = None
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".saving-", dir=parent))
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


def write_file(path: Path, content: bytes, what: str, *, within: Path | None = None, advice: str = ADVICE) -> None:
    """Write a file in one step, in place of an older one; `within` is the folder for the temporary one, by default
    that of the file. Raises RunError when the disk refuses."""
    with staging(within or path.parent, what, advice) as folder:
        path.parent.mkdir(exist_ok=True)
        (folder / path.name).write_bytes(content)
        (folder / path.name).replace(path)


def write_folder(path: Path, fill: Callable[[Path], None], what: str) -> None:
    """Write a folder with `fill`, in place of an older one. Raises RunError when the disk refuses."""
    with staging(path.parent, what) as folder:
        fill(folder)
        folder.chmod(0o755)
        if path.exists():
            shutil.rmtree(path)
        folder.rename(path)


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
