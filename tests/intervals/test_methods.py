"""Interval methods: coverage of each tail, independence of later outcomes, and values by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.evaluation import calibration
from core.intervals import methods
from core.intervals.methods import METHODS, History
from core.spec import QUANTILES

LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
PAIRS = {0.95: (0, 8), 0.9: (1, 7), 0.8: (2, 6), 0.5: (3, 5)}  # positions of the ends of each coverage
CALIBRATED = ["auto", "cqr", "split", "historical", "garch_conformal"]
NORMAL_Q = stats.norm.ppf(QUANTILES)


def make_history(
    count: int = 600, steps: int = 1, last: int = 300, seed: int = 0, delay: int | None = None, swing: float = 1.0
) -> History:
    """Random walks whose spread changes slowly, forecast by zero with quantiles of half the true width."""
    rng = np.random.default_rng(seed)
    scale_N1 = np.exp(swing * np.sin(np.arange(count) / 60))[:, None]
    y_NH = (scale_N1 * rng.normal(size=(count, steps))).cumsum(axis=1)
    spread_NH = scale_N1 * np.sqrt(np.arange(1, steps + 1))
    row_N = np.arange(count)
    return History(
        y_NH=y_NH,
        quantile_NHQ=0.5 * spread_NH[:, :, None] * NORMAL_Q,
        row_N=row_N,
        known_NH=row_N[:, None] + (np.arange(1, steps + 1) if delay is None else delay),
        count=last,
        scale_NH=spread_NH,
        dof=8.0,
    )


def overlapping(return_T: np.ndarray, steps: int, last: int) -> History:
    """The sums of the next 1 … `steps` returns from every row on, forecast by the point zero."""
    count = len(return_T) - steps
    y_NH = np.stack([np.cumsum(return_T[n + 1 : n + 1 + steps]) for n in range(count)])
    row_N = np.arange(count)
    known_NH = row_N[:, None] + np.arange(1, steps + 1)
    return History(y_NH=y_NH, quantile_NHQ=np.zeros((count, steps, 7)), row_N=row_N, known_NH=known_NH, count=last)


def skewed(count: int = 4000, last: int = 3500, point: bool = True) -> History:
    """Outcomes whose upper tail is long and whose median is not the forecast; a point, or symmetric quantiles."""
    y_N1 = np.random.default_rng(7).gamma(1.5, size=(count, 1))
    quantile_NHQ = np.tile(1.5 + 0.0 if point else 1.5 + 1.2 * NORMAL_Q, (count, 1, 7 if point else 1))
    row_N = np.arange(count)
    return History(
        y_NH=y_N1,
        quantile_NHQ=quantile_NHQ,
        row_N=row_N,
        known_NH=row_N[:, None] + 1,
        count=last,
        scale_NH=np.ones((count, 1)),
    )


def covered(history: History, interval: np.ndarray) -> np.ndarray:
    y_MH = history.y_NH[-history.count :]
    return (interval[0] <= y_MH) & (y_MH <= interval[1])


def winkler(history: History, interval: np.ndarray) -> float:
    """The mean score of 90 % intervals, written out."""
    y_MH = history.y_NH[-history.count :]
    outside = np.maximum(interval[0] - y_MH, 0) + np.maximum(y_MH - interval[1], 0)
    return float((interval[1] - interval[0] + 20 * outside).mean())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("steps", "joint"), [(1, False), (3, False), (3, True)])
def test_later_outcomes_change_no_earlier_interval(method: str, steps: int, joint: bool) -> None:
    joint = joint and METHODS[method].calibrated
    history = make_history(120, steps, 60)
    row = 90
    changed = np.where(history.known_NH > row, 20 * history.y_NH, history.y_NH)  # what row 90 cannot know, by step
    before, after = (methods.quantiles(p, method, LEVELS, 50, joint) for p in (history, replace(history, y_NH=changed)))
    early = history.row_M <= row
    np.testing.assert_array_equal(before[:, early], after[:, early])
    if method not in ("gaussian", "garch", "split"):  # these use no errors, or none after the first cutoff
        assert not np.array_equal(before[:, ~early], after[:, ~early])


@pytest.mark.parametrize("method", ["auto", "cqr", "historical", "garch_conformal"])
def test_each_step_is_used_as_soon_as_it_is_known(method: str) -> None:
    history = make_history(120, 3, 60)
    for step in range(3):
        changed = history.y_NH.copy()
        changed[80, step] += 100
        before, after = (methods.quantiles(p, method, LEVELS, 500) for p in (history, replace(history, y_NH=changed)))
        first = history.row_M[(before != after).any(axis=(0, 2))].min()
        assert first == 80 + step + 1


@pytest.mark.parametrize("method", ["auto", "cqr", "split", "historical", "garch", "garch_conformal"])
def test_nested_intervals_reach_their_nominal_coverage(method: str) -> None:
    # A fixed width reaches its coverage only if nothing changes.
    history = replace(make_history(3000, last=2500, seed=3, swing=0.0 if method == "split" else 1.0), dof=1e6)
    value_LMH = methods.quantiles(history, method, LEVELS, 500)
    assert (np.diff(value_LMH, axis=0) >= 0).all()
    for nominal, (low, high) in PAIRS.items():
        assert covered(history, value_LMH[[low, high]]).mean() == pytest.approx(nominal, abs=0.035), nominal


@pytest.mark.parametrize("method", CALIBRATED)
@pytest.mark.parametrize("point", [True, False])
def test_each_tail_and_the_median_of_a_skewed_series_are_calibrated(method: str, point: bool) -> None:
    history = skewed(point=point)
    value_LMH = methods.quantiles(history, method, LEVELS, 500)
    y_MH = history.y_NH[-history.count :]
    for level, value_MH in zip(LEVELS, value_LMH, strict=True):
        # Three standard errors of the share, and the finite sample that a margin is taken from.
        allowed = 3 * np.sqrt(level * (1 - level) / history.count) + (0.002 if method != "split" else 0.035)
        assert (y_MH < value_MH).mean() == pytest.approx(level, abs=allowed)


@pytest.mark.parametrize("method", ["auto", "cqr", "historical"])
def test_the_pit_of_a_skewed_series_is_uniform(method: str) -> None:
    history = skewed(point=False)
    quantile_NQ = np.moveaxis(methods.quantiles(history, method, LEVELS, 500), 0, 2)[:, 0]
    pit_N = calibration.pit(history.y_NH[-history.count :, 0], quantile_NQ, LEVELS)
    edges = [0, *LEVELS, 1]
    counts, expected = np.histogram(pit_N, edges)[0], history.count * np.diff(edges)
    assert stats.chisquare(counts, expected).pvalue > 0.01


def test_the_margin_of_the_default_is_recomputed_by_a_loop() -> None:
    # One step ahead, one level, from the formulas of docs/method.md, without any function of the product.
    history, level, window = make_history(80, last=1, swing=0.3), 0.9, 30
    y, quantile = history.y_NH[:, 0], history.quantile_NHQ[:, 0]
    median, error, width = quantile[:, 3], np.abs(y - quantile[:, 3]), quantile[:, 6] - quantile[:, 0]
    # One interval, from row 79: the 79 errors known there serve every cutoff, and start the two means.
    spread = np.maximum(0.2425 * width, 0.25 * error[:79].mean())
    start = (1 + (error / spread)[:79].sum()) / 80
    fast, slow, product, square, stretch = [start], [start], 0.5, 1.0, [start]
    for n in range(79):
        ratio, lead = error[n] / spread[n], 1 - slow[n] / fast[n]
        product = 0.5 ** (1 / 100) * product + lead * (ratio - slow[n]) / fast[n]
        square = 0.5 ** (1 / 100) * square + lead**2
        fast.append(0.5 ** (1 / 10) * fast[n] + (1 - 0.5 ** (1 / 10)) * ratio)
        slow.append(0.5 ** (1 / 100) * slow[n] + (1 - 0.5 ** (1 / 100)) * ratio)
        stretch.append(slow[-1] + np.clip(product / square, 0, 1) * (fast[-1] - slow[-1]))
    unit = spread * np.array(stretch)
    base = median + np.array(stretch) * (quantile[:, 5] - median)
    score = (y - base) / unit
    margin, shift = 0.0, 0.0
    for n in range(1, 80):
        if n > 1:  # the first outcome had no margin
            shift += 0.03 * (level - (score[n - 1] <= margin))
        known = np.sort(score[max(0, n - window) : n])
        margin = known[min(int(np.ceil((len(known) + 1) * level)), len(known)) - 1] + shift
    expected = base[79] + margin * unit[79]
    assert methods.quantiles(history, "auto", (0.5, level), window)[1, 0, 0] == pytest.approx(expected, rel=1e-9)


def garch(seed: int, count: int, dof: float = 4.0) -> np.ndarray:
    """Returns with clustered volatility and heavy tails: GARCH(1, 1) with Student's t."""
    shock, variance, return_T = np.random.default_rng(seed).standard_t(dof, count) / np.sqrt(dof / (dof - 2)), 1.0, []
    for z in shock:
        return_T.append(np.sqrt(variance) * z)
        variance = 0.02 + 0.1 * return_T[-1] ** 2 + 0.88 * variance
    return np.array(return_T)


def test_intervals_of_many_steps_follow_the_volatility() -> None:
    # A point forecast: all that is known of the volatility are the errors.
    calm = np.random.default_rng(2).normal(size=3024) * np.where(np.sin(np.arange(3024) / 120) > 0, 1, 3)
    history = overlapping(calm, 24, 2500)
    auto, fixed = (methods.quantiles(history, name, (0.05, 0.95), 500) for name in ("auto", "historical"))
    stormy_M = np.sin(history.row_M / 120) < -0.5
    for group_M in (stormy_M, ~stormy_M):
        assert covered(history, auto)[group_M].mean() == pytest.approx(0.9, abs=0.05)
    assert covered(history, fixed)[stormy_M].mean() < 0.82
    assert winkler(history, auto) < 0.93 * winkler(history, fixed)


@pytest.mark.parametrize("steps", [1, 24])
def test_intervals_recover_after_a_break(steps: int) -> None:
    noise = np.random.default_rng(3).normal(size=1500 + steps) * np.where(np.arange(1500 + steps) < 700, 1, 4)
    history = overlapping(noise, steps, 900)
    auto, fixed = (methods.quantiles(history, name, (0.05, 0.95), 500) for name in ("auto", "historical"))
    assert covered(history, auto).mean() > 0.875
    assert covered(history, auto)[100 + 2 * steps + 40 :].mean() > 0.87  # two horizons and 40 steps after the break
    assert winkler(history, auto) < 0.95 * winkler(history, fixed)
    assert covered(history, fixed).mean() < covered(history, auto).mean() - 0.03


@pytest.mark.parametrize("steps", [1, 24])
def test_heavy_tails_cost_little_against_historical_quantiles(steps: int) -> None:
    ratios = []
    for seed in range(3):
        history = overlapping(garch(seed, 3000 + steps), steps, 2500)
        auto, fixed = (methods.quantiles(history, name, (0.05, 0.95), 500) for name in ("auto", "historical"))
        assert covered(history, auto).mean() == pytest.approx(0.9, abs=0.02)
        ratios.append(winkler(history, auto) / winkler(history, fixed))
    assert np.mean(ratios) < 1.02


def test_split_conformal_has_fixed_distances_from_the_forecast() -> None:
    history = make_history(40, last=30, delay=1)
    low, high = methods.quantiles(history, "split", (0.1, 0.9), 500)[:, :, 0]
    error = np.sort(history.y_NH[:10, 0] - history.median_NH[:10, 0])  # known at row 10
    np.testing.assert_allclose(high, error[9])  # the ⌈11 · .9⌉ = 10th of ten, above a forecast of zero
    np.testing.assert_allclose(low, error[0])  # the ⌊11 · .1⌋ = 1st


def test_gaussian_intervals_use_the_spread_of_the_model() -> None:
    history = make_history()
    value_LMH = methods.quantiles(history, "gaussian", (0.1, 0.5, 0.975), 500)
    mean, deviation = history.median_NH[-300:], 0.5 * history.scale[-300:]
    np.testing.assert_allclose(value_LMH[2], mean + 1.959964 * deviation, rtol=1e-6)
    np.testing.assert_allclose(value_LMH[1], mean)
    np.testing.assert_allclose(value_LMH[0], history.quantile_NHQ[-300:, :, 1])  # its own 10 % quantile


def test_garch_intervals_are_quantiles_of_students_t() -> None:
    # Student's t with 8 degrees of freedom has its 95 % quantile at 1.859548 (any table) and a variance of 8/6.
    history = make_history()
    low, high = methods.quantiles(history, "garch", (0.05, 0.95), 500)
    half = 1.859548 / np.sqrt(8 / 6) * history.scale[-300:]
    np.testing.assert_allclose(high, history.median_NH[-300:] + half, rtol=1e-6)
    np.testing.assert_allclose(low, history.median_NH[-300:] - half, rtol=1e-6)
    assert methods.student(0.975, float("inf")) == pytest.approx(1.959964)


@pytest.mark.parametrize("method", ["auto", "split", "garch_conformal"])
def test_joint_intervals_cover_whole_paths_and_pointwise_ones_do_not(method: str) -> None:
    history = make_history(3000, steps=10, last=2400, seed=5, swing=0.0 if method == "split" else 1.0)
    joint, pointwise = (methods.quantiles(history, method, (0.05, 0.5, 0.95), 500, j)[[0, 2]] for j in (True, False))
    assert covered(history, joint).all(axis=1).mean() == pytest.approx(0.9, abs=0.04)
    assert covered(history, pointwise).all(axis=1).mean() < 0.8
    assert covered(history, pointwise).mean() == pytest.approx(0.9, abs=0.04)
    assert (joint[1] - joint[0]).mean() > 1.2 * (pointwise[1] - pointwise[0]).mean()


def test_point_forecasts_have_joint_intervals() -> None:
    history = make_history(1000, steps=4, last=500, swing=0.0)
    point = replace(history, quantile_NHQ=np.zeros_like(history.quantile_NHQ))
    interval = methods.quantiles(point, "auto", (0.05, 0.95), 500, True)
    assert covered(point, interval).all(axis=1).mean() == pytest.approx(0.9, abs=0.06)
    width_H = (interval[1] - interval[0])[-1]
    assert (np.diff(width_H) > 0).all()  # in proportion to past errors


def test_without_known_outcomes_the_quantiles_are_the_models_own() -> None:
    history = replace(make_history(1, last=1), y_NH=np.array([[np.nan]]))
    value_LMH = methods.quantiles(history, "auto", (0.025, 0.05, 0.5, 0.85, 0.95), 500)
    own = history.quantile_NHQ[0, 0]
    np.testing.assert_allclose(value_LMH[:, 0, 0], [own[0], own[0], own[3], (own[4] + 2 * own[5]) / 3, own[6]])
    for method in ("split", "historical"):
        assert np.isfinite(methods.quantiles(history, method, LEVELS, 500)).all()


@pytest.mark.parametrize(("coverage", "ends"), [(0.5, (0.25, 0.75)), (0.8, (0.1, 0.9)), (0.9, (0.05, 0.95))])
def test_the_quantiles_of_the_model_nearest_to_a_coverage(coverage: float, ends: tuple[float, float]) -> None:
    assert tuple(QUANTILES[k] for k in methods.pair(coverage)) == ends
    assert methods.pair(0.99) == methods.pair(0.9)


@pytest.mark.parametrize("method", METHODS)
def test_intervals_move_with_the_forecast(method: str) -> None:
    """What is added to a forecast and to its outcome is added to the interval, whatever else it was at that time."""
    history = make_history(400, steps=2, last=150)
    level_N1 = 10 * np.random.default_rng(1).normal(size=(400, 1))
    moved = replace(history, y_NH=history.y_NH + level_N1, quantile_NHQ=history.quantile_NHQ + level_N1[:, :, None])
    before, after = (methods.quantiles(each, method, LEVELS, 120) for each in (history, moved))
    np.testing.assert_allclose(after, before + level_N1[-150:], atol=1e-9)
