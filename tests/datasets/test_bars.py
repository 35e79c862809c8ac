"""The range variance of a bar compared with the formula, and bars that cannot be."""

import numpy as np
import pandas as pd
import pytest

from core.datasets.bars import range_variance


def bar(open_: float, high: float, low: float, close: float) -> pd.DataFrame:
    return pd.DataFrame({"open": [open_], "high": [high], "low": [low], "close": [close]})


def test_it_is_the_practical_estimator_of_garman_and_klass() -> None:
    expected = 0.5 * np.log(12 / 9) ** 2 - (2 * np.log(2) - 1) * np.log(11 / 10) ** 2
    assert range_variance(bar(10, 12, 9, 11))[0] == pytest.approx(expected, rel=1e-12)
    assert range_variance(bar(10, 10, 10, 10))[0] == 0.0


def test_it_is_unbiased_and_seven_times_as_precise_as_a_squared_return() -> None:
    """On a Brownian motion; Garman & Klass (1980) give an efficiency of 7.4 for continuous trading."""
    rng = np.random.default_rng(0)
    path = np.cumsum(rng.normal(0, 0.01 / np.sqrt(1000), (20_000, 1000)), axis=1)
    path = np.exp(np.column_stack([np.zeros(20_000), path]))
    table = pd.DataFrame({"open": path[:, 0], "high": path.max(axis=1), "low": path.min(axis=1), "close": path[:, -1]})
    variance = range_variance(table)
    assert variance.mean() == pytest.approx(0.95e-4, rel=0.05)  # 1,000 ticks miss a little of the range
    efficiency = np.var(np.log(path[:, -1]) ** 2) / np.var(variance)
    assert efficiency == pytest.approx(7.4 / 0.95**2, rel=0.1)


@pytest.mark.parametrize(
    "prices",
    [
        (10, 9, 12, 11),  # high below low
        (10, 12, 10.5, 11),  # the open outside
        (10, 10.5, 9, 11),  # the close outside
        (0, 12, 9, 11),
        (10, 12, 0, 11),
        (10, 12, -9, 11),
        (10, np.nan, 9, 11),
        (10, np.inf, 9, 11),
    ],
)
def test_an_impossible_bar_has_none(prices: tuple[float, ...]) -> None:
    assert np.isnan(range_variance(bar(*prices))[0])


def test_rounding_of_adjusted_prices_is_no_error() -> None:
    assert range_variance(bar(10, 12, 9, 12 * (1 + 1e-9)))[0] > 0
    assert range_variance(bar(10, 10, 10, 10 * (1 + 1e-9)))[0] >= 0


def test_a_table_without_a_column_has_none() -> None:
    assert np.isnan(range_variance(bar(10, 12, 9, 11)[["high", "low", "close"]])).all()
