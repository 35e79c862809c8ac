"""Windows read piece by piece have the same answers as in one go; networks that cannot read so refuse."""

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
INCREMENTAL = {"lstm", "gru", "rnn", "slstm", "slstm-two", "lstm-layer-residual", "gru-batch"}


def answer_in_pieces(net: Network | Ensemble, x_NLF: np.ndarray, known_NHK: np.ndarray, symbol: int = 0) -> np.ndarray:
    state_NS = None
    for piece in PIECES:
        state_NS = inference.encode_rows(net, x_NLF[:, piece], state_NS, symbol)
    assert state_NS is not None
    return inference.decode_state(net, state_NS, known_NHK, symbol)


def inputs(windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    x, known = windows(6)
    return x.numpy(), known[:, 0].numpy()


def test_reading_in_pieces_gives_the_same_answer(
    make: Make, windows: Windows, variant: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    net, (x_NLF, known_NHK) = make(**variant).eval(), inputs(windows)
    assert net.incremental == (request.node.callspec.params["variant"] in INCREMENTAL)
    if net.incremental:
        expected = inference.compute_outputs(net, x_NLF, known_NHK)
        np.testing.assert_allclose(answer_in_pieces(net, x_NLF, known_NHK), expected, atol=1e-6)
    else:
        with pytest.raises(ValueError, match="as a whole"):
            answer_in_pieces(net, x_NLF, known_NHK)


@pytest.mark.parametrize("kind", ["lstm", "gru", "slstm"])
def test_the_state_covers_symbols_and_stacked_layers(make: Make, windows: Windows, kind: str) -> None:
    net = make(kind, symbols=3, model__symbols="embedded", model__layers=3, data__symbols=["A", "B", "C"]).eval()
    x_NLF, known_NHK = inputs(windows)
    one, two = (answer_in_pieces(net, x_NLF, known_NHK, symbol) for symbol in (1, 2))
    np.testing.assert_allclose(two, inference.compute_outputs(net, x_NLF, known_NHK, np.full(6, 2)), atol=1e-6)
    assert np.abs(one - two).max() > 1e-4


@pytest.mark.parametrize("binary", [False, True])
def test_the_state_of_an_ensemble_covers_every_member(make: Make, windows: Windows, binary: bool) -> None:
    nets = [make("gru", binary=binary, seed=seed).eval() for seed in range(4)]
    x_NLF, known_NHK = inputs(windows)
    for symbols, symbol in ((1, 0), (2, 1)):
        net = Ensemble(nets, symbols)
        expected = inference.compute_outputs(net, x_NLF, known_NHK, np.full(6, symbol))
        np.testing.assert_allclose(answer_in_pieces(net, x_NLF, known_NHK, symbol), expected, atol=1e-6)
        assert net.incremental and not Ensemble([*nets[:-1], make("gru", model__pooling="mean")]).incremental


def test_reading_on_does_not_change_the_state_before(make: Make, windows: Windows) -> None:
    net, (x_NLF, _) = make("lstm", model__dropout=0.5, model__layers=2).train(), inputs(windows)
    state_NS = inference.encode_rows(net, x_NLF[:, :5], None)
    before = state_NS.copy()
    first, again = (inference.encode_rows(net, x_NLF[:, 5:], state_NS) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(before, state_NS)
    assert torch.is_inference_mode_enabled() is False
