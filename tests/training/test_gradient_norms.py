"""The norm of the gradient by layer, and its clipping, against torch's own."""

import pytest
import torch
from torch import nn

from core.models.recurrent import Recurrent
from core.spec import Model
from core.training import gradient_norms


def made(**values: object) -> nn.Module:
    torch.manual_seed(0)
    net = nn.Module()
    net.encoder = Recurrent(Model(kind="lstm", hidden=4, layers=2, **values), features=3)  # type: ignore[arg-type]
    net.head = nn.Linear(net.encoder.width, 1)
    return net.eval()  # without dropout, so that two of them are alike


def graded(net: nn.Module) -> None:
    net.zero_grad()
    state = net.encoder(torch.ones(2, 6, 3), 1, None)  # type: ignore[operator]
    net.head(state).square().sum().backward()  # type: ignore[operator]


@pytest.mark.parametrize("values", [{}, {"norm_layer": "layer", "residual": True}, {"bidirectional": True}])
def test_every_parameter_belongs_to_one_layer_in_the_order_of_the_input(values: dict[str, object]) -> None:
    net = made(**values)
    groups = gradient_norms.layers(net)
    assert list(groups) == ["layer 1", "layer 2", "head"]
    assert sorted(id(p) for group in groups.values() for p in group) == sorted(id(p) for p in net.parameters())


@pytest.mark.parametrize("most", [1e-3, 1e3])
def test_clipping_is_torchs_own_and_the_whole_norm_is_that_of_the_layers(most: float) -> None:
    ours, theirs = made(), made()
    graded(ours)
    graded(theirs)
    norm_G = gradient_norms.clip(gradient_norms.layers(ours).values(), most)
    whole = nn.utils.clip_grad_norm_(theirs.parameters(), most)
    torch.testing.assert_close(norm_G.norm(), whole)
    for own, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(own.grad, other.grad)


def test_the_norm_of_a_layer_is_that_of_its_gradients() -> None:
    net = made()
    graded(net)
    head = torch.cat([p.grad.flatten() for p in net.head.parameters()]).norm()  # type: ignore[union-attr]
    torch.testing.assert_close(gradient_norms.clip(gradient_norms.layers(net).values(), 1e9)[2], head)
