"""The sLSTM cell against the equations of its paper, written out in numpy, and its derivative against differences."""

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core.explain import gates
from core.models.slstm import SLSTM, reverse

ROWS, INPUTS, UNITS = 25, 3, 4


def sigmoid(value):
    return 1 / (1 + np.exp(-value))


def cell(scale=1.0, **options):
    torch.manual_seed(3)
    made = SLSTM(INPUTS, UNITS, **options).double()
    with torch.no_grad():
        for weight in made.parameters():
            weight.mul_(scale)
    return made


def window(rows=ROWS, windows=1):
    return torch.randn(windows, rows, INPUTS, generator=torch.Generator().manual_seed(0), dtype=torch.double)


def paper(weights, x_LI, *, stabilised):
    """Equations 8 to 17 of Beck et al. 2024 for one window: the states c, n, m and h of every row."""
    w, r = weights["weight_ih_l0"].numpy(), weights["weight_hh_l0"].numpy()
    b = weights["bias_ih_l0"].numpy() + weights["bias_hh_l0"].numpy()
    h, c, n, m, rows = np.zeros(UNITS), np.zeros(UNITS), np.zeros(UNITS), np.full(UNITS, -np.inf), []
    for x in x_LI:
        in_sum, forget_sum, z_sum, o_sum = np.split(w @ x + r @ h + b, 4)
        z, o = np.tanh(z_sum), sigmoid(o_sum)
        if stabilised:
            new = np.maximum(np.log(sigmoid(forget_sum)) + m, in_sum)  # eq. 15
            i, f, m = np.exp(in_sum - new), np.exp(np.log(sigmoid(forget_sum)) + m - new), new  # eq. 16, 17
        else:
            i, f = np.exp(in_sum), sigmoid(forget_sum)  # eq. 12, 13
        c, n = f * c + i * z, f * n + i  # eq. 8, 9
        h = o * c / n  # eq. 10
        rows.append((c, n, m, h))
    return tuple(np.array(part) for part in zip(*rows, strict=True))


@pytest.mark.parametrize("scale", [1.0, 6.0])
def test_states_equal_the_equations_of_the_paper(scale):
    module, x = cell(scale), window()
    with torch.no_grad():
        state_LD = module(x)[0][0].numpy()
    plain, stabilised = (paper(module.state_dict(), x[0].numpy(), stabilised=s) for s in (False, True))
    np.testing.assert_allclose(stabilised[3], plain[3], atol=1e-12)
    np.testing.assert_allclose(state_LD, plain[3], atol=1e-10)
    single = module.float()(x.float())[0][0].detach().numpy()
    np.testing.assert_allclose(single, plain[3], atol=1e-5)


def test_the_stabiliser_and_normaliser_of_the_paper_are_shown():
    module, x = cell(2.0), window()
    c, n, m, h = paper(module.state_dict(), x[0].numpy(), stabilised=True)
    layer = gates.compute("slstm", module.state_dict(), x[0].numpy()).layer(0)
    for name, expected in (("cell state", c), ("normaliser", n), ("stabiliser", m), ("hidden state", h)):
        np.testing.assert_allclose(layer.parts[name], expected, atol=1e-12)
    # The share that is kept is the weight of the old memory in the new one.
    memory, kept = c / n, layer.parts["kept share"]
    np.testing.assert_allclose(memory[1:], kept[1:] * memory[:-1] + (1 - kept[1:]) * layer.parts["candidate"][1:])
    assert not kept[0].any() and (n >= 1).all()


def test_gates_that_would_overflow_do_not():
    module, x = cell(), 1e4 * window()
    with np.errstate(over="ignore", invalid="ignore"):
        assert not np.isfinite(paper(module.state_dict(), x[0].numpy(), stabilised=False)[3]).all()
    x.requires_grad_()
    state = module(x)[0]
    state.sum().backward()
    assert torch.isfinite(state).all() and torch.isfinite(x.grad).all() and state.abs().max() <= 1
    shown = gates.compute("slstm", module.state_dict(), x.detach()[0].numpy()).output_LV
    np.testing.assert_allclose(shown, state[0].detach().numpy(), atol=1e-9)


@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}], ids=str)
def test_the_derivative_agrees_with_finite_differences(options):
    module, x = cell(**options), window(6, 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda x, *_: module(x)[0], (x, *module.parameters()))


def test_what_is_carried_continues_the_window():
    module, x = cell(num_layers=2), window(9, 3)
    with torch.no_grad():
        whole, last = module(x)
        first, carried = module(x[:, :4])
        second, end = module(x[:, 4:], carried)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close(end, last)


def test_packed_windows_equal_each_alone_in_both_directions():
    module, x, length = cell(num_layers=2, bidirectional=True), window(7, 3), torch.tensor([7, 2, 5])
    packed = pack_padded_sequence(x, length, batch_first=True, enforce_sorted=False)
    with torch.no_grad():
        together, _ = pad_packed_sequence(module(packed)[0], batch_first=True, total_length=7)
        for b, n in enumerate(length.tolist()):
            torch.testing.assert_close(together[b, :n], module(x[b : b + 1, :n])[0][0])


def test_reversing_twice_changes_nothing():
    x, length = window(7, 3).transpose(0, 1), torch.tensor([7, 2, 5])
    turned = reverse(x, length)
    assert torch.equal(turned[:2, 1], x[:2, 1].flip(0)) and torch.equal(turned[:5, 2], x[:5, 2].flip(0))
    assert torch.equal(reverse(turned, length), x) and torch.equal(reverse(x, None), x.flip(0))
