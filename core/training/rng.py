"""The random numbers of one training, drawn from generators of its own: others' stay as they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Randomness:
    """numpy's generator shuffles; torch's global one, which dropout reads, is lent while the network learns."""

    def __init__(self, seed: int, where: str) -> None:
        self.order = np.random.default_rng(seed)
        self._where = where
        self._states: dict[str, Tensor] = {"cpu": torch.Generator().manual_seed(seed + 1).get_state()}
        if where != "cpu":
            self._states[where] = torch.Generator(device=where).manual_seed(seed + 1).get_state()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Within it torch draws from this training's state; after it, from where it was before."""
        before = {name: _get(name) for name in self._states}
        for name, state in self._states.items():
            _set(name, state)
        try:
            yield
        finally:
            self._states = {name: _get(name) for name in self._states}
            for name, state in before.items():
                _set(name, state)

    def arrays(self) -> dict[str, NDArray[np.uint8]]:
        """The states of torch's generators as bytes."""
        return {name: state.numpy().copy() for name, state in self._states.items()}

    def state(self) -> dict[str, Any]:
        """The state of numpy's generator as JSON values."""
        return dict(self.order.bit_generator.state)

    def load(self, arrays: dict[str, NDArray[np.uint8]], state: dict[str, Any]) -> None:
        """Go on from what `arrays` and `state` gave; a device that had no state then keeps its own."""
        self._states |= {name: torch.from_numpy(value.copy()) for name, value in arrays.items() if name in self._states}
        self.order.bit_generator.state = state


def _get(where: str) -> Tensor:
    if where == "cpu":
        return torch.get_rng_state()
    return torch.cuda.get_rng_state() if where == "cuda" else torch.mps.get_rng_state()


def _set(where: str, state: Tensor) -> None:
    if where == "cpu":
        torch.set_rng_state(state)
    elif where == "cuda":
        torch.cuda.set_rng_state(state)
    else:
        torch.mps.set_rng_state(state)
