"""The test of Diebold and Mariano against its formulas, and its rate of false alarms."""

import numpy as np
import pytest

from core.evaluate import significance


def by_hand(differ: np.ndarray, horizon: int) -> float:
    """Bartlett weights over max(2h, ⌈n^⅓⌉) lags, the correction of Harvey et al., Student's t with n − 1 degrees."""
    from scipy import stats

    n, centred = len(differ), differ - differ.mean()
    lags = max(2 * horizon, int(np.ceil(n ** (1 / 3))))
    variance = centred @ centred / n
    for k in range(1, lags + 1):
        variance += 2 * (1 - k / (lags + 1)) * (centred[k:] @ centred[:-k]) / n
    statistic = differ.mean() / np.sqrt(variance / n)
    statistic *= np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    return float(2 * stats.t.sf(abs(statistic), n - 1))


@pytest.mark.parametrize("horizon", [1, 5, 20])
@pytest.mark.parametrize("shift", [0.0, 0.2])
def test_the_p_value_is_that_of_the_formulas(horizon: int, shift: float) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.gamma(1.0, 1.0, 200) + shift, rng.gamma(1.0, 1.0, 200)
    made = significance.diebold_mariano(a, b, horizon)
    assert made == pytest.approx(by_hand(a - b, horizon), rel=1e-9)
    assert made == pytest.approx(significance.diebold_mariano(b, a, horizon), rel=1e-12)


def test_what_cannot_be_told_apart_is_certain_to_be_luck() -> None:
    loss = np.random.default_rng(0).gamma(1.0, 1.0, 100)
    assert significance.diebold_mariano(loss, loss, 1) == 1.0
    assert significance.diebold_mariano(loss[:4], loss[:4] + np.arange(4), 1) == 1.0
    assert significance.diebold_mariano(loss[:9], loss[:9][::-1], 5) == 1.0


def test_equal_forecasts_are_called_different_about_as_often_as_the_level_says() -> None:
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
