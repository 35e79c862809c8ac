"""A training that was still improving when its budget ended says so; one that had come to its end does not."""

import pytest

from core.evaluation import convergence
from core.events import Epoch
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
def test_it_is_said_when_the_best_pass_is_the_last(losses: list[float], planned: int, says: bool) -> None:
    sentence = convergence.describe_unfinished(history(losses, planned))
    assert (sentence is not None) == says
    if sentence:
        assert f"its {10 * planned:,} steps ended" in sentence and "over the last 2 of 20" in sentence
