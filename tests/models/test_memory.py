"""Counts of weights and estimates of memory, against built networks."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from core.models import registry
from core.models.kinds import MODELS
from core.models.network import Network
from core.spec import Spec

Recipe = Callable[..., Spec]
SHAPE: dict[str, Any] = {"features": 2, "known": 1, "steps": 5, "symbols": 3}


def build(recipe: Recipe, binary: bool, **values: Any) -> tuple[Spec, Network]:
    settings = {
        "features": ["column:y", "weekday"],
        "target__kind": "column",
        "target__column": "y",
        "model__segment": 4,
        "train__supervision": "auto",
        "model__hidden": 12,
    }
    spec = recipe(**settings | values)
    return spec, registry.build(spec, **SHAPE, binary=binary, seed=0)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"model__layers": 3},
        {"model__bidirectional": True, "model__layers": 2},
        {"model__pooling": "attention"},
        {"model__norm_layer": "batch", "model__bidirectional": True},
        {"model__norm_layer": "layer", "model__layers": 2},
        {"model__residual": True, "model__layers": 2},
        {"model__norm": "reversible"},
        {"model__head": "gaussian"},
        {"model__head": "point", "model__segment": 2},
        {"model__symbols": "embedded", "model__layers": 2},
    ],
)
@pytest.mark.parametrize("kind", MODELS)
def test_the_count_of_weights_is_exact(recipe: Recipe, kind: str, values: dict[str, Any]) -> None:
    spec, net = build(recipe, False, model__kind=kind, **values)
    assert registry.count_parameters(spec, **SHAPE, binary=False) == sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize("kind", MODELS)
def test_the_count_of_weights_of_a_direction_is_exact(recipe: Recipe, kind: str) -> None:
    spec, net = build(recipe, True, model__kind=kind, target__kind="direction")
    assert registry.count_parameters(spec, **SHAPE, binary=True) == sum(p.numel() for p in net.parameters())


def test_the_number_of_symbols_defaults_to_that_of_the_recipe(recipe: Recipe) -> None:
    spec = recipe(data__symbols=["A", "B", "C"], model__symbols="embedded")
    shape = {"features": 2, "known": 1, "steps": 5, "binary": False}
    assert registry.count_parameters(spec, **shape) == registry.count_parameters(spec, **shape, symbols=3)
    net = registry.build(spec, **shape, seed=0)
    assert net.embedding is not None and net.embedding.num_embeddings == 3


@pytest.mark.parametrize(
    "values", [{}, {"model__bidirectional": True}, {"model__layers": 2, "model__norm_layer": "layer"}]
)
@pytest.mark.parametrize("kind", MODELS)
def test_the_memory_estimate_is_near_what_a_step_keeps(recipe: Recipe, kind: str, values: dict[str, Any]) -> None:
    spec, net = build(
        recipe,
        False,
        model__kind=kind,
        model__hidden=64,
        window__lookback=40,
        train__batch_size=64,
        train__supervision="window",
        model__dropout=0.2,
        **values,
    )
    kept: dict[int, int] = {}

    def keep(value: Tensor) -> Tensor:
        storage = value.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return value

    weights = {p.untyped_storage().data_ptr() for p in net.parameters()}
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda value: value):
        net(torch.randn(64, 40, 2), torch.randn(64, 1, 5, 1)).sum()
    real = sum(size for at, size in kept.items() if at not in weights) + 16 * sum(p.numel() for p in net.parameters())
    estimate = registry.estimate_memory(spec, **SHAPE, binary=False)
    assert 0.7 < estimate / real < 1.6


def test_memory_grows_with_each_setting(recipe: Recipe) -> None:
    shape = SHAPE | {"binary": False}
    small = registry.estimate_memory(recipe(), **shape)
    for values in (
        {"model__hidden": 64},
        {"model__layers": 3},
        {"train__batch_size": 512},
        {"window__lookback": 60},
        {"model__symbols": "embedded"},
    ):
        assert registry.estimate_memory(recipe(**values), **shape) > small, values


def test_no_batch_is_larger_than_the_training_split(recipe: Recipe) -> None:
    shape = SHAPE | {"binary": False}
    for supervision in ("auto", "window"):
        small, large = (
            recipe(train__batch_size=size, train__supervision=supervision, window__lookback=50) for size in (1024, 8192)
        )
        assert registry.estimate_memory(large, **shape) > registry.estimate_memory(small, **shape)
        of_few = {size: registry.estimate_memory(size, **shape, train_windows=900) for size in (small, large)}
        assert of_few[large] == of_few[small] < registry.estimate_memory(small, **shape)
