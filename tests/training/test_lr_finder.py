"""The learning-rate finder: rates grow, the suggestion is where the loss falls, and the global state is untouched."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from core import pipeline
from core.datasets import windows
from core.errors import TrainError
from core.events import Progress, Stage
from core.spec import Spec
from core.training import lr_finder

Recipe = Callable[..., Spec]
Finish = Callable[..., Any]


def run(spec: Spec, frame: pd.DataFrame, finish: Finish) -> tuple[lr_finder.RateCurve, list[Any]]:
    spec = windows.resolve(spec, frame)
    return finish(lr_finder.find_rate(spec, windows.prepare(spec, frame)))


def test_the_steps_follow_from_the_network_and_not_from_the_clock(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast, _ = run(recipe(model__hidden=512, window__lookback=40), frame, finish)
    step = lr_finder._step
    monkeypatch.setattr(lr_finder, "_step", lambda *args: (time.sleep(0.02), step(*args))[1])
    slow, events = run(recipe(model__hidden=512, window__lookback=40), frame, finish)
    np.testing.assert_array_equal(fast.lr_N, slow.lr_N)
    assert fast.suggestion == slow.suggestion
    assert lr_finder.MIN_STEPS <= events[0].total < lr_finder.MAX_STEPS  # a large network takes fewer


def test_rates_grow_and_the_loss_falls_at_the_suggestion(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    curve, events = run(recipe(), frame, finish)
    assert curve.lr_N[0] == pytest.approx(lr_finder.LOWEST)
    np.testing.assert_allclose(np.diff(np.log(curve.lr_N)), np.log(curve.lr_N[1] / curve.lr_N[0]), rtol=1e-6)
    assert np.isfinite(curve.loss_N).all() and len(curve.loss_N) == len(curve.lr_N)
    at = int(np.flatnonzero(np.isclose(curve.lr_N, curve.suggestion))[0])
    assert curve.loss_N[at + 1] < curve.loss_N[at - 1]
    assert 1e-4 < curve.suggestion < 0.5
    assert {type(event) for event in events} == {Progress}
    assert events[-1].done <= events[-1].total and len(curve.lr_N) <= events[-1].total


def test_the_steepest_descent_of_a_known_curve_is_run(recipe: Recipe) -> None:
    lr = np.geomspace(1e-5, 1, 100)
    loss = 1 / (1 + np.exp(4 * (np.log10(lr) + 3))) + np.where(lr > 0.1, 50 * (lr - 0.1), 0)
    assert lr_finder._curve(lr, loss, recipe()).suggestion == pytest.approx(1e-3, rel=0.5)
    scaled = lr_finder._curve(lr, loss, recipe(train__scale_learning_rate=True, train__batch_size=256))
    assert scaled.suggestion == pytest.approx(2.5e-4, rel=0.5)


@pytest.mark.parametrize(("rates", "last"), [([1e-5, 3e-4, 2e-3], "2e-03|0.002"), ([], f"{lr_finder.LOWEST:.1g}")])
def test_too_short_a_curve_names_the_last_rate_of_which_the_loss_was_a_number(
    recipe: Recipe, rates: list[float], last: str
) -> None:
    with pytest.raises(TrainError, match=f"after {len(rates)} steps at a learning rate below ({last})"):
        lr_finder._curve(np.array(rates), np.ones(len(rates)), recipe())


def test_the_global_random_state_is_untouched(recipe: Recipe, frame: pd.DataFrame, finish: Finish) -> None:
    before = torch.random.get_rng_state()
    run(recipe(model__dropout=0.3), frame, finish)
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_loss_that_is_never_a_number_is_reported(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lr_finder, "_step", lambda *_: float("nan"))
    with pytest.raises(TrainError, match="after 0 steps"):
        run(recipe(), frame, finish)


def test_as_a_job_it_returns_plain_values_that_are_read_without_torch(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish
) -> None:
    (lr_N, loss_N, suggestion), events = finish(pipeline.find_rate(recipe(), frame))
    assert isinstance(events[0], Stage) and isinstance(events[-1], Progress)
    assert type(lr_N) is type(loss_N) is np.ndarray and len(lr_N) == len(loss_N)
    assert type(suggestion) is float and lr_N[0] < suggestion < lr_N[-1]


def test_it_stops_when_the_mean_loss_is_four_times_the_least(
    recipe: Recipe, frame: pd.DataFrame, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mean has a memory of .8: 1, then .8 + 2 = 2.8, then 2.24 + 2 = 4.24."""
    losses = iter([1.0] * 12 + [10.0] * 20)
    monkeypatch.setattr(lr_finder, "_step", lambda *_: next(losses))
    curve, events = run(recipe(), frame, finish)
    assert len(curve.lr_N) == 14 and events[-1].done == 13
