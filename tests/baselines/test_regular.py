"""Regular steps: missing rows are filled, days off left out, and forecasts fall on the rows they are for."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.baselines import registry
from core.baselines.baseline import forecast_rows
from core.baselines.ets import forecast
from core.baselines.regular import Regular, regular, search
from core.baselines.series import by_symbol, check_varied
from core.data import frame as frames
from core.datasets import windows
from core.errors import DataError
from core.spec import Spec
from core.types import Floats

Recipe = Callable[..., Spec]
PATTERN = np.array([0.0, 3.0, 8.0, 4.0, -2.0, -6.0, -7.0])


def prepare(recipe: Recipe, horizon: int, **values: pd.Series) -> windows.Prepared:
    tables = {symbol: value.rename("close").rename_axis("time").to_frame() for symbol, value in values.items()}
    frame = frames.build(tables)
    spec = recipe(
        data__symbols=list(values),
        target__kind="column",
        target__column="close",
        target__horizon=horizon,
        features=["column:close"],
    )
    return windows.prepare(windows.resolve(spec, frame), frame)


def history(recipe: Recipe, value: pd.Series, horizon: int = 3) -> tuple[windows.Prepared, Regular]:
    prepared = prepare(recipe, horizon, A=value)
    [(_, series)] = by_symbol(prepared)
    return prepared, regular(series, "A model")


def daily(noise: float, drop: list[int]) -> pd.Series:
    """The weekly pattern on 500 days, without the days at these positions."""
    index = pd.date_range("2020-01-06", periods=500)
    value_T = 50 + PATTERN[index.dayofweek] + noise * np.random.default_rng(0).normal(size=500)
    return pd.Series(value_T, index=index).drop(index[drop])


def test_steps_of_a_series_without_gaps_are_its_rows(recipe: Recipe) -> None:
    prepared, own = history(recipe, daily(0.1, []))
    first = prepared.splits.train.cutoff_row_N[0]
    np.testing.assert_array_equal(own.step_E, np.arange(503) - first)
    np.testing.assert_array_equal(own.value_G, prepared.splits.train.rows.level_T[first:500])
    assert own.periods == (7,) and own.ahead == 3 and own.train == len(prepared.splits.train)


def test_a_missing_day_has_the_value_before_and_shifts_no_season(recipe: Recipe) -> None:
    drop = [60, 61, 130, 201, 202, 203, 290, 444, 470]
    prepared, own = history(recipe, daily(0.0, drop))
    first = prepared.splits.train.cutoff_row_N[0]
    present = np.delete(np.arange(500), drop)
    np.testing.assert_array_equal(own.step_E[: len(present)], present - first)
    latest = pd.Series(daily(0.0, [])).drop(pd.date_range("2020-01-06", periods=500)[drop])
    filled = latest.reindex(pd.date_range("2020-01-06", periods=500)).ffill().to_numpy()
    np.testing.assert_array_equal(own.value_G, filled[first:])
    test = prepared.splits.test
    yhat_NH = forecast_rows(forecast, prepared)[test.cutoff_row_N]
    error = float(np.abs(yhat_NH - test.y_NH).mean())
    assert error < 0.3  # of a pattern from −7 to 8: with rows in place of days it would shift nine times
    seasonal_NH = registry.fit(registry.BASELINES["seasonal"], prepared)(test)
    assert error < 0.3 * float(np.abs(seasonal_NH - test.y_NH).mean())


def test_weekends_are_no_steps(recipe: Recipe) -> None:
    value = daily(0.1, [])
    _, own = history(recipe, value[value.index.dayofweek < 5])
    assert own.periods == (5,) and (np.diff(own.step_E) == 1).all()


def test_nights_and_days_off_are_no_steps(recipe: Recipe) -> None:
    index = pd.date_range("2021-03-01", periods=24 * 200, freq="h")
    open_T = (index.hour >= 9) & (index.hour < 16) & (index.dayofweek < 5) & (index.normalize() != "2021-04-02")
    hours = index[open_T]
    value = pd.Series(100 + PATTERN[hours.hour - 9] + 0.1 * np.random.default_rng(1).normal(size=len(hours)), hours)
    _, own = history(recipe, value)
    assert own.periods == (7,) and (np.diff(own.step_E) == 1).all()


@pytest.mark.parametrize("value_T", [np.full(400, 3.0), np.arange(20.0)])
def test_a_short_or_constant_history_is_a_reason(value_T: Floats) -> None:
    with pytest.raises(DataError, match="AutoETS needs a training split of at least 30 rows whose values vary"):
        check_varied(value_T, "AutoETS")


def raiser(error: Exception) -> Callable[[], Floats]:
    def fit() -> Floats:
        raise error

    return fit


def test_data_without_a_model_are_a_reason_and_a_bug_is_raised() -> None:
    with pytest.raises(DataError, match=r"AutoETS could not be fitted to these data .no model able to be fitted"):
        search(raiser(Exception("no model able to be fitted")), "AutoETS")
    with pytest.raises(TypeError, match="a bug"):
        search(raiser(TypeError("a bug")), "AutoETS")
