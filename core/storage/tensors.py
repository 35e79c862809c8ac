"""Arrays, and words in the header, as the bytes of one safetensors file, so that both appear at once."""

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def to_bytes(arrays: Mapping[str, NDArray], words: dict[str, str] | None = None) -> bytes:
    """The content of a safetensors file; `words` go into its header."""
    from safetensors.numpy import save

    return save({name: np.ascontiguousarray(value) for name, value in arrays.items()}, metadata=words)


def from_bytes(content: bytes) -> dict[str, NDArray]:
    """The arrays of a safetensors file."""
    from safetensors.numpy import load

    return load(content)


def words(content: bytes) -> dict[str, str]:
    """The words in the header, which may be all of `content`: eight bytes with its length, then JSON."""
    return json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
