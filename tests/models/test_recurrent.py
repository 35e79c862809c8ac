"""Recurrent networks against the plain cells of torch, and their gradients."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from core.models import inference, registry
from core.models.network import Network
from core.spec import Spec

Recipe = Callable[..., Spec]
KINDS = ("lstm", "gru", "rnn")


def build(spec: Spec, features: int = 3, known: int = 2, binary: bool = False, seed: int = 0) -> Network:
    return registry.build(spec, features=features, known=known, steps=4, binary=binary, seed=seed)


def inputs(count: int, length: int, features: int = 3, known: int = 2, steps: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return (
        rng.normal(size=(count, length, features)).astype(np.float32),
        rng.normal(size=(count, steps, known)).astype(np.float32),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_is_the_head_on_the_last_state_of_the_plain_cell(recipe: Recipe, kind: str) -> None:
    net = build(recipe(model__kind=kind, model__hidden=6)).eval()
    x_NLF, known_NHK = inputs(5, 9)
    plain = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[kind](3, 6, batch_first=True)
    plain.load_state_dict(net.encoder.cell.state_dict())
    with torch.inference_mode():
        last_ND = plain(torch.from_numpy(x_NLF))[0][:, -1].numpy()
    joined = np.concatenate([last_ND, known_NHK.reshape(5, -1)], axis=1)
    heads = [joined @ head.weight.detach().numpy().T + head.bias.detach().numpy() for head in (net.head, net.mean_head)]
    raw = inference.compute_outputs(net, x_NLF, known_NHK)
    assert raw.shape == (5, 4, 8)
    np.testing.assert_allclose(raw[..., :7], heads[0].reshape(5, 4, 7), atol=1e-6)
    np.testing.assert_allclose(raw[..., 7], heads[1], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_each_step_equals_a_chunk_that_ends_there(recipe: Recipe, kind: str) -> None:
    net = build(recipe(model__kind=kind, model__layers=2)).eval()
    chunk = torch.randn(3, 12, 3, generator=torch.Generator().manual_seed(0))
    known_BSHK = torch.randn(3, 5, 4, 2, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        every = net(chunk, known_BSHK)
        assert every.shape == (3, 5, 4, 8)
        for s in range(5):
            alone = net(chunk[:, : 12 - 4 + s], known_BSHK[:, s : s + 1])
            torch.testing.assert_close(every[:, s], alone[:, 0], atol=1e-6, rtol=1e-5)


def test_a_window_alone_is_a_chunk_with_one_cutoff(recipe: Recipe) -> None:
    net = build(recipe()).eval()
    x_NLF, known_NHK = inputs(4, 10)
    with torch.inference_mode():
        chunk = net(torch.from_numpy(x_NLF), torch.from_numpy(known_NHK)[:, None])[:, 0].numpy()
    np.testing.assert_array_equal(inference.compute_outputs(net, x_NLF, known_NHK), chunk)


def test_the_mean_read_out_is_the_mean_of_all_states(recipe: Recipe) -> None:
    net = build(recipe(model__pooling="mean", train__supervision="window"), known=0).eval()
    x_NLF, known_NHK = inputs(4, 10, known=0)
    with torch.inference_mode():
        mean_ND = net.encoder.cell(torch.from_numpy(x_NLF))[0].mean(dim=1)
        expected = net.head(mean_ND).reshape(4, 4, 7).numpy()
    np.testing.assert_allclose(inference.compute_outputs(net, x_NLF, known_NHK)[..., :7], expected, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_window_has_the_same_answer_alone_and_in_a_batch(recipe: Recipe, kind: str) -> None:
    net = build(recipe(model__kind=kind, model__hidden=32))
    x_NLF, known_NHK = inputs(inference.BATCH + 40, 15)
    many = inference.compute_outputs(net, x_NLF, known_NHK)
    for n in (0, 17, inference.BATCH - 1, inference.BATCH, len(x_NLF) - 1):
        alone = inference.compute_outputs(net, x_NLF[n : n + 1], known_NHK[n : n + 1])
        np.testing.assert_allclose(alone[0], many[n], atol=1e-6)


def test_no_windows_have_no_outputs(recipe: Recipe) -> None:
    assert inference.compute_outputs(build(recipe()), *inputs(0, 10)).shape == (0, 4, 8)


def test_only_the_seed_determines_the_weights_and_the_global_state_is_untouched(recipe: Recipe) -> None:
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first = build(recipe(), seed=3)
    assert torch.equal(before, torch.random.get_rng_state())
    torch.manual_seed(99)
    again, other = build(recipe(), seed=3), build(recipe(), seed=4)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first.parameters(), other.parameters(), strict=True))


def test_outputs_are_computed_without_dropout(recipe: Recipe) -> None:
    net = build(recipe(model__dropout=0.5, model__layers=2)).train()
    x_NLF, known_NHK = inputs(4, 10)
    np.testing.assert_array_equal(
        inference.compute_outputs(net, x_NLF, known_NHK), inference.compute_outputs(net, x_NLF, known_NHK)
    )


@pytest.mark.parametrize(("binary", "output"), [(False, 3), (False, 0), (True, 0)])
def test_gradients_agree_with_finite_differences(recipe: Recipe, binary: bool, output: int) -> None:
    net = build(recipe(), binary=binary).double()
    rng = np.random.default_rng(0)
    x_NLF, known_NHK = rng.normal(size=(2, 6, 3)), rng.normal(size=(2, 4, 2))
    weight_H = np.array([1.0, -2.0, 0.5, 3.0])

    def value(x: np.ndarray, known: np.ndarray) -> np.ndarray:
        raw = inference.compute_outputs(net, x, known)
        values = 1 / (1 + np.exp(-raw[..., 0])) if binary else np.sort(raw[..., :7], axis=-1)[..., output]
        return values @ weight_H

    def weight(values_NHO: np.ndarray) -> np.ndarray:
        chosen_O = np.arange(values_NHO.shape[-1]) == (0 if binary else output)
        return weight_H[:, None] * chosen_O

    by_x, by_known = inference.compute_gradient(net, x_NLF, known_NHK, weight)
    for at in ((0, 0, 0), (5, 2, 0), (3, 1, 1)):
        step = np.zeros_like(x_NLF)
        step[at[2], at[0], at[1]] = 1e-6
        numeric = (value(x_NLF + step, known_NHK) - value(x_NLF - step, known_NHK)) / 2e-6
        assert by_x[at[2], at[0], at[1]] == pytest.approx(numeric[at[2]], rel=1e-5, abs=1e-9)
    step = np.zeros_like(known_NHK)
    step[1, 2, 1] = 1e-6
    numeric = (value(x_NLF, known_NHK + step) - value(x_NLF, known_NHK - step)) / 2e-6
    assert by_known[1, 2, 1] == pytest.approx(numeric[1], rel=1e-5, abs=1e-9)


def test_gradients_are_empty_without_known_features(recipe: Recipe) -> None:
    x_NLF, known_NHK = inputs(3, 6, known=0)
    by_x, by_known = inference.compute_gradient(build(recipe(), known=0), x_NLF, known_NHK, np.ones_like)
    assert (by_x.shape, by_known.shape) == ((3, 6, 3), (3, 4, 0))
    assert np.abs(by_x).max() > 0


def test_each_direction_is_read_where_it_has_seen_the_whole_window(recipe: Recipe) -> None:
    net = build(recipe(model__bidirectional=True, model__hidden=6), known=0).eval()
    x_NLF, known_NHK = inputs(4, 10, known=0)
    with torch.inference_mode():
        state_NLD = net.encoder.cell(torch.from_numpy(x_NLF))[0]
        expected = net.head(torch.cat([state_NLD[:, -1, :6], state_NLD[:, 0, 6:]], dim=1)).reshape(4, 4, 7).numpy()
    np.testing.assert_allclose(inference.compute_outputs(net, x_NLF, known_NHK)[..., :7], expected, atol=1e-6)


def test_attention_is_a_weighted_average_of_states(recipe: Recipe) -> None:
    net = build(recipe(model__pooling="attention")).eval()
    state = torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        score = torch.tanh(state @ net.encoder.readout.attention[0].weight.T + net.encoder.readout.attention[0].bias)
        weight = (score @ net.encoder.readout.attention[2].weight[0]).softmax(dim=1)
        torch.testing.assert_close(net.encoder.readout(state, 1, None)[:, 0], (weight[..., None] * state).sum(dim=1))


def test_a_plain_stack_equals_the_fused_cell(recipe: Recipe) -> None:
    fused = build(recipe(model__layers=2)).eval()
    stack = build(recipe(model__layers=2, model__residual=True)).eval()
    stack.encoder.cell.residual = False
    renamed = {}
    for name, value in fused.state_dict().items():
        layer = name[-1]
        renamed[name if "cell" not in name else name.replace("cell.", f"cell.layers.{layer}.")[:-1] + "0"] = value
    stack.load_state_dict(renamed)
    x_NLF, known_NHK = inputs(4, 10)
    np.testing.assert_allclose(
        inference.compute_outputs(stack, x_NLF, known_NHK),
        inference.compute_outputs(fused, x_NLF, known_NHK),
        atol=1e-6,
    )


def test_the_residual_adds_the_states_of_the_layer_before(recipe: Recipe) -> None:
    net = build(recipe(model__layers=2, model__residual=True)).eval()
    x = torch.from_numpy(inputs(4, 10)[0])
    first, second = net.encoder.cell.layers
    with torch.inference_mode():
        torch.testing.assert_close(net.encoder.cell(x)[0], first(x)[0] + second(first(x)[0])[0])


def test_batch_norm_makes_states_of_mean_zero_and_spread_one(recipe: Recipe) -> None:
    net = build(recipe(model__norm_layer="batch")).train()
    state = net.encoder.cell(torch.from_numpy(inputs(16, 10)[0]))[0].detach()
    torch.testing.assert_close(state.mean(dim=(0, 1)), torch.zeros(8), atol=1e-4, rtol=0)
    torch.testing.assert_close(state.std(dim=(0, 1)), torch.ones(8), atol=0.02, rtol=0)


def test_weights_saved_when_all_models_were_recurrent_still_load(recipe: Recipe) -> None:
    net, again = build(recipe()), build(recipe(), seed=4)
    again.load_state_dict({name.removeprefix("encoder."): value for name, value in net.state_dict().items()})
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), again.parameters(), strict=True))
