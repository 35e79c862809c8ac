"""LightGBM: a planted nonlinear rule, long horizons, and reproducible numbers."""

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


def nonlinear_returns(rows: int) -> Floats:
    """Log returns whose sign follows from the size of the previous one, not from its sign."""
    noise = np.random.default_rng(0).normal(0, 0.004, rows)
    return_T = np.zeros(rows)
    for t in range(1, rows):
        return_T[t] = 0.01 * (1 if abs(return_T[t - 1]) > 0.008 else -1) + noise[t]
    return return_T


def prepare(recipe: Recipe, table: pd.DataFrame, **values: object) -> Prepared:
    frame = frames.build({"A": table})
    return windows.prepare(windows.resolve(recipe(**values), frame), frame)


def forecast(prepared: Prepared) -> Floats:
    splits = prepared.splits
    return boosting.predict(boosting.fit(splits.train, splits.val, prepared.kind), splits.test)


@pytest.mark.parametrize(("kind", "limit"), [("log_return", 0.75), ("close", 0.95)])  # changes of a price grow with it
def test_a_planted_nonlinear_rule_is_learned(recipe: Recipe, bars: Bars, kind: str, limit: float) -> None:
    prepared = prepare(
        recipe,
        bars(900, 0, nonlinear_returns(900)),
        target__kind=kind,
        target__horizon=1,
        features=["return", "log_range"],
    )
    test = prepared.splits.test
    base_N = test.anchor_N if kind == "close" else 0.0
    error = forecast(prepared)[:, 0] - test.y_NH[:, 0]
    assert np.sqrt(np.mean(error**2)) < limit * np.std(test.y_NH[:, 0] - base_N)


def test_directions_have_probabilities(recipe: Recipe, bars: Bars) -> None:
    prepared = prepare(
        recipe, bars(900, 0, nonlinear_returns(900)), target__kind="direction", target__horizon=2, features=["return"]
    )
    p_NH, y_NH = forecast(prepared), prepared.splits.test.y_NH
    assert p_NH.shape == y_NH.shape and ((p_NH > 0) & (p_NH < 1)).all()
    assert np.mean((p_NH[:, 0] > 0.5) == y_NH[:, 0]) > 0.8


def test_known_features_of_the_next_step_are_used(recipe: Recipe, bars: Bars) -> None:
    table = bars(600)
    return_T = np.where(table.index.dayofweek == 2, 0.02, -0.005) + np.random.default_rng(0).normal(0, 0.002, 600)
    prepared = prepare(
        recipe,
        bars(600, 0, return_T),
        target__kind="log_return",
        target__horizon=1,
        features=["volume_change", "weekday"],
    )
    assert np.mean((forecast(prepared) - prepared.splits.test.y_NH) ** 2) < 0.2 * np.var(prepared.splits.test.y_NH)


def test_long_horizons_are_interpolated_between_models_at_eight_steps(recipe: Recipe, bars: Bars) -> None:
    prepared = prepare(recipe, bars(500), target__kind="log_return", target__horizon=20, features=["return"])
    fitted = boosting.fit(prepared.splits.train, prepared.splits.val, prepared.kind)
    assert fitted.at_A.tolist() == [0, 3, 5, 8, 11, 14, 16, 19]  # steps 1 … 20
    assert len(fitted.models) == boosting.STEPS
    scaled_NH = (
        boosting.predict(fitted, prepared.splits.test) / fitted.scaler.scale_SC
        - fitted.scaler.center_SC / fitted.scaler.scale_SC
    )
    assert scaled_NH.shape[1] == 20
    np.testing.assert_allclose(scaled_NH[:, 4], (scaled_NH[:, 3] + scaled_NH[:, 5]) / 2, rtol=1e-9, atol=1e-12)


def test_equal_windows_give_equal_numbers(recipe: Recipe, bars: Bars) -> None:
    prepared = prepare(recipe, bars(400))
    np.testing.assert_array_equal(forecast(prepared), forecast(prepared))
