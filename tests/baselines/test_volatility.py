"""Each volatility baseline compared with an explicit calculation; what it does with bars, bad bars and without bars."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.baselines import garch, registry, volatility
from core.baselines.baseline import forecast_rows
from core.data import frame as frames
from core.datasets import windows
from core.datasets.frequency import steps_per_year
from core.spec import Spec
from core.types import Floats
from tests.baselines.rules import RULES

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
HORIZON = 3
RANGES = ("range_ewma", "har_range", "har_leverage")


def market(rows: int = 1500, seed: int = 0, gap: float = 0.5, ticks: int = 60) -> tuple[pd.DataFrame, Floats]:
    """Bars of a price with a slowly changing volatility, and the true one of each day.

    Within the day it is a random walk of many ticks; before the open it jumps with `gap` times the day's volatility.
    """
    rng = np.random.default_rng(seed)
    log_T = np.empty(rows)
    log_T[0] = np.log(0.01)
    for t in range(1, rows):
        log_T[t] = log_T[t - 1] + 0.03 * (np.log(0.01) - log_T[t - 1]) + rng.normal(0, 0.12)
    sigma_T = np.exp(log_T)
    path_TK = np.cumsum(sigma_T[:, None] / np.sqrt(ticks) * rng.normal(size=(rows, ticks)), axis=1)
    opening_T = np.cumsum(gap * sigma_T * rng.normal(size=rows)) + np.r_[0, np.cumsum(path_TK[:-1, -1])]
    path_TK = np.exp(opening_T[:, None] + np.column_stack([np.zeros(rows), path_TK]))
    table = {"open": path_TK[:, 0], "high": path_TK.max(axis=1), "low": path_TK.min(axis=1), "close": path_TK[:, -1]}
    return 100 * pd.DataFrame(table, index=pd.bdate_range("2015-01-01", periods=rows, name="time")), sigma_T


def prepare(recipe: Recipe, table: pd.DataFrame, **values: object) -> windows.Prepared:
    values = {"target__horizon": HORIZON, "features": ["return"], "target__column": "close"} | values
    frame = frames.build({"A": table})
    spec = recipe(target__kind="volatility", **values)
    return windows.prepare(windows.resolve(spec, frame), frame)


def log_volatility(variance: Floats | float, prepared: windows.Prepared, per_year: float = 252.0) -> Floats:
    return np.maximum(np.log(100 * np.sqrt(per_year * np.maximum(variance, 1e-30))), prepared.y_scaler.low_SC[0, 0])


def garman_klass(table: pd.DataFrame) -> Floats:
    """From the formula, bar by bar; squared returns where a bar is impossible."""
    variance_T = []
    for bar in table.itertuples():
        high_low, open_close = np.log(bar.high / bar.low), np.log(bar.close / bar.open)
        variance_T.append(0.5 * high_low**2 - (2 * np.log(2) - 1) * open_close**2)
    return np.array(variance_T)


def scaled_garman_klass(table: pd.DataFrame, train_N: Floats) -> Floats:
    square_T, range_T = np.diff(np.log(table["close"]), prepend=np.nan) ** 2, garman_klass(table)
    return range_T * np.mean(square_T[train_N]) / np.mean(range_T[train_N])


def smoothed(variance_T: Floats, decay: float) -> Floats:
    """Σ decay^k v(t − k) / Σ decay^k, row by row."""
    mean_T = np.empty(len(variance_T))
    for t in range(len(variance_T)):
        weight_K = decay ** np.arange(t + 1)
        mean_T[t] = weight_K @ variance_T[t::-1] / weight_K.sum()
    return mean_T


@pytest.mark.parametrize("name", ["ewma", "range_ewma"])
def test_ewma_is_the_weighted_mean_whose_decay_is_the_best_on_validation(recipe: Recipe, name: str) -> None:
    table, _ = market(700)
    prepared = prepare(recipe, table)
    train, val = prepared.splits.train, prepared.splits.val
    variance_T = np.diff(np.log(table["close"]), prepend=table["close"].iloc[0]) ** 2
    variance_T[0] = 0.0
    if name == "range_ewma":
        variance_T = scaled_garman_klass(table, train.cutoff_row_N)
    losses, forecasts = {}, {}
    for decay in volatility.DECAYS:
        log_T = log_volatility(smoothed(variance_T, decay), prepared)
        log_T += np.mean(train.y_NH[:, 0] - log_T[train.cutoff_row_N])
        losses[decay], forecasts[decay] = np.mean((val.y_NH[:, 0] - log_T[val.cutoff_row_N]) ** 2), log_T
    best = min(losses, key=lambda decay: losses[decay])
    forecast_T = forecast_rows(RULES[name], prepared)[: len(table), 0]
    np.testing.assert_allclose(forecast_T, forecasts[best], rtol=1e-9)
    assert max(losses.values()) > 1.02 * losses[best]  # the choice matters
    np.testing.assert_allclose(forecast_T[train.cutoff_row_N].mean(), train.y_NH.mean(), rtol=1e-9)


DAYS = pd.bdate_range("2015-01-01", periods=1500, name="time")
HOURS = pd.DatetimeIndex(
    [day + pd.Timedelta(hours=9.5 + k) for day in DAYS[:250] for k in range(7)][:1500], name="time"
)


@pytest.mark.parametrize(("index", "cycles"), [(DAYS, (1, 5, 22)), (HOURS, (1, 7, 35, 152))], ids=["days", "hours"])
@pytest.mark.parametrize("name", ["har", "har_range", "har_leverage"])
def test_har_is_least_squares_on_the_step_the_day_the_week_and_the_month(
    recipe: Recipe, name: str, index: pd.DatetimeIndex, cycles: tuple[int, ...]
) -> None:
    import statsmodels.api as sm

    table, _ = market()
    prepared = prepare(recipe, table.set_axis(index))
    train, month, per_year = prepared.splits.train, max(cycles), steps_per_year(index)
    full = train.take(np.flatnonzero(train.cutoff_row_N >= month))  # before, less than a month is known
    reduced = replace(prepared, splits=replace(prepared.splits, train=full))
    row_N, return_T = full.cutoff_row_N, pd.Series(np.log(table["close"].to_numpy())).diff()
    variance_T = return_T**2 if name == "har" else pd.Series(scaled_garman_klass(table, row_N))
    columns = [log_volatility(variance_T.rolling(n).mean().to_numpy(), prepared, per_year) for n in cycles]
    if name == "har_leverage":
        columns += [return_T.rolling(n).mean().clip(upper=0).to_numpy() for n in cycles]
    x = sm.add_constant(np.column_stack(columns))
    fitted = sm.OLS(full.y_NH[:, 0], x[row_N]).fit()
    forecast_T = forecast_rows(RULES[name], reduced)[: len(table), 0]
    np.testing.assert_allclose(forecast_T[month:], fitted.predict(x[month:]), rtol=1e-6)
    assert np.isfinite(forecast_T).all()


def test_ranges_tell_more_of_the_coming_volatility_than_closes(recipe: Recipe) -> None:
    """On a market whose volatility is known: a range is about seven times as precise as a squared return."""
    table, _ = market(3000, seed=1)
    prepared = prepare(recipe, table)
    test = prepared.splits.test
    error = {
        name: np.mean((forecast_rows(RULES[name], prepared)[test.cutoff_row_N] - test.y_NH) ** 2)
        for name in ("ewma", "har", "har_range", "range_ewma")
    }
    assert max(error["range_ewma"], error["har_range"]) < 0.95 * min(error["ewma"], error["har"])


@pytest.mark.parametrize("gap", [0.0, 0.5, 1.5])
def test_ranges_are_scaled_to_the_variance_from_close_to_close(recipe: Recipe, gap: float) -> None:
    table, sigma_T = market(3000, gap=gap)
    prepared = prepare(recipe, table)
    ((_, series),) = volatility_series(prepared)
    variance_T = volatility.range_variance(series)
    square_T = np.diff(np.log(table["close"]), prepend=np.nan) ** 2
    train_N = prepared.splits.train.cutoff_row_N
    assert variance_T[train_N].mean() == pytest.approx(square_T[train_N].mean(), rel=1e-9)
    assert variance_T.mean() == pytest.approx((1 + gap**2) * np.mean(sigma_T**2), rel=0.15)


def volatility_series(prepared: windows.Prepared) -> list:
    from core.baselines.series import by_symbol

    return list(by_symbol(prepared))


def test_impossible_bars_count_as_their_squared_return(recipe: Recipe) -> None:
    table, _ = market(700)
    broken = table.copy()
    broken.iloc[100, broken.columns.get_loc("high")] = table["low"].iloc[100] / 2  # high below low
    broken.iloc[101, broken.columns.get_loc("low")] = 0.0
    broken.iloc[102, broken.columns.get_loc("open")] = np.nan
    broken.iloc[103, broken.columns.get_loc("high")] = -1.0
    broken.iloc[104, broken.columns.get_loc("close")] = table["high"].iloc[104] * 1.05  # outside of its bar
    broken.iloc[105, :3] = 0.0
    prepared = prepare(recipe, broken)
    ((_, series),) = volatility_series(prepared)
    variance_T = volatility.range_variance(series)
    square_T = np.diff(np.log(broken["close"]), prepend=np.nan) ** 2
    np.testing.assert_allclose(variance_T[100:106], square_T[100:106])
    assert not np.isclose(variance_T[106:600], square_T[106:600]).any()
    for name in RANGES:
        assert np.isfinite(forecast_rows(RULES[name], prepared)[:700]).all()


def test_a_missing_row_keeps_the_variance_before_it(recipe: Recipe) -> None:
    table, _ = market(700)
    table.iloc[250, table.columns.get_loc("close")] = np.nan
    prepared = prepare(recipe, table)
    ((_, series),) = volatility_series(prepared)
    variance_T = volatility.range_variance(series)
    assert variance_T[250] == variance_T[249] and np.isfinite(variance_T).all()


@pytest.mark.parametrize("columns", [["close"], ["high", "low", "close"], ["open", "close"]])
def test_without_bars_the_range_baselines_are_left_out_with_the_reason(recipe: Recipe, columns: list[str]) -> None:
    table, _ = market(700)
    prepared = prepare(recipe, table[columns])
    forecasts = registry.forecasts(recipe(), prepared, ("val", "test"))
    for name in ("range_ewma", "har_range"):
        assert "an open, a high and a low" in forecasts.left_out[name]
    assert {"ewma", "har", "har_leverage"} <= forecasts.by_baseline.keys()  # leverage works on closes as well


def test_bars_belong_to_the_close_alone(recipe: Recipe) -> None:
    table, _ = market(700)
    prepared = prepare(recipe, table, target__column="open")
    assert registry.forecasts(recipe(), prepared, ("val",)).left_out.keys() >= {"range_ewma", "har_range"}
    adjusted = table.assign(close=table["close"] / 3)  # and the rest of the bar is not
    prepared = prepare(recipe, adjusted)
    assert registry.forecasts(recipe(), prepared, ("val",)).left_out.keys() >= {"range_ewma", "har_range"}


def test_bars_without_a_range_are_no_bars(recipe: Recipe) -> None:
    table, _ = market(700)
    flat = table.assign(open=table["close"], high=table["close"], low=table["close"])
    assert "range_ewma" in registry.forecasts(recipe(), prepare(recipe, flat), ("val",)).left_out


def test_only_a_volatility_carries_the_ranges(recipe: Recipe) -> None:
    table, _ = market(300)
    frame = frames.build({"A": table})
    spec = windows.resolve(recipe(target__kind="log_return", target__column="close", features=["return"]), frame)
    assert windows.prepare(spec, frame).splits.train.rows.range_T is None


def test_garch_is_the_mean_variance_over_the_horizon_corrected_for_the_bias_of_logs(recipe: Recipe, bars: Bars) -> None:
    prepared, close = prepare(recipe, bars(300)), bars(300)["close"].to_numpy()
    train, change = prepared.splits.train, np.diff(np.log(close), prepend=np.nan)
    mean_T = garch.variances(garch.fit(change, train.cutoff_row_N), change, HORIZON).mean(axis=1)
    log_T = np.log(100 * np.sqrt(252 * mean_T))
    bias = np.mean(train.y_NH[:, 0] - log_T[train.cutoff_row_N])
    forecast_T = forecast_rows(volatility.garch, prepared)[40:300, 0]
    np.testing.assert_allclose(forecast_T, log_T[40:] + bias, rtol=1e-9)


def test_the_decay_follows_the_interval(recipe: Recipe) -> None:
    """The same market seen twelve times as often: its volatility changes more slowly from bar to bar."""
    memory = {}
    for every in (1, 12):
        rng = np.random.default_rng(3)
        log_T = np.zeros(24_000 // (12 // every))
        for t in range(1, len(log_T)):
            log_T[t] = log_T[t - 1] * (1 - 0.03 / every) + rng.normal(0, 0.15 / np.sqrt(every))
        close_T = 100 * np.exp(np.cumsum(0.01 * np.exp(log_T) * rng.normal(size=len(log_T))))
        index = pd.date_range("2015-01-01", periods=len(close_T), freq="h" if every == 12 else "12h", name="time")
        prepared = prepare(recipe, pd.DataFrame({"close": close_T}, index=index), target__horizon=HORIZON * every)
        ((_, series),) = volatility_series(prepared)
        forecast_T = volatility.ewma(series)[:, 0]
        fits = {
            decay: np.ptp(
                forecast_T[500:] - log_volatility(smooth(series.square_T, decay), prepared, series.per_year)[500:]
            )
            for decay in volatility.DECAYS
        }
        memory[every] = 1 / (1 - min(fits, key=lambda decay: fits[decay]))
    assert memory[12] > 2 * memory[1]


def smooth(variance_T: Floats, decay: float) -> Floats:
    from scipy.signal import lfilter

    weight_T = lfilter([1], [1, -decay], np.ones(len(variance_T)))
    return lfilter([1], [1, -decay], variance_T) / weight_T
