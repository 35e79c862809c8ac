"""Ridge and NLinear compared with dense least squares on explicit windows, and independence of the future."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.baselines import linear, normal_equations
from core.data import frame as frames
from core.datasets import windows
from core.datasets.targets import TARGETS
from core.datasets.windows import Prepared
from core.errors import DataError
from core.spec import Spec
from core.types import Floats, Windows

NAMES = ("ridge", "nlinear")
Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]


def prepare(recipe: Recipe, tables: dict[str, pd.DataFrame], kind: str, **values: object) -> Prepared:
    frame = frames.build(tables)
    values = {"features": ["return", "log_range"], "data__symbols": list(tables)} | values
    spec = recipe(target__kind=kind, target__column="close", target__horizon=3, **values)
    return windows.prepare(windows.resolve(spec, frame), frame)


def fit(name: str, prepared: Prepared) -> linear.Fitted:
    return linear.fit(name, prepared.splits.train, prepared.splits.val, prepared.kind)


def forecast(name: str, prepared: Prepared) -> Floats:
    return linear.predict(fit(name, prepared), prepared.splits.test)


def dense(x_ND: Floats, y_NH: Floats, strength: float) -> tuple[Floats, Floats]:
    """Ridge on standardised columns as a stacked least-squares problem: weights of the raw columns, and intercept."""
    spread_D, mean_D, count = x_ND.std(axis=0), x_ND.mean(axis=0), len(x_ND)
    width = x_ND.shape[1]
    stacked = np.concatenate([(x_ND - mean_D) / spread_D, np.sqrt(strength * count) * np.eye(width)])
    target = np.concatenate([y_NH - y_NH.mean(axis=0), np.zeros((width, y_NH.shape[1]))])
    weight_DH = np.linalg.lstsq(stacked, target, rcond=None)[0] / spread_D[:, None]
    return weight_DH, y_NH.mean(axis=0) - mean_D @ weight_DH


def expected(
    x_ND: Callable[[Windows], Floats], base_N: Callable[[Windows], Floats], prepared: Prepared, strength: float
) -> tuple[Floats, float]:
    """The test forecasts and the validation error of one symbol, from `dense`."""
    train, val, test = prepared.splits.train, prepared.splits.val, prepared.splits.test
    y_NH = train.y_NH - base_N(train)[:, None]
    weight_DH, bias_H = dense(x_ND(train), y_NH, strength)
    error_NH = (x_ND(val) @ weight_DH + bias_H - (val.y_NH - base_N(val)[:, None])) / y_NH.std(axis=0)
    return x_ND(test) @ weight_DH + bias_H + base_N(test)[:, None], float(np.square(error_NH).mean())


@pytest.mark.parametrize(("kind", "level"), [("close", 1.0), ("volatility", 0.0), ("log_return", 0.0)])
def test_ridge_equals_the_dense_solution(recipe: Recipe, bars: Bars, kind: str, level: float) -> None:
    table = bars(300)
    table.iloc[[90, 120, 121], table.columns.get_indexer(["high"])] = np.nan  # gaps divide the cutoffs into four runs
    prepared = prepare(recipe, {"A": table}, kind)
    ridge = fit("ridge", prepared)
    assert ridge.strength == linear.STRENGTHS[int(np.argmin(ridge.errors))]
    for strength, error in zip(linear.STRENGTHS, ridge.errors, strict=True):
        forecast_NH, expected_error = expected(
            lambda windows: windows.x_NLF.astype(float).reshape(len(windows), -1),
            lambda windows: level * windows.anchor_N,
            prepared,
            strength,
        )
        assert error == pytest.approx(expected_error, rel=1e-9)
        if strength == ridge.strength:
            np.testing.assert_allclose(linear.predict(ridge, prepared.splits.test), forecast_NH, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["close", "log_return"])
def test_ridge_sees_the_plans_of_each_step_as_the_dense_solution_does(recipe: Recipe, bars: Bars, kind: str) -> None:
    rng, table = np.random.default_rng(0), bars(300)
    table["plan"], table["promotion"] = rng.normal(size=300), rng.random(300) < 0.3
    values = {"features": ["return", "known:plan", "weekday", "known:promotion"]}
    prepared = prepare(recipe, {"A": table.astype(float)}, kind, **values, data__known_future=["plan", "promotion"])
    ridge, test = fit("ridge", prepared), prepared.splits.test
    assert ridge.plans_P.tolist() == [0, 2]  # the day of the week follows from the window
    for h in range(3):

        def with_plans(part: Windows, h: int = h) -> Floats:
            return np.hstack([part.x_NLF.reshape(len(part), -1), part.known_NHK[:, h, [0, 2]]]).astype(float)

        forecast_NH, _ = expected(with_plans, lambda part: (kind == "close") * part.anchor_N, prepared, ridge.strength)
        np.testing.assert_allclose(linear.predict(ridge, test)[:, h], forecast_NH[:, h], rtol=1e-7, atol=1e-10)


def test_nlinear_uses_the_weakest_regularisation_within_half_a_percent_of_the_best(recipe: Recipe, bars: Bars) -> None:
    prepared = prepare(recipe, {"A": bars(300)}, "close")
    nlinear = fit("nlinear", prepared)
    chosen = linear.STRENGTHS.index(nlinear.strength)
    assert nlinear.errors[chosen] <= 1.005 * min(nlinear.errors)
    assert all(error > 1.005 * min(nlinear.errors) for error in nlinear.errors[:chosen])


def test_the_block_size_changes_nothing(recipe: Recipe, bars: Bars, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepare(recipe, {"A": bars(200)}, "close")
    for name in NAMES:
        in_one_block_NH = forecast(name, prepared)
        with monkeypatch.context() as patch:
            patch.setattr(normal_equations, "BLOCK", 20 * 7)
            np.testing.assert_allclose(forecast(name, prepared), in_one_block_NH, rtol=1e-9)


@pytest.mark.parametrize("kind", ["close", "log_return"])
def test_nlinear_equals_the_dense_solution(recipe: Recipe, bars: Bars, kind: str) -> None:
    table = bars(300)
    prepared = prepare(recipe, {"A": table}, kind)
    level = table["close"].to_numpy() if kind == "close" else np.log(table["close"].to_numpy())
    rows_L = np.arange(1, 10)
    nlinear = fit("nlinear", prepared)
    forecast_NH, _ = expected(
        lambda windows: level[windows.cutoff_row_N[:, None] - rows_L] - level[windows.cutoff_row_N][:, None],
        lambda windows: level[windows.cutoff_row_N] * (kind == "close"),
        prepared,
        nlinear.strength,
    )
    np.testing.assert_allclose(linear.predict(nlinear, prepared.splits.test), forecast_NH, rtol=1e-9, atol=1e-12)


def test_nlinear_of_volatility_uses_known_labels(recipe: Recipe, bars: Bars) -> None:
    prepared = prepare(recipe, {"A": bars(300)}, "volatility")
    known = np.concatenate(
        [np.full(3, np.nan), prepared.splits.train.rows.y_TH[:-3, 0]]
    )  # by the row that ends the label
    known[:3] = known[3]  # the first label is that of row 0, from the returns of rows 1, 2 and 3
    rows_L = np.arange(1, 10)
    nlinear = fit("nlinear", prepared)
    forecast_NH, expected_error = expected(
        lambda windows: known[windows.cutoff_row_N[:, None] - rows_L] - known[windows.cutoff_row_N][:, None],
        lambda windows: known[windows.cutoff_row_N],
        prepared,
        nlinear.strength,
    )
    assert nlinear.errors[linear.STRENGTHS.index(nlinear.strength)] == pytest.approx(expected_error, rel=1e-9)
    np.testing.assert_allclose(linear.predict(nlinear, prepared.splits.test), forecast_NH, rtol=1e-9)


def test_a_planted_linear_rule_is_learned(recipe: Recipe, bars: Bars) -> None:
    rng, level = np.random.default_rng(0), np.zeros(1500)
    for t in range(2, 1500):
        level[t] = 1.2 * level[t - 1] - 0.6 * level[t - 2] + rng.normal(0, 1)
    table = bars(1500)
    table["close"] = 100 + level
    prepared = prepare(recipe, {"A": table}, "close", features=["column:close"])
    row_N = prepared.splits.test.cutoff_row_N
    truth_N = 100 + 1.2 * level[row_N] - 0.6 * level[row_N - 1]
    for name, limit in (("ridge", 0.1), ("nlinear", 0.3)):  # unlike ridge, NLinear does not know the mean
        assert np.abs(forecast(name, prepared)[:, 0] - truth_N).mean() < limit, name


def test_symbols_share_one_linear_map_in_their_own_units(recipe: Recipe, bars: Bars) -> None:
    a = bars(300)
    both = prepare(recipe, {"A": a, "B": 50 * a}, "close")
    alone = prepare(recipe, {"A": a}, "close")
    for name in NAMES:
        both_NH, alone_NH = forecast(name, both), forecast(name, alone)
        symbol_N = both.splits.test.symbol_N
        np.testing.assert_allclose(both_NH[symbol_N == 0], alone_NH, rtol=1e-6)
        np.testing.assert_allclose(both_NH[symbol_N == 1], 50 * alone_NH, rtol=1e-6)


@pytest.mark.parametrize("kind", TARGETS)
def test_forecasts_do_not_depend_on_rows_after_the_cutoff(recipe: Recipe, bars: Bars, kind: str) -> None:
    table = bars(300)
    prepared = prepare(recipe, {"A": table}, kind)
    changed = table.copy()
    changed.iloc[251:] = changed.iloc[251:] * 1.7
    other = prepare(recipe, {"A": changed}, kind)
    one = prepared.splits.test.take(np.flatnonzero(prepared.splits.test.cutoff_row_N == 250))
    with_changed_future = replace(one, rows=other.splits.test.rows)
    assert len(one) == 1
    for name in NAMES:
        fitted = fit(name, prepared)
        forecast_NH = linear.predict(fitted, one)
        assert np.isfinite(forecast_NH).all()
        np.testing.assert_array_equal(linear.predict(fitted, with_changed_future), forecast_NH)


@pytest.mark.parametrize("name", NAMES)
def test_probabilities_lie_between_zero_and_one(recipe: Recipe, bars: Bars, name: str) -> None:
    prepared = prepare(recipe, {"A": bars(200)}, "direction")
    forecast_NH = forecast(name, prepared)
    assert ((forecast_NH >= 0) & (forecast_NH <= 1)).all()
    assert forecast_NH.std() > 0.01


def test_a_level_with_gaps_keeps_its_last_value(recipe: Recipe, bars: Bars) -> None:
    table = bars(300)
    table.iloc[100:103, table.columns.get_indexer(["close"])] = np.nan
    with_gap, filled = (
        prepare(recipe, {"A": t}, "close", features=["log_range"])
        for t in (table, table.assign(close=table["close"].ffill()))
    )
    nlinear = fit("nlinear", with_gap)
    np.testing.assert_array_equal(
        linear.predict(nlinear, with_gap.splits.test), linear.predict(nlinear, filled.splits.test)
    )


def test_windows_without_a_known_label_have_no_forecast(recipe: Recipe, bars: Bars) -> None:
    prepared = prepare(recipe, {"A": bars(300)}, "volatility", features=["log_range"], window__lookback=2)
    first = prepared.splits.train.take(np.arange(5))
    known = first.cutoff_row_N >= 3 + int(np.argmax(np.isfinite(first.rows.y_TH[:, 0])))
    assert known.any() and not known.all()
    nlinear = fit("nlinear", prepared)
    np.testing.assert_array_equal(np.isfinite(linear.predict(nlinear, first)[:, 0]), known)
    with pytest.raises(DataError, match=r"None of the \d+ training windows"):
        linear.fit("nlinear", first.take(np.flatnonzero(~known)), prepared.splits.val, prepared.kind)


def test_short_windows_are_left_out(recipe: Recipe, bars: Bars) -> None:
    table = bars(300)
    table.iloc[90, table.columns.get_indexer(["high"])] = np.nan
    prepared = prepare(recipe, {"A": table, "B": bars(300, seed=1)}, "close")
    rows, second = prepared.splits.train.rows, 303  # B begins after A and its three future rows
    short = np.array([2, 95, second + 3])  # at the start of a series, after a gap, at the start of the second series
    windows = replace(prepared.splits.train, cutoff_row_N=np.concatenate([short, prepared.splits.train.cutoff_row_N]))
    assert rows.symbol_T[second] == 1 and rows.symbol_T[second - 1] == 0
    ridge = linear.fit("ridge", windows, prepared.splits.val, prepared.kind)
    np.testing.assert_array_equal(ridge.weight_DH, fit("ridge", prepared).weight_DH)
    np.testing.assert_array_equal(np.isnan(linear.predict(ridge, windows)[:, 0]), np.arange(len(windows)) < 3)


def test_a_constant_column_gets_no_weight(recipe: Recipe, bars: Bars) -> None:
    prepared = prepare(recipe, {"A": bars(200).assign(flat=3.0)}, "close", features=["return", "column:flat"])
    ridge = fit("ridge", prepared)
    np.testing.assert_allclose(ridge.weight_DH.reshape(10, 2, 3)[:, 1], 0, atol=1e-12)
    without = prepare(recipe, {"A": bars(200)}, "close", features=["return"])
    np.testing.assert_allclose(linear.predict(ridge, prepared.splits.test), forecast("ridge", without), rtol=1e-9)


def test_very_wide_windows_are_cut_to_their_newest_rows(
    recipe: Recipe, bars: Bars, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = prepare(recipe, {"A": bars(200)}, "close")
    monkeypatch.setattr(linear, "MAX_INPUTS", 9)  # four rows of two features
    short = replace(
        prepared,
        splits=replace(
            prepared.splits,
            **{name: replace(getattr(prepared.splits, name), lookback=4) for name in ("train", "val", "test")},
        ),
    )
    ridge = fit("ridge", prepared)
    assert len(ridge.weight_DH) == 8
    np.testing.assert_allclose(linear.predict(ridge, prepared.splits.test), forecast("ridge", short), rtol=1e-12)
