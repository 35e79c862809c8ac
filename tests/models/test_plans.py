"""The layer that reads plans: bent and interacting effects, from the state and what is known of a step."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from core.models import registry
from core.models.kinds import MODELS
from core.models.network import Network
from core.spec import MEAN, Spec

Make = Callable[..., Network]
Windows = Callable[..., tuple[Tensor, Tensor]]
INPUTS = ["column:y", "column:a", "known:plan"]
DEEP = [name for name, kind in MODELS.items() if "combine" in kind.fields]


def build(make: Make, kind: str, **values: object) -> Network:
    net = make(kind, inputs=INPUTS, features=3, **values).eval()
    if net.plans is not None:  # as after some training
        with torch.no_grad():
            net.plans.answer.weight.normal_(generator=torch.Generator().manual_seed(1))
    return net


def answer(net: Network, x: Tensor, known: Tensor) -> Tensor:
    with torch.inference_mode():
        return net(x, known)


@pytest.mark.parametrize("kind", MODELS)
def test_a_network_with_plans_reads_them_by_a_layer_of_their_own_unless_it_is_linear(make: Make, kind: str) -> None:
    assert (build(make, kind).plans is not None) == (kind in DEEP)
    assert make(kind, inputs=["column:y", "column:a", "weekday"], features=3).plans is None


@pytest.mark.parametrize("kind", DEEP)
def test_a_bent_effect_stays_at_its_own_step_and_depends_on_the_window(make: Make, windows: Windows, kind: str) -> None:
    net = build(make, kind)
    x, known = windows(2, features=3)
    with torch.no_grad():
        net.head.weight[:, -net.group_steps :] = 0.0  # what is left is the layer of the plans
        net.mean_head.weight[:, -net.group_steps :] = 0.0

    def shifted(by: float, window: Tensor) -> Tensor:
        moved = known.clone()
        moved[:, :, 1] += by
        return answer(net, window, moved) - answer(net, window, known)

    effect = shifted(1.0, x)
    assert effect[:, :, [0, 2]].abs().max() < 1e-6 < effect[:, :, 1].abs().min()
    assert (shifted(2.0, x) - 2 * effect)[:, :, 1].abs().max() > 1e-3
    assert (shifted(1.0, x * 2 + 1) - effect)[:, :, 1].abs().max() > 1e-3


def test_training_begins_at_the_answer_of_the_head(make: Make, windows: Windows) -> None:
    net = make("lstm", inputs=INPUTS, features=3).eval()
    x, known = windows(3, features=3)
    begun = answer(net, x, known)
    net.plans = None
    torch.testing.assert_close(answer(net, x, known), begun, rtol=0, atol=0)


@pytest.mark.parametrize("kind", DEEP)
def test_weights_saved_without_the_layer_answer_as_before(make: Make, windows: Windows, kind: str) -> None:
    old = build(make, kind)
    old.plans = None
    x, known = windows(3, features=3)
    opened = build(make, kind, seed=5)
    opened.load_state_dict(old.state_dict())
    torch.testing.assert_close(answer(opened, x, known), answer(old, x, known), rtol=0, atol=0)


@pytest.mark.parametrize("kind", DEEP)
def test_chunks_pieces_and_windows_agree(make: Make, kind: str) -> None:
    net = build(make, kind)
    source = torch.Generator().manual_seed(0)
    chunk, known = torch.randn(2, 11, 3, generator=source), torch.randn(2, 4, 3, 1, generator=source)
    if net.every_step and kind != "tft":
        torch.testing.assert_close(answer(net, chunk, known)[:, :1], answer(net, chunk[:, :8], known[:, :1]))
    if net.incremental:
        with torch.inference_mode():
            state = net.encode_rows(chunk[:, 4:8], net.encode_rows(chunk[:, :4], None))
            pieces = net.decode_state(state, known[:, 0])
        torch.testing.assert_close(pieces, answer(net, chunk[:, :8], known[:, :1])[:, 0])


def test_squared_errors_of_the_mean_move_no_hidden_unit(make: Make, windows: Windows) -> None:
    net = build(make, "lstm").train()
    net(*windows(4, features=3))[..., MEAN].square().sum().backward()
    assert net.plans.known.weight.grad is None or not net.plans.known.weight.grad.any()
    assert net.plans.answer.weight.grad[MEAN].any() and not net.plans.answer.weight.grad[:MEAN].any()


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("binary", [False, True])
def test_its_weights_are_counted(recipe: Callable[..., Spec], kind: str, binary: bool) -> None:
    target = {"target__kind": "direction"} if binary else {"target__kind": "column", "target__column": "y"}
    spec = recipe(
        features=INPUTS, model__kind=kind, model__hidden=12, model__segment=4, train__supervision="auto", **target
    )
    shape = {"features": 3, "known": 1, "steps": 5, "binary": binary}
    net = registry.build(spec, **shape, seed=0)
    assert registry.count_parameters(spec, **shape) == sum(p.numel() for p in net.parameters())


def test_a_known_column_among_the_defaults_counts_as_well(recipe: Callable[..., Spec]) -> None:
    spec = recipe(features=[], data__known_future=["plan"])
    assert registry.has_plans(spec) and not registry.has_plans(recipe(features=[]))
    assert not registry.has_plans(recipe(features=["return"], data__known_future=["plan"]))
    assert np.isfinite(registry.estimate_memory(spec, features=3, known=1, steps=5, binary=False))
