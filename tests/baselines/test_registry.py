"""Which baselines each target has, their independence of the future, and baselines that cannot be computed."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.baselines import arima, registry
from core.baselines.baseline import forecast_rows, from_rule
from core.data import frame as frames
from core.datasets import windows
from core.datasets.targets import TARGETS
from core.errors import DataError
from core.spec import Spec
from core.types import Floats

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
SPLITS = ("val", "calib", "test")
WITHOUT_SEASON = {"seasonal_decomposition", "mstl"}  # are left out of the random walks of these tests


def prepare_and_forecast(spec: Spec, frame: pd.DataFrame) -> tuple[registry.Forecasts, windows.Prepared]:
    prepared = windows.prepare(windows.resolve(spec, frame), frame)
    return registry.forecasts(spec, prepared, SPLITS), prepared


def test_the_naive_baselines_come_first_and_have_short_names() -> None:
    naive = [name for name, baseline in registry.BASELINES.items() if baseline.naive]
    assert naive == [
        "even_odds",
        "train_share",
        "last_value",
        "drift",
        "ses",
        "seasonal",
        "seasonal_decomposition",
        "mean",
        "majority",
        "ewma",
        "range_ewma",
    ]
    assert all(baseline.title and baseline.phrase for baseline in registry.BASELINES.values())
    assert (registry.phrase("ewma"), registry.phrase("unknown")) == ("EWMA volatility", "unknown")


def test_each_target_has_its_baselines_from_naive_to_machine_learning() -> None:
    names = {kind: registry.for_target(TARGETS[kind]) for kind in TARGETS}
    always = (
        "last_value",
        "drift",
        "seasonal",
        "seasonal_decomposition",
        "mean",
        "ridge",
        "nlinear",
        "arima",
        "lightgbm",
    )
    assert {kind for kind, baselines in names.items() if baselines == always} == {"log_return", "max_drawdown"}
    of_levels = (*always[:2], "ses", *always[2:-1], "auto_ets", "auto_theta", "mstl", always[-1], "fracast")
    assert {kind for kind, baselines in names.items() if baselines == of_levels} == {"close", "column", "mean_close"}
    assert names["volatility"] == (
        *always[:5],
        "ewma",
        "range_ewma",
        "har",
        "har_range",
        "har_leverage",
        "garch",
        *always[5:],
    )
    assert names["direction"] == (
        "even_odds",
        "train_share",
        "last_value",
        "seasonal",
        "seasonal_decomposition",
        "mean",
        "majority",
        *always[5:],
    )


@pytest.mark.parametrize("kind", ["close", "log_return", "volatility", "direction"])
def test_baselines_do_not_depend_on_rows_after_the_cutoff(recipe: Recipe, bars: Bars, kind: str) -> None:
    """Later rows of the test split are changed; earlier forecasts stay the same bit for bit."""
    spec = recipe(
        target__kind=kind,
        target__column="close",
        target__horizon=3,
        baselines__slow=True,
        features=["return", "log_range", "weekday"],
    )
    table, rows = bars(400), 360
    other = table.copy()
    other.iloc[rows:] = table.iloc[rows:].to_numpy() * np.exp(bars(40, seed=5)[["close"]].to_numpy() / 50 - 2)
    (before, prepared), (after, _) = (
        prepare_and_forecast(spec, frames.build({"A": version})) for version in (table, other)
    )
    names = registry.for_target(prepared.kind)
    assert before.left_out.keys() == WITHOUT_SEASON & {*names}
    assert tuple(before.by_baseline) == tuple(
        name for name in names if name not in WITHOUT_SEASON and not registry.BASELINES[name].pretrained
    )
    early = prepared.splits.test.cutoff_row_N < rows
    assert early.any() and not early.all()
    for name, by_split in before.by_baseline.items():
        for split in ("val", "calib"):
            np.testing.assert_array_equal(by_split[split], after.by_baseline[name][split], err_msg=name)
        np.testing.assert_array_equal(by_split["test"][early], after.by_baseline[name]["test"][early], err_msg=name)
        if name not in ("last_value", "arima") and kind != "direction":  # these may be constants
            assert not np.array_equal(by_split["test"][~early], after.by_baseline[name]["test"][~early]), name


def test_slow_baselines_are_skipped_by_default(recipe: Recipe, frame: pd.DataFrame) -> None:
    forecasts, _ = prepare_and_forecast(recipe(), frame)
    assert "no season" in forecasts.left_out.pop("seasonal_decomposition")
    assert forecasts.left_out == {"arima": registry.SKIPPED_SLOW, "lightgbm": registry.SKIPPED_SLOW}
    assert forecasts.by_baseline.keys() == {
        "last_value",
        "drift",
        "seasonal",
        "mean",
        "ewma",
        "range_ewma",
        "har",
        "har_range",
        "har_leverage",
        "garch",
        "ridge",
        "nlinear",
    }


def test_a_baseline_that_cannot_be_computed_is_left_out_with_its_reason(
    recipe: Recipe, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(series: object) -> Floats:
        raise DataError("No order fits.")

    rules = {"arima": broken, "har": lambda series: np.full((600, 1), np.nan)}
    for name, rule in rules.items():
        broken_baseline = replace(registry.BASELINES[name], fit=from_rule(rule))
        monkeypatch.setitem(registry.BASELINES, name, broken_baseline)
    forecasts, prepared = prepare_and_forecast(recipe(baselines__slow=True), frame)
    count = len(prepared.splits.val)
    assert forecasts.left_out.keys() == {"seasonal_decomposition", "har", "arima"}
    assert forecasts.left_out["arima"] == "No order fits."
    assert f"{count} of {count} windows" in forecasts.left_out["har"]
    assert "lightgbm" in forecasts.by_baseline


def test_garch_is_left_out_of_a_short_series_with_the_reason(recipe: Recipe, bars: Bars) -> None:
    forecasts, _ = prepare_and_forecast(recipe(window__lookback=5, features=["return"]), frames.build({"A": bars(150)}))
    assert "garch" not in forecasts.by_baseline and "har" in forecasts.by_baseline
    assert "at least 100 are needed" in forecasts.left_out["garch"]


def test_a_model_is_not_its_own_baseline(recipe: Recipe, frame: pd.DataFrame) -> None:
    spec = recipe(model__kind="nlinear", target__kind="close")
    forecasts, _ = prepare_and_forecast(spec, frame)
    assert "nlinear" not in forecasts.by_baseline and "nlinear" not in forecasts.left_out


def test_the_naive_error_is_that_of_the_last_value_one_step_ahead_for_each_symbol(recipe: Recipe, bars: Bars) -> None:
    frame = frames.build({"A": bars(600), "B": 50 * bars(600, seed=1)})
    spec = recipe(data__symbols=["A", "B"], target__kind="close", target__horizon=5)
    _, prepared = prepare_and_forecast(spec, frame)
    train = prepared.splits.train
    for s, symbol in enumerate(("A", "B")):
        first, last = (f(train.cutoff_N[train.symbol_N == s]) for f in (np.min, np.max))
        step_T = frame[symbol]["close"].diff().abs().shift(-1).loc[first:last]
        assert registry.naive_errors(prepared)[s] == pytest.approx(step_T.mean())


@pytest.mark.parametrize("kind", ["close", "direction"])
def test_each_symbol_is_forecast_in_its_own_units(recipe: Recipe, bars: Bars, kind: str) -> None:
    spec = recipe(
        data__symbols=["A", "B"],
        target__kind=kind,
        target__horizon=2,
        baselines__slow=True,
        features=["return", "log_range"],
    )
    forecasts, prepared = prepare_and_forecast(spec, frames.build({"A": bars(300), "B": bars(300, seed=1) * 50}))
    assert forecasts.left_out.keys() == WITHOUT_SEASON & {*registry.for_target(prepared.kind)}
    test = prepared.splits.test
    for name, by_split in forecasts.by_baseline.items():
        if kind == "direction":
            assert ((by_split["test"] >= 0) & (by_split["test"] <= 1)).all(), name
        elif name != "mean":
            assert (np.abs(by_split["test"] / test.anchor_N[:, None] - 1) < 0.3).all(), name


def test_arima_is_fitted_once_per_symbol(recipe: Recipe, bars: Bars, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted_rows: list[int] = []

    def count_rows(value_T: Floats) -> arima.Fitted:
        fitted_rows.append(len(value_T))
        return arima.Fitted(d=1, ar=np.empty(0), ma=np.empty(0), mean=0.0, deviation=1.0)

    monkeypatch.setattr(arima, "fit", count_rows)
    spec = recipe(data__symbols=["A", "B"], target__kind="close", target__horizon=2, features=["return"])
    tables = {"A": bars(300), "B": bars(300, seed=1)}
    frame = frames.build(tables)
    prepared = windows.prepare(windows.resolve(spec, frame), frame)
    yhat_TH = forecast_rows(arima.forecast, prepared)
    train = prepared.splits.train
    assert fitted_rows == [int((train.symbol_N == s).sum()) for s in (0, 1)]
    test = prepared.splits.test
    np.testing.assert_allclose(yhat_TH[test.cutoff_row_N], np.repeat(test.anchor_N[:, None], 2, axis=1))
