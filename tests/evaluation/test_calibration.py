"""Coverage by group, PIT, Winkler score and Platt scaling by hand and against closed forms."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.evaluation import calibration, metrics
from core.forecasting.table import QUANTILE_LEVELS
from core.spec import with_values


def test_coverage_by_group() -> None:
    inside = np.array([1, 1, 0, 0, 1, 0, 1, 1], dtype=bool)
    result = calibration.coverage_by_group(inside, list("aaabbbbb"))
    assert (result.names_G, result.count_G.tolist()) == (("a", "b"), [3, 5])
    np.testing.assert_allclose(result.share_G, [2 / 3, 3 / 5])
    assert calibration.coverage_by_group(inside, list("aaabbbbb"), ("b", "c", "a")).names_G == ("b", "a")


def test_trailing_volatility_uses_nothing_later() -> None:
    level = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 80)))
    level[20] = np.nan
    result = calibration.trailing_volatility(level, 5)
    change = np.diff(np.log(level[40:46]))
    assert result[45] == pytest.approx(np.sqrt(np.mean(change**2)))
    assert np.isnan(result[:5]).all() and np.isfinite(result[5:]).all()
    changed = level.copy()
    changed[46:] *= 3
    np.testing.assert_array_equal(calibration.trailing_volatility(changed, 5)[:46], result[:46])
    below = calibration.trailing_volatility(np.array([1.0, -1.0, 2.0, 2.0]), 2)
    np.testing.assert_allclose(below[2:], [np.sqrt((4 + 9) / 2), np.sqrt(9 / 2)])
    assert np.isnan(calibration.trailing_volatility(np.full(3, np.nan))).all()


def test_regimes_are_thirds() -> None:
    assert calibration.assign_regimes(np.array([1.0, 9.0, 5.0, 2.0, 8.0, 6.0])) == [
        "calm",
        "stormy",
        "middle",
        "calm",
        "stormy",
        "middle",
    ]
    assert calibration.assign_regimes(np.array([2.0, 2.0, np.nan])) == ["middle"] * 3


def test_pit_by_hand() -> None:
    quantiles = np.tile([-1.0, 0.0, 0.0, 2.0], (6, 1))
    result = calibration.pit(np.array([-3.0, -0.5, 0.0, 1.0, 2.0, 5.0]), quantiles, (0.1, 0.4, 0.6, 0.9))
    np.testing.assert_allclose(result, [0.05, 0.25, 0.5, 0.75, 0.9, 0.95])


def test_the_pit_of_a_true_distribution_is_uniform() -> None:
    y = np.random.default_rng(0).normal(size=20_000)
    result = calibration.pit(y, np.tile(stats.norm.ppf(QUANTILE_LEVELS), (len(y), 1)), QUANTILE_LEVELS)
    share, _ = np.histogram(result, bins=10, range=(0, 1))
    np.testing.assert_allclose(share / len(y), 0.1, atol=0.03)  # linear between quantiles, so not to the digit


def test_the_winkler_score_of_a_normal_interval_is_the_closed_form() -> None:
    # E of the interval score (Gneiting & Raftery 2007, eq. 43) of the central interval ±z of N(0, 1):
    # 2z + (2/α) · 2 (φ(z) − z (1 − Φ(z))), which is 2 (2/α) φ(z) since 1 − Φ(z) = α / 2.
    z, alpha = stats.norm.ppf(0.95), 0.1
    y = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    result = metrics.winkler(y, np.full(len(y), -z), np.full(len(y), z), 0.9)
    assert result == pytest.approx(4 / alpha * stats.norm.pdf(z), rel=1e-3)


def test_platt_finds_the_scaling_that_was_applied() -> None:
    rng = np.random.default_rng(0)
    stated = rng.uniform(0.05, 0.95, 40_000)
    true = 1 / (1 + np.exp(-(0.5 * np.log(stated / (1 - stated)) + 0.3)))
    y = (rng.uniform(size=len(true)) < true).astype(float)
    scaling = calibration.fit_platt(y, stated)
    assert (scaling.slope, scaling.offset) == pytest.approx((0.5, 0.3), abs=0.04)
    result = calibration.apply_platt(scaling, stated)
    assert calibration.brier(y, result) < calibration.brier(y, stated) - 0.01
    np.testing.assert_allclose(result, true, atol=0.02)


def test_platt_agrees_with_a_library_and_takes_constant_outcomes() -> None:
    from statsmodels.api import Logit, add_constant

    rng = np.random.default_rng(1)
    x, y = rng.normal(size=300), (rng.uniform(size=300) < 0.6).astype(float)
    ups = y.sum()
    soft = np.where(y > 0.5, (ups + 1) / (ups + 2), 1 / (300 - ups + 2))
    # At the maximum of the likelihood the gradient is zero; of outcomes that are not softened it is the library's.
    scaling = calibration.fit_platt(y, 1 / (1 + np.exp(-x)))
    result = calibration.apply_platt(scaling, 1 / (1 + np.exp(-x)))
    np.testing.assert_allclose([np.sum(result - soft), np.sum((result - soft) * x)], 0, atol=1e-6)
    params = Logit(y, add_constant(x)).fit(disp=0).params
    assert (scaling.offset, scaling.slope) == pytest.approx(tuple(params), abs=0.02)
    rising = calibration.fit_platt(np.ones(50), np.full(50, 0.6))
    assert rising.slope == 0.0
    assert calibration.apply_platt(rising, np.array([0.5])) == pytest.approx(51 / 52)
    assert calibration.fit_platt(np.array([]), np.array([])) == calibration.PlattScaling(slope=1.0, offset=0.0, count=0)


@pytest.mark.parametrize(("coverage", "needed"), [(0.95, 39), (0.9, 19), (0.8, 9), (0.5, 3)])
def test_the_scores_needed_are_the_fewest_whose_rank_exists(coverage: float, needed: int) -> None:
    tail = (1 - coverage) / 2
    by_search = next(n for n in range(1, 999) if math.ceil((n + 1) * (1 - tail) - 1e-9) <= n)
    assert calibration.scores_needed(coverage) == by_search == needed


@pytest.mark.parametrize(
    ("count", "named"), [(10, ("95 % interval takes 39", "90 % interval takes 19")), (20, ("95 % interval takes 39",))]
)
def test_few_scores_are_named_coverage_by_coverage(finished, count: int, named: tuple[str, ...]) -> None:
    assert calibration.describe_few_scores(finished) is None
    calib = finished.forecast.index[finished.forecast["part"] == "calib"]
    times = finished.forecast.loc[calib, "cutoff"].drop_duplicates().iloc[count:]
    short = replace(
        finished, forecast=finished.forecast.drop(calib[finished.forecast.loc[calib, "cutoff"].isin(times)])
    )
    text = calibration.describe_few_scores(short)
    assert f"{count} past forecasts of the calibration split" in text
    assert all(words in text for words in named)
    assert text.count("interval takes") == len(named)
    promises_nothing = replace(short, spec=with_values(finished.spec, {"bands.method": "historical"}))
    assert calibration.describe_few_scores(promises_nothing) is None


def test_the_volatility_of_a_level_that_touches_zero_is_that_of_its_changes() -> None:
    level_T = np.array([3.0, 1.0, 0.0, 2.0, 2.0, 5.0])
    square_T = np.diff(level_T) ** 2
    expected = [np.sqrt(square_T[k - 2 : k].mean()) for k in range(2, 6)]
    np.testing.assert_allclose(calibration.trailing_volatility(level_T, 2), [np.nan, np.nan, *expected])
