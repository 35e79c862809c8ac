"""Shares, stretches, PIT, CRPS, Winkler and calibrated odds by hand and against closed forms."""

import numpy as np
import pytest
from scipy import stats

from core.evaluation import calibration, metrics
from core.forecasting.table import LEVELS


def test_shares_by_group_and_the_worst_stretch() -> None:
    inside = np.array([1, 1, 0, 0, 1, 0, 1, 1], dtype=bool)
    made = calibration.by_group(inside, list("aaabbbbb"))
    assert (made.names_G, made.count_G.tolist()) == (("a", "b"), [3, 5])
    np.testing.assert_allclose(made.share_G, [2 / 3, 3 / 5])
    assert calibration.by_group(inside, list("aaabbbbb"), ("b", "c", "a")).names_G == ("b", "a")
    assert calibration.worst(inside, 3) == calibration.Stretch(start=1, end=4, share=pytest.approx(1 / 3))
    assert calibration.worst(inside, 99) == calibration.Stretch(start=0, end=8, share=5 / 8)
    assert calibration.worst(inside[:0]) is None


def test_trailing_volatility_knows_nothing_of_what_comes() -> None:
    level = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 80)))
    level[20] = np.nan
    made = calibration.trailing_volatility(level, 5)
    change = np.diff(np.log(level[40:46]))
    assert made[45] == pytest.approx(np.sqrt(np.mean(change**2)))
    assert np.isnan(made[:5]).all() and np.isfinite(made[5:]).all()
    changed = level.copy()
    changed[46:] *= 3
    np.testing.assert_array_equal(calibration.trailing_volatility(changed, 5)[:46], made[:46])
    below = calibration.trailing_volatility(np.array([1.0, -1.0, 2.0, 2.0]), 2)
    np.testing.assert_allclose(below[2:], [np.sqrt((4 + 9) / 2), np.sqrt(9 / 2)])
    assert np.isnan(calibration.trailing_volatility(np.full(3, np.nan))).all()


def test_regimes_are_thirds() -> None:
    assert calibration.regimes(np.array([1.0, 9.0, 5.0, 2.0, 8.0, 6.0])) == [
        "calm",
        "stormy",
        "middle",
        "calm",
        "stormy",
        "middle",
    ]
    assert calibration.regimes(np.array([2.0, 2.0, np.nan])) == ["middle"] * 3


def test_pit_by_hand() -> None:
    quantiles = np.tile([-1.0, 0.0, 0.0, 2.0], (6, 1))
    made = calibration.pit(np.array([-3.0, -0.5, 0.0, 1.0, 2.0, 5.0]), quantiles, (0.1, 0.4, 0.6, 0.9))
    np.testing.assert_allclose(made, [0.05, 0.25, 0.5, 0.75, 0.9, 0.95])


def test_the_pit_of_a_true_distribution_is_even() -> None:
    y = np.random.default_rng(0).normal(size=20_000)
    made = calibration.pit(y, np.tile(stats.norm.ppf(LEVELS), (len(y), 1)), LEVELS)
    share, _ = np.histogram(made, bins=10, range=(0, 1))
    np.testing.assert_allclose(share / len(y), 0.1, atol=0.03)  # linear between quantiles, so not to the digit


@pytest.mark.parametrize("y", [-2.5, 0.0, 0.7, 3.0])
def test_crps_is_the_closed_form_of_a_normal_forecast(y: float) -> None:
    # Gneiting & Raftery 2007, eq. (5): y (2 Φ(y) − 1) + 2 φ(y) − 1 / √π for N(0, 1).
    exact = y * (2 * stats.norm.cdf(y) - 1) + 2 * stats.norm.pdf(y) - 1 / np.sqrt(np.pi)
    fine = tuple(np.linspace(0.0005, 0.9995, 1000))
    assert calibration.crps(np.array([y]), stats.norm.ppf(fine)[None], fine) == pytest.approx(exact, rel=2e-3)
    assert calibration.crps(np.array([y]), stats.norm.ppf(LEVELS)[None], LEVELS) == pytest.approx(exact, rel=0.12)


def test_the_winkler_score_of_a_normal_band_is_the_closed_form() -> None:
    # E of the interval score (Gneiting & Raftery 2007, eq. 43) of the central band ±z of N(0, 1):
    # 2z + (2/α) · 2 (φ(z) − z (1 − Φ(z))), which is 2 (2/α) φ(z) since 1 − Φ(z) = α / 2.
    z, alpha = stats.norm.ppf(0.95), 0.1
    y = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    made = metrics.winkler(y, np.full(len(y), -z), np.full(len(y), z), 0.9)
    assert made == pytest.approx(4 / alpha * stats.norm.pdf(z), rel=1e-3)


def test_platt_finds_the_odds_that_were_bent() -> None:
    rng = np.random.default_rng(0)
    announced = rng.uniform(0.05, 0.95, 40_000)
    true = 1 / (1 + np.exp(-(0.5 * np.log(announced / (1 - announced)) + 0.3)))
    y = (rng.uniform(size=len(true)) < true).astype(float)
    odds = calibration.platt(y, announced)
    assert (odds.slope, odds.offset) == pytest.approx((0.5, 0.3), abs=0.04)
    made = calibration.calibrated(odds, announced)
    assert calibration.brier(y, made) < calibration.brier(y, announced) - 0.01
    np.testing.assert_allclose(made, true, atol=0.02)


def test_platt_agrees_with_a_library_and_survives_what_says_nothing() -> None:
    from statsmodels.api import Logit, add_constant

    rng = np.random.default_rng(1)
    x, y = rng.normal(size=300), (rng.uniform(size=300) < 0.6).astype(float)
    ups = y.sum()
    soft = np.where(y > 0.5, (ups + 1) / (ups + 2), 1 / (300 - ups + 2))
    # At the maximum of the likelihood the gradient is zero; of outcomes that are not softened it is the library's.
    odds = calibration.platt(y, 1 / (1 + np.exp(-x)))
    made = calibration.calibrated(odds, 1 / (1 + np.exp(-x)))
    np.testing.assert_allclose([np.sum(made - soft), np.sum((made - soft) * x)], 0, atol=1e-6)
    found = Logit(y, add_constant(x)).fit(disp=0).params
    assert (odds.offset, odds.slope) == pytest.approx(tuple(found), abs=0.02)
    rising = calibration.platt(np.ones(50), np.full(50, 0.6))
    assert rising.slope == 0.0
    assert calibration.calibrated(rising, np.array([0.5])) == pytest.approx(51 / 52)
    assert calibration.platt(np.array([]), np.array([])) == calibration.Odds(slope=1.0, offset=0.0, count=0)
