"""Gradient norms by layer, and clipping, against torch's own."""

import pytest
import torch
from torch import nn

from core.models.recurrent import Recurrent
from core.spec import Model
from core.training import gradient_norms


def build(**values: object) -> nn.Module:
    torch.manual_seed(0)
    net = nn.Module()
    net.encoder = Recurrent(Model(kind="lstm", hidden=4, layers=2, **values), features=3)  # type: ignore[arg-type]
    net.head = nn.Linear(net.encoder.width, 1)
    return net.eval()  # without dropout, so that two of them are equal


def backward(net: nn.Module) -> None:
    net.zero_grad()
    state = net.encoder(torch.ones(2, 6, 3), 1, None)  # type: ignore[operator]
    net.head(state).square().sum().backward()  # type: ignore[operator]


@pytest.mark.parametrize("values", [{}, {"norm_layer": "layer", "residual": True}, {"bidirectional": True}])
def test_every_parameter_belongs_to_one_layer_in_the_order_of_the_input(values: dict[str, object]) -> None:
    net = build(**values)
    groups = gradient_norms.group_by_layer(net)
    assert list(groups) == ["layer 1", "layer 2", "head"]
    assert sorted(id(p) for group in groups.values() for p in group) == sorted(id(p) for p in net.parameters())


@pytest.mark.parametrize("max_norm", [1e-3, 1e3])
def test_clipping_equals_torchs_own_and_the_layer_norms_combine_to_the_whole(max_norm: float) -> None:
    ours, reference = build(), build()
    backward(ours)
    backward(reference)
    norm_G = gradient_norms.clip(gradient_norms.group_by_layer(ours).values(), max_norm)
    total = nn.utils.clip_grad_norm_(reference.parameters(), max_norm)
    torch.testing.assert_close(norm_G.norm(), total)
    for own, other in zip(ours.parameters(), reference.parameters(), strict=True):
        torch.testing.assert_close(own.grad, other.grad)


def test_the_norm_of_a_layer_is_that_of_its_gradients() -> None:
    net = build()
    backward(net)
    head = torch.cat([p.grad.flatten() for p in net.head.parameters()]).norm()  # type: ignore[union-attr]
    torch.testing.assert_close(gradient_norms.clip(gradient_norms.group_by_layer(net).values(), 1e9)[2], head)
