"""Estimates of how long an epoch takes, and the plan of an epoch that they share with the training."""

from collections.abc import Callable
from typing import Any

import pytest

from core.data import frame as frames
from core.datasets import windows
from core.models import timing
from core.models.kinds import MODELS
from core.spec import Spec
from core.training import epoch

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


@pytest.mark.parametrize("supervision", ["auto", "window"])
@pytest.mark.parametrize("values", [{}, {"data__symbols": ["A", "B"], "model__symbols": "separate"}])
def test_the_epochs_are_those_of_the_training(recipe: Recipe, bars, supervision: str, values: dict[str, Any]) -> None:
    """Against the plan of the training itself, whose steps are drawn."""
    frame = frames.build({"A": bars(900, seed=1), "B": bars(900, seed=2)} if values else {"A": bars(900)})
    budget = {"train__epochs": None, "train__steps": 500, "train__supervision": supervision}
    spec = windows.resolve(recipe(**values, **budget), frame)
    prepared = windows.prepare(spec, frame)
    own = windows.select_symbol(prepared, 0) if values else prepared
    plan = epoch.build_plan(spec, own, "cpu")
    counted = timing.count_epochs(spec, len(prepared.splits.train), len(prepared.splits.val))
    assert counted == pytest.approx(plan.epochs, rel=0.1)


@pytest.mark.parametrize("by_epoch", [False, True])
def test_twice_the_budget_is_twice_the_epochs(recipe: Recipe, by_epoch: bool) -> None:
    once, twice = (
        recipe(train__epochs=15 * n if by_epoch else None, train__steps=1500 * n, window__lookback=60) for n in (1, 2)
    )
    assert timing.count_epochs(twice, 2000, 300) == pytest.approx(2 * timing.count_epochs(once, 2000, 300), abs=1)
