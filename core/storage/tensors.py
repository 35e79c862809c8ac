"""Arrays, and words in the header, as the bytes of one safetensors file, so that both appear at once.

With words the file has a checksum among them: the SHA-256 of all its bytes with zeros in the place of the checksum. A
file without one is of an earlier version, or named by the checksum of somebody else, and is believed as it is.
"""

import hashlib
import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.errors import RunError
from core.language import message

CHECKSUM, BLANK = "checksum", "0" * 64


def to_bytes(arrays: Mapping[str, NDArray], words: dict[str, str] | None = None) -> bytes:
    """The content of a safetensors file; `words` go into its header, with a checksum of the whole file."""
    from safetensors.numpy import save

    plain = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    if words is None:
        return save(plain)
    content = bytearray(save(plain, metadata=words | {CHECKSUM: BLANK}))
    at = _place(content, BLANK)
    content[at : at + len(BLANK)] = hashlib.sha256(content).hexdigest().encode()
    return bytes(content)


def from_bytes(content: bytes) -> dict[str, NDArray]:
    """The arrays of a safetensors file. Raises RunError if it has a checksum and is not as it was written."""
    from safetensors.numpy import load

    arrays = load(content)
    known = _header(content).get("__metadata__", {}).get(CHECKSUM)
    if known is not None:
        at = _place(content, known)
        sha = hashlib.sha256(content[:at])
        sha.update(BLANK.encode())
        sha.update(memoryview(content)[at + len(known) :])
        if sha.hexdigest() != known:
            raise RunError(message("It is not as it was saved."))
    return arrays


def words(content: bytes) -> dict[str, str]:
    """The words in the header, which may be all of `content`: eight bytes with its length, then JSON."""
    return _header(content)["__metadata__"]


def _header(content: bytes) -> dict[str, dict[str, str]]:
    return json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])


def _place(content: bytes | bytearray, checksum: str) -> int:
    """Where the checksum stands in the header."""
    mark = f'"{CHECKSUM}":"'.encode()
    return content.index(mark + checksum.encode()) + len(mark)
