"""What every kind of network must do, whatever its settings: learn, ignore the future, survive saving."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.errors import SpecError
from core.models import inference, registry
from core.models.kinds import MODELS
from core.models.network import Network
from core.spec import QUANTILES, Spec
from core.training.optimizers import decay_groups

Make = Callable[..., Network]
Windows = Callable[..., tuple[Tensor, Tensor]]
MEDIAN = QUANTILES.index(0.5)


def loss_of(head: str, raw: Tensor, y: Tensor) -> Tensor:
    if head == "logit":
        return nn.functional.binary_cross_entropy_with_logits(raw[..., 0], y)
    if head == "point":
        return (raw[..., 0] - y).square().mean()
    if head == "gaussian":
        log = raw[..., 1].clamp(-1.0, 1.0)
        return (0.5 * ((y - raw[..., 0]) * torch.exp(-log)).square() + log).mean()
    error = y[..., None] - raw[..., :7]
    return torch.maximum(error * torch.tensor(QUANTILES), error * (torch.tensor(QUANTILES) - 1)).mean()


@pytest.mark.parametrize("head", ["quantiles", "point", "gaussian", "logit"])
@pytest.mark.parametrize("kind", MODELS)
def test_it_memorises_32_samples(make: Make, windows: Windows, kind: str, head: str) -> None:
    binary = head == "logit"
    net = make(kind, binary=binary, model__hidden=32, model__dropout=0.0, model__head="quantiles" if binary else head)
    x, known = windows(32)
    y = torch.randn(32, 1, 3, generator=torch.Generator().manual_seed(1))
    y = (y > 0).float() if binary else y
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for step in range(1, 601):
        optimizer.zero_grad()
        loss_of(head, net(x, known), y).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        if step % 20 == 0 and unexplained(net, x, known, y) < 0.02:
            return
    assert unexplained(net, x, known, y) < 0.02


def unexplained(net: Network, x: Tensor, known: Tensor, y: Tensor) -> float:
    """The share of the variance that the median does not explain, or the log loss of a direction."""
    answer = net.distribution(net(x, known)).detach()
    if net.binary:
        return float(loss_of("logit", answer, y))
    return float((answer[..., MEDIAN] - y).square().mean() / y.square().mean())


def test_it_does_not_see_rows_after_its_cutoff(make: Make, variant: dict[str, Any]) -> None:
    net = make(**variant).eval()
    series = torch.randn(40, 5, generator=torch.Generator().manual_seed(0))
    changed = series.clone()
    changed[20:] = 99.0
    known = torch.zeros(1, 1, 3, 1)
    with torch.inference_mode():
        before, after = net(series[None, 12:20], known), net(changed[None, 12:20], known)
        later = net(changed[None, 13:21], known)
    assert torch.equal(before, after)
    assert not torch.allclose(before, later)


def test_saved_and_loaded_weights_answer_to_the_last_bit(make: Make, windows: Windows, variant: dict[str, Any]) -> None:
    net = make(**variant, symbols=3, model__symbols="embedded")
    x, known = windows(6)
    net.train()
    net(x, known)  # moves the running means of batch norm
    file = io.BytesIO()
    torch.save(net.state_dict(), file)
    loaded = make(**variant, symbols=3, model__symbols="embedded", seed=9)
    loaded.load_state_dict(torch.load(io.BytesIO(file.getvalue()), weights_only=True))
    with torch.inference_mode():
        assert torch.equal(net.eval()(x, known), loaded.eval()(x, known))


def test_the_gradient_reaches_every_row_of_the_window_and_every_weight(
    make: Make, windows: Windows, variant: dict[str, Any]
) -> None:
    net = make(**variant, model__dropout=0.0)
    x, known = windows(4)
    x.requires_grad_()
    net(x, known).square().sum().backward()
    assert (x.grad.abs().sum(dim=(0, 2)) > 0).all()  # type: ignore[union-attr]
    untouched = [name for name, p in net.named_parameters() if p.grad is None or not p.grad.abs().max() > 0]
    assert untouched == []


def test_a_batch_of_one_trains_and_predicts(make: Make, windows: Windows, variant: dict[str, Any]) -> None:
    net = make(**variant).train()
    x, known = windows(1)
    raw = net(x, known)
    assert raw.shape == (1, 1, 3, 8)
    raw.square().mean().backward()
    assert all(bool(torch.isfinite(p.grad).all()) for p in net.parameters() if p.grad is not None)
    assert torch.isfinite(net.eval()(x, known)).all()


def test_only_an_embedding_distinguishes_symbols(make: Make, windows: Windows, variant: dict[str, Any]) -> None:
    x, known = windows(1)
    x, known = x.expand(3, -1, -1), known.expand(3, -1, -1, -1)
    symbol = torch.arange(3)
    with torch.inference_mode():
        embedded = make(**variant, symbols=3, model__symbols="embedded").eval()(x, known, symbol)
        shared = make(**variant, symbols=3).eval()(x, known, symbol)
    assert not torch.allclose(embedded[0], embedded[1]) and not torch.allclose(embedded[1], embedded[2])
    torch.testing.assert_close(shared[0], shared[2])


def test_exactly_the_fields_of_a_kind_change_it(make: Make, recipe: Callable[..., Spec]) -> None:
    other = {
        "hidden": 24,
        "layers": 2,
        "dropout": 0.5,
        "bidirectional": True,
        "pooling": "attention",
        "norm_layer": "layer",
        "residual": True,
        "segment": 4,
        "norm": "reversible",
        "head": "gaussian",
        "symbols": "embedded",
    }
    for kind in registry.MODELS.values():
        stacked = {"model__layers": 2} if "layers" in kind.fields else {}
        plain = describe(make(kind.name, symbols=2, **stacked))
        for field, value in other.items():
            changed = stacked | {f"model__{field}": 3 if field == "layers" else value}
            assert (plain != describe(make(kind.name, symbols=2, **changed))) == (field in kind.fields), (
                kind.name,
                field,
            )


def describe(net: Network) -> str:
    """The modules of a network and the shapes of its weights."""
    return repr(net) + str([(name, tuple(value.shape)) for name, value in net.state_dict().items()])


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "transformer"},
        {"kind": "segment"},
        {"kind": "dlinear"},
        {"model__bidirectional": True},
        {"model__pooling": "mean"},
        {"model__pooling": "attention"},
        {"model__norm": "reversible", "window__min_length": 4},
    ],
)
def test_models_of_whole_windows_refuse_supervision_at_every_step(
    make: Make, windows: Windows, values: dict[str, Any]
) -> None:
    with pytest.raises(
        SpecError,
        match=r"cannot be supervised at every step.*Set train\.supervision to window, or "
        r"(model|window)\.",
    ):
        make(**values, train__supervision="every_step")
    net = make(**values)
    assert not net.every_step
    x, known = windows(2)
    with pytest.raises(ValueError, match="one cutoff of a chunk; got 2"):
        net(x, known.expand(-1, 2, -1, -1))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"model__norm_layer": "layer", "model__layers": 2},
        {"model__norm_layer": "batch"},
        {"model__symbols": "embedded"},
        {"model__residual": True, "model__layers": 2},
        {"model__norm": "none"},
        {"model__head": "gaussian"},
    ],
)
@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn", "slstm", "tft"])
def test_each_step_of_a_chunk_equals_a_chunk_that_ends_there(make: Make, kind: str, values: dict[str, Any]) -> None:
    net = make(kind, **values, symbols=2).eval()
    assert net.every_step
    source = torch.Generator().manual_seed(0)
    chunk, known = torch.randn(2, 12, 5, generator=source), torch.randn(2, 5, 3, 1, generator=source)
    symbol = torch.tensor([1, 0])
    with torch.inference_mode():
        every = net(chunk, known, symbol)
        for s in range(5):
            alone = net(chunk[:, : 8 + s], known[:, s : s + 1], symbol)
            torch.testing.assert_close(every[:, s], alone[:, 0], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("head", ["quantiles", "point", "gaussian"])
@pytest.mark.parametrize("kind", ["segment", "transformer", "nlinear", "lstm", "slstm", "tft"])
def test_gradients_agree_with_finite_differences(make: Make, windows: Windows, kind: str, head: str) -> None:
    norm = "reversible" if kind == "lstm" else "last"
    net = make(kind, model__head=head, model__norm=norm, symbols=2, model__symbols="embedded").double()
    x, known = (part.double().numpy() for part in windows(2))
    known, symbol = known[:, 0], [1, 0]

    def value(x_NLF: Any) -> Any:
        quantile_NHQ = inference.compute_distribution(net, inference.compute_outputs(net, x_NLF, known, symbol))
        return quantile_NHQ[..., 4].sum(axis=1)

    by_x, _ = inference.compute_gradient(net, x, known, lambda v: np.arange(v.shape[-1]) == 4, symbol)
    for row, feature in ((0, 0), (7, 0), (4, 3)):
        step = x * 0
        step[:, row, feature] = 1e-5
        numeric = (value(x + step) - value(x - step)) / 2e-5
        assert by_x[:, row, feature] == pytest.approx(numeric, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("kind", MODELS)
def test_every_parameter_is_in_one_group_of_the_optimiser_and_no_bias_decays(make: Make, kind: str) -> None:
    net = make(kind)
    groups = decay_groups(net.parameters(), 0.1)
    assert {id(p) for group in groups for p in group["params"]} == {id(p) for p in net.parameters()}
    assert sum(len(group["params"]) for group in groups) == len([*net.parameters()])
    decay = {id(p): group["weight_decay"] for group in groups for p in group["params"]}
    biases = {name for name, p in net.named_parameters() if "bias" in name or "norm" in name.lower()}
    assert biases and {decay[id(p)] for name, p in net.named_parameters() if name in biases} == {0.0}
    assert 0.1 in decay.values()
