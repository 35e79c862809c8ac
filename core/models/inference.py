"""What a trained network answers to windows, and how its answer changes with them."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from core.records import Floats

if TYPE_CHECKING:
    from core.models.recurrent import Recurrent

BATCH = 512  # measured: the fastest for nets of these sizes on one thread


@torch.inference_mode()
def outputs(net: "Recurrent", x_NLF: Floats, known_NHK: Floats) -> Floats:
    """The answers (N, H, O) in float32, standardised units; batches of fixed size, so that they repeat to the bit."""
    net.eval()
    made = [net(x, known)[:, 0].numpy() for x, known in _batches(x_NLF, known_NHK)]
    return np.concatenate(made) if made else np.empty((0, net.steps, net.outputs), dtype=np.float32)


def gradient(net: "Recurrent", x_NLF: Floats, known_NHK: Floats, output: int,
             weight: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
    """Derivatives of Σ_H weight(v) · v by the inputs: (N, L, F) and (N, H, K).

    v_NH is output number `output` after sorting the quantiles, or the probability of a single logit; `weight` maps its
    values (N, H) to weights of that shape.
    """
    net.eval()
    by_x, by_known = [], []
    for x, known in _batches(x_NLF, known_NHK):
        x, known = x.clone().requires_grad_(), known.clone().requires_grad_()
        # cuDNN's recurrent kernels cannot be differentiated in eval mode; the native ones can.
        with torch.backends.cudnn.flags(enabled=False):
            made = net(x, known)[:, 0]
            value = torch.sigmoid(made[..., 0]) if net.outputs == 1 else made.sort(dim=-1).values[..., output]
            value.backward(torch.from_numpy(weight(value.detach().numpy())).to(value.dtype))
        by_x.append(x.grad.numpy())  # type: ignore[union-attr]
        by_known.append(np.zeros(known.shape, np.float32)[:, 0] if known.grad is None else known.grad[:, 0].numpy())
    return np.concatenate(by_x), np.concatenate(by_known)


def _batches(x_NLF: Floats, known_NHK: Floats) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    for start in range(0, len(x_NLF), BATCH):
        x = torch.from_numpy(np.ascontiguousarray(x_NLF[start : start + BATCH]))
        known = torch.from_numpy(np.ascontiguousarray(known_NHK[start : start + BATCH]))
        yield x, known[:, None]
