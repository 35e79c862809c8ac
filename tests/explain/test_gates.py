"""Gates and states equal those of torch's own cells and of the product's networks."""

import numpy as np
import pytest
import torch
from torch import nn

from core.explain import gates
from core.models.recurrent import Recurrent
from core.spec import Model

ROWS, INPUTS, UNITS = 30, 3, 7
CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
STACKED = (*CELLS, "slstm")
SHAPES = [{}, {"bidirectional": True}, {"num_layers": 3}, {"num_layers": 2, "bidirectional": True}, {"bias": False}]


def window(seed=0):
    return np.random.default_rng(seed).normal(size=(ROWS, INPUTS)).astype(np.float32)


def random_cell(kind, **options):
    """(gates, states of torch (L, V), last states of torch by layer and direction) of a random cell."""
    torch.manual_seed(1)
    cell, x_LI = CELLS[kind](INPUTS, UNITS, batch_first=True, **options), window()
    with torch.no_grad():
        for weight in cell.parameters():
            weight.mul_(3)  # gates that open and close
        state_BTV, last = cell(torch.from_numpy(x_LI)[None])
    return gates.compute(kind, cell.state_dict(), x_LI), state_BTV[0].numpy(), last


@pytest.mark.parametrize("options", SHAPES, ids=str)
@pytest.mark.parametrize("kind", CELLS)
def test_gates_reproduce_the_cells_of_torch(kind, options):
    result, state_LV, last = random_cell(kind, **options)
    layers, directions = options.get("num_layers", 1), 2 if options.get("bidirectional") else 1
    assert result.shape == (layers, directions, ROWS, UNITS)
    assert {part.shape for part in result.parts.values()} == {result.shape}
    np.testing.assert_allclose(result.output_LV, state_LV, atol=1e-5)
    np.testing.assert_allclose(np.concatenate(list(result.parts["hidden state"][-1]), axis=1), state_LV, atol=1e-5)
    hidden_n, *cell_n = last if kind == "lstm" else (last,)
    for name, states in (("hidden state", hidden_n), *(("cell state", cell) for cell in cell_n)):
        for at, state_D in enumerate(states[:, 0].numpy()):
            layer = result.layer(at // directions, at % directions)
            np.testing.assert_allclose(layer.parts[name][0 if layer.backwards else -1], state_D, atol=1e-5)


def test_every_gate_equals_a_single_step_of_torch():
    result, _, _ = random_cell("lstm")
    layer = result.layer(0)
    torch.manual_seed(1)
    cell = nn.LSTM(INPUTS, UNITS, batch_first=True)
    single = nn.LSTMCell(INPUTS, UNITS)
    single.load_state_dict({name.removesuffix("_l0"): 3 * weight for name, weight in cell.state_dict().items()})
    state = (torch.zeros(1, UNITS), torch.zeros(1, UNITS))
    with torch.no_grad():
        for row, x_I in enumerate(window()):
            np.testing.assert_allclose(layer.before("cell state")[row], state[1][0], atol=1e-5)
            sums = (
                single.weight_ih @ torch.from_numpy(x_I)
                + single.bias_ih
                + single.weight_hh @ state[0][0]
                + single.bias_hh
            )
            blocks = dict(zip(gates.GATES["lstm"], sums.split(UNITS), strict=True))
            for name, block in blocks.items():
                squash = torch.tanh if name == "candidate" else torch.sigmoid
                np.testing.assert_allclose(layer.parts[name][row], squash(block), atol=1e-5)
                np.testing.assert_allclose(layer.from_input[name][row] + layer.from_state[name][row], block, atol=1e-5)
            state = single(torch.from_numpy(x_I)[None], state)


@pytest.mark.parametrize(
    "settings",
    [
        {"norm_layer": "layer", "residual": True, "layers": 3},
        {"norm_layer": "batch"},
        {"residual": True, "layers": 2, "bidirectional": True},
        {"norm_layer": "batch", "layers": 2, "bidirectional": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", STACKED)
def test_gates_reproduce_stacks_with_norms_and_residuals(kind, settings):
    model = Model(kind=kind, hidden=UNITS, **settings)
    torch.manual_seed(0)
    encoder = Recurrent(model, features=INPUTS)
    encoder.cell(torch.randn(4, ROWS, INPUTS))  # gives batch norms running moments
    with torch.no_grad():
        state_LV = encoder.eval().cell(torch.from_numpy(window())[None])[0][0].numpy()
    result = gates.compute(kind, encoder.cell.state_dict(), window(), residual=model.residual)
    assert result.shape[:2] == (model.layers, 2 if model.bidirectional else 1)
    np.testing.assert_allclose(result.output_LV, state_LV, atol=1e-5)


def test_a_backward_layer_starts_from_zero_at_the_last_row():
    result, _, _ = random_cell("lstm", bidirectional=True)
    forward, backward = result.layer(0, 0), result.layer(0, 1)
    assert (forward.first, backward.first) == (0, ROWS - 1)
    assert not forward.before("cell state")[0].any() and not backward.before("cell state")[-1].any()
    np.testing.assert_array_equal(backward.before("hidden state")[:-1], backward.parts["hidden state"][1:])


def test_saturated_gates_neither_overflow_nor_leave_their_range():
    weights = {"weight_ih_l0": np.full((8, 1), 1e4), "weight_hh_l0": np.zeros((8, 2))}
    layer = gates.compute("lstm", weights, np.array([[-1.0], [1.0]])).layer(0)
    assert layer.parts["forget gate"].tolist() == [[0.0, 0.0], [1.0, 1.0]]
    assert layer.parts["cell state"].tolist() == [[0.0, 0.0], [1.0, 1.0]]


def test_the_memory_gate_of_each_kind():
    assert random_cell("rnn")[0].layer(0).keep is None
    for kind in CELLS.keys() & gates.MEMORY_GATE.keys():
        name = gates.MEMORY_GATE[kind]
        layer = random_cell(kind)[0].layer(0)
        np.testing.assert_array_equal(layer.keep, layer.parts[name])


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("transformer", "attend"),
        ("tft", "mixture of the inputs"),
        ("segment", "segments of several rows"),
        ("nlinear", "linear map"),
        ("dlinear", "linear map"),
    ],
)
def test_kinds_without_gates_give_a_reason(kind, reason):
    assert reason in gates.why_no_gates(kind)


def test_recurrent_kinds_have_gates():
    assert [gates.why_no_gates(kind) for kind in STACKED] == [None] * 4


def test_weights_of_another_cell_raise_an_error():
    gru, projected = nn.GRU(INPUTS, UNITS), nn.LSTM(INPUTS, UNITS, proj_size=2)
    with pytest.raises(ValueError, match="4 blocks of 7 rows; got 21"):
        gates.compute("lstm", gru.state_dict(), window())
    with pytest.raises(ValueError, match="not the weights of a plain lstm"):
        gates.compute("lstm", projected.state_dict(), window())
    with pytest.raises(ValueError, match="not the weights of a plain rnn"):
        gates.compute("rnn", nn.Linear(2, 2).state_dict(), window())
