"""Networks of one training that helpers train in parallel: the same result, whoever trains which, whatever is lost."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
import torch

from core.data import frame as frames
from core.datasets import windows
from core.errors import TrainError
from core.events import Checkpoint, Epoch, ParallelRequest, Subtasks
from core.jobs.local import run
from core.spec import Spec
from core.training import failures, member, trainer
from core.training.trainer import Trained

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
OWN = ("model.hidden=12 train.learning_rate=0.01", "", "model.layers=1 train.batch_size=32")
CHANGES: tuple[dict[str, Any], ...] = (  # the same as values of a recipe, and the fourth has none
    {"model__hidden": 12, "train__learning_rate": 0.01},
    {},
    {"model__layers": 1, "train__batch_size": 32},
    {},
)
ENSEMBLE = {"train__ensemble": 4, "train__epochs": 3, "model__layers": 2, "model__dropout": 0.3}


class Helpers(Subtasks):
    """Helpers that do `assigned` at once; `lost` are subtasks whose result never arrives."""

    def __init__(self, request: ParallelRequest, assigned: tuple[int, ...], lost: tuple[int, ...]) -> None:
        super().__init__((number for number in request.numbers if number not in assigned), slots=2)
        self.results: dict[int, Any] = {}
        self.waited = False
        for number in assigned:
            try:
                self.results[number] = run(request.work(*request.args, number), self.receive)
            except TrainError:
                self.waiting.append(number)
        self.waiting += [number for number in lost if self.results.pop(number, None)]

    def receive(self, event: object) -> None:
        assert isinstance(event, Epoch)  # checkpoints come only from the training itself

    def wait(self) -> bool:
        """Once, as if a helper had been at work until now."""
        waited, self.waited = self.waited, True
        return not waited

    def collect(self) -> dict[int, Any]:
        results, self.results = self.results, {}
        return results


def separate(recipe: Recipe, bars: Bars) -> tuple[Spec, pd.DataFrame]:
    """Two rounds of a network for each of two symbols."""
    spec = recipe(
        data__symbols=["A", "B"],
        model__symbols="separate",
        train__ensemble=2,
        train__epochs=2,
        target__kind="log_return",
        target__horizon=2,
    )
    return spec, frames.build({"A": bars(), "B": bars(seed=1)})


def train(
    spec: Spec,
    frame: pd.DataFrame,
    assigned: tuple[int, ...] | None = None,
    lost: tuple[int, ...] = (),
    resume: Checkpoint | None = None,
    on_event: Callable[[Any], object] = lambda _: None,
) -> Trained:
    spec = windows.resolve(spec, frame)
    on_request = None if assigned is None else lambda request: Helpers(request, assigned, lost)
    return run(trainer.train(spec, windows.prepare(spec, frame), resume), on_event, on_request)


def assert_same(trained: Trained, other: Trained) -> None:
    for net, one in zip(trained.nets, other.nets, strict=True):
        for name, value in one.state_dict().items():
            assert torch.equal(net.state_dict()[name], value), name
    epochs = [
        [(e.member, e.members, e.epoch, e.val_loss, e.final) for e in each.history.epochs] for each in (trained, other)
    ]
    assert epochs[0] == epochs[1]
    assert trained.history.best_epoch == other.history.best_epoch and trained.history.problem == other.history.problem


@pytest.mark.parametrize(("assigned", "lost"), [((2, 3, 4), ()), ((3,), ()), ((2, 4), (4,))])
def test_the_result_is_the_same_whoever_trains_which_network(
    recipe: Recipe, frame: pd.DataFrame, assigned: tuple[int, ...], lost: tuple[int, ...]
) -> None:
    spec = recipe(**ENSEMBLE)
    assert_same(train(spec, frame, assigned, lost), train(spec, frame))


def test_the_result_with_a_network_per_symbol_is_the_same_whoever_trains_it(recipe: Recipe, bars: Bars) -> None:
    spec, frame = separate(recipe, bars)
    assert_same(train(spec, frame, (2, 3)), train(spec, frame))


def test_networks_with_settings_of_their_own_train_as_they_would_alone(recipe: Recipe, frame: pd.DataFrame) -> None:
    spec = recipe(**ENSEMBLE, train__member_settings=OWN, seed=7)
    together = train(spec, frame)
    assert_same(train(spec, frame, (2, 4), (4,)), together)
    for number, net in enumerate(together.nets):
        values = ENSEMBLE | {"train__ensemble": 1} | CHANGES[number]
        alone = recipe(**values, seed=7 + trainer.MEMBER_SEEDS * number)
        (one,) = train(alone, frame).nets
        assert all(torch.equal(net.state_dict()[name], value) for name, value in one.state_dict().items())
    assert together.nets[0].encoder.width == 12 and together.nets[1].encoder.width == 8
    epochs = [epoch for epoch in together.history.epochs if epoch.epoch == 1]
    assert epochs[2].step > epochs[1].step  # smaller batches


def test_a_training_of_networks_with_settings_of_their_own_is_resumed(
    recipe: Recipe, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member, "CHECKPOINT_SECONDS", 0.0)
    spec, checkpoints = recipe(**ENSEMBLE, train__member_settings=OWN), []
    straight = train(spec, frame, on_event=keep(checkpoints))
    for checkpoint in (checkpoints[0], checkpoints[len(checkpoints) // 2], checkpoints[-1]):
        assert_same(train(spec, frame, resume=checkpoint), straight)


def test_the_last_epoch_of_every_network_is_final(recipe: Recipe, frame: pd.DataFrame) -> None:
    epochs = train(recipe(**ENSEMBLE), frame, (2, 3)).history.epochs
    assert [(e.member, e.epoch) for e in epochs if e.final] == [(1, 3), (2, 3), (3, 3), (4, 3)]
    assert all(e.eta == 0 for e in epochs if e.final and e.member == 4)


@pytest.mark.parametrize("assigned", [(), (2, 3, 4), (4,), (2,)])
def test_a_failure_in_one_network_ends_the_training_there(
    recipe: Recipe, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, assigned: tuple[int, ...]
) -> None:
    spec = recipe(**ENSEMBLE)
    straight, find, train_network = train(spec, frame), failures.find_problem, member.train_network
    started: list[int] = []

    def train_and_note(spec: Spec, own: Spec, plan: Any, net: Any, seed: int, *rest: Any) -> Any:
        started.append(seed // trainer.MEMBER_SEEDS + 1)
        return train_network(spec, own, plan, net, seed, *rest)

    def fail_in_third(metrics: Any, spec: Spec, epoch: int) -> str | None:
        return "It diverged." if started[-1] == 3 and epoch == 2 else find(metrics, spec, epoch)

    monkeypatch.setattr(member, "train_network", train_and_note)
    monkeypatch.setattr(failures, "find_problem", fail_in_third)
    trained = train(spec, frame, assigned)
    assert len(trained.nets) == 3 and trained.history.problem is not None
    assert trained.history.problem.startswith("It diverged. The weights of epoch 1 were kept. 3 of 4 networks answer.")
    for net, one in zip(trained.nets[:2], straight.nets, strict=False):
        assert all(torch.equal(net.state_dict()[name], value) for name, value in one.state_dict().items())
    assert [e.member for e in trained.history.epochs] == [1, 1, 1, 2, 2, 2, 3]


def test_a_resumed_training_keeps_what_helpers_had_finished(
    recipe: Recipe, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member, "CHECKPOINT_SECONDS", 0.0)
    spec, checkpoints = recipe(**ENSEMBLE), []
    straight = train(spec, frame, (2, 4), on_event=keep(checkpoints))
    assert {one["member"] for one in checkpoints[0].state["finished"]} == {2, 4}
    for checkpoint in (checkpoints[0], checkpoints[len(checkpoints) // 2], checkpoints[-1]):
        events: list[Any] = []
        resumed = train(spec, frame, resume=checkpoint, on_event=events.append)
        assert_same(resumed, straight)
        assert not {2, 4} & {event.member for event in events if isinstance(event, Epoch)}
    assert_same(train(spec, frame, (3,), resume=checkpoints[0]), straight)


def test_a_training_resumes_from_where_it_waited_for_helpers(
    recipe: Recipe, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, checkpoints = recipe(**ENSEMBLE), []
    monkeypatch.setattr(member, "CHECKPOINT_SECONDS", 1e6)
    monkeypatch.setattr(Helpers, "collect", late(Helpers.collect))
    straight = train(spec, frame, (2, 4), on_event=keep(checkpoints))
    (checkpoint,) = checkpoints
    state = checkpoint.state
    assert json.loads(json.dumps(state, allow_nan=False)) == state
    assert {one["member"] for one in state["finished"]} == {1, 3} and state["member"] == 2
    monkeypatch.undo()
    assert_same(train(spec, frame, resume=checkpoint), straight)
    assert_same(train(spec, frame, (4,), resume=checkpoint), straight)


def late(collect: Callable[[Helpers], dict[int, Any]]) -> Callable[[Helpers], dict[int, Any]]:
    """Results that arrive only once the training waits for them."""
    return lambda self: collect(self) if self.waited else {}


def keep(checkpoints: list[Checkpoint]) -> Callable[[Any], object]:
    """A listener that appends checkpoints to the list."""
    return lambda event: checkpoints.append(event) if isinstance(event, Checkpoint) else None


def test_of_an_incomplete_round_no_network_answers(recipe: Recipe, bars: Bars, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, frame = separate(recipe, bars)
    find = failures.find_problem

    def train_until(failing: int) -> Any:
        """With a failure in this epoch, counted over all networks, each of which has two."""
        epochs = itertools.count(1)
        monkeypatch.setattr(
            failures, "find_problem", lambda *given: "It diverged." if next(epochs) == failing else find(*given)
        )
        return train(spec, frame)

    assert len(train_until(8).nets) == 4  # the last network keeps its first epoch
    trained = train_until(7)
    assert len(trained.nets) == 2 and "2 of 4 networks answer" in trained.history.problem
