"""How long an epoch takes, told before anything is built."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.datasets import windows
from core.models import memory, timing
from core.models.inference import BATCH
from core.spec import MODELS, Spec
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


def work(recipe: Recipe, shape: dict[str, Any] | None = None, **values: Any) -> float:
    settings = {"window__lookback": 60, "model__hidden": 64, "model__segment": 12, "train__supervision": "auto"}
    return timing.work(recipe(**settings | values), **SHAPE | (shape or {}))


@pytest.mark.parametrize("kind", MODELS)
def test_seconds_are_work_by_rate(recipe: Recipe, kind: str) -> None:
    spec = recipe(model__kind=kind, model__segment=5)
    assert timing.seconds(spec, **SHAPE, rate=1e9) == pytest.approx(timing.work(spec, **SHAPE) / 1e9)
    assert timing.seconds(spec, **SHAPE) == pytest.approx(timing.work(spec, **SHAPE) / timing.RATE)


@pytest.mark.parametrize("kind", MODELS)
def test_twice_the_windows_take_about_twice_as_long(recipe: Recipe, kind: str) -> None:
    more = {"train_windows": 4000, "val_windows": 600}
    assert work(recipe, more, model__kind=kind) / work(recipe, model__kind=kind) == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("supervision", ["auto", "window"])
def test_an_epoch_of_a_network_that_knows_one_symbol_is_over_its_windows_alone(
    recipe: Recipe, supervision: str
) -> None:
    values = {"data__symbols": ["A", "B", "C", "D"], "train__supervision": supervision}
    more = {"train_windows": 16000, "val_windows": 2400}
    own = work(recipe, more, model__symbols="separate", **values)
    assert own / work(recipe, more, **values) == pytest.approx(1 / 4, rel=0.1)
    assert own == work(recipe, {"train_windows": 4000, "val_windows": 600}, train__supervision=supervision)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_a_pass_with_a_loss_at_every_step_costs_far_less_than_one_over_windows(recipe: Recipe, kind: str) -> None:
    few = {"val_windows": 1}  # so that an epoch is a single pass
    assert work(recipe, few, model__kind=kind, model__hidden=256) < 0.25 * work(
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
def test_work_grows_with_what_it_is_made_of(recipe: Recipe, kind: str, values: dict[str, Any]) -> None:
    assert work(recipe, model__kind=kind, **values) > 1.1 * work(recipe, model__kind=kind)


@pytest.mark.parametrize(
    "values",
    [
        {"model__kind": "lstm"},
        {"model__kind": "gru", "train__supervision": "window"},
        {"model__kind": "transformer"},
        {"window__lookback": 40, "model__kind": "rnn"},
    ],
)
def test_an_epoch_has_the_passes_and_chunks_of_the_real_course(
    recipe: Recipe, frame: pd.DataFrame, values: dict[str, Any]
) -> None:
    spec = windows.resolve(recipe(**{"train__supervision": "auto"} | values), frame)
    prepared = windows.prepare(spec, frame)
    plan, parts = epoch.lay(spec, prepared, "cpu"), prepared.splits
    assert timing.cutoffs(spec, len(parts.train)) == plan.count
    assert memory.chunks(spec.train.batch_size, plan.count) == plan.size
    assert timing.passes(len(parts.train), len(parts.val), spec.window.lookback, plan.count) == plan.passes


def test_what_is_counted_twice_is_the_same() -> None:
    assert timing.BATCH == BATCH
    assert np.isclose((1 - timing.LOOKING) / timing.LOOKING, 2)


@pytest.mark.parametrize(
    ("windows", "horizon", "count", "few"),
    [
        (5000, 24, 60, 5),
        (3000, 24, 60, 3),
        (1700, 24, 60, 1),
        (5000, 12, 60, 3),
        (5000, 7, 60, 1),
        (5000, 24, 1, 1),
        (100, 24, 60, 1),
    ],
)
def test_of_long_horizons_a_few_windows_are_looked_at(windows: int, horizon: int, count: int, few: int) -> None:
    assert timing.one_of(windows, horizon, count) == few
