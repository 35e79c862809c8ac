"""Training: it learns, stops, keeps the best weights, repeats to the last bit and says when it fails."""

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from core.errors import SpecError, TrainError
from core.models import registry
from core.prepare import windows
from core.records import Epoch
from core.spec import Spec
from core.train import device, loop, losses

Recipe = Callable[..., Spec]
Finish = Callable[..., Any]


def trained(spec: Spec, frame: pd.DataFrame, finish: Finish) -> tuple[loop.Trained, list[Epoch]]:
    spec = windows.resolve(spec, frame)
    return finish(loop.train(spec, windows.prepare(spec, frame)))


def weights(made: loop.Trained) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in made.net.state_dict().items()}


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_a_model_learns_32_samples_by_heart(recipe: Recipe, kind: str) -> None:
    net = registry.build(recipe(model__kind=kind, model__hidden=32), features=2, known=0, steps=1, binary=False, seed=0)
    source = torch.Generator().manual_seed(0)
    x, y = torch.randn(32, 4, 2, generator=source), torch.randn(32, 1, 1, generator=source)
    known, weight = torch.zeros(32, 1, 1, 0), torch.ones(32, 1)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-2)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, 250)
    first = float(losses.pinball(net(x, known), y, weight).detach())
    for _ in range(250):
        optimizer.zero_grad()
        loss = losses.pinball(net(x, known), y, weight)
        loss.backward()
        optimizer.step()
        schedule.step()
    assert float(loss.detach()) < 0.05 * first


@pytest.mark.parametrize("supervision", ["every_step", "window"])
def test_training_repeats_to_the_last_bit(recipe: Recipe, frame: pd.DataFrame, finish: Finish,
                                          supervision: str) -> None:
    spec = recipe(train__supervision=supervision, model__dropout=0.3, model__layers=2)
    torch.manual_seed(1)
    first, told = trained(spec, frame, finish)
    torch.manual_seed(2)
    again, told_again = trained(spec, frame, finish)
    for name, value in weights(first).items():
        np.testing.assert_array_equal(value, weights(again)[name])
    assert [(e.train_loss, e.val_loss) for e in told] == [(e.train_loss, e.val_loss) for e in told_again]
    other, _ = trained(dataclasses.replace(spec, seed=1), frame, finish)
    assert any(not np.array_equal(value, weights(other)[name]) for name, value in weights(first).items())


def test_training_leaves_the_random_state_of_others_alone(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    before = torch.random.get_rng_state()
    trained(recipe(model__dropout=0.3), frame, finish)
    assert torch.equal(before, torch.random.get_rng_state())


def test_epochs_are_told_and_the_best_weights_are_kept(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    spec = windows.resolve(recipe(train__epochs=30, train__patience=3, train__learning_rate=0.02), frame)
    prepared = windows.prepare(spec, frame)
    made, told = finish(loop.train(spec, prepared))
    history = made.history
    assert tuple(told) == history.epochs
    assert [e.epoch for e in told] == list(range(1, len(told) + 1))
    val = [e.val_loss for e in told]
    assert history.best_epoch == 1 + int(np.argmin(val))
    assert len(told) == history.best_epoch + 3 < 30  # stopped by patience
    assert told[-1].eta == 0
    assert all(e.epochs == 30 and e.seconds > 0 and e.eta >= 0 for e in told)
    from core.models.inference import outputs

    part = prepared.splits.val
    output = torch.from_numpy(outputs(made.net, part.x_NLF, part.known_NHK)).unsqueeze(1)
    y = torch.from_numpy(prepared.y_scaler.apply(part.y_NH, part.symbol_N).astype(np.float32)).unsqueeze(1)
    again = float(losses.pinball(output, y, torch.ones(len(part), 1)))
    assert again == pytest.approx(min(val), rel=1e-5)


def test_units_are_silenced_in_every_epoch_and_never_in_validation(recipe: Recipe, frame: pd.DataFrame, finish: Finish,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    silencing: list[bool] = []
    forward = torch.nn.Dropout.forward

    def watched(self: torch.nn.Dropout, x: torch.Tensor) -> torch.Tensor:
        silencing.append(self.training)
        return forward(self, x)

    monkeypatch.setattr(torch.nn.Dropout, "forward", watched)
    trained(recipe(model__dropout=0.5), frame, finish)
    turns = [key for key, _ in itertools.groupby(silencing)]
    assert turns == [True, False] * 3


def test_the_learning_rate_falls_on_a_plateau_and_stays_where_it_is_told(recipe: Recipe, frame: pd.DataFrame,
                                                                         finish: Finish) -> None:
    values = {"train__epochs": 14, "train__patience": 9, "train__learning_rate": 0.05}
    _, plateau = trained(recipe(**values), frame, finish)
    _, constant = trained(recipe(**values, train__schedule="constant"), frame, finish)
    assert plateau[-1].lr < plateau[0].lr == 0.05
    assert {e.lr for e in constant} == {0.05}


def test_every_step_learns_the_same_model_as_windows(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    """On its first step, before anything has moved, the loss over all targets is the same quantity."""
    values = {"train__learning_rate": 1e-6, "train__weight_decay": 0.0, "train__epochs": 1, "train__batch_size": 8192}
    every, single = (trained(recipe(**values, train__supervision=s), frame, finish)[1][0]
                     for s in ("every_step", "window"))
    assert every.val_loss == pytest.approx(single.val_loss, abs=1e-5)
    assert every.train_loss == pytest.approx(single.train_loss, rel=0.02)  # states of longer context, ends seen twice


def test_a_loss_that_is_no_number_is_said(recipe: Recipe, frame: pd.DataFrame, finish: Finish,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "pinball", lambda output, y, weight: (output * float("nan")).mean())
    with pytest.raises(TrainError, match=r"epoch 1 .learning rate 0\.002"):
        trained(recipe(), frame, finish)


def test_memory_that_ran_out_is_said_with_what_to_lower(recipe: Recipe, frame: pd.DataFrame, finish: Finish,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(losses, "pinball", full)
    with pytest.raises(TrainError, match=r"batch_size .64.*hidden .8.*lookback .10"):
        trained(recipe(), frame, finish)


def test_a_restored_model_has_the_weights_that_were_kept(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    spec = windows.resolve(recipe(), frame)
    made, _ = finish(loop.train(spec, windows.prepare(spec, frame)))
    again = loop.restore(spec, weights(made))
    assert not again.training
    for name, value in weights(made).items():
        np.testing.assert_array_equal(again.state_dict()[name].numpy(), value)


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert (device.choose("auto"), device.choose("cpu")) == ("cpu", "cpu")
    with pytest.raises(TrainError, match="no cuda device; it has cpu"):
        device.choose("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device.choose("auto") == "cuda"


def test_the_mean_read_out_is_refused_at_every_step(recipe: Recipe) -> None:
    with pytest.raises(SpecError, match="mean read-out"):
        recipe(model__pooling="mean", train__supervision="every_step")
