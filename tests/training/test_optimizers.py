"""Optimisers and schedules: the rate of the recipe, where it rises and falls, and the state of a plateau."""

import math

import pytest
import torch

from core.spec import Train
from core.training import optimizers
from core.training.optimizers import Schedule


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adamw", torch.optim.AdamW),
        ("adam", torch.optim.Adam),
        ("sgd", torch.optim.SGD),
        ("rmsprop", torch.optim.RMSprop),
    ],
)
def test_an_optimiser_has_the_class_of_its_name(name: str, kind: type[torch.optim.Optimizer]) -> None:
    weight = torch.nn.Parameter(torch.ones(3, 1))
    optimizer = optimizers.build_optimizer([weight], Train(optimizer=name, learning_rate=0.1, weight_decay=0.02))
    assert type(optimizer) is kind
    assert (optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["weight_decay"]) == (0.1, 0.02)
    weight.square().sum().backward()
    optimizer.step()
    assert bool((weight < 1).all())


@pytest.mark.parametrize("name", ["adamw", "adam", "sgd", "rmsprop"])
def test_only_matrices_decay(name: str) -> None:
    """Without a gradient only the decay moves anything: the matrix of a layer, not its bias, its norm or a number."""
    layer, norm, number = torch.nn.Linear(3, 2), torch.nn.LayerNorm(2), torch.nn.Parameter(torch.tensor(2.0))
    torch.nn.init.ones_(layer.bias)
    every = [*layer.parameters(), *norm.parameters(), number]
    before = [parameter.detach().clone() for parameter in every]
    optimizer = optimizers.build_optimizer(every, Train(optimizer=name, learning_rate=0.1, weight_decay=0.5))
    for parameter in every:
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    moved = [not torch.equal(now, then) for now, then in zip(every, before, strict=True)]
    assert moved == [True, False, False, False, False]
    if name == "adamw":  # Loshchilov & Hutter 2019, algorithm 2, line 12
        torch.testing.assert_close(layer.weight.detach(), before[0] * (1 - 0.1 * 0.5))


def test_linear_scaling_grows_the_rate_with_the_batch() -> None:
    assert optimizers.learning_rate(Train(batch_size=256, learning_rate=0.01)) == 0.01
    assert optimizers.learning_rate(
        Train(batch_size=256, learning_rate=0.01, scale_learning_rate=True)
    ) == pytest.approx(0.04)
    assert optimizers.learning_rate(
        Train(batch_size=64, learning_rate=0.01, scale_learning_rate=True)
    ) == pytest.approx(0.01)


def test_a_plateau_halves_the_rate_after_a_third_of_the_patience() -> None:
    schedule = Schedule(settings=Train(schedule="plateau", learning_rate=1.0, patience=6, warmup=0), epochs=10)
    rates = []
    for loss in (1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9):
        schedule.update(loss)
        rates.append(schedule.at(9.0))
    assert rates == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25]


def test_a_constant_rate_stays_constant() -> None:
    schedule = Schedule(settings=Train(schedule="constant", learning_rate=0.5, patience=3), epochs=40)
    for _ in range(9):
        schedule.update(1.0)
    assert schedule.at(30.0) == 0.5


def test_a_cosine_falls_to_zero_over_the_planned_epochs() -> None:
    schedule = Schedule(settings=Train(schedule="cosine", learning_rate=2.0, warmup=0), epochs=10)
    assert [schedule.at(at) for at in (0.0, 5.0, 10.0)] == pytest.approx([2.0, 1.0, 0.0])


def test_a_warm_up_rises_in_its_steps_and_then_the_schedule_takes_over() -> None:
    for name in ("plateau", "constant", "cosine"):
        schedule = Schedule(settings=Train(schedule=name, learning_rate=1.0, warmup=40), epochs=20, steps=10)
        assert [schedule.at(at) for at in (1.0, 2.0, 4.0)] == pytest.approx([0.25, 0.5, 1.0])
        assert 0 < schedule.at(0.0) < 0.01
    assert schedule.at(12.0) == pytest.approx(0.5)


def test_the_warm_up_takes_at_most_a_fifth_of_a_training() -> None:
    schedule = Schedule(settings=Train(schedule="constant", learning_rate=1.0, warmup=40), epochs=10, steps=10)
    assert [schedule.at(at) for at in (1.0, 2.0, 4.0)] == pytest.approx([0.5, 1.0, 1.0])


def test_one_cycle_rises_once_and_falls_once() -> None:
    schedule = Schedule(settings=Train(schedule="one_cycle", learning_rate=1.0), epochs=20)
    rates = [schedule.at(at / 4) for at in range(81)]
    top = rates.index(max(rates))
    assert (rates[0], max(rates), rates[-1], top) == (pytest.approx(1 / 25), pytest.approx(1), pytest.approx(1e-4), 24)
    assert rates[: top + 1] == sorted(rates[: top + 1]) and rates[top:] == sorted(rates[top:], reverse=True)


def test_the_state_of_a_schedule_can_be_restored() -> None:
    one, other = (Schedule(settings=Train(patience=3, schedule="plateau"), epochs=9) for _ in range(2))
    for loss in (0.5, 0.6, 0.6, 0.6):
        one.update(loss)
    other.load(one.state())
    assert other == one and other.factor < 1 and math.isfinite(other.best)
