"""Trainings one after the other count as one."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from core.datasets import windows
from core.spec import Spec
from core.training.retrain import retrain


def test_progress_counts_the_epochs_of_all_networks_of_all_trainings(
    recipe: Callable[..., Spec], frame: pd.DataFrame, finish: Callable[..., Any]
) -> None:
    spec = windows.resolve(recipe(train__ensemble=2, train__epochs=3), frame)
    _, events = finish(retrain(spec, windows.prepare(spec, frame), done=1, of=2))
    assert [event.done for event in events] == [7, 8, 9, 10, 11, 12] and {event.total for event in events} == {12}
