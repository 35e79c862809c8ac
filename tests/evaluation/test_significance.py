"""Tests and intervals against their formulas and libraries, and their rates of false alarms."""

import numpy as np
import pytest

from core.evaluation import long_run, significance
from core.types import Floats


def autoregression(rng: np.random.Generator, runs: int, size: int, memory: float) -> Floats:
    """Stationary AR(1) processes of variance one: (runs, size)."""
    from scipy.signal import lfilter

    shock = rng.normal(size=(runs, size + 300))
    return np.asarray(lfilter([np.sqrt(1 - memory**2)], [1, -memory], shock, axis=1)[:, 300:])


def overlapping(rng: np.random.Generator, runs: int, size: int, horizon: int) -> Floats:
    """Sums of `horizon` shocks each, of variance one: the errors of labels that overlap."""
    sums = np.cumsum(rng.normal(size=(runs, size + horizon)), axis=1)
    return (sums[:, horizon:] - sums[:, :-horizon]) / np.sqrt(horizon)


def former_p_value(loss_a: Floats, loss_b: Floats, horizon: int) -> float:
    """The test with Bartlett weights over max(2h, ⌈n^⅓⌉) lags, and Student's t with n − 1 degrees of freedom."""
    from scipy.special import stdtr

    n, centred = len(loss_a), loss_a - loss_b - (loss_a - loss_b).mean()
    lags = max(2 * horizon, int(np.ceil(n ** (1 / 3))))
    variance = centred @ centred / n
    for k in range(1, lags + 1):
        variance += 2 * (1 - k / (lags + 1)) * (centred[k:] @ centred[:-k]) / n
    statistic = (loss_a - loss_b).mean() / np.sqrt(variance / n)
    statistic *= np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    return float(2 * stdtr(n - 1, -abs(statistic)))


@pytest.mark.parametrize("horizon", [1, 5, 20])
@pytest.mark.parametrize("shift", [0.0, 0.2])
def test_the_p_value_is_that_of_cosines_and_students_t(horizon: int, shift: float) -> None:
    """Cosines summed one by one, and the tail of Student's t by integrating its density."""
    from scipy.integrate import quad
    from scipy.special import gamma

    rng = np.random.default_rng(0)
    a, b = rng.gamma(1.0, 1.0, 200) + shift, rng.gamma(1.0, 1.0, 200)
    count = long_run.count_cosines(long_run.project(a - b), 200, horizon)
    variance = 0.0
    for j in range(1, count + 1):
        cosine = [np.sqrt(2 / 200) * np.cos(np.pi * j * (t + 0.5) / 200) for t in range(200)]
        variance += sum(c * d for c, d in zip(cosine, a - b, strict=True)) ** 2 / count
    statistic = abs((a - b).mean()) / np.sqrt(variance / 200)
    factor = gamma((count + 1) / 2) / np.sqrt(count * np.pi) / gamma(count / 2)
    tail = quad(lambda x: factor * (1 + x * x / count) ** (-(count + 1) / 2), statistic, np.inf)[0]
    result = significance.diebold_mariano(a, b, horizon)
    assert result == pytest.approx(2 * tail, rel=1e-6)
    assert result == pytest.approx(significance.diebold_mariano(b, a, horizon), rel=1e-12)


def test_losses_that_do_not_differ_or_are_too_few_have_p_value_one() -> None:
    loss = np.random.default_rng(0).gamma(1.0, 1.0, 100)
    assert significance.diebold_mariano(loss, loss, 1) == 1.0
    assert significance.diebold_mariano(loss[:4], loss[:4] + np.arange(4), 1) == 1.0
    assert significance.diebold_mariano(loss[:9], loss[:9][::-1], 5) == 1.0


def persistent(rng: np.random.Generator, design: str, runs: int, size: int) -> tuple[Floats, Floats]:
    """Losses of two forecasts that are equally good, and persistent in one way or another: (runs, size) each."""
    first, second = autoregression(rng, 2 * runs, size, 0.95).reshape(2, runs, size)
    if design == "losses":
        return first, np.zeros_like(first)
    if design == "errors":
        return first**2, second**2
    label = rng.normal(size=first.shape)
    return (label - first) ** 2, (label - second) ** 2


@pytest.mark.parametrize("size", [250, 1000])
@pytest.mark.parametrize("design", ["losses", "errors", "forecasts of noise"])
def test_persistent_losses_of_equal_forecasts_are_rejected_at_about_the_level(design: str, size: int) -> None:
    """A memory of .95; of 400 trials a true rate of 7.5 % exceeds 11 % once in 150 times."""
    a, b = persistent(np.random.default_rng(1), design, 400, size)
    assert np.mean([significance.diebold_mariano(x, y, 1) < 0.05 for x, y in zip(a, b, strict=True)]) <= 0.11
    assert np.mean([former_p_value(x, y, 1) < 0.05 for x, y in zip(a, b, strict=True)]) > 0.15


@pytest.mark.parametrize(("horizon", "price"), [(1, 0.02), (5, 0.08)])
def test_losses_without_memory_are_rejected_at_the_level_and_found_as_before(horizon: int, price: float) -> None:
    """Held to the same level, the test finds as many differences as with Bartlett weights, or a few less where labels
    overlap: that is the price of its level where losses are persistent."""
    rng = np.random.default_rng(0)
    a, b = overlapping(rng, 800, 250, horizon).reshape(2, 400, 250) ** 2
    p_values, former = {}, {}
    for ratio in (1.0, 1.3 if horizon == 1 else 1.5):
        pairs = list(zip(ratio**2 * a, b, strict=True))
        p_values[ratio] = np.array([significance.diebold_mariano(x, y, horizon) for x, y in pairs])
        former[ratio] = np.array([former_p_value(x, y, horizon) for x, y in pairs])
    ratio = max(p_values)
    assert np.mean(p_values[1.0] < 0.05) < 0.08
    found, before = (np.mean(p[ratio] < np.quantile(p[1.0], 0.05)) for p in (p_values, former))
    assert found > before - price > 0.7


def test_a_real_difference_is_found() -> None:
    rng = np.random.default_rng(0)
    assert significance.diebold_mariano(rng.normal(size=300) ** 2, (1.6 * rng.normal(size=300)) ** 2, 1) < 0.001


@pytest.mark.parametrize("size", [12, 60, 250])
@pytest.mark.parametrize("memory", [0.0, 0.8, 0.97])
def test_the_interval_of_skill_is_what_the_test_does_not_reject(size: int, memory: float) -> None:
    """0 is inside if and only if p is at least 5 %, and a bound is the skill at which p is 5 %, whatever its size."""
    rng, unbounded = np.random.default_rng(3), 0
    for k in range(60):
        error = autoregression(rng, 2, size, memory)
        loss, reference = (1 + 0.3 * (k % 5)) * error[0] ** 2, error[1] ** 2 + 0.1
        low, high = significance.skill_interval(loss, reference, 1)
        p_value = significance.diebold_mariano(loss, reference, 1)
        assert np.isnan(high) or (p_value < 0.05) == (low > 0 or high < 0)
        count = long_run.count_cosines(long_run.project(loss - reference), size, 1)
        for bound in filter(np.isfinite, (low, high)):
            if bound < 1:
                difference = loss - (1 - bound) ** 2 * reference
                variance = np.mean(long_run.project(difference)[:count] ** 2) / size
                assert abs(difference.mean()) / np.sqrt(variance) == pytest.approx(student_95(count), rel=1e-6)
        unbounded += np.isnan(low)
    assert unbounded == 0 if memory == 0 and size == 250 else unbounded < 60


def student_95(degrees: int) -> float:
    from scipy.stats import t

    return float(t.ppf(0.975, degrees))


@pytest.mark.parametrize("design", ["noise", "overlapping", "AR(.95)"])
def test_the_interval_covers_the_true_skill_about_as_often_as_it_says(design: str) -> None:
    """250 cutoffs, true skill .1; of 300 trials a true coverage of 92 % falls below 88 % once in 150 times."""
    rng, horizon = np.random.default_rng(0), 5 if design == "overlapping" else 1
    error = autoregression(rng, 600, 250, 0.95) if design == "AR(.95)" else overlapping(rng, 600, 250, horizon)
    loss, reference = error.reshape(2, 300, 250) ** 2
    bounds = [significance.skill_interval(0.81 * x, y, horizon) for x, y in zip(loss, reference, strict=True)]
    covered = [not low > 0.1 and not high < 0.1 for low, high in bounds]  # a bound that is NaN leaves nothing out
    assert np.mean(covered) >= 0.88
    assert np.mean([np.isfinite(low) for low, _ in bounds]) > (0.5 if design == "AR(.95)" else 0.99)


def test_an_interval_without_bounds_has_none() -> None:
    rng = np.random.default_rng(0)
    loss, reference = rng.gamma(1.0, 1.0, 60), rng.gamma(1.0, 1.0, 60)
    assert significance.skill_interval(loss, loss, 1) == (0.0, 0.0)
    assert np.isnan(significance.skill_interval(loss[:9], reference[:9], 1)).all()
    assert np.isnan(significance.skill_interval(loss, np.zeros(60), 1)).all()
    once = np.where(np.arange(60) == 59, 1.0, 0.0)  # all error of the reference in one cutoff
    low, high = significance.skill_interval(loss, once, 1)
    assert np.isnan(low) and high < 0
    assert np.isnan(significance.skill_interval(once[::-1], once, 1)).all()


@pytest.mark.parametrize("count", [1, 2, 7, 30])
def test_holm_is_that_of_statsmodels(count: int) -> None:
    from statsmodels.stats.multitest import multipletests

    p_values = np.random.default_rng(count).random(count) ** 3
    p_values[: count // 3] = p_values[-1]  # ties
    assert significance.holm(p_values.tolist()) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())
    assert significance.holm([]) == []


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
