"""Checkpoints: a resumed training ends where an uninterrupted one does, to the last bit."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from core.datasets import windows
from core.errors import TrainError
from core.events import Checkpoint, Epoch
from core.spec import Spec
from core.training import member, trainer

Recipe = Callable[..., Spec]
Finish = Callable[..., Any]


@pytest.fixture(autouse=True)
def checkpoint_at_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member, "CHECKPOINT_SECONDS", 0.0)


def round_trip(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint as read back from disk: arrays from their bytes, the rest from JSON."""
    arrays = {
        name: np.frombuffer(value.tobytes(), value.dtype).reshape(value.shape).copy()
        for name, value in checkpoint.arrays.items()
    }
    return Checkpoint(arrays=arrays, state=json.loads(json.dumps(checkpoint.state, allow_nan=False)))


def numbers(events: list[Any]) -> list[tuple[float, ...]]:
    return [(e.member, e.epoch, e.train_loss, e.val_loss, e.lr, e.grad_norm) for e in events if isinstance(e, Epoch)]


@pytest.mark.parametrize(
    "values",
    [
        {"train__schedule": "plateau", "train__learning_rate": 0.05},
        {"train__schedule": "cosine", "train__warmup": 2},
        {"train__schedule": "one_cycle", "train__optimizer": "sgd"},
        {"train__schedule": "constant", "train__optimizer": "rmsprop"},
        {"train__optimizer": "adam", "train__ensemble": 2, "train__epochs": 3},
        {"train__supervision": "window"},
    ],
)
def test_a_resumed_training_ends_like_an_uninterrupted_one(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, values: dict[str, Any]
) -> None:
    base = {"train__epochs": 5, "train__patience": 9, "model__layers": 2, "model__dropout": 0.3}
    spec = windows.resolve(recipe(**base | values), frame)
    prepared = windows.prepare(spec, frame)
    straight, events = finish(trainer.train(spec, prepared))
    checkpoints = [event for event in events if isinstance(event, Checkpoint)]
    for at in (0, len(checkpoints) // 2, len(checkpoints) - 1):
        torch.manual_seed(at)
        resumed, _ = finish(trainer.train(spec, prepared, resume=round_trip(checkpoints[at])))
        assert len(resumed.nets) == len(straight.nets) == spec.train.ensemble
        for net, other in zip(resumed.nets, straight.nets, strict=True):
            for name, value in other.state_dict().items():
                assert torch.equal(net.state_dict()[name], value), name
        assert numbers(list(resumed.history.epochs)) == numbers(list(straight.history.epochs))
        assert resumed.history.best_epoch == straight.history.best_epoch
        assert [e.seconds for e in resumed.history.epochs] == sorted(e.seconds for e in resumed.history.epochs)


def test_a_checkpoint_does_not_change_while_the_training_goes_on(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish
) -> None:
    spec = windows.resolve(recipe(train__epochs=2), frame)
    events = trainer.train(spec, windows.prepare(spec, frame))
    checkpoint = next(event for event in events if isinstance(event, Checkpoint))
    before = {name: value.copy() for name, value in checkpoint.arrays.items()}
    finish(events)
    assert {type(value) for value in before.values()} == {np.ndarray}
    for name, value in before.items():
        np.testing.assert_array_equal(checkpoint.arrays[name], value)


def test_a_checkpoint_of_another_recipe_is_refused(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    spec = windows.resolve(recipe(train__epochs=2), frame)
    prepared = windows.prepare(spec, frame)
    checkpoint = next(event for event in trainer.train(spec, prepared) if isinstance(event, Checkpoint))
    other = windows.resolve(recipe(train__epochs=3), frame)
    with pytest.raises(TrainError, match=f"{spec.id}.*{other.id}.*from the beginning"):
        finish(trainer.train(other, prepared, resume=checkpoint))
    old = Checkpoint(arrays=checkpoint.arrays, state=checkpoint.state | {"format": 2})  # every parameter decayed
    with pytest.raises(TrainError, match=r"format 2.*format 4.*from the beginning"):
        finish(trainer.train(spec, prepared, resume=old))


def test_checkpoints_come_seconds_apart(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member, "CHECKPOINT_SECONDS", 1e6)
    spec = windows.resolve(recipe(), frame)
    _, events = finish(trainer.train(spec, windows.prepare(spec, frame)))
    assert [type(event) for event in events] == [Epoch] * 3
