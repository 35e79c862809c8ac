"""Estimates of how long an epoch takes, and the plan of an epoch that they share with the training."""

from collections.abc import Callable
from typing import Any

import pytest

from core.models import timing
from core.models.kinds import MODELS
from core.spec import Spec

Recipe = Callable[..., Spec]
SHAPE: dict[str, Any] = {
    "features": 7,
    "known": 0,
    "steps": 5,
    "binary": False,
    "train_windows": 2000,
    "val_windows": 300,
}


def operations(recipe: Recipe, shape: dict[str, Any] | None = None, **values: Any) -> float:
    settings = {"window__lookback": 60, "model__hidden": 64, "model__segment": 12, "train__supervision": "auto"}
    return timing.count_operations(recipe(**settings | values), **SHAPE | (shape or {}))


@pytest.mark.parametrize("kind", MODELS)
def test_twice_the_windows_cost_about_twice_as_much(recipe: Recipe, kind: str) -> None:
    some = {"train_windows": 4000, "val_windows": 600}  # enough for the steps of an epoch
    more = {"train_windows": 8000, "val_windows": 1200}
    assert operations(recipe, more, model__kind=kind) / operations(recipe, some, model__kind=kind) == pytest.approx(
        2, rel=0.1
    )


@pytest.mark.parametrize("supervision", ["auto", "window"])
def test_an_epoch_of_a_network_of_one_symbol_counts_its_windows_only(recipe: Recipe, supervision: str) -> None:
    values = {"data__symbols": ["A", "B", "C", "D"], "train__supervision": supervision}
    more = {"train_windows": 16000, "val_windows": 2400}
    own = operations(recipe, more, model__symbols="separate", **values)
    assert own / operations(recipe, more, **values) == pytest.approx(1 / 4, rel=0.1)
    assert own == operations(recipe, {"train_windows": 4000, "val_windows": 600}, train__supervision=supervision)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_a_pass_with_a_loss_at_every_step_costs_far_less_than_one_over_windows(recipe: Recipe, kind: str) -> None:
    few = {"val_windows": 1}  # so that an epoch is a single pass
    assert operations(recipe, few, model__kind=kind, model__hidden=256) < 0.25 * operations(
        recipe, few, model__kind=kind, model__hidden=256, train__supervision="window"
    )


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("lstm", {"model__hidden": 256}),
        ("gru", {"model__layers": 3}),
        ("lstm", {"model__bidirectional": True}),
        ("rnn", {"model__pooling": "attention"}),
        ("transformer", {"model__layers": 3}),
        ("segment", {"model__segment": 2}),
        ("transformer", {"window__lookback": 120}),
        ("nlinear", {"window__lookback": 400}),
        ("lstm", {"train__batch_size": 1}),
    ],
)
def test_the_cost_grows_with_each_setting(recipe: Recipe, kind: str, values: dict[str, Any]) -> None:
    assert operations(recipe, model__kind=kind, **values) > 1.1 * operations(recipe, model__kind=kind)
