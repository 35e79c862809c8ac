"""The norm of the gradient in each layer of a network, and the clipping of the whole gradient.

Axis letter: G layers.
"""

import re
from collections.abc import Iterable

import torch
from torch import Tensor, nn

LAYER = re.compile(r"(?:layers|norms|blocks)\.(\d+)\.|_l(\d+)")  # of separate cells or blocks, of one fused cell
OTHER_LAYERS = {"embedding": "symbols", "encoder.project": "input", "encoder": "read-out"}  # by the start of a name
ORDER = ("symbols", "input", "layer", "read-out", "head")


def group_by_layer(net: nn.Module) -> dict[str, list[nn.Parameter]]:
    """The parameters by layer, from the input to the output: symbols, input, layer 1, …, read-out, head."""
    groups: dict[str, list[nn.Parameter]] = {}
    for name, parameter in net.named_parameters():
        groups.setdefault(_layer_of(name), []).append(parameter)
    return {name: groups[name] for name in sorted(groups, key=_position)}


def clip(groups: Iterable[list[nn.Parameter]], max_norm: float, foreach: bool | None = None) -> Tensor:
    """The norm of the gradient in each group (G,), on its device; scales all gradients so that their norm is at most
    `max_norm`.

    The norm of the whole gradient is the norm of these (Pascanu et al. 2013, "On the difficulty of training RNNs").
    """
    groups = list(groups)
    norm_G = torch.stack(
        [nn.utils.get_total_norm([p.grad for p in group if p.grad is not None], foreach=foreach) for group in groups]
    )
    nn.utils.clip_grads_with_norm_([p for group in groups for p in group], max_norm, norm_G.norm(), foreach=foreach)
    return norm_G


def _layer_of(name: str) -> str:
    match = LAYER.search(name)
    if match:
        return f"layer {int(match[1] or match[2] or 0) + 1}"
    return next((layer for start, layer in OTHER_LAYERS.items() if name.startswith(start)), "head")


def _position(layer: str) -> tuple[int, int]:
    kind, _, number = layer.partition(" ")
    return ORDER.index(kind), int(number or 0)
