"""From quantiles to calibrated, nested intervals around an unchanged median."""

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


def make_windows(first: int, count: int, rows: int = 400) -> Windows:
    """`count` windows one step ahead, all outcomes zero."""
    time_T = np.datetime64("2020-01-01", "ns") + np.arange(rows) * np.timedelta64(1, "D")
    shared = Rows(
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
    return Windows(rows=shared, lookback=1, cutoff_row_N=np.arange(first, first + count))


MIDDLE = 4  # position of the median among the levels of the table


def test_quantiles_are_calibrated_and_do_not_cross() -> None:
    # Far too wide and asymmetric, and every outcome is zero: so are the quantiles after calibration.
    quantile_NHQ = np.tile([-1.2, -1.1, -1.0, -0.8, 1.0, 1.1, 1.2], (300, 1, 1))
    level_NHL, (low_NH, high_NH) = calibrate.calibrate(
        Spec(),
        TARGETS["log_return"],
        make_windows(0, 200),
        quantile_NHQ[:200],
        make_windows(200, 100),
        quantile_NHQ[200:],
    )
    assert level_NHL.shape == (100, 1, 9)
    assert (np.diff(level_NHL, axis=-1) >= 0).all()
    np.testing.assert_allclose(level_NHL[:, :, MIDDLE], 0, atol=0.5)
    np.testing.assert_array_equal(low_NH, level_NHL[:, :, 1])  # the default coverage is 90 %
    np.testing.assert_array_equal(high_NH, level_NHL[:, :, 7])


def random_walk(rows: int = 500, horizon: int = 1, start: float = 100.0) -> Windows:
    """All windows of a price with returns of about 1 % and labels as those of the target close."""
    level_T = start * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, rows)))
    return replace(
        make_windows(0, rows - horizon, rows),
        rows=replace(
            make_windows(0, 1, rows).rows,
            level_T=level_T,
            y_TH=future_levels(level_T, horizon),
            label_end_T=np.arange(rows) + horizon,
            steps=tuple(range(1, horizon + 1)),
        ),
    )


def draw_intervals(windows: Windows, quantile_NHQ: np.ndarray, kind: str = "close", **bands: object) -> np.ndarray:
    """The levels of the table for the second half of the windows, calibrated on the first half."""
    spec = with_values(
        Spec(),
        {"target.kind": kind, "target.horizon": windows.rows.steps[-1]}
        | {f"bands.{name}": value for name, value in bands.items()},
    )
    half = len(windows) // 2
    first, second = windows.take(np.arange(half)), windows.take(np.arange(half, len(windows)))
    levels, _ = calibrate.calibrate(spec, TARGETS[kind], first, quantile_NHQ[:half], second, quantile_NHQ[half:])
    return levels


@pytest.mark.parametrize("method", ["garch", "garch_conformal"])
def test_garch_intervals_follow_the_price_and_stay_above_zero(method: str) -> None:
    windows = random_walk(600, horizon=3)
    windows = windows.take(np.arange(200, len(windows)))
    last_NHQ = np.tile(windows.anchor_N[:, None, None], (1, 3, 7))
    levels = draw_intervals(windows, last_NHQ, method=method)
    y_MH = windows.y_NH[len(windows) // 2 :]
    inside = (levels[:, :, 1] <= y_MH) & (y_MH <= levels[:, :, -2])
    assert inside.mean() == pytest.approx(0.9, abs=0.06)
    width_H = ((levels[:, :, -2] - levels[:, :, 1]) / levels[:, :, MIDDLE]).mean(axis=0)
    np.testing.assert_allclose(width_H, 2 * 1.645 * 0.01 * np.sqrt([1, 2, 3]), rtol=0.2)
    assert (draw_intervals(windows, -last_NHQ, method=method)[:, :, 5:] > 0).all()  # even around a forecast below zero


def test_intervals_of_a_price_end_at_zero_unless_the_series_was_negative() -> None:
    windows = random_walk(300, start=0.5)
    wide_NHQ = windows.anchor_N[:, None, None] + np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
    assert draw_intervals(windows, wide_NHQ, method="auto").min() >= 0
    far = replace(
        windows, rows=replace(windows.rows, y_TH=windows.rows.y_TH + np.where(np.arange(300) % 2, 3, -3)[:, None])
    )
    assert draw_intervals(far, wide_NHQ).min() == 0
    below = replace(far, rows=replace(far.rows, level_T=np.where(np.arange(300) == 5, -1.0, far.rows.level_T)))
    assert draw_intervals(below, wide_NHQ).min() < 0


def test_negative_levels_have_no_garch_intervals() -> None:
    windows = random_walk(300)
    below = replace(windows, rows=replace(windows.rows, level_T=windows.rows.level_T - 200))
    with pytest.raises(DataError, match="300 levels of A"):
        draw_intervals(below, np.zeros((len(windows), 1, 7)), method="garch")


def test_an_interval_of_any_coverage_lies_between_its_neighbours() -> None:
    windows = random_walk(400)
    quantile_NHQ = windows.anchor_N[:, None, None] + np.array([-2.0, -1.5, -1.0, 0.0, 1.0, 1.5, 2.0])
    spec = with_values(Spec(), {"target.kind": "close", "target.horizon": 1, "bands.coverage": 0.85})
    first, second = windows.take(np.arange(200)), windows.take(np.arange(200, len(windows)))
    levels, (low, high) = calibrate.calibrate(
        spec, TARGETS["close"], first, quantile_NHQ[:200], second, quantile_NHQ[200:]
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
    young = frames.build({"A": bars(600), "B": bars(600, seed=1).iloc[324:]})  # it joins shortly before calibration
    both = resolve(with_values(spec, {"data.symbols": ["A", "B"], "window.lookback": 3}), young)
    with pytest.raises(DataError, match=r"and B has \d\d; at least 100"):
        calibrate.check(both, prepare(both, young))


def test_garch_intervals_of_a_mean_level_are_those_of_the_sum_of_its_returns() -> None:
    """Of independent returns the first is in all three levels, the last in one: (3² + 2² + 1²) / 3² of a variance."""
    walk = random_walk(600, horizon=3)
    rows = replace(walk.rows, y_TH=walk.rows.y_TH.mean(axis=1, keepdims=True), steps=(3,))
    windows = replace(walk, rows=rows).take(np.arange(200, len(walk)))
    last_NHQ = np.tile(windows.anchor_N[:, None, None], (1, 1, 7))
    levels = draw_intervals(windows, last_NHQ, "mean_close", method="garch")
    y_MH = windows.y_NH[len(windows) // 2 :]
    inside = (levels[:, :, 1] <= y_MH) & (y_MH <= levels[:, :, -2])
    assert inside.mean() == pytest.approx(0.9, abs=0.06)
    width = ((levels[:, :, -2] - levels[:, :, 1]) / levels[:, :, MIDDLE]).mean()
    assert width == pytest.approx(2 * 1.645 * 0.01 * np.sqrt(14 / 9), rel=0.1)
