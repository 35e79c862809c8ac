"""The random numbers of one training, drawn from its own generators: those of the process stay as they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Randomness:
    """numpy's generator shuffles; torch's global one, which dropout reads, is swapped in while the network learns."""

    def __init__(self, seed: int, device: str) -> None:
        self.order = np.random.default_rng(seed)
        self._states: dict[str, Tensor] = {"cpu": torch.Generator().manual_seed(seed + 1).get_state()}
        if device != "cpu":
            self._states[device] = torch.Generator(device=device).manual_seed(seed + 1).get_state()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Inside, torch draws from this training's state; afterwards from where it was before."""
        before = {device: _get_state(device) for device in self._states}
        for device, state in self._states.items():
            _set_state(device, state)
        try:
            yield
        finally:
            self._states = {device: _get_state(device) for device in self._states}
            for device, state in before.items():
                _set_state(device, state)

    def arrays(self) -> dict[str, NDArray[np.uint8]]:
        """The states of torch's generators as bytes, by device."""
        return {device: state.numpy().copy() for device, state in self._states.items()}

    def state(self) -> dict[str, Any]:
        """The state of numpy's generator as JSON values."""
        return dict(self.order.bit_generator.state)

    def load(self, arrays: dict[str, NDArray[np.uint8]], state: dict[str, Any]) -> None:
        """Restore what `arrays` and `state` returned; a device without a saved state keeps its own."""
        saved = {device: torch.from_numpy(value.copy()) for device, value in arrays.items()}
        self._states |= {device: value for device, value in saved.items() if device in self._states}
        self.order.bit_generator.state = state


def _get_state(device: str) -> Tensor:
    if device == "cpu":
        return torch.get_rng_state()
    return torch.cuda.get_rng_state() if device == "cuda" else torch.mps.get_rng_state()


def _set_state(device: str, state: Tensor) -> None:
    if device == "cpu":
        torch.set_rng_state(state)
    elif device == "cuda":
        torch.cuda.set_rng_state(state)
    else:
        torch.mps.set_rng_state(state)
