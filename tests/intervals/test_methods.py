"""Interval methods: coverage, independence of later outcomes, and values by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.intervals import methods
from core.intervals.methods import METHODS, History
from core.spec import QUANTILES

COVERAGES = (0.95, 0.9, 0.8, 0.5)
NORMAL_Q = stats.norm.ppf(QUANTILES)


def make_history(
    count: int = 600, steps: int = 1, last: int = 300, seed: int = 0, delay: int | None = None, swing: float = 1.0
) -> History:
    """Random walks whose spread changes slowly, forecast by zero with quantiles of half the true width."""
    rng = np.random.default_rng(seed)
    scale_N1 = np.exp(swing * np.sin(np.arange(count) / 60))[:, None]
    y_NH = (scale_N1 * rng.normal(size=(count, steps))).cumsum(axis=1)
    spread_NH = scale_N1 * np.sqrt(np.arange(1, steps + 1))
    row = np.arange(count)
    return History(
        y_NH=y_NH,
        quantile_NHQ=0.5 * spread_NH[:, :, None] * NORMAL_Q,
        row_N=row,
        known_N=row + (delay or steps),
        count=last,
        scale_NH=spread_NH,
        dof=8.0,
    )


def covered(history: History, interval: np.ndarray) -> np.ndarray:
    y_MH = history.y_NH[-history.count :]
    return (interval[0] <= y_MH) & (y_MH <= interval[1])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("steps", "joint"), [(1, False), (3, False), (3, True)])
def test_later_outcomes_change_no_earlier_interval(method: str, steps: int, joint: bool) -> None:
    joint = joint and METHODS[method].calibrated
    history = make_history(120, steps, 60)
    row = 90
    changed = history.y_NH.copy()
    changed[history.known_N > row] *= 20  # all that a forecast from row 90 cannot know
    before, after = (
        methods.intervals(p, method, COVERAGES, 50, joint) for p in (history, replace(history, y_NH=changed))
    )
    early = history.row_M <= row
    np.testing.assert_array_equal(before[:, :, early], after[:, :, early])
    if method not in ("gaussian", "garch", "split"):  # these use no errors, or none after the first cutoff
        assert not np.array_equal(before[:, :, ~early], after[:, :, ~early])


@pytest.mark.parametrize("method", ["auto", "cqr", "split", "historical", "garch", "garch_conformal"])
def test_nested_intervals_reach_their_nominal_coverage(method: str) -> None:
    # A fixed width reaches its coverage only if nothing changes.
    history = replace(make_history(3000, last=2500, seed=3, swing=0.0 if method == "split" else 1.0), dof=1e6)
    for interval, nominal in zip(methods.intervals(history, method, COVERAGES, 500), COVERAGES, strict=True):
        assert covered(history, interval).mean() == pytest.approx(nominal, abs=0.035), nominal


def test_split_conformal_has_one_fixed_width() -> None:
    history = make_history(40, last=30, delay=1)
    (interval,) = methods.intervals(history, "split", (0.8,), 500)
    first = np.sort(np.abs(history.y_NH[:10, 0] - history.median_NH[:10, 0]))  # known at row 10
    np.testing.assert_allclose((interval[1] - interval[0])[:, 0], 2 * first[8])  # the ⌈11 · .8⌉ = 9th


def test_gaussian_intervals_use_the_spread_of_the_model() -> None:
    history = make_history()
    intervals = methods.intervals(history, "gaussian", (0.95, 0.8), 500)
    mean, deviation = history.median_NH[-300:], 0.5 * history.scale[-300:]
    np.testing.assert_allclose(intervals[0, 1], mean + 1.959964 * deviation, rtol=1e-6)
    np.testing.assert_allclose(intervals[1, 0], history.quantile_NHQ[-300:, :, 1])  # its own 10 % quantile


def test_garch_intervals_are_quantiles_of_students_t() -> None:
    # Student's t with 8 degrees of freedom has its 95 % quantile at 1.859548 (any table) and a variance of 8/6.
    history = make_history()
    (interval,) = methods.intervals(history, "garch", (0.9,), 500)
    expected = history.median_NH[-300:] + 1.859548 / np.sqrt(8 / 6) * history.scale[-300:]
    np.testing.assert_allclose(interval[1], expected, rtol=1e-6)
    assert methods.student(0.95, float("inf")) == pytest.approx(1.959964)


def test_adaptive_inference_applies_one_step_ahead_only() -> None:
    one, five = make_history(), make_history(delay=5)
    assert not np.array_equal(methods.intervals(one, "auto", (0.9,), 500), methods.intervals(one, "cqr", (0.9,), 500))
    np.testing.assert_array_equal(
        methods.intervals(five, "auto", (0.9,), 500), methods.intervals(five, "cqr", (0.9,), 500)
    )


@pytest.mark.parametrize("method", ["auto", "split", "garch_conformal"])
def test_joint_intervals_cover_whole_paths_and_pointwise_ones_do_not(method: str) -> None:
    history = make_history(3000, steps=10, last=2400, seed=5, swing=0.0 if method == "split" else 1.0)
    (joint,), (pointwise,) = (methods.intervals(history, method, (0.9,), 500, j) for j in (True, False))
    assert covered(history, joint).all(axis=1).mean() == pytest.approx(0.9, abs=0.04)
    assert covered(history, pointwise).all(axis=1).mean() < 0.8
    assert covered(history, pointwise).mean() == pytest.approx(0.9, abs=0.04)
    assert (joint[1] - joint[0]).mean() > 1.2 * (pointwise[1] - pointwise[0]).mean()


def test_point_forecasts_have_joint_intervals() -> None:
    history = make_history(1000, steps=4, last=500, swing=0.0)
    point = replace(history, quantile_NHQ=np.zeros_like(history.quantile_NHQ))
    (interval,) = methods.intervals(point, "auto", (0.9,), 500, True)
    assert covered(point, interval).all(axis=1).mean() == pytest.approx(0.9, abs=0.06)
    width_H = (interval[1] - interval[0])[-1]
    assert (np.diff(width_H) > 0).all()  # in proportion to past errors


def test_without_known_outcomes_the_interval_is_the_models_own() -> None:
    history = replace(make_history(1, last=1), y_NH=np.array([[np.nan]]))
    (interval,) = methods.intervals(history, "auto", (0.9,), 500)
    np.testing.assert_allclose(interval[:, 0, 0], history.quantile_NHQ[0, 0, [0, 6]])
    for method in ("split", "historical"):
        assert np.isfinite(methods.intervals(history, method, (0.9,), 500)).all()
