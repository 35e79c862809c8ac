"""Training: it learns, stops, keeps the best weights, repeats to the last bit and reports failures."""

import dataclasses
import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from core.data import frame as frames
from core.datasets import windows
from core.errors import TrainError
from core.events import Epoch
from core.models import chunks, registry
from core.models.inference import BATCH
from core.spec import Spec, with_values
from core.training import batches, device, epoch, learner, losses, trainer
from core.training.optimizers import Schedule
from core.types import Run
from tests.training.precision import WITH_BFLOAT16

Bars = Callable[..., pd.DataFrame]

Recipe = Callable[..., Spec]
Finish = Callable[..., Any]


def train(spec: Spec, frame: pd.DataFrame, finish: Finish) -> tuple[trainer.Trained, list[Epoch]]:
    spec = windows.resolve(spec, frame)
    trained, events = finish(trainer.train(spec, windows.prepare(spec, frame)))
    return trained, [event for event in events if isinstance(event, Epoch)]


def weights(trained: trainer.Trained) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in trained.net.state_dict().items()}


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_a_model_memorises_32_samples(recipe: Recipe, kind: str) -> None:
    net = registry.build(recipe(model__kind=kind, model__hidden=32), features=2, known=0, steps=1, binary=False, seed=0)
    source = torch.Generator().manual_seed(0)
    x, y = torch.randn(32, 4, 2, generator=source), torch.randn(32, 1, 1, generator=source)
    known, weight = torch.zeros(32, 1, 1, 0), torch.ones(32, 1)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-2)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, 250)
    pinball = losses.build_loss("quantiles", "auto", "cpu")
    first = float(pinball(net(x, known), y, weight).detach())
    for _ in range(250):
        optimizer.zero_grad()
        loss = pinball(net(x, known), y, weight)
        loss.backward()
        optimizer.step()
        schedule.step()
    assert float(loss.detach()) < 0.05 * first


@pytest.mark.parametrize("supervision", ["every_step", "window"])
def test_training_repeats_to_the_last_bit(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, supervision: str
) -> None:
    spec = recipe(train__supervision=supervision, model__dropout=0.3, model__layers=2)
    torch.manual_seed(1)
    first, epochs = train(spec, frame, finish)
    torch.manual_seed(2)
    again, epochs_again = train(spec, frame, finish)
    for name, value in weights(first).items():
        np.testing.assert_array_equal(value, weights(again)[name])
    assert [(e.train_loss, e.val_loss) for e in epochs] == [(e.train_loss, e.val_loss) for e in epochs_again]
    other, _ = train(dataclasses.replace(spec, seed=1), frame, finish)
    assert any(not np.array_equal(value, weights(other)[name]) for name, value in weights(first).items())


def test_training_leaves_the_global_random_state_untouched(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    before = torch.random.get_rng_state()
    train(recipe(model__dropout=0.3), frame, finish)
    assert torch.equal(before, torch.random.get_rng_state())


def test_epochs_are_yielded_and_the_best_weights_are_kept(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    spec = windows.resolve(
        recipe(train__epochs=30, train__patience=3, train__learning_rate=0.02, model__combine=False), frame
    )
    prepared = windows.prepare(spec, frame)
    trained, epochs = train(spec, frame, finish)
    history = trained.history
    assert tuple(epochs) == history.epochs
    assert [e.epoch for e in epochs] == list(range(1, len(epochs) + 1))
    val = [e.val_loss for e in epochs]
    assert history.best_epoch == 1 + int(np.argmin(val))
    assert len(epochs) == max(history.best_epoch, 7) + 3 < 30  # stopped by patience, from a quarter of the epochs on
    assert epochs[-1].eta == 0
    assert all(e.epochs == 30 and e.seconds > 0 and e.eta >= 0 for e in epochs)
    from core.models.inference import compute_outputs

    val_split = prepared.splits.val
    output = torch.from_numpy(compute_outputs(trained.net, val_split.x_NLF, val_split.known_NHK)).unsqueeze(1)
    y = torch.from_numpy(prepared.y_scaler.apply(val_split.y_NH, val_split.symbol_N).astype(np.float32)).unsqueeze(1)
    loss = losses.build_loss("quantiles", "auto", "cpu")
    again = float(loss(output, y, torch.ones(len(val_split), 1))) / len(val_split)
    assert again == pytest.approx(min(val), rel=1e-3)  # a chunk of the pass knows a few rows more than a window


def test_dropout_is_active_in_every_epoch_and_never_in_validation(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropping: list[bool] = []
    forward = torch.nn.Dropout.forward

    def record(self: torch.nn.Dropout, x: torch.Tensor) -> torch.Tensor:
        dropping.append(self.training)
        return forward(self, x)

    monkeypatch.setattr(torch.nn.Dropout, "forward", record)
    train(recipe(model__dropout=0.5), frame, finish)
    turns = [key for key, _ in itertools.groupby(dropping)]
    assert turns == [True, False] * 3


def test_the_learning_rate_falls_on_a_plateau_and_a_constant_one_stays(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish
) -> None:
    values = {"train__epochs": 14, "train__patience": 9, "train__learning_rate": 0.05, "train__warmup": 0}
    _, plateau = train(recipe(**values, train__schedule="plateau"), frame, finish)
    _, constant = train(recipe(**values, train__schedule="constant"), frame, finish)
    assert plateau[-1].lr < plateau[0].lr == 0.05
    assert {e.lr for e in constant} == {0.05}


def test_the_loss_at_every_step_is_that_of_single_windows(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    """In its first step, before any weight has changed, the loss over all targets is the same quantity."""
    values = {"train__learning_rate": 1e-6, "train__weight_decay": 0.0, "train__epochs": 1, "train__batch_size": 8192}
    every, single = (
        train(recipe(**values, train__supervision=s), frame, finish)[1][0] for s in ("every_step", "window")
    )
    assert every.val_loss == pytest.approx(single.val_loss, rel=1e-3)
    # At every step the context is longer, and the ends are covered twice.
    assert every.train_loss == pytest.approx(single.train_loss, rel=0.02)


def failing(monkeypatch: pytest.MonkeyPatch, after: int, how: Callable[[torch.Tensor], torch.Tensor]) -> None:
    """From call number `after` on, `how` is applied to the loss."""
    make, calls = losses.build_loss, itertools.count()

    def other(*settings: Any) -> losses.Loss:
        loss = make(*settings)
        return lambda *values: how(loss(*values)) if next(calls) >= after else loss(*values)

    monkeypatch.setattr(losses, "build_loss", other)


def exhaust_memory(_: torch.Tensor) -> torch.Tensor:
    raise torch.OutOfMemoryError


FAILURES = [
    (lambda loss: loss * float("nan"), r"stopped being a number in epoch {}.*learning_rate .0\.002"),
    (lambda loss: torch.sqrt(loss - loss.detach()) + loss.detach(), r"gradient exploded in epoch {}.*norm .1"),
    (exhaust_memory, r"batch_size .64.*hidden .8.*lookback .10"),
]


@pytest.mark.parametrize(("how", "message"), FAILURES)
def test_a_failure_in_the_first_epoch_is_reported(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, how: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, 0, how)
    with pytest.raises(TrainError, match=message.format(1)):
        train(recipe(), frame, finish)


@pytest.mark.parametrize(("how", "message"), FAILURES)
def test_a_failure_in_a_later_epoch_keeps_the_best_weights_so_far(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, how: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steady = {"train__schedule": "constant", "train__warmup": 0}  # a rate that knows nothing of later epochs
    one_epoch, _ = train(recipe(train__epochs=1, **steady), frame, finish)
    failing(monkeypatch, losses_per_epoch(recipe(), frame), how)
    trained, epochs = train(recipe(**steady), frame, finish)
    assert len(epochs) == trained.history.best_epoch == 1
    assert trained.history.problem is not None
    assert re.search(message.format(2) + ".*weights of epoch 1 were kept", trained.history.problem)
    for name, value in weights(trained).items():
        np.testing.assert_array_equal(value, weights(one_epoch)[name])


def test_a_failure_counts_steps_where_the_recipe_does(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = recipe(train__epochs=None, train__steps=300)
    per_epoch = epoch.build_plan(
        resolved := windows.resolve(spec, frame), windows.prepare(resolved, frame), "cpu"
    ).steps
    failing(monkeypatch, losses_per_epoch(spec, frame), lambda loss: loss * float("nan"))
    trained, _ = train(spec, frame, finish)
    words = f"stopped being a number before step {2 * per_epoch}.*The weights of step {per_epoch} were kept"
    assert re.search(words, trained.history.problem or "")


def losses_per_epoch(spec: Spec, frame: pd.DataFrame) -> int:
    """How often an epoch computes the loss: its steps and its validation batches."""
    spec = windows.resolve(spec, frame)
    plan = epoch.build_plan(spec, windows.prepare(spec, frame), "cpu")
    order = batches.draw_epoch(plan.windows, plan.count, plan.size, np.random.default_rng(0), "cpu")
    val = sum(len(last.split(max(1, BATCH // cutoffs))) for cutoffs, last in plan.val_chunks)
    return plan.passes * len(order) + val


def test_a_bug_is_not_mistaken_for_a_lack_of_memory(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("shapes do not fit")

    failing(monkeypatch, 0, broken)
    with pytest.raises(RuntimeError, match="shapes"):
        train(recipe(), frame, finish)


def test_epochs_have_gradient_norms(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    _, epochs = train(recipe(), frame, finish)
    assert all(0 < e.grad_norm <= e.grad_norm_max < 1e3 for e in epochs)  # type: ignore[operator]
    assert len({e.grad_norm for e in epochs}) == len(epochs)
    for e in epochs:
        assert e.layer_norms is not None
        assert list(e.layer_norms) == ["layer 1", "head"]
        assert max(e.layer_norms.values()) <= e.grad_norm <= sum(e.layer_norms.values())  # type: ignore[operator]


@pytest.mark.parametrize(
    "values",
    [
        {"train__optimizer": "adam"},
        {"train__optimizer": "sgd", "train__learning_rate": 0.05},
        {"train__optimizer": "rmsprop"},
        {"train__schedule": "cosine"},
        {"train__schedule": "one_cycle"},
        {"train__warmup": 2},
        pytest.param({"train__precision": "bf16"}, marks=WITH_BFLOAT16),
        {"model__head": "gaussian"},
        {"model__head": "point", "train__loss": "huber"},
        {"target__kind": "direction", "train__class_weights": True},
    ],
)
def test_every_way_of_training_lowers_the_loss(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, values: dict[str, Any]
) -> None:
    _, epochs = train(recipe(train__epochs=6, **values), frame, finish)
    assert min(e.train_loss for e in epochs[1:]) < epochs[0].train_loss


def test_a_processor_without_bfloat16_refuses_it_in_words(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "has_bfloat16", lambda where: False)
    with pytest.raises(TrainError, match=r"bfloat16. Set train.precision to auto"):
        train(recipe(train__precision="bf16"), frame, finish)
    train(recipe(train__precision="auto", train__epochs=1), frame, finish)


def test_the_members_of_an_ensemble_are_networks_with_seeds_1000_apart(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish
) -> None:
    trained, epochs = train(recipe(train__ensemble=2, model__dropout=0.2), frame, finish)
    alone = [train(recipe(seed=seed, model__dropout=0.2), frame, finish) for seed in (0, 1000)]
    assert [(e.member, e.epoch) for e in epochs] == [(m, e) for m in (1, 2) for e in (1, 2, 3)]
    assert {e.members for e in epochs} == {2}
    assert [e.val_loss for e in epochs] == [e.val_loss for _, each in alone for e in each]
    for net, (one, _) in zip(trained.nets, alone, strict=True):
        assert not net.training
        for name, value in weights(one).items():
            np.testing.assert_array_equal(net.state_dict()[name].numpy(), value)
    assert epochs[2].eta == pytest.approx(epochs[2].seconds)  # the second will take as long as the first did
    assert epochs[3].eta > 0 == epochs[-1].eta
    assert trained.history.best_epoch == alone[0][0].history.best_epoch


def test_a_large_validation_split_is_validated_after_several_passes(
    recipe: Recipe, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "MIN_STEPS", 1)

    def passes(**values: Any) -> int:
        spec = windows.resolve(recipe(**values), frame)
        return epoch.build_plan(spec, windows.prepare(spec, frame), "cpu").passes

    large = {"split__train": 100, "split__val": 300, "split__calib": 50, "split__test": 150}
    assert passes(**large) > passes() == passes(**large, train__supervision="window") == 1


def test_the_budget_is_in_steps_however_short_the_series(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    """300 rows give as many optimizer steps as 600, in windows or with a loss at every step."""
    taken = {}
    for rows, how in itertools.product((300, 600), ("every_step", "window")):
        values = {"train__epochs": None, "train__steps": 120, "train__batch_size": None, "train__patience": 500}
        _, epochs = train(recipe(**values, train__supervision=how), frame.iloc[:rows], finish)
        assert [e.step for e in epochs] == sorted({e.step for e in epochs}) and epochs[-1].final
        assert epochs[-1].step == pytest.approx(epochs[-1].steps, rel=0.1)
        taken[rows, how] = epochs[-1].step
    assert all(count == pytest.approx(120, rel=0.15) for count in taken.values())


def test_averaged_weights_are_those_of_a_plain_recursion(recipe: Recipe, frame: pd.DataFrame) -> None:
    spec = windows.resolve(recipe(), frame)
    net = trainer.build_untrained(spec, 0)
    learn = learner.build(net, spec.train, Schedule(settings=spec.train, epochs=3), 0, "cpu")
    weight = next(iter(net.parameters()))
    average = weight.detach().numpy().copy()
    for step in range(200):
        with torch.no_grad():
            weight.add_(0.01)
        learner.update_average(learn, 0.95, step)
        decay = min(0.95, (step + 1) / (step + 10))
        average = decay * average + (1 - decay) * weight.detach().numpy()
    np.testing.assert_allclose(next(iter(learn.average.parameters())).numpy(), average, rtol=1e-4)
    assert not any(parameter.requires_grad for parameter in learn.average.parameters())


def test_a_validation_pass_takes_windows_at_every_hour_of_the_day(
    recipe: Recipe, bars: Callable[..., pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "MIN_VALIDATION_WINDOWS", 20)
    frame = frames.build({"SP500": bars(600)})
    values = {"target__kind": "column", "target__column": "close", "target__horizon": 24, "split__train": 150}
    values |= {"split__val": 200, "split__calib": 50, "split__test": 100}
    values |= {"features": ("column:close",), "model__norm": "reversible"}
    specs = [windows.resolve(recipe(**values, train__supervision=how), frame) for how in ("auto", "window")]
    prepared = windows.prepare(specs[0], frame)
    row_N = prepared.splits.val.cutoff_row_N
    [(one, every_row)], [(cutoffs, some_row)] = (
        epoch.build_plan(spec, prepared, "cpu").val_chunks for spec in reversed(specs)
    )
    assert one == cutoffs == 1 and every_row.tolist() == row_N.tolist()
    step_N, stride = np.diff(some_row.numpy()), chunks.validation_stride(specs[0], len(row_N), 60)
    assert stride == 6 and len(some_row) == -(-len(row_N) // stride)
    assert set(some_row.tolist()) <= set(row_N.tolist()) and (step_N > 0).all() and step_N.max() < 2 * stride
    assert set(some_row.numpy() % stride) == set(range(stride))  # and not always the same hour
    again = epoch.build_plan(specs[0], prepared, "cpu").val_chunks
    assert some_row.tolist() == again[0][1].tolist()


def test_the_loss_of_validation_chunks_is_that_of_their_windows(recipe: Recipe, frame: pd.DataFrame) -> None:
    spec = windows.resolve(recipe(train__supervision="auto", window__lookback=40), frame)
    prepared = windows.prepare(spec, frame)
    plan, net = epoch.build_plan(spec, prepared, "cpu"), trainer.build_untrained(spec, 0)
    row_N = torch.from_numpy(prepared.splits.val.cutoff_row_N)
    exact = epoch.validate(dataclasses.replace(plan, val_chunks=((1, row_N),)), net)
    assert plan.val_chunks[0][0] == 10
    assert epoch.validate(plan, net).item() == pytest.approx(exact.item(), rel=1e-3)
    batch = batches.gather(plan.val, row_N, 1)
    with torch.inference_mode():
        mean = plan.loss(net(batch.x_BTF, batch.known_BSHK), batch.y_BSH, batch.weight_BS) / len(row_N)
    assert exact.item() == pytest.approx(mean.item(), rel=1e-5)


def test_a_restored_model_has_the_weights_of_the_trained_one(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish
) -> None:
    spec = windows.resolve(recipe(), frame)
    trained, _ = finish(trainer.train(spec, windows.prepare(spec, frame)))
    restored = trainer.restore(spec, weights(trained), 1)
    assert not restored.training
    for name, value in weights(trained).items():
        np.testing.assert_array_equal(restored.state_dict()[name].numpy(), value)


def test_a_device_that_the_machine_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert (device.choose("auto"), device.choose("cpu")) == ("cpu", "cpu")
    with pytest.raises(TrainError, match="no cuda device; it has cpu"):
        device.choose("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device.choose("auto") == "cuda"


@pytest.mark.parametrize("share", [0.7, 0.2])
def test_class_weights_leave_the_announced_probability_at_the_share_of_rises(
    recipe: Recipe, bars: Bars, train_run: Callable[..., Run], share: float
) -> None:
    """Elkan (2001): without any information the best probability is the base rate, whatever the weights."""
    rises = np.random.default_rng(0).random(1500) < share
    table = bars(1500, return_T=np.where(rises, 0.01, -0.01))
    spec = recipe(
        target__kind="direction", target__horizon=1, train__class_weights=True, train__epochs=8, features=["return"]
    )
    run = train_run(spec, A=table)
    rows = run.forecast[(run.forecast["model"] == "lstm") & (run.forecast["part"] == "test")]
    assert rows["yhat"].mean() == pytest.approx(share, abs=0.05)
    assert run.evaluation.scores["lstm"]["brier"] == pytest.approx(share * (1 - share), abs=0.03)
    plain = windows.resolve(with_values(spec, {"train.class_weights": False}), run.frame)
    assert epoch.build_plan(plain, windows.prepare(plain, run.frame), "cpu").log_odds_shift == 0.0
