"""The seasonal decomposition: near the noise where there are several seasons, next to MSTL, and without look-ahead."""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.baselines import registry, seasonal_decomposition
from core.baselines.baseline import forecast_rows
from core.baselines.naive import last_value
from core.data import frame as frames
from core.datasets import windows
from core.datasets.targets import TARGETS
from core.errors import DataError
from core.spec import Spec
from core.types import Floats
from tests.datasets.test_seasons import daily_and_weekly

Recipe = Callable[..., Spec]
NAME = "seasonal_decomposition"


def prepare(recipe: Recipe, horizon: int, freq: str = "h", kind: str = "column", **values: Floats) -> windows.Prepared:
    """A prepared recipe for one symbol for each series of values."""
    tables = {
        symbol: pd.DataFrame({"close": value_T}, index=pd.date_range("2020-01-01", periods=len(value_T), freq=freq))
        for symbol, value_T in values.items()
    }
    for table in tables.values():
        table.index.name = "time"
    frame = frames.build(tables)
    spec = recipe(
        data__symbols=list(values),
        target__kind=kind,
        target__column="close",
        target__horizon=horizon,
        features=["column:close"],
    )
    return windows.prepare(windows.resolve(spec, frame), frame)


def rmse(prepared: windows.Prepared, name: str) -> float:
    test = prepared.splits.test
    error_NH = registry.fit(registry.BASELINES[name], prepared)(test) - test.y_NH
    return float(np.sqrt(np.mean(error_NH**2)))


@pytest.mark.parametrize("horizon", [1, 24])
def test_with_a_day_and_a_week_the_error_is_near_the_noise(recipe: Recipe, horizon: int) -> None:
    pattern_T, noise_T = daily_and_weekly(4000)
    prepared = prepare(recipe, horizon, A=100 + pattern_T + noise_T)
    assert rmse(prepared, NAME) < 1.1  # the noise has 1
    assert min(rmse(prepared, "seasonal"), rmse(prepared, "last_value")) > 1.7


def test_on_a_moving_level_it_is_as_good_as_mstl_refitted_at_each_cutoff(recipe: Recipe) -> None:
    from statsmodels.tsa.seasonal import MSTL

    pattern_T, noise_T = daily_and_weekly(3000)
    value_T = 100 + pattern_T + np.cumsum(0.3 * noise_T)
    prepared = prepare(recipe, 24, A=value_T)
    own_TH = forecast_rows(seasonal_decomposition.forecast, prepared)
    errors = []
    for t in range(2500, 2900, 40):
        parts = MSTL(value_T[: t + 1], periods=(24, 168)).fit()
        level, season_T = value_T[t] - parts.seasonal[t].sum(), parts.seasonal
        mstl_H = level + season_T[t + 1 - 24 : t + 1, 0] + season_T[t + 1 - 168 : t + 1 - 144, 1]
        errors.append([np.mean((each_H - value_T[t + 1 : t + 25]) ** 2) for each_H in (own_TH[t], mstl_H)])
    own, mstl = np.sqrt(np.mean(errors, axis=0))
    assert own < mstl < rmse(prepared, "seasonal")


def test_patterns_and_level_add_up_to_the_series_without_noise(recipe: Recipe) -> None:
    pattern_T, _ = daily_and_weekly(4000)
    prepared = prepare(recipe, 30, A=100 + pattern_T)
    assert rmse(prepared, NAME) < 0.05 < 2 < rmse(prepared, "seasonal")


@pytest.mark.parametrize("kind", TARGETS)
def test_it_forecasts_every_target_and_looks_at_no_later_row(recipe: Recipe, kind: str) -> None:
    pattern_T, noise_T = daily_and_weekly(1500)
    # days whose moves are twice as large at noon: a season of the volatility as well
    level_T = 100 + pattern_T + noise_T * (1 + (np.arange(1500) % 24 > 11))
    other_T = level_T.copy()
    other_T[1400:] += 5
    before, after = (prepare(recipe, 3, kind=kind, A=value_T) for value_T in (level_T, other_T))
    first_TH, second_TH = (forecast_rows(seasonal_decomposition.forecast, each) for each in (before, after))
    np.testing.assert_array_equal(first_TH[:1400], second_TH[:1400])
    assert not np.array_equal(first_TH[1400:1500], second_TH[1400:1500])
    test = before.splits.test
    assert np.isfinite(first_TH[test.cutoff_row_N]).all()
    assert rmse(before, NAME) < rmse(before, "last_value")
    if kind == "direction":
        assert 0 <= np.nanmin(first_TH) < 0.3 and 0.7 < np.nanmax(first_TH) <= 1


def test_a_symbol_without_a_season_has_its_last_value_and_none_at_all_is_a_reason(recipe: Recipe) -> None:
    pattern_T, noise_T = daily_and_weekly(2000)
    walk_T = 100 + np.cumsum(noise_T)
    prepared = prepare(recipe, 3, A=100 + pattern_T + noise_T, B=walk_T)
    own_TH, last_TH = (forecast_rows(rule, prepared) for rule in (seasonal_decomposition.forecast, last_value))
    second = prepared.splits.test.rows.symbol_T == 1
    np.testing.assert_array_equal(own_TH[second], last_TH[second])
    assert not np.array_equal(own_TH[~second], last_TH[~second], equal_nan=True)
    with pytest.raises(DataError, match="no season"):
        seasonal_decomposition.fit(prepare(recipe, 3, A=walk_T))


def test_it_is_cheap(recipe: Recipe) -> None:
    pattern_T, noise_T = daily_and_weekly(20_000)
    prepared = prepare(recipe, 24, A=100 + pattern_T + noise_T)
    took = []
    for _ in range(3):
        began = time.process_time()
        seasonal_decomposition.fit(prepared)
        took.append(time.process_time() - began)
    assert min(took) < 0.5
