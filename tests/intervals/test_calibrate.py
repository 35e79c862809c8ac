"""From quantiles to nested bands: what calibration may move, and what not."""

from dataclasses import replace

import numpy as np
import pytest

from core.data import frame as frames
from core.datasets.labels import future_levels
from core.datasets.targets import TARGETS
from core.datasets.windows import prepare, resolve
from core.errors import DataError
from core.intervals import calibrate
from core.spec import Spec, with_values
from core.types import Rows, Windows


def windows(first: int, count: int, rows: int = 400) -> Windows:
    """`count` windows one step ahead, all outcomes zero."""
    time_T = np.datetime64("2020-01-01", "ns") + np.arange(rows) * np.timedelta64(1, "D")
    made = Rows(
        x_TF=np.zeros((rows, 1), np.float32),
        known_TK=np.zeros((rows, 0), np.float32),
        level_T=np.ones(rows),
        y_TH=np.zeros((rows, 1)),
        time_T=time_T,
        symbol_T=np.zeros(rows, np.int64),
        label_end_T=np.arange(rows) + 1,
        symbols=("A",),
        features=("x",),
        known=(),
        steps=(1,),
    )
    return Windows(rows=made, lookback=1, cutoff_row_N=np.arange(first, first + count))


MIDDLE = 4  # of the levels of the table


def test_calibration_keeps_the_median_and_nests_the_intervals() -> None:
    # Far too wide and lopsided: every band shrinks to its middle, zero, beside the median.
    answer_NHQ = np.tile([-1.2, -1.1, -1.0, -0.8, 1.0, 1.1, 1.2], (300, 1, 1))
    made_NHL, (low_NH, high_NH) = calibrate.calibrate(
        Spec(), TARGETS["log_return"], windows(0, 200), answer_NHQ[:200], windows(200, 100), answer_NHQ[200:]
    )
    assert made_NHL.shape == (100, 1, 9)
    assert (made_NHL[:, :, MIDDLE] == -0.8).all()
    assert (np.diff(made_NHL, axis=-1) >= 0).all()
    assert (low_NH <= -0.8).all() and (high_NH >= 0).all()
    np.testing.assert_array_equal(low_NH, made_NHL[:, :, 1])  # the wanted band is the one of 90 %


def random_walk(rows: int = 500, horizon: int = 1, start: float = 100.0) -> Windows:
    """Every row of a price whose returns are of 1 %, with labels up to `horizon` sessions ahead, as close learns
    them."""
    level_T = start * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, rows)))
    return replace(
        windows(0, rows - horizon, rows),
        rows=replace(
            windows(0, 1, rows).rows,
            level_T=level_T,
            y_TH=future_levels(level_T, horizon),
            label_end_T=np.arange(rows) + horizon,
            steps=tuple(range(1, horizon + 1)),
        ),
    )


def draw_intervals(made: Windows, forecast_NHQ: np.ndarray, kind: str = "close", **bands: object) -> np.ndarray:
    spec = with_values(
        Spec(),
        {"target.kind": kind, "target.horizon": len(made.rows.steps)}
        | {f"bands.{name}": value for name, value in bands.items()},
    )
    half = len(made) // 2
    at = np.arange(len(made))
    levels, _ = calibrate.calibrate(
        spec, TARGETS[kind], made.take(at[:half]), forecast_NHQ[:half], made.take(at[half:]), forecast_NHQ[half:]
    )
    return levels


@pytest.mark.parametrize("method", ["garch", "garch_conformal"])
def test_garch_intervals_follow_the_price_and_stay_above_zero(method: str) -> None:
    made = random_walk(600, horizon=3)
    made = made.take(np.arange(200, len(made)))
    last_NHQ = np.tile(made.anchor_N[:, None, None], (1, 3, 7))
    levels = draw_intervals(made, last_NHQ, method=method)
    y_MH = made.y_NH[len(made) // 2 :]
    inside = (levels[:, :, 1] <= y_MH) & (y_MH <= levels[:, :, -2])
    assert inside.mean() == pytest.approx(0.9, abs=0.06)
    share_H = ((levels[:, :, -2] - levels[:, :, 1]) / levels[:, :, MIDDLE]).mean(axis=0)
    np.testing.assert_allclose(share_H, 2 * 1.645 * 0.01 * np.sqrt([1, 2, 3]), rtol=0.2)
    assert (draw_intervals(made, -last_NHQ, method=method)[:, :, 5:] > 0).all()  # even around a forecast below zero


def test_intervals_of_a_price_end_at_zero_unless_the_series_was_below() -> None:
    made = random_walk(300, start=0.5)
    wide_NHQ = made.anchor_N[:, None, None] + np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
    assert draw_intervals(made, wide_NHQ, method="auto").min() >= 0
    far = replace(made, rows=replace(made.rows, y_TH=made.rows.y_TH + np.where(np.arange(300) % 2, 3, -3)[:, None]))
    assert draw_intervals(far, wide_NHQ).min() == 0
    below = replace(far, rows=replace(far.rows, level_T=np.where(np.arange(300) == 5, -1.0, far.rows.level_T)))
    assert draw_intervals(below, wide_NHQ).min() < 0


def test_levels_below_zero_have_no_garch_intervals() -> None:
    made = random_walk(300)
    below = replace(made, rows=replace(made.rows, level_T=made.rows.level_T - 200))
    with pytest.raises(DataError, match="300 levels of A are zero or below"):
        draw_intervals(below, np.zeros((len(made), 1, 7)), method="garch")


def test_an_interval_of_any_coverage_lies_between_its_neighbours() -> None:
    made = random_walk(400)
    answer_NHQ = made.anchor_N[:, None, None] + np.array([-2.0, -1.5, -1.0, 0.0, 1.0, 1.5, 2.0])
    spec = with_values(Spec(), {"target.kind": "close", "target.horizon": 1, "bands.coverage": 0.85})
    at = np.arange(len(made))
    levels, (low, high) = calibrate.calibrate(
        spec, TARGETS["close"], made.take(at[:200]), answer_NHQ[:200], made.take(at[200:]), answer_NHQ[200:]
    )
    assert (levels[:, :, 1] <= low).all() and (low <= levels[:, :, 2]).all()
    assert (levels[:, :, -3] <= high).all() and (high <= levels[:, :, -2]).all()


def test_too_few_returns_are_reported_before_training(recipe, bars) -> None:
    frame = frames.build({"A": bars(130)})
    spec = resolve(
        recipe(target__kind="log_return", target__horizon=1, features=["return"], bands__method="garch"), frame
    )
    with pytest.raises(DataError, match=r"before the calibration split, and A has \d\d; at least 100"):
        calibrate.check(spec, prepare(spec, frame))
