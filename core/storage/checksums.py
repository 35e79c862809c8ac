"""Checksums of what is stored: a record seals itself and names the SHA-256 of the files next to it.

A sealed record is a JSON object whose last entry is the SHA-256 of every byte before that entry, so that a flipped bit
anywhere in it is noticed. A record without the entry is of an earlier version and is believed as it is; where it names
files it must have one. A safetensors file with words in its header is sealed in `core.storage.tensors`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.language import message
from core.storage.serialize import dumps

FILES, SIZES, SEAL = "files", "bytes", "checksum"  # keys of a record
LIST = "list"  # the only other key of a record that is a list
_MARK = f'"{SEAL}": "'.encode()


class Damaged(RunError):
    """A file that is not as it was saved; `file` is its name."""

    def __init__(self, file: str) -> None:
        super().__init__(message("Its file {name} is not as it was saved.", name=file))
        self.file = file


def seal(values: Any, indent: int | None = 1) -> bytes:
    """A record, an object or a list, as a JSON object that ends with its own checksum."""
    record = values if isinstance(values, Mapping) else {LIST: values}
    plain = {name: value for name, value in record.items() if name != SEAL}
    body = dumps(plain, indent=indent).encode()[:-1].rstrip()
    separator = b"" if not plain else b", " if indent is None else b",\n" + b" " * indent
    body += separator
    return body + _MARK + hashlib.sha256(body).hexdigest().encode() + (b'"}' if indent is None else b'"\n}')


def unseal(content: bytes, file: str) -> Any:
    """The values of a record without its checksum. Raises Damaged if they are not those that were sealed or if a record
    that names files has no checksum, ValueError if they are no JSON."""
    values = json.loads(content)
    if not isinstance(values, dict):
        return values
    if SEAL in values:
        body, _, _ = content.rpartition(_MARK)
        if hashlib.sha256(body).hexdigest() != values.pop(SEAL):
            raise Damaged(file)
    elif FILES in values:
        raise Damaged(file)
    return values[LIST] if values.keys() == {LIST} else values


def read(path: Path) -> Any:
    """The values of the record in a file. Raises OSError, and as `unseal`."""
    return unseal(path.read_bytes(), path.name)


def of_file(path: Path) -> str:
    """The SHA-256 of a file in hex, read piece by piece. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_files(folder: Path, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The entries of a record for these files of a folder: the SHA-256 and the size of each. Raises OSError."""
    listed = sorted(names)
    return {
        FILES: {name: of_file(folder / name) for name in listed},
        SIZES: {name: (folder / name).stat().st_size for name in listed},
    }


def check(folder: Path, values: Mapping[str, Any], names: Iterable[str], most: float = float("inf")) -> None:
    """Compare these files of a folder with what a record says of them: their sizes, and the content of those of at most
    so many bytes. Nothing without such entries, in a record of an earlier version.

    Raises Damaged for a file that is another, or is not named; OSError if it cannot be read.
    """
    if FILES not in values:
        return
    for name in names:
        size = (folder / name).stat().st_size
        if size != values[SIZES].get(name):
            raise Damaged(name)
        if size <= most and of_file(folder / name) != values[FILES].get(name):
            raise Damaged(name)
