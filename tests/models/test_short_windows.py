"""Windows shorter than the lookback: padding at the front changes no answer."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from core.errors import TrainError
from core.models import readout, registry
from core.models.network import Network

Make = Callable[..., Network]
Windows = Callable[..., tuple[Tensor, Tensor]]
LENGTHS = torch.tensor([8, 3, 5, 2, 8])


def takes_short(variant: dict[str, Any]) -> bool:
    return registry.MODELS[variant["kind"]].takes_short_windows


def test_padded_windows_have_the_answers_of_unpadded_ones(
    make: Make, windows: Windows, variant: dict[str, Any]
) -> None:
    net = make(**variant, symbols=2, model__symbols="embedded").eval()
    x, known = windows(5)
    symbol = torch.tensor([0, 1, 1, 0, 1])
    if not takes_short(variant):
        with pytest.raises(TrainError, match=rf"A {variant['kind']} model needs whole windows; .* of 2 of 8 rows"):
            net(x, known, symbol, LENGTHS)
        return
    with torch.inference_mode():
        raw = net(x, known, symbol, LENGTHS)
        for n, length in enumerate(LENGTHS.tolist()):
            alone = net(x[n : n + 1, 8 - length :], known[n : n + 1], symbol[n : n + 1])
            torch.testing.assert_close(raw[n : n + 1], alone, atol=1e-6, rtol=1e-5)


def test_padding_has_no_influence_and_no_gradient(make: Make, windows: Windows, variant: dict[str, Any]) -> None:
    net = make(**variant).eval()
    x, known = windows(5)
    if not takes_short(variant):
        assert not net.short_windows
        return
    other = x.clone()
    padding = ~readout.real_rows(LENGTHS, 8)
    other[padding] = 50.0
    x.requires_grad_()
    raw = net(x, known, None, LENGTHS)
    torch.testing.assert_close(raw, net(other, known, None, LENGTHS), atol=1e-6, rtol=1e-5)
    raw.square().sum().backward()
    assert x.grad is not None
    assert x.grad[padding].abs().max() == 0
    assert (x.grad[~padding].abs().sum(dim=-1) > 0).all()


def test_batch_norm_leaves_padding_out_in_training(make: Make, windows: Windows) -> None:
    net = make("gru", model__norm_layer="batch", model__layers=2).train()
    x, known = windows(5)
    padding = ~readout.real_rows(LENGTHS, 8)
    first = net(x, known, None, LENGTHS)
    x[padding] = 50.0
    torch.testing.assert_close(net(x, known, None, LENGTHS), first)


def test_every_step_of_a_short_chunk_equals_the_unpadded_chunk(make: Make) -> None:
    net = make("lstm").eval()
    source = torch.Generator().manual_seed(0)
    chunk, known = torch.randn(2, 11, 5, generator=source), torch.randn(2, 4, 3, 1, generator=source)
    with torch.inference_mode():
        raw = net(chunk, known, None, torch.tensor([11, 6]))
        alone = net(chunk[1:, 5:], known[1:])
    torch.testing.assert_close(raw[1:], alone, atol=1e-6, rtol=1e-5)


def test_rows_move_to_the_front_and_back() -> None:
    x = torch.arange(8.0).reshape(2, 4, 1)
    front = readout.to_front(x, torch.tensor([4, 2]))
    assert front[..., 0].tolist() == [[0, 1, 2, 3], [6, 7, 4, 5]]
    assert torch.equal(readout.to_end(front, torch.tensor([4, 2])), x)
    assert readout.real_rows(torch.tensor([4, 2]), 4).tolist() == [[True] * 4, [False, False, True, True]]
