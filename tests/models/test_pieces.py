"""Windows read piece by piece: the same answers as in one go, and networks that cannot say so."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.models import inference
from core.models.ensemble import Ensemble
from core.models.network import Network

Make = Callable[..., Network]
Windows = Callable[..., tuple[Tensor, Tensor]]
PIECES = (slice(0, 5), slice(5, 6), slice(6, 8))
IN_PIECES = {"lstm", "gru", "rnn", "lstm-layer-residual", "gru-batch"}


def in_pieces(net: Network | Ensemble, x_NLF: np.ndarray, known_NHK: np.ndarray, symbol: int = 0) -> np.ndarray:
    state_NS = None
    for piece in PIECES:
        state_NS = inference.resume(net, x_NLF[:, piece], state_NS, symbol)
    assert state_NS is not None
    return inference.conclude(net, state_NS, known_NHK, symbol)


def inputs(windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    x, known = windows(6)
    return x.numpy(), known[:, 0].numpy()


def test_pieces_give_the_answer_of_the_whole(
    make: Make, windows: Windows, variant: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    net, (x_NLF, known_NHK) = make(**variant).eval(), inputs(windows)
    assert net.resumable == (request.node.callspec.params["variant"] in IN_PIECES)
    if net.resumable:
        whole = inference.outputs(net, x_NLF, known_NHK)
        np.testing.assert_allclose(in_pieces(net, x_NLF, known_NHK), whole, atol=1e-6)
    else:
        with pytest.raises(ValueError, match="as a whole"):
            in_pieces(net, x_NLF, known_NHK)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_symbols_and_stacked_layers_are_carried_on(make: Make, windows: Windows, kind: str) -> None:
    net = make(kind, symbols=3, model__symbols="embedded", model__layers=3, data__symbols=["A", "B", "C"]).eval()
    x_NLF, known_NHK = inputs(windows)
    one, two = (in_pieces(net, x_NLF, known_NHK, symbol) for symbol in (1, 2))
    np.testing.assert_allclose(two, inference.outputs(net, x_NLF, known_NHK, np.full(6, 2)), atol=1e-6)
    assert np.abs(one - two).max() > 1e-4


@pytest.mark.parametrize("binary", [False, True])
def test_an_ensemble_carries_every_member_on(make: Make, windows: Windows, binary: bool) -> None:
    nets = [make("gru", binary=binary, seed=seed).eval() for seed in range(4)]
    x_NLF, known_NHK = inputs(windows)
    for symbols, symbol in ((1, 0), (2, 1)):
        net = Ensemble(nets, symbols)
        whole = inference.outputs(net, x_NLF, known_NHK, np.full(6, symbol))
        np.testing.assert_allclose(in_pieces(net, x_NLF, known_NHK, symbol), whole, atol=1e-6)
        assert net.resumable and not Ensemble([*nets[:-1], make("gru", model__pooling="mean")]).resumable


def test_reading_on_makes_nothing_new_of_the_states(make: Make, windows: Windows) -> None:
    net, (x_NLF, _) = make("lstm", model__dropout=0.5, model__layers=2).train(), inputs(windows)
    state_NS = inference.resume(net, x_NLF[:, :5], None)
    before = state_NS.copy()
    first, again = (inference.resume(net, x_NLF[:, 5:], state_NS) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(before, state_NS)
    assert torch.is_inference_mode_enabled() is False
