"""Tests and intervals against their formulas and libraries, and their rates of false alarms."""

import numpy as np
import pytest

from core.evaluation import significance


def diebold_mariano_by_hand(difference: np.ndarray, horizon: int) -> float:
    """Bartlett weights over max(2h, ⌈n^⅓⌉) lags, the correction of Harvey et al., Student's t with n − 1 degrees."""
    from scipy import stats

    n, centred = len(difference), difference - difference.mean()
    lags = max(2 * horizon, int(np.ceil(n ** (1 / 3))))
    variance = centred @ centred / n
    for k in range(1, lags + 1):
        variance += 2 * (1 - k / (lags + 1)) * (centred[k:] @ centred[:-k]) / n
    statistic = difference.mean() / np.sqrt(variance / n)
    statistic *= np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    return float(2 * stats.t.sf(abs(statistic), n - 1))


@pytest.mark.parametrize("horizon", [1, 5, 20])
@pytest.mark.parametrize("shift", [0.0, 0.2])
def test_the_p_value_is_that_of_the_formulas(horizon: int, shift: float) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.gamma(1.0, 1.0, 200) + shift, rng.gamma(1.0, 1.0, 200)
    result = significance.diebold_mariano(a, b, horizon)
    assert result == pytest.approx(diebold_mariano_by_hand(a - b, horizon), rel=1e-9)
    assert result == pytest.approx(significance.diebold_mariano(b, a, horizon), rel=1e-12)


def test_losses_that_do_not_differ_or_are_too_few_have_p_value_one() -> None:
    loss = np.random.default_rng(0).gamma(1.0, 1.0, 100)
    assert significance.diebold_mariano(loss, loss, 1) == 1.0
    assert significance.diebold_mariano(loss[:4], loss[:4] + np.arange(4), 1) == 1.0
    assert significance.diebold_mariano(loss[:9], loss[:9][::-1], 5) == 1.0


def test_equal_forecasts_are_rejected_about_as_often_as_the_level_says() -> None:
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(300):
        noise = rng.normal(size=(2, 154))
        overlapping = np.stack([np.convolve(e, np.ones(5) / 5, "valid") for e in noise])  # five-day labels overlap
        alarms += significance.diebold_mariano(overlapping[0] ** 2, overlapping[1] ** 2, 5) < 0.05
    assert alarms / 300 < 0.12


def test_a_real_difference_is_found() -> None:
    rng = np.random.default_rng(0)
    assert significance.diebold_mariano(rng.normal(size=300) ** 2, (1.6 * rng.normal(size=300)) ** 2, 1) < 0.001


@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_the_interval_of_skill_is_that_of_the_library(memory: float) -> None:
    """Against arch.bootstrap.StationaryBootstrap, percentile method, same mean block length."""
    from arch.bootstrap import StationaryBootstrap

    rng = np.random.default_rng(3)
    shock = rng.normal(size=(2, 400))
    for t in range(1, 400):
        shock[:, t] += memory * shock[:, t - 1]
    loss, reference = np.exp(0.3 * shock[0]), np.exp(0.3 * shock[1] + 0.1)
    low, high = significance.skill_interval(loss, reference, 1)
    length = significance.block_length(loss, reference, 1)
    oracle = StationaryBootstrap(length, loss, reference, seed=1).conf_int(
        lambda a, b: 1 - np.sqrt(a.sum() / b.sum()), reps=1000, method="percentile"
    )
    assert (low, high) == pytest.approx(tuple(oracle[:, 0]), abs=0.006)
    assert low < 1 - np.sqrt(loss.sum() / reference.sum()) < high
    assert length > 5 if memory else length < 3


def test_the_interval_covers_the_true_skill_about_as_often_as_it_says() -> None:
    rng, covered = np.random.default_rng(0), 0
    for _ in range(60):
        noise = rng.normal(size=(2, 304))
        error = np.stack([np.convolve(e, np.ones(5) / np.sqrt(5), "valid") for e in noise])  # five-day labels overlap
        low, high = significance.skill_interval((0.9 * error[0]) ** 2, error[1] ** 2, 5)
        covered += low <= 0.1 <= high
    assert covered >= 51


def test_an_interval_is_the_same_twice_and_blocks_are_at_most_a_third() -> None:
    rng = np.random.default_rng(0)
    loss, reference = rng.gamma(1.0, 1.0, 60), rng.gamma(1.0, 1.0, 60)
    assert significance.skill_interval(loss, reference, 40) == significance.skill_interval(loss, reference, 40)
    assert significance.block_length(loss, reference, 40) == 20
    assert significance.skill_interval(loss, loss, 1) == (0.0, 0.0)
    assert np.isnan(significance.skill_interval(loss[:9], reference[:9], 1)).all()
    assert np.isnan(significance.skill_interval(loss, np.zeros(60), 1)).all()


def test_pesaran_timmermann_is_that_of_the_paper() -> None:
    """By the formulas of Pesaran & Timmermann (1992), eq. 6 without the term of order 1/n²."""
    from scipy import stats

    rng = np.random.default_rng(0)
    y = rng.normal(0.1, 1.0, 400)
    forecast = 0.3 * y + rng.normal(size=400)
    a, b, n = np.mean(y > 0), np.mean(forecast > 0), 400
    right, alone = np.mean((y > 0) == (forecast > 0)), a * b + (1 - a) * (1 - b)
    variance = (alone * (1 - alone) - (2 * a - 1) ** 2 * b * (1 - b) - (2 * b - 1) ** 2 * a * (1 - a)) / n
    by_hand = stats.norm.sf((right - alone) / np.sqrt(variance))
    assert significance.pesaran_timmermann(y, forecast) == (pytest.approx(by_hand), "")
    assert by_hand < 0.01
    assert significance.pesaran_timmermann(y, -forecast)[0] > 0.99  # wrong more often than by chance is no evidence


@pytest.mark.parametrize(
    ("y", "forecast", "reason"),
    [
        ([1, -1, 1, -1], [1, 1, 1, 1], "every forecast has the same direction"),
        ([1, 1, 1, 1], [1, -1, 1, -1], "every outcome has the same direction"),
        ([], [], "every forecast has the same direction"),
    ],
)
def test_a_constant_sign_is_reported(y: list[float], forecast: list[float], reason: str) -> None:
    assert significance.pesaran_timmermann(np.array(y), np.array(forecast)) == (1.0, reason)


@pytest.mark.parametrize(("hits", "count"), [(0, 10), (7, 10), (540, 1000), (10, 10)])
def test_the_interval_of_a_hit_rate_is_that_of_scipy(hits: int, count: int) -> None:
    from scipy.stats import binomtest

    oracle = binomtest(hits, count).proportion_ci(0.95, method="wilson")
    assert significance.wilson_interval(hits / count, count) == pytest.approx((oracle.low, oracle.high), abs=1e-12)
    assert significance.wilson_interval(0.5, 0) == (0.0, 1.0)
