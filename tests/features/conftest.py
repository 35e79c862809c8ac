"""Random price tables on which every feature is tested."""

import functools

import numpy as np
import pandas as pd
import pytest

from core.features import CATALOGUE

NO_FUTURE = pd.DatetimeIndex([])


def bars(seed: int, rows: int) -> pd.DataFrame:
    """Return open, high, low, close and volume of `rows` business days."""
    return _bars(seed, rows).copy()


@functools.cache
def _bars(seed: int, rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0, 0.01, rows)))
    open_ = close * np.exp(rng.normal(0.0, 0.004, rows))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, 0.004, rows)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, 0.004, rows)))
    volume = rng.lognormal(12.0, 0.5, rows).round()
    index = pd.bdate_range("2015-01-01", periods=rows, name="time")
    return pd.DataFrame({"open": open_, "high": high, "low": low, "close": close, "volume": volume}, index=index)


def everything(column: str) -> tuple[str, ...]:
    """Return every feature of the catalogue once, features of a column for `column`."""
    return tuple(f"{f.name}:{column}" if f.parameter == "column" else f.name for f in CATALOGUE.values())


@pytest.fixture(params=[0, 1])
def table(request: pytest.FixtureRequest) -> pd.DataFrame:
    return bars(request.param, 320)
