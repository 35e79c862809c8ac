"""Series for the benchmark of prediction intervals, each with a fixed seed and what makes intervals hard for it."""

import numpy as np
import pandas as pd

from core.data import frame as frames
from core.data.sources import samples
from core.types import Floats


def index_close() -> pd.DataFrame:
    """The close of the S&P 500, 1999 to 2018."""
    return frames.build({"A": samples.load("SP500")[["close"]]})


def commits() -> pd.DataFrame:
    """Commits a day: counts with many zeros and a weekly rhythm."""
    return frames.build({"A": samples.load("COMMITS")})


def exchange_rate(seed: int, rows: int = 4000) -> pd.DataFrame:
    """A random walk whose log volatility is an AR(1): stochastic volatility (Taylor 1986)."""
    rng, log_variance = np.random.default_rng(seed), np.zeros(rows)
    for t in range(1, rows):
        log_variance[t] = 0.98 * log_variance[t - 1] + 0.15 * rng.normal()
    return _level(0.006 * np.exp(log_variance / 2) * rng.normal(size=rows))


def heavy_tails(seed: int, rows: int = 4000) -> pd.DataFrame:
    """GARCH(1, 1) returns with Student's t of three degrees of freedom: their fourth moment is infinite."""
    rng, return_T, variance = np.random.default_rng(seed), np.zeros(rows), 1.0
    for t in range(1, rows):
        variance = 0.02 + 0.1 * return_T[t - 1] ** 2 + 0.88 * variance
        return_T[t] = np.sqrt(variance / 3) * rng.standard_t(3)
    return _level(0.01 * return_T)


def broken(seed: int, rows: int = 4000) -> pd.DataFrame:
    """Returns whose standard deviation is four times as large in the last quarter of the series."""
    rng = np.random.default_rng(seed)
    return _level(0.01 * rng.normal(size=rows) * np.where(np.arange(rows) < 3 * rows // 4, 1, 4))


def load(seed: int, rows: int = 6000) -> pd.DataFrame:
    """An hourly load: the hours, the weekend, the year, and errors that are larger by day and die out slowly."""
    rng, hour_T = np.random.default_rng(seed), np.arange(rows)
    daily_T = 15 * np.sin(2 * np.pi * (hour_T - 8) / 24) + 20 * np.exp(-(((hour_T - 19) % 24) ** 2) / 30)
    mean_T = 100 + daily_T - 12 * (hour_T // 24 % 7 >= 5) + 10 * np.sin(2 * np.pi * hour_T / 8766)
    shock_T = 1.5 * (1 + 0.8 * np.sin(2 * np.pi * (hour_T - 10) / 24)) * rng.normal(size=rows)
    error_T = np.zeros(rows)
    for t in range(1, rows):
        error_T[t] = 0.9 * error_T[t - 1] + shock_T[t]
    return _table("load", mean_T + error_T, "h")


def counts(seed: int, rows: int = 2500) -> pd.DataFrame:
    """Negative binomial counts a day, few at weekends, whose mean swings over years."""
    rng, day_T = np.random.default_rng(seed), np.arange(rows)
    mean_T = np.exp(0.5 + 0.8 * np.sin(day_T / 400) - 1.2 * (day_T % 7 >= 5))
    return _table("count", rng.poisson(mean_T * rng.gamma(2, 0.5, rows)).astype(float), "D")


def _level(return_T: Floats) -> pd.DataFrame:
    return _table("close", 100 * np.exp(np.cumsum(return_T)), "B")


def _table(name: str, value_T: Floats, frequency: str) -> pd.DataFrame:
    index = pd.date_range("2003-01-01", periods=len(value_T), freq=frequency, name="time")
    return frames.build({"A": pd.DataFrame({name: value_T}, index=index)})
