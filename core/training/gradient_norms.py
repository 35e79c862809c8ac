"""How steep the loss is: the norm of the gradient in each layer of a network, and the clipping of the whole.

Axis letter: G layers.
"""

import re
from collections.abc import Iterable

import torch
from torch import Tensor, nn

LAYER = re.compile(r"(?:layers|norms|blocks)\.(\d+)\.|_l(\d+)")  # of cells or blocks one by one, of one fused cell
BESIDE = {"embedding": "symbols", "encoder.project": "input", "encoder": "read-out"}  # by the beginning of a name
ORDER = ("symbols", "input", "layer", "read-out", "head")


def layers(net: nn.Module) -> dict[str, list[nn.Parameter]]:
    """The parameters by what they belong to, in the order of the input's way: symbols, input, layer 1, …, read-out,
    head."""
    made: dict[str, list[nn.Parameter]] = {}
    for name, parameter in net.named_parameters():
        made.setdefault(_layer(name), []).append(parameter)
    return {name: made[name] for name in sorted(made, key=_place)}


def clip(groups: Iterable[list[nn.Parameter]], most: float, foreach: bool | None = None) -> Tensor:
    """The norm of the gradient in each group (G,), on its device; scales all so that the whole's is at most `most`.

    The norm of the whole is the norm of these (Pascanu et al. 2013, "On the difficulty of training RNNs").
    """
    listed = list(groups)
    norm_G = torch.stack(
        [nn.utils.get_total_norm([p.grad for p in group if p.grad is not None], foreach=foreach) for group in listed]
    )
    nn.utils.clip_grads_with_norm_([p for group in listed for p in group], most, norm_G.norm(), foreach=foreach)
    return norm_G


def _layer(name: str) -> str:
    found = LAYER.search(name)
    if found:
        return f"layer {int(found[1] or found[2] or 0) + 1}"
    return next((layer for start, layer in BESIDE.items() if name.startswith(start)), "head")


def _place(name: str) -> tuple[int, int]:
    kind, _, number = name.partition(" ")
    return ORDER.index(kind), int(number or 0)
