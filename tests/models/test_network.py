"""Levels, symbols and groups of steps: what the network does around its encoder."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from core.datasets import targets
from core.errors import SpecError
from core.models import linear
from core.models.kinds import MODELS
from core.models.network import Network

Make = Callable[..., Network]
Windows = Callable[..., tuple[Tensor, Tensor]]


@pytest.mark.parametrize("head", ["quantiles", "point", "gaussian"])
@pytest.mark.parametrize("kind", MODELS)
def test_a_reversible_model_scales_its_answer_with_the_spread_of_the_window(
    make: Make, windows: Windows, kind: str, head: str
) -> None:
    net = make(kind, model__norm="reversible", model__head=head).eval()
    x, known = windows(4)
    moved = x * 3.0 + torch.arange(5.0)  # each input is shifted, the target by zero, and scaled by 3
    with torch.inference_mode():
        before, after = net.distribution(net(x, known)), net.distribution(net(moved, known))
    torch.testing.assert_close(after, 3.0 * before, atol=1e-4, rtol=1e-4)


def test_a_reversible_model_adds_a_learned_offset_per_step(make: Make, windows: Windows) -> None:
    net = make("lstm", model__norm="reversible").eval()
    x, known = windows(2)
    with torch.inference_mode():
        before = net(x, known)
        net.offset_H.copy_(torch.tensor([1.0, 2.0, 3.0]))
        torch.testing.assert_close(net(x, known) - before, torch.tensor([1.0, 2.0, 3.0])[:, None].expand_as(before))


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_a_chunk_is_normalised_by_its_first_window(make: Make, kind: str) -> None:
    net = make(kind, model__norm="reversible").eval()
    assert net.every_step
    source = torch.Generator().manual_seed(0)
    chunk, known = torch.randn(2, 12, 5, generator=source), torch.randn(2, 5, 3, 1, generator=source)
    later = chunk.clone()
    later[:, 10:] += 1.0
    with torch.inference_mode():
        every, other = net(chunk, known), net(later, known)
        alone = net(chunk[:, :8], known[:, :1])
        # A shift per input, which normalisation takes off a chunk as it does off a window.
        moved = net(chunk * 3.0 + torch.arange(5.0), known)
    torch.testing.assert_close(every[:, 0], alone[:, 0])
    torch.testing.assert_close(every[:, :3], other[:, :3], rtol=0, atol=0)  # whose cutoffs are before the change
    assert not torch.allclose(every[:, 3:], other[:, 3:], atol=1e-3)
    torch.testing.assert_close(moved, 3.0 * every, atol=1e-4, rtol=1e-4)


def test_rows_after_a_constant_first_window_stay_bounded(make: Make) -> None:
    net = make("lstm", model__norm="reversible")
    chunk, known = torch.randn(2, 12, 5, generator=torch.Generator().manual_seed(0)), torch.zeros(2, 5, 3, 1)
    chunk[:, :8] = 5.0
    inputs: list[Tensor] = []
    net.encoder.register_forward_pre_hook(lambda _, given: inputs.append(given[0]))
    raw = net(chunk, known)
    raw.sum().backward()
    assert inputs[0].abs().max() == pytest.approx(8**0.5)  # the farthest that a row of a window of eight can lie
    assert torch.isfinite(raw).all() and all(
        bool(torch.isfinite(p.grad).all()) for p in net.parameters() if p.grad is not None
    )


def test_a_constant_input_stays_finite(make: Make, windows: Windows) -> None:
    net = make("lstm", model__norm="reversible")
    x, known = windows(2)
    x[:, :, 0] = 5.0
    raw = net(x, known)
    raw.sum().backward()
    assert torch.isfinite(raw).all() and raw.detach().abs().max() < 1e-2
    assert all(bool(torch.isfinite(p.grad).all()) for p in net.parameters() if p.grad is not None)


@pytest.mark.parametrize("kind", ["nlinear", "segment"])
def test_levels_are_measured_from_their_last_value_if_the_target_is_a_level(
    make: Make, windows: Windows, kind: str
) -> None:
    x, known = windows(3)
    net = make(kind).eval()
    with torch.inference_mode():
        torch.testing.assert_close(net(x + 7.0, known), net(x, known), atol=1e-4, rtol=1e-4)
        raw = make(kind, model__norm="none").eval()
        assert not torch.allclose(raw(x + 7.0, known), raw(x, known), atol=1e-2)
        volatility = make(kind, target__kind="volatility").eval()
        assert not torch.allclose(volatility(x + 7.0, known), volatility(x, known), atol=1e-2)


def test_only_raw_columns_are_measured_from_their_last_value(make: Make) -> None:
    names = ["column:y", "return", "column:b|log", "rsi:14", "column:c"]
    assert make("nlinear", features=5, inputs=names).anchored == (0, 4)


def test_the_moving_average_of_dlinear_repeats_the_ends() -> None:
    x = torch.randn(1, 1, 40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    padded = torch.cat([x[..., :1].expand(-1, -1, 12), x, x[..., -1:].expand(-1, -1, 12)], dim=-1)
    expected = torch.stack([padded[..., t : t + 25].mean(dim=-1) for t in range(40)], dim=-1)
    torch.testing.assert_close(linear.compute_trend(x), expected)


def test_nlinear_is_the_linear_map_of_the_paper(make: Make, windows: Windows) -> None:
    net = make("nlinear", features=1, known=0).eval()
    x, known = windows(3, features=1, known=0)
    with torch.inference_mode():
        expected = functional.linear((x - x[:, -1:]).flatten(1), net.head.weight, net.head.bias).reshape(3, 1, 3, 7)
        torch.testing.assert_close(net(x, known)[..., :7], expected)


def test_one_head_answers_every_segment_of_the_horizon(make: Make, windows: Windows) -> None:
    net = make("segment", steps=7, model__segment=3)
    assert (net.groups, net.group_steps, net.head.out_features) == (3, 3, 3 * 7)
    x, known = windows(2, steps=7)
    assert net(x, known).shape == (2, 1, 7, 8)
    assert make("segment", steps=1).head.out_features == 7


@pytest.mark.parametrize(("count", "size"), [(1, 1), (5, 5), (40, 8)])
def test_an_embedding_has_at_most_eight_numbers(make: Make, count: int, size: int) -> None:
    net = make("lstm", symbols=count, model__symbols="embedded")
    assert net.embedding is not None
    assert (net.embedding.num_embeddings, net.embedding.embedding_dim) == (count, size)


@pytest.mark.parametrize("kind", ["volatility", "log_return", "direction", "max_drawdown"])
def test_reversible_normalisation_is_only_for_levels(make: Make, kind: str) -> None:
    assert not targets.TARGETS[kind].level
    with pytest.raises(SpecError, match=rf"the target {kind} is not a level. Set model.norm to last"):
        make("lstm", model__norm="reversible", target__kind=kind)


def test_reversible_normalisation_needs_the_target_among_the_inputs(make: Make) -> None:
    with pytest.raises(SpecError, match="Add column:z to features"):
        make("lstm", model__norm="reversible", target__column="z")


def test_settings_that_do_not_fit_say_what_to_change(make: Make) -> None:
    with pytest.raises(SpecError, match=r"hidden .30. is not a multiple of model.heads .4.*Set model.hidden to 32"):
        make("transformer", model__hidden=30)
    with pytest.raises(SpecError, match=r"model.segment .9. is longer than the window .8 rows.*at most 8"):
        make("segment", model__segment=9)
    with pytest.raises(SpecError, match=r"train.batch_size is 1. Set it to at least 2 .*or model.norm_layer to layer"):
        make("gru", model__norm_layer="batch", train__batch_size=1)


def test_levels_are_the_targets_that_are_prepared_as_levels() -> None:
    assert {name for name, kind in targets.TARGETS.items() if kind.level} == {"close", "mean_close", "column"}
