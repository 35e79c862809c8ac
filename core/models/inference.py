"""The outputs of a trained network for windows, and their gradients."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from core.models.timing import BATCH
from core.types import Floats, Ints

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network


@torch.inference_mode()
def compute_outputs(
    net: "Network | Ensemble", x_NLF: Floats, known_NHK: Floats, symbol_N: Ints | None = None
) -> Floats:
    """The raw numbers (N, H, R) in float32, standardised units; batches of fixed size, so results repeat to the bit.

    Without `symbol_N` all windows are of the first symbol.
    """
    net.eval()
    batches = [net(x, known, symbol)[:, 0].numpy() for x, known, symbol in _batches(x_NLF, known_NHK, symbol_N)]
    return np.concatenate(batches) if batches else np.empty((0, net.steps, net.raw_count), dtype=np.float32)


@torch.inference_mode()
def encode_rows(net: "Network | Ensemble", x_NTF: Floats, state_NS: Floats | None, symbol: int = 0) -> Floats:
    """The state (N, S) of an `incremental` network after further rows of whole windows of one symbol; float32."""
    net.eval()
    state = None if state_NS is None else torch.from_numpy(state_NS)
    return net.encode_rows(torch.from_numpy(np.ascontiguousarray(x_NTF)), state, symbol).numpy()


@torch.inference_mode()
def decode_state(net: "Network | Ensemble", state_NS: Floats, known_NHK: Floats, symbol: int = 0) -> Floats:
    """The raw numbers (N, H, R) for windows that `encode_rows` has read to their end; float32, standardised units."""
    net.eval()
    known = torch.from_numpy(np.ascontiguousarray(known_NHK))
    return net.decode_state(torch.from_numpy(state_NS), known, symbol).numpy()


@torch.inference_mode()
def weigh_inputs(net: "Network | Ensemble", x_NLF: Floats, symbol: int = 0) -> tuple[Floats, Floats]:
    """The weights of the columns in each row (N, L, F), and of the rows for K heads and H steps (N, K, H, L), of a
    network that selects inputs, for windows of one symbol; float32. Both add up to one over their last axis."""
    net.eval()
    parts = [net.weigh_inputs(x, symbol) for x, _, _ in _batches(x_NLF, np.empty((len(x_NLF), 1, 0)), None)]
    column_NLF, row_NKHL = (np.concatenate([part.numpy() for part in group]) for group in zip(*parts, strict=True))
    return column_NLF, row_NKHL


def compute_distribution(net: "Network | Ensemble", raw_NHR: Floats) -> Floats:
    """(N, H, 8) ordered quantiles and the mean in standardised units, float64, from the raw numbers of a network."""
    return net.distribution(torch.from_numpy(raw_NHR).double()).numpy()


def compute_gradient(
    net: "Network | Ensemble",
    x_NLF: Floats,
    known_NHK: Floats,
    weight: Callable[[Floats], Floats],
    symbol_N: Ints | None = None,
) -> tuple[Floats, Floats]:
    """Derivatives of Σ_HO weight(v) · v with respect to the inputs: (N, L, F) and (N, H, K).

    v_NHO are the quantiles and the mean, or the probability of a single logit; `weight` maps their values to weights,
    taken as constant, that broadcast to the same shape.
    """
    net.eval()
    by_x, by_known = [], []
    for x, known, symbol in _batches(x_NLF, known_NHK, symbol_N):
        x, known = x.clone().requires_grad_(), known.clone().requires_grad_()
        # cuDNN's recurrent kernels cannot be differentiated in eval mode; the native ones can.
        with torch.backends.cudnn.flags(enabled=False):
            raw = net(x, known, symbol)[:, 0]
            value = torch.sigmoid(raw) if net.binary else net.distribution(raw)
            weights = np.broadcast_to(weight(value.detach().numpy()), value.shape)
            value.backward(torch.tensor(weights, dtype=value.dtype))
        by_x.append(x.grad.numpy())  # type: ignore[union-attr]
        by_known.append(np.zeros(known.shape, np.float32)[:, 0] if known.grad is None else known.grad[:, 0].numpy())
    return np.concatenate(by_x), np.concatenate(by_known)


def _batches(
    x_NLF: Floats, known_NHK: Floats, symbol_N: Ints | None
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Inputs, known inputs (B, 1, H, K) and symbols of BATCH windows at a time."""
    index_N = np.zeros(len(x_NLF), dtype=np.int64) if symbol_N is None else np.asarray(symbol_N, dtype=np.int64)
    for start in range(0, len(x_NLF), BATCH):
        x = torch.from_numpy(np.ascontiguousarray(x_NLF[start : start + BATCH]))
        known = torch.from_numpy(np.ascontiguousarray(known_NHK[start : start + BATCH]))
        yield x, known[:, None], torch.from_numpy(index_N[start : start + BATCH])
