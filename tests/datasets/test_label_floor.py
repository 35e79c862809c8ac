"""The floor of volatility labels: from training windows alone, saved with the run, the same wherever labels are."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core import backtest, pipeline
from core.data import frame as frames
from core.datasets import label_floor, windows
from core.datasets.panel import build_panel
from core.evaluation.backtest.plan import Plan
from core.spec import Spec
from core.types import Floats

Recipe = Callable[..., Spec]


def garch_prices(rows: int = 3300, tick: float = 0.01, seed: int = 0) -> pd.DataFrame:
    """Closes of a share on a grid of ticks: about one day in a hundred ends where the day before did."""
    rng = np.random.default_rng(seed)
    return_T, variance = np.empty(rows), 3e-4
    for t in range(rows):
        return_T[t] = np.sqrt(variance) * rng.standard_t(5) * np.sqrt(3 / 5)
        variance = 4e-6 + 0.06 * return_T[t] ** 2 + 0.927 * variance
    close_T = np.maximum(np.round(25 * np.exp(np.cumsum(return_T - return_T.mean())) / tick), 1) * tick
    index = pd.bdate_range("2000-01-03", periods=rows, name="time")
    return pd.DataFrame({"close": close_T}, index=index)


def prepare(recipe: Recipe, frame: pd.DataFrame, **values: object) -> windows.Prepared:
    values = {"target__kind": "volatility", "target__horizon": 1, "features": ["return"]} | values
    return windows.prepare(windows.resolve(recipe(**values), frame), frame)


def share_of_smallest(y_N: Floats, part: float = 0.015) -> float:
    """The share of the variance of the labels that the smallest ones carry."""
    square_N = (np.sort(y_N) - y_N.mean()) ** 2
    return float(square_N[: round(part * len(y_N))].sum() / square_N.sum())


def test_days_without_a_move_do_not_dominate_the_log_volatility(recipe: Recipe) -> None:
    table = garch_prices()
    move_T = 100 * np.sqrt(252) * np.abs(np.diff(np.log(table["close"])))
    assert 0.005 < (move_T == 0).mean() < 0.03
    assert share_of_smallest(np.log(np.maximum(move_T, 1e-3))) > 0.3  # the log as it is
    prepared = prepare(recipe, frames.build({"A": table}))
    for split in ("train", "val", "calib", "test"):
        assert share_of_smallest(getattr(prepared.splits, split).y_NH[:, 0]) < 0.1


def test_the_floor_is_a_tenth_of_the_volatility_of_the_training_windows(recipe: Recipe) -> None:
    tables = {"A": garch_prices(800), "B": garch_prices(800, seed=1)}
    tables["B"] = 100 * (tables["B"] / 100) ** 2  # twice as volatile
    prepared = prepare(recipe, frames.build(tables), data__symbols=["A", "B"], target__horizon=2)
    train = prepared.splits.train
    for s, table in enumerate(tables.values()):
        return_T = np.diff(np.log(table["close"].to_numpy()), prepend=np.nan)
        row_N = train.cutoff_row_N[train.symbol_N == s] - (0 if s == 0 else 802)
        mean_N = np.array([np.mean(return_T[t + 1 : t + 3] ** 2) for t in row_N])
        floor = 0.1 * 100 * np.sqrt(252 * mean_N.mean())
        np.testing.assert_allclose(np.exp(prepared.y_scaler.low_SC[s, 0]), floor, rtol=1e-9)
        expected_N = np.maximum(100 * np.sqrt(252 * mean_N), floor)
        np.testing.assert_allclose(np.exp(train.y_NH[train.symbol_N == s, 0]), expected_N, rtol=1e-9)
        assert (100 * np.sqrt(252 * mean_N) < floor).any()


def test_later_rows_do_not_move_it(recipe: Recipe) -> None:
    table = garch_prices(800)
    other = table.copy()
    other.iloc[600:] *= np.exp(np.random.default_rng(5).normal(0, 0.2, (200, 1)))
    before, after = (prepare(recipe, frames.build({"A": one})) for one in (table, other))
    assert before.splits.train.cutoff_row_N.max() < 598
    np.testing.assert_array_equal(before.y_scaler.low_SC, after.y_scaler.low_SC)
    np.testing.assert_array_equal(before.splits.train.y_NH, after.splits.train.y_NH)


def test_labels_that_need_a_missing_level_stay_missing(recipe: Recipe) -> None:
    table = garch_prices(800).assign(volume=1.0)
    table.iloc[300, 0] = np.nan
    prepared = prepare(recipe, frames.build({"A": table}), target__horizon=3)
    missing_T = np.isnan(prepared.splits.train.rows.y_TH[:800, 0])
    np.testing.assert_array_equal(np.flatnonzero(missing_T), [*range(297, 301), *range(797, 800)])
    assert np.isfinite(prepared.splits.train.y_NH).all()


@pytest.mark.parametrize("kind", ["log_return", "max_drawdown", "close", "direction"])
def test_other_targets_have_none(recipe: Recipe, frame: pd.DataFrame, kind: str) -> None:
    prepared = prepare(recipe, frame, target__kind=kind, target__column="close")
    assert prepared.y_scaler.low_SC is None


def test_a_series_that_stands_still_while_it_trains_has_labels(recipe: Recipe) -> None:
    table = garch_prices(800)
    table.iloc[:460] = 25.0
    prepared = prepare(recipe, frames.build({"A": table}))
    assert np.isfinite(prepared.splits.test.y_NH).all() and np.isfinite(prepared.y_scaler.low_SC).all()


def test_a_saved_run_keeps_its_floor_and_forecasts_newer_data_with_it(recipe: Recipe, finish: Callable) -> None:
    table = garch_prices(900)
    spec = recipe(target__horizon=1, features=["return", "abs_return"])
    saved = finish(pipeline.run(spec, frames.build({"A": table.iloc[:700]})))[0]
    assert {"y_low", "y_high"} <= saved.state.keys()
    test = saved.forecast[(saved.forecast["model"] == "lstm") & (saved.forecast["part"] == "test")]
    least = float(np.exp(saved.state["y_low"][0, 0]))
    assert test["y"].min() >= least * (1 - 1e-12)
    again = windows.prepare_saved(saved)
    np.testing.assert_allclose(again.kind.to_user(again.splits.test.y_NH[:, 0]), test["y"], rtol=1e-12)
    scalers = windows.restore_scalers(saved.state)
    recent = windows.prepare_recent(saved.spec, frames.build({"A": table}), *scalers, np.datetime64("2000-01-01"))
    assert recent.known.y_NH.min() == pytest.approx(np.log(least))  # not that of the longer series


def test_a_run_saved_before_there_was_a_floor_has_the_labels_that_it_learned(recipe: Recipe) -> None:
    frame = frames.build({"A": garch_prices(800)})
    prepared = prepare(recipe, frame)
    former = replace(prepared.y_scaler, low_SC=None, high_SC=None)
    spec = windows.resolve(recipe(target__kind="volatility", target__horizon=1, features=["return"]), frame)
    rows = windows.prepare(spec, frame, (prepared.x_scaler, former)).splits.test.rows
    np.testing.assert_array_equal(rows.y_TH, build_panel(spec, frame).rows.y_TH)
    assert np.nanmin(rows.y_TH) < prepared.y_scaler.low_SC[0, 0]


def test_the_folds_of_a_backtest_are_judged_by_labels_with_one_floor(recipe: Recipe, finish: Callable) -> None:
    frame = frames.build({"A": garch_prices(800)})
    spec = recipe(target__horizon=1, features=["return"], train__epochs=1)
    plan = Plan(folds=2)
    result = finish(backtest.run(spec, frame, plan))[0]
    y = result.forecast.loc[result.forecast["part"] == "test", "y"]
    folds, index = backtest.layout(spec, frame, plan)
    first = windows.prepare(*backtest._cut(windows.resolve(spec, frame), frame, folds[0], index))
    assert y.min() == pytest.approx(float(np.exp(first.y_scaler.low_SC[0, 0])))


def test_applying_it_twice_changes_nothing(recipe: Recipe) -> None:
    prepared = prepare(recipe, frames.build({"A": garch_prices(800)}))
    rows = prepared.splits.train.rows
    np.testing.assert_array_equal(label_floor.apply(rows, prepared.y_scaler.low_SC).y_TH, rows.y_TH)
    assert label_floor.apply(rows, None) is rows
