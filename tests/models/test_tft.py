"""The variable selection, the gated residual network and the attention, against their equations in numpy."""

import numpy as np
import pytest
import torch
from torch import nn

from core.explain import selection
from core.models import inference
from core.models.ensemble import Ensemble
from core.models.tft import TFT, Gate, GatedResidual, Selection
from core.spec import Model

FEATURES, WIDTH, STEPS, ROWS = 5, 8, 3, 8


def elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def norm(x, weight, bias):
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5) * weight + bias


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def glu(x):
    value, gate = np.split(x, 2, axis=-1)
    return value / (1 + np.exp(-gate))


def gate(w, name, x, skip):
    y = x @ w[f"{name}linear.weight"].T + w[f"{name}linear.bias"]
    return norm(skip + glu(y), w[f"{name}norm.weight"], w[f"{name}norm.bias"])


def residual(w, name, x, context=0.0):
    return gate(w, f"{name}gate.", elu(x @ w[f"{name}wide.weight"].T + w[f"{name}wide.bias"] + context), x)


def select(w, x_TF):
    """(T, D) and (T, F), one input after the other."""
    weight_TF = softmax(gate(w, "gate.", elu(x_TF @ w["wide.weight"].T + w["wide.bias"]), x_TF @ w["skip.weight"].T))
    total_TD = 0.0
    for f in range(x_TF.shape[1]):
        own = {
            name: w[name].reshape(x_TF.shape[1], -1)[f]
            for name in ("shift", "own_shift", "own_gate_bias", "own_norm", "own_norm_bias")
        }
        x_T1 = x_TF[:, f : f + 1]
        wide_TD = elu(x_T1 * w["scale_FD"][f] + own["shift"])
        gated_TD = glu(wide_TD @ w["own_gate_FDG"][f] + own["own_gate_bias"])
        own_TD = norm(x_T1 * w["own_skip_FD"][f] + own["own_shift"] + gated_TD, own["own_norm"], own["own_norm_bias"])
        total_TD = total_TD + weight_TF[:, f : f + 1] * own_TD
    return total_TD, weight_TF


def shaken(module):
    """The module in float64, every weight moved, so that no norm or offset is at its start."""
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in module.double().parameters():
            weight.add_(0.3 * torch.randn_like(weight))
    return module.eval(), {name: value.numpy() for name, value in module.state_dict().items()}


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(1)
    made = TFT(Model(kind="tft", hidden=WIDTH, heads=2), features=FEATURES, lookback=ROWS, steps=STEPS)
    return shaken(made)


def rows(count=ROWS, windows=1):
    return np.random.default_rng(0).normal(size=(windows, count, FEATURES))


def test_the_gate_and_the_gated_residual_network_equal_their_equations():
    x, context = np.random.default_rng(1).normal(size=(2, 6, WIDTH))
    (module, w), (bare, v) = shaken(GatedResidual(WIDTH, 0.1)), shaken(Gate(WIDTH, WIDTH, 0.1))
    with torch.no_grad():
        with_context = module(torch.from_numpy(x), torch.from_numpy(context)).numpy()
        without = module(torch.from_numpy(x)).numpy()
        gated = bare(torch.from_numpy(x), torch.from_numpy(context)).numpy()
    np.testing.assert_allclose(with_context, residual(w, "", x, context), atol=1e-10)
    np.testing.assert_allclose(without, residual(w, "", x), atol=1e-10)
    np.testing.assert_allclose(gated, gate(v, "", x, context), atol=1e-10)


def test_the_selection_equals_its_equations_and_adds_up_to_one():
    module, w = shaken(Selection(FEATURES, WIDTH, 0.1))
    x_BTF = rows(windows=4)
    with torch.no_grad():
        sum_BTD, weight_BTF = (part.numpy() for part in module(torch.from_numpy(x_BTF)))
    for b in range(4):
        sum_TD, weight_TF = select(w, x_BTF[b])
        np.testing.assert_allclose(sum_BTD[b], sum_TD, atol=1e-10)
        np.testing.assert_allclose(weight_BTF[b], weight_TF, atol=1e-10)
        np.testing.assert_allclose(selection.compute(w, x_BTF[b]), weight_TF, atol=1e-10)  # as a page reads it
    assert (weight_BTF >= 0).all() and weight_BTF.std() > 0.01
    np.testing.assert_allclose(weight_BTF.sum(axis=-1), 1.0, atol=1e-12)


def test_the_whole_encoder_equals_its_equations(encoder):
    module, w = encoder
    x_TF, heads = rows()[0], 2
    chosen_TD, _ = select({name.removeprefix("selection."): value for name, value in w.items()}, x_TF)
    cell = nn.LSTM(WIDTH, WIDTH, batch_first=True).double()
    cell.load_state_dict(
        {name.removeprefix("cell."): torch.from_numpy(v) for name, v in w.items() if "cell." in name[:5]}
    )
    with torch.no_grad():
        state_TD = cell(torch.from_numpy(chosen_TD)[None])[0][0].numpy()
    row_TD = gate(w, "after_cell.", state_TD, chosen_TD)
    value_TV = row_TD @ w["value.weight"].T + w["value.bias"]
    for h in range(STEPS):
        asked_D = residual(w, "enrich.", row_TD[-1], w["position.weight"][h])
        query_D = asked_D @ w["query.weight"].T + w["query.bias"]
        key_TD = row_TD @ w["key.weight"].T + w["key.bias"]
        size = WIDTH // heads
        shares = [
            softmax(key_TD[:, k * size : (k + 1) * size] @ query_D[k * size : (k + 1) * size] / np.sqrt(size))
            for k in range(heads)
        ]
        seen_D = np.mean(shares, axis=0) @ value_TV @ w["join.weight"].T + w["join.bias"]
        state_D = residual(w, "feed.", gate(w, "after_attention.", seen_D, asked_D))
        expected_D = gate(w, "after_all.", state_D, asked_D)
        with torch.no_grad():
            answer = module(torch.from_numpy(x_TF)[None], 1, None)[0, 0, h].numpy()
            attention_KT = module.weigh_inputs(torch.from_numpy(x_TF)[None])[1][0, :, h].numpy()
        np.testing.assert_allclose(answer, expected_D, atol=1e-9)
        np.testing.assert_allclose(attention_KT, shares, atol=1e-10)


def test_a_cutoff_of_a_chunk_attends_to_the_rows_of_its_window_only(encoder):
    module, _ = encoder
    row_BTD = torch.from_numpy(np.random.default_rng(2).normal(size=(1, ROWS + 3, WIDTH)))
    asked = module.enrich(row_BTD[:, -4:, None], module.position.weight).flatten(1, 2)
    with torch.no_grad():
        weight_SHT = module._attend(row_BTD, asked, 4)[0].mean(dim=0).unflatten(0, (4, STEPS)).numpy()
    for s in range(4):
        seen_T = (weight_SHT[s] > 0).all(axis=0)
        assert np.flatnonzero(seen_T).tolist() == list(range(s, s + ROWS))
    np.testing.assert_allclose(weight_SHT.sum(axis=-1), 1.0)


def test_weights_of_networks_and_ensembles_are_shares(make, windows):
    nets = [make("tft", seed=seed, model__norm="reversible") for seed in range(2)]
    x_NLF = windows(6)[0].numpy()
    alone = [inference.weigh_inputs(net, x_NLF) for net in nets]
    together = inference.weigh_inputs(Ensemble(nets), x_NLF)
    assert together[0].shape == (6, 8, 5) and together[1].shape == (6, 4, 3, 8)
    for part in range(2):
        np.testing.assert_allclose(together[part], np.mean([each[part] for each in alone], axis=0), atol=1e-6)
        np.testing.assert_allclose(together[part].sum(axis=-1), 1.0, atol=1e-5)
        assert (together[part] >= 0).all()
    own = inference.weigh_inputs(Ensemble(nets, 2), x_NLF, 1)  # each symbol has its network
    np.testing.assert_array_equal(own[0], alone[1][0])


def test_other_kinds_weigh_no_inputs(make, windows):
    with pytest.raises(NotImplementedError):
        inference.weigh_inputs(make("lstm"), windows(2)[0].numpy())
