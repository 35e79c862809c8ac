"""LightGBM: a planted rule that no straight line finds, long horizons, and the same numbers every time."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.baselines import boosting
from core.data import frame as frames
from core.datasets import windows
from core.datasets.windows import Prepared
from core.spec import Spec
from core.types import Floats

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]


def bent(rows: int) -> Floats:
    """Log returns that follow the size of the one before, whatever its sign."""
    noise = np.random.default_rng(0).normal(0, 0.004, rows)
    made = np.zeros(rows)
    for t in range(1, rows):
        made[t] = 0.01 * (1 if abs(made[t - 1]) > 0.008 else -1) + noise[t]
    return made


def prepared(recipe: Recipe, table: pd.DataFrame, **values: object) -> Prepared:
    frame = frames.build({"A": table})
    return windows.prepare(windows.resolve(recipe(**values), frame), frame)


def answer(made: Prepared) -> Floats:
    return boosting.predict(boosting.fit(made.splits.train, made.splits.val, made.kind), made.splits.test)


@pytest.mark.parametrize(("kind", "most"), [("log_return", 0.75), ("close", 0.95)])  # changes of a price grow with it
def test_a_planted_rule_is_found(recipe: Recipe, bars: Bars, kind: str, most: float) -> None:
    made = prepared(
        recipe, bars(900, 0, bent(900)), target__kind=kind, target__horizon=1, features=["return", "log_range"]
    )
    test = made.splits.test
    base_N = test.anchor_N if kind == "close" else 0.0
    error = answer(made)[:, 0] - test.y_NH[:, 0]
    assert np.sqrt(np.mean(error**2)) < most * np.std(test.y_NH[:, 0] - base_N)


def test_a_direction_has_probabilities(recipe: Recipe, bars: Bars) -> None:
    made = prepared(recipe, bars(900, 0, bent(900)), target__kind="direction", target__horizon=2, features=["return"])
    p_NH, y_NH = answer(made), made.splits.test.y_NH
    assert p_NH.shape == y_NH.shape and ((p_NH > 0) & (p_NH < 1)).all()
    assert np.mean((p_NH[:, 0] > 0.5) == y_NH[:, 0]) > 0.8


def test_what_is_known_of_the_day_ahead_is_used(recipe: Recipe, bars: Bars) -> None:
    table = bars(600)
    jump = np.where(table.index.dayofweek == 2, 0.02, -0.005) + np.random.default_rng(0).normal(0, 0.002, 600)
    made = prepared(
        recipe, bars(600, 0, jump), target__kind="log_return", target__horizon=1, features=["volume_change", "weekday"]
    )
    assert np.mean((answer(made) - made.splits.test.y_NH) ** 2) < 0.2 * np.var(made.splits.test.y_NH)


def test_long_horizons_have_models_at_some_steps_and_lines_between(recipe: Recipe, bars: Bars) -> None:
    made = prepared(recipe, bars(500), target__kind="log_return", target__horizon=20, features=["return"])
    fitted = boosting.fit(made.splits.train, made.splits.val, made.kind)
    assert fitted.at_A.tolist() == [0, 3, 5, 8, 11, 14, 16, 19]  # steps 1 … 20
    assert len(fitted.models) == boosting.STEPS
    made_NH = (
        boosting.predict(fitted, made.splits.test) / fitted.scaler.scale_SC
        - fitted.scaler.center_SC / fitted.scaler.scale_SC
    )
    assert made_NH.shape[1] == 20
    np.testing.assert_allclose(made_NH[:, 4], (made_NH[:, 3] + made_NH[:, 5]) / 2, rtol=1e-9, atol=1e-12)


def test_the_same_windows_give_the_same_numbers(recipe: Recipe, bars: Bars) -> None:
    made = prepared(recipe, bars(400))
    np.testing.assert_array_equal(answer(made), answer(made))
