"""Each naive baseline compared with an explicit calculation."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.baselines import registry
from core.baselines.baseline import forecast_rows
from core.data import frame as frames
from core.datasets import frequency, windows
from core.datasets.targets import TARGETS
from core.spec import Spec
from core.types import Floats
from tests.baselines.rules import RULES

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
HORIZON = 3


def forecasts(spec: Spec, frame: pd.DataFrame) -> tuple[dict[str, Floats], windows.Prepared]:
    prepared = windows.prepare(windows.resolve(spec, frame), frame)
    names = [name for name in registry.for_target(prepared.kind) if name in RULES]
    return {name: forecast_rows(RULES[name], prepared) for name in names}, prepared


def prepare_and_forecast(
    recipe: Recipe, bars: Bars, kind: str, **values: object
) -> tuple[dict[str, Floats], windows.Prepared, np.ndarray]:
    table = bars(300)
    values = {"features": ["return", "log_range"]} | values
    spec = recipe(target__kind=kind, target__column="close", target__horizon=HORIZON, **values)
    return *forecasts(spec, frames.build({"A": table})), table["close"].to_numpy()


@pytest.mark.parametrize("kind", ["close", "column"])
def test_level_baselines(recipe: Recipe, bars: Bars, kind: str) -> None:
    baselines, _, close = prepare_and_forecast(recipe, bars, kind)
    for t in (40, 200, 299):
        np.testing.assert_array_equal(baselines["last_value"][t], [close[t]] * 3)
        slope = (close[t] - close[0]) / t
        np.testing.assert_allclose(baselines["drift"][t], [close[t] + slope * k for k in (1, 2, 3)], rtol=1e-12)
        means = [close[k : t + 1].mean() for k in (1, 2, 3)]  # of labels of step k that are known at t
        np.testing.assert_allclose(baselines["mean"][t], means, rtol=1e-12)


@pytest.mark.parametrize("noise", [0.0, 1.0, 20.0])
def test_exponential_smoothing_has_the_weight_that_forecasts_the_training_rows_best(
    recipe: Recipe, noise: float
) -> None:
    """Next to a loop over the recursion, and near the best weight of a level that moves under noise."""
    rng = np.random.default_rng(1)
    level_T = 500 + np.cumsum(rng.normal(size=1000)) + noise * rng.normal(size=1000)
    index = pd.date_range("2015-01-01", periods=1000, name="time")
    frame = frames.build({"A": pd.DataFrame({"close": level_T}, index=index)})
    spec = recipe(target__kind="column", target__column="close", target__horizon=3, features=["column:close"])
    baselines, prepared = forecasts(spec, frame)
    row_N = prepared.splits.train.cutoff_row_N
    smooth_WT = np.empty((100, 1000))
    weight_W = np.arange(1, 101) / 100
    smooth_WT[:, 0] = level_T[0]
    for t in range(1, 1000):
        smooth_WT[:, t] = weight_W * level_T[t] + (1 - weight_W) * smooth_WT[:, t - 1]
    error_W = np.mean((smooth_WT[:, row_N[:-1]] - level_T[row_N[:-1] + 1]) ** 2, axis=1)
    best = int(np.argmin(error_W))
    expected_TH = np.repeat(smooth_WT[best][:, None], 3, axis=1)
    np.testing.assert_allclose(baselines["ses"][:1000], expected_TH, rtol=1e-10)
    ratio = 1 / noise**2 if noise else np.inf  # of the variances; the steady-state gain of Muth (1960)
    gain = (np.sqrt(ratio**2 + 4 * ratio) - ratio) / 2 if noise else 1.0
    assert abs(weight_W[best] - gain) < 0.15


def test_return_baselines(recipe: Recipe, bars: Bars) -> None:
    baselines, _, close = prepare_and_forecast(recipe, bars, "log_return")
    log = np.log(close)
    for t in (40, 200):
        np.testing.assert_array_equal(baselines["last_value"][t], [0, 0, 0])
        np.testing.assert_allclose(baselines["drift"][t], [k * (log[t] - log[0]) / t for k in (1, 2, 3)], rtol=1e-10)
        np.testing.assert_allclose(
            baselines["mean"][t], [np.mean(log[k : t + 1] - log[: t + 1 - k]) for k in (1, 2, 3)], rtol=1e-10
        )


def test_direction_baselines(recipe: Recipe, bars: Bars) -> None:
    baselines, prepared, close = prepare_and_forecast(recipe, bars, "direction")
    rose = [np.concatenate([np.full(k, np.nan), close[k:] > close[:-k]]) for k in (1, 2, 3)]  # by the row that ends it
    for t in (40, 200):
        np.testing.assert_array_equal(baselines["last_value"][t], [r[t] for r in rose])
        np.testing.assert_allclose(baselines["mean"][t], [np.nanmean(r[: t + 1]) for r in rose], rtol=1e-12)
    share_H = prepared.splits.train.y_NH.mean(axis=0)
    np.testing.assert_array_equal(baselines["majority"][200], share_H > 0.5)


def test_mean_level_baselines(recipe: Recipe, bars: Bars) -> None:
    baselines, _, close = prepare_and_forecast(recipe, bars, "mean_close")
    means = np.array([close[t - 2 : t + 1].mean() for t in range(2, 300)])  # by the row that ends them, from row 2
    for t in (40, 200, 299):
        assert baselines["last_value"][t].tolist() == [close[t]]
        slope = (close[t] - close[0]) / t
        assert baselines["drift"][t, 0] == pytest.approx(np.mean([close[t] + slope * k for k in (1, 2, 3)]), rel=1e-12)
        assert baselines["mean"][t, 0] == pytest.approx(means[1 : t - 1].mean(), rel=1e-12)  # the first cutoff is row 0


def test_drawdown_baselines(recipe: Recipe, bars: Bars) -> None:
    baselines, _, close = prepare_and_forecast(recipe, bars, "max_drawdown")

    def drawdown(t: int) -> float:
        path = close[t - HORIZON : t + 1]
        return float(np.log1p(100 * max(1 - path[k] / path[: k + 1].max() for k in range(HORIZON + 1))))

    for t in (40, 200):
        assert baselines["last_value"][t, 0] == pytest.approx(drawdown(t), rel=1e-10, abs=1e-12)
        past = [drawdown(end) for end in range(HORIZON, t + 1)]
        assert baselines["mean"][t, 0] == pytest.approx(np.mean(past), rel=1e-10)
        slope = (past[-1] - past[0]) / (t - HORIZON)
        assert baselines["drift"][t, 0] == pytest.approx(past[-1] + HORIZON * slope, rel=1e-10, abs=1e-12)


def test_direction_baselines_ignore_moves_within_the_dead_zone(recipe: Recipe, bars: Bars) -> None:
    baselines, prepared, close = prepare_and_forecast(recipe, bars, "direction", target__dead_zone=0.004)
    for t in (40, 200):
        large = [k for k in range(1, t + 1) if abs(close[k] - close[k - 1]) >= 0.004 * close[k - 1]]
        assert baselines["last_value"][t, 0] == float(close[large[-1]] > close[large[-1] - 1])
        assert baselines["mean"][t, 0] == pytest.approx(np.mean([close[k] > close[k - 1] for k in large]), rel=1e-12)
    train = prepared.splits.train
    np.testing.assert_array_equal(baselines["majority"][200], train.y_NH.mean(axis=0) > 0.5)


def test_baselines_of_levels_learned_as_logs_forecast_the_logs(recipe: Recipe, bars: Bars) -> None:
    baselines, prepared, close = prepare_and_forecast(recipe, bars, "close", window__log=True)
    log = np.log(close)
    for t in (40, 299):
        np.testing.assert_allclose(prepared.kind.to_user(baselines["last_value"][t]), [close[t]] * 3, rtol=1e-12)
        slope = (log[t] - log[0]) / t
        np.testing.assert_allclose(baselines["drift"][t], [log[t] + slope * k for k in (1, 2, 3)], rtol=1e-12)


def test_volatility_baselines(recipe: Recipe, bars: Bars) -> None:
    baselines, _, close = prepare_and_forecast(recipe, bars, "volatility")
    square = np.concatenate([[np.nan], np.diff(np.log(close)) ** 2])

    def realised(t: int) -> float:
        return float(np.log(100 * np.sqrt(252 * square[t - HORIZON + 1 : t + 1].mean())))

    for t in (40, 200):
        assert baselines["last_value"][t, 0] == pytest.approx(realised(t), rel=1e-10)
        past = [realised(end) for end in range(HORIZON, t + 1)]
        assert baselines["mean"][t, 0] == pytest.approx(np.mean(past), rel=1e-10)
        slope = (past[-1] - past[0]) / (t - HORIZON)
        assert baselines["drift"][t, 0] == pytest.approx(past[-1] + HORIZON * slope, rel=1e-10)


@pytest.mark.parametrize("kind", TARGETS)
def test_every_baseline_forecasts_every_window(recipe: Recipe, bars: Bars, kind: str) -> None:
    table = bars(400)
    table.loc[table.index[[90, 250, 251, 330]], "close"] = np.nan
    frame = frames.build({"A": table, "B": bars(400, seed=1)})
    spec = recipe(target__kind=kind, target__column="close", data__symbols=["A", "B"], features=["return", "log_range"])
    baselines, prepared = forecasts(spec, frame)
    for name, value_TH in baselines.items():
        assert np.isnan(value_TH[-5:]).all()  # the future of the last symbol
        for split in ("train", "val", "calib", "test", "live"):
            assert np.isfinite(value_TH[getattr(prepared.splits, split).cutoff_row_N]).all(), (name, split)


def test_symbols_do_not_mix(recipe: Recipe, bars: Bars) -> None:
    a, b = bars(300), bars(300, seed=1) * 3
    alone, prepared = forecasts(recipe(), frames.build({"A": a}))
    both, _ = forecasts(recipe(data__symbols=["A", "B"]), frames.build({"A": a, "B": b}))
    rows = len(prepared.splits.test.rows.time_T)
    for name, value_TH in alone.items():
        np.testing.assert_array_equal(both[name][:rows], value_TH)


@pytest.mark.parametrize(
    ("index", "steps"),
    [
        (pd.bdate_range("2020-01-01", periods=50), 5),
        (pd.date_range("2020-01-01", periods=50), 7),
        (pd.date_range("2020-01-05", periods=50, freq="W"), 52),
        (pd.date_range("2020-01-31", periods=50, freq="ME"), 12),
        (pd.date_range("2020-01-01", periods=200, freq="h"), 24),
        (pd.date_range("2020-01-01", periods=900, freq="15min"), 96),
        (
            pd.DatetimeIndex(
                [day + pd.Timedelta(hours=9.5 + k) for day in pd.bdate_range("2020-01-01", periods=9) for k in range(7)]
            ),
            7,
        ),
        (pd.bdate_range("2020-01-01", periods=70, freq="C", weekmask="Sun Mon Tue Wed Thu"), 5),
        (pd.DatetimeIndex(["2020-01-01"]), 1),
    ],
)
def test_the_season_follows_the_frequency_of_the_series(index: pd.DatetimeIndex, steps: int) -> None:
    assert frequency.season(index) == steps


@pytest.mark.parametrize("kind", TARGETS)
def test_seasonal_is_the_latest_known_label_of_the_same_weekday(recipe: Recipe, bars: Bars, kind: str) -> None:
    table = bars(300)
    spec = recipe(target__kind=kind, target__column="close", target__horizon=7, features=["return", "log_range"])
    baselines, prepared = forecasts(spec, frames.build({"A": table}))
    rows = prepared.splits.test.rows
    for t in (40, 200, 299):
        for h, step in enumerate(rows.steps):
            ago = next(t - back for back in range(0, 99, 5) if t - back + step <= t)
            assert baselines["seasonal"][t, h] == rows.y_TH[ago, h]
    if kind == "close":
        close = table["close"].to_numpy()
        np.testing.assert_array_equal(baselines["seasonal"][200], close[[196, 197, 198, 199, 200, 196, 197]])
