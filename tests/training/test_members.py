"""Networks of one training that others train meanwhile: the same result, whoever did which, and whatever is lost."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest
import torch

from core.datasets import windows
from core.errors import TrainError
from core.events import Epoch, ParallelRequest, Saved
from core.jobs.local import run
from core.spec import Spec
from core.training import failures, member, trainer
from core.training.trainer import Trained

Recipe = Callable[..., Spec]
ENSEMBLE = {"train__ensemble": 4, "train__epochs": 3, "model__layers": 2, "model__dropout": 0.3}


@dataclass
class Helpers:
    """Whoever helps does a piece at once when it is given one; `lost` are pieces that never come back."""

    split: ParallelRequest
    theirs: tuple[int, ...]
    lost: tuple[int, ...] = ()
    hands: int = 2
    done: dict[int, Any] = field(default_factory=dict)
    waited: bool = False

    def __post_init__(self) -> None:
        self.mine = [number for number in self.split.numbers if number not in self.theirs]
        for number in self.theirs:
            try:
                self.done[number] = run(self.split.work(*self.split.args, number), self.hear)
            except TrainError:
                self.mine.append(number)
        self.mine += [number for number in self.lost if self.done.pop(number, None)]

    def hear(self, event: object) -> None:
        assert isinstance(event, Epoch)  # and no checkpoint, which the training itself makes

    @property
    def left(self) -> int:
        return len(self.mine)

    def take(self) -> int | None:
        return self.mine.pop(0) if self.mine else None

    def wait(self) -> bool:
        """Once, as if a helper had been at work until now."""
        waited, self.waited = self.waited, True
        return not waited

    def found(self) -> dict[int, Any]:
        found, self.done = self.done, {}
        return found

    def drop(self, beyond: int) -> None:
        self.mine = [number for number in self.mine if number < beyond]


def trained(
    spec: Spec,
    frame: pd.DataFrame,
    theirs: tuple[int, ...] | None = None,
    lost: tuple[int, ...] = (),
    resume: Saved | None = None,
    hear: Callable[[Any], object] = lambda _: None,
) -> Trained:
    spec = windows.resolve(spec, frame)
    help_out = None if theirs is None else lambda split: Helpers(split, theirs, lost)
    return run(trainer.train(spec, windows.prepare(spec, frame), resume), hear, help_out)


def assert_same(made: Trained, other: Trained) -> None:
    for net, one in zip(made.nets, other.nets, strict=True):
        for name, value in one.state_dict().items():
            assert torch.equal(net.state_dict()[name], value), name
    told = [
        [(e.member, e.members, e.epoch, e.val_loss, e.final) for e in each.history.epochs] for each in (made, other)
    ]
    assert told[0] == told[1]
    assert made.history.best_epoch == other.history.best_epoch and made.history.problem == other.history.problem


@pytest.mark.parametrize(("theirs", "lost"), [((2, 3, 4), ()), ((3,), ()), ((2, 4), (4,))])
def test_whoever_trains_which_network_the_result_is_the_same(
    recipe: Recipe, frame: pd.DataFrame, theirs: tuple[int, ...], lost: tuple[int, ...]
) -> None:
    spec = recipe(**ENSEMBLE)
    assert_same(trained(spec, frame, theirs, lost), trained(spec, frame))


def test_each_symbol_has_its_network_whoever_trains_it(
    recipe: Recipe, bars: Callable[..., pd.DataFrame], train_run: Callable[..., Any]
) -> None:
    spec = recipe(
        data__symbols=["A", "B"],
        model__symbols="separate",
        train__ensemble=2,
        train__epochs=2,
        target__kind="log_return",
        target__horizon=2,
    )
    frame = train_run(spec, A=bars(), B=bars(seed=1)).frame
    assert_same(trained(spec, frame, (2, 3)), trained(spec, frame))


def test_the_last_epoch_of_every_network_says_so(recipe: Recipe, frame: pd.DataFrame) -> None:
    told = trained(recipe(**ENSEMBLE), frame, (2, 3)).history.epochs
    assert [(e.member, e.epoch) for e in told if e.final] == [(1, 3), (2, 3), (3, 3), (4, 3)]
    assert all(e.eta == 0 for e in told if e.final and e.member == 4)


@pytest.mark.parametrize("theirs", [(), (2, 3, 4), (4,), (2,)])
def test_what_goes_wrong_in_one_network_ends_the_training_there(
    recipe: Recipe, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, theirs: tuple[int, ...]
) -> None:
    spec = recipe(**ENSEMBLE)
    whole, sound, own = trained(spec, frame), failures.found, member.learn
    learnt: list[int] = []

    def learn(spec: Spec, plan: Any, net: Any, seed: int, *rest: Any) -> Any:
        learnt.append(seed // trainer.MEMBER + 1)
        return own(spec, plan, net, seed, *rest)

    def found(measured: Any, spec: Spec, epoch: int) -> str | None:
        return "It leapt." if learnt[-1] == 3 and epoch == 2 else sound(measured, spec, epoch)

    monkeypatch.setattr(trainer, "learn", learn)
    monkeypatch.setattr(failures, "found", found)
    made = trained(spec, frame, theirs)
    assert len(made.nets) == 3 and made.history.problem is not None
    assert made.history.problem.startswith("It leapt. The weights of epoch 1 were kept. 3 of 4 networks answer.")
    for net, one in zip(made.nets[:2], whole.nets, strict=False):
        assert all(torch.equal(net.state_dict()[name], value) for name, value in one.state_dict().items())
    assert [e.member for e in made.history.epochs] == [1, 1, 1, 2, 2, 2, 3]


def test_a_training_goes_on_without_what_its_helpers_had_finished(
    recipe: Recipe, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member, "CHECKPOINT_SECONDS", 0.0)
    spec, saved = recipe(**ENSEMBLE), []
    whole = trained(spec, frame, (2, 4), hear=lambda event: saved.append(event) if isinstance(event, Saved) else None)
    assert {one["member"] for one in saved[0].state["finished"]} == {2, 4}
    for state in (saved[0], saved[len(saved) // 2], saved[-1]):
        learnt: list[Any] = []
        again = trained(spec, frame, resume=state, hear=learnt.append)
        assert_same(again, whole)
        assert not {2, 4} & {event.member for event in learnt if isinstance(event, Epoch)}
    assert_same(trained(spec, frame, (3,), resume=saved[0]), whole)


def test_a_training_goes_on_from_where_it_waited_for_helpers(
    recipe: Recipe, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, saved = recipe(**ENSEMBLE), []
    monkeypatch.setattr(Helpers, "found", late(Helpers.found))
    whole = trained(spec, frame, (2, 4), hear=lambda event: saved.append(event) if isinstance(event, Saved) else None)
    (state,) = saved
    assert json.loads(json.dumps(state.state, allow_nan=False)) == state.state
    assert {one["member"] for one in state.state["finished"]} == {1, 3} and state.state["member"] == 2
    monkeypatch.undo()
    assert_same(trained(spec, frame, resume=state), whole)
    assert_same(trained(spec, frame, (4,), resume=state), whole)


def late(found: Callable[[Helpers], dict[int, Any]]) -> Callable[[Helpers], dict[int, Any]]:
    """Helpers whose answers come only when everybody waits for them."""
    return lambda self: found(self) if self.waited else {}
