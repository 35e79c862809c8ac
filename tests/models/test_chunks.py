"""Chunks, steps and passes of an epoch: counted before anything is built, and the same in the training plan."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from core.datasets import windows
from core.models import chunks
from core.spec import Model, Spec, Target, Train
from core.training import epoch


@pytest.mark.parametrize(
    "values",
    [
        {"model__kind": "lstm"},
        {"model__kind": "gru", "train__supervision": "window"},
        {"model__kind": "transformer"},
        {"window__lookback": 40, "model__kind": "rnn"},
    ],
)
def test_the_counts_are_those_of_the_training_plan(
    recipe: Callable[..., Spec], frame: pd.DataFrame, values: dict[str, Any]
) -> None:
    spec = windows.resolve(recipe(**{"train__supervision": "auto"} | values), frame)
    prepared = windows.prepare(spec, frame)
    plan, splits = epoch.build_plan(spec, prepared, "cpu"), prepared.splits
    assert chunks.cutoffs_per_chunk(spec, len(splits.train)) == plan.count
    batch_size = chunks.windows_per_step(spec.train.batch_size, len(splits.train))
    assert chunks.chunks_per_step(batch_size, plan.count) == plan.size
    counts = (len(splits.train), len(splits.val), plan.count, plan.steps // plan.passes)
    assert chunks.passes_per_epoch(spec, *counts) == plan.passes
    assert max(cutoffs for cutoffs, _ in plan.val_chunks) == chunks.validation_cutoffs(spec, plan.count)
    assert plan.steps >= chunks.MIN_STEPS
    assert plan.epochs == spec.train.epochs == 3


@pytest.mark.parametrize(
    ("windows", "horizon", "count", "stride"),
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
def test_long_horizons_validate_on_one_of_a_few_windows(windows: int, horizon: int, count: int, stride: int) -> None:
    spec = Spec(target=Target(kind="close", horizon=horizon), model=Model(norm="reversible"))
    assert chunks.validation_stride(spec, windows, count) == stride


def test_only_a_network_without_reversible_normalisation_validates_on_chunks() -> None:
    reversible, plain = (Spec(target=Target(kind="close"), model=Model(norm=norm)) for norm in ("reversible", "last"))
    assert [chunks.validation_cutoffs(reversible, count) for count in (1, 2, 60)] == [1, 1, 1]
    assert [chunks.validation_cutoffs(plain, count) for count in (1, 2, 60)] == [1, 1, 15]
    assert chunks.validation_stride(plain, 5000, 60) == 1  # all of them


def test_the_batch_follows_the_training_windows_unless_the_recipe_sets_it() -> None:
    assert [chunks.windows_per_step(None, count) for count in (100, 1000, 9000)] == [8, 20, 64]
    assert chunks.windows_per_step(128, 100) == 128


def test_the_epochs_are_those_that_the_steps_make_unless_the_recipe_sets_them() -> None:
    assert [chunks.epochs_of(Train(steps=1500), steps) for steps in (10, 140, 4000)] == [150, 11, 1]
    assert chunks.epochs_of(Train(steps=1500, epochs=7), 10) == 7


def test_long_chunks_count_as_sixteen_windows() -> None:
    assert [chunks.chunks_per_step(64, count) for count in (1, 2, 16, 60, 720)] == [64, 32, 4, 4, 4]
    assert chunks.chunks_per_step(1, 60) == 1


def test_validation_takes_at_most_a_third_of_an_epoch() -> None:
    assert pytest.approx(2) == (1 - chunks.VALIDATION_SHARE) / chunks.VALIDATION_SHARE
