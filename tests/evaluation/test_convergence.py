"""A training that was still improving when its budget ended says so; one that had come to its end does not."""

from dataclasses import replace

import pytest

from core.datasets.windows import prepare, resolve
from core.evaluation import convergence
from core.events import Epoch
from core.spec import Spec, with_values
from core.training import epoch as epochs
from core.types import History


def history(losses: list[float], planned: int, best: int | None = None) -> History:
    epochs = tuple(
        Epoch(
            epoch=number,
            epochs=planned,
            train_loss=loss,
            val_loss=loss,
            lr=1e-3,
            seconds=1.0,
            eta=0.0,
            step=10 * number,
            steps=10 * planned,
        )
        for number, loss in enumerate(losses, start=1)
    )
    best = losses.index(min(losses)) + 1 if best is None else best
    return History(epochs=epochs, best_epoch=best, seconds=1.0, device="cpu")


FALLING = [1.0 - 0.02 * number for number in range(20)]


@pytest.mark.parametrize(
    ("losses", "planned", "says"),
    [
        (FALLING, 20, True),
        (FALLING, 40, False),  # patience ended it, or a person
        ([*FALLING, 0.9], 21, False),
        ([0.5 - 1e-6 * number for number in range(20)], 20, False),  # a fall that nobody would wait for
        ([-1.0 - 0.02 * number for number in range(20)], 20, True),  # a likelihood may be below zero
        ([0.5], 1, False),
    ],
)
@pytest.mark.parametrize("unit", ["step", "epoch"])
def test_it_is_said_when_the_best_pass_is_the_last(
    finished, losses: list[float], planned: int, says: bool, unit: str
) -> None:
    budget = {"train.epochs": planned if unit == "epoch" else None, "train.steps": 10 * planned}
    run = replace(finished, history=history(losses, planned), spec=with_values(finished.spec, budget))
    sentence = convergence.describe_unfinished(run)
    assert (sentence is not None) == says == (convergence.advise(run) is not None)
    if sentence:
        spent = f"budget of {10 * planned:,} steps ended" if unit == "step" else f"budget of {planned} epochs ended"
        assert spent in sentence and "over the last 2 of 20 validation passes" in sentence
        setting = f"train.steps={20 * planned}" if unit == "step" else f"train.epochs={2 * planned}"
        assert convergence.advise(run) == f"{sentence} Train on with {setting}."


def test_one_pass_of_few_is_called_the_last(finished) -> None:
    run = replace(finished, history=history([1.0, 0.8, 0.7], 3))
    assert "over the last validation pass the loss fell by 12.5%." in (convergence.describe_unfinished(run) or "")


def test_the_longer_recipe_has_twice_the_budget_and_nothing_else_changes() -> None:
    assert convergence.longer(Spec()) == with_values(Spec(), {"train.steps": 3000})
    by_epoch = with_values(Spec(), {"train.epochs": 40})
    assert convergence.longer(by_epoch) == with_values(Spec(), {"train.epochs": 80})
    assert convergence.longer(with_values(Spec(), {"train.epochs": 1500})).train.epochs == 2000
    assert convergence.longer(with_values(Spec(), {"train.steps": 1_000_000})) is None


@pytest.mark.parametrize("supervision", ["every_step", "window"])
@pytest.mark.parametrize("budget", [{"train.epochs": None, "train.steps": 400}, {"train.epochs": 30}])
def test_the_longer_training_may_take_twice_as_many_steps(frame, recipe, supervision: str, budget: dict) -> None:
    spec = resolve(with_values(recipe(), budget | {"train.supervision": supervision}), frame)
    prepared = prepare(spec, frame)
    short, long = (epochs.build_plan(one, prepared, "cpu") for one in (spec, convergence.longer(spec)))
    assert short.count == long.count and (short.count > 1) == (supervision == "every_step")
    assert long.epochs * long.steps == pytest.approx(2 * short.epochs * short.steps, abs=short.steps)
