"""The linear baselines against dense solves that write every window out, and what they may know."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.baselines import linear
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


def prepared(recipe: Recipe, tables: dict[str, pd.DataFrame], kind: str, **values: object) -> Prepared:
    frame = frames.build(tables)
    values = {"features": ["return", "log_range"], "data__symbols": list(tables)} | values
    spec = recipe(target__kind=kind, target__column="close", target__horizon=3, **values)
    return windows.prepare(windows.resolve(spec, frame), frame)


def fitted(name: str, made: Prepared) -> linear.Fitted:
    return linear.fit(name, made.splits.train, made.splits.val, made.kind)


def dense(x_ND: Floats, y_NH: Floats, strength: float) -> tuple[Floats, Floats]:
    """Ridge on standardised columns by a stacked least-squares problem: weights of raw columns, and intercept."""
    spread_D, mean_D, count = x_ND.std(axis=0), x_ND.mean(axis=0), len(x_ND)
    width = x_ND.shape[1]
    stacked = np.concatenate([(x_ND - mean_D) / spread_D, np.sqrt(strength * count) * np.eye(width)])
    wanted = np.concatenate([y_NH - y_NH.mean(axis=0), np.zeros((width, y_NH.shape[1]))])
    weight_DH = np.linalg.lstsq(stacked, wanted, rcond=None)[0] / spread_D[:, None]
    return weight_DH, y_NH.mean(axis=0) - mean_D @ weight_DH


def expected(
    x_ND: Callable[[Windows], Floats], base_N: Callable[[Windows], Floats], made: Prepared, strength: float
) -> tuple[Floats, float]:
    """Forecasts of the test part and the validation error, one symbol, by the dense way."""
    train, val, test = made.splits.train, made.splits.val, made.splits.test
    y_NH = train.y_NH - base_N(train)[:, None]
    weight_DH, bias_H = dense(x_ND(train), y_NH, strength)
    missed_NH = (x_ND(val) @ weight_DH + bias_H - (val.y_NH - base_N(val)[:, None])) / y_NH.std(axis=0)
    return x_ND(test) @ weight_DH + bias_H + base_N(test)[:, None], float(np.square(missed_NH).mean())


@pytest.mark.parametrize(("kind", "level"), [("close", 1.0), ("volatility", 0.0), ("log_return", 0.0)])
def test_ridge_is_the_dense_solution(recipe: Recipe, bars: Bars, kind: str, level: float) -> None:
    table = bars(300)
    table.iloc[[90, 120, 121], table.columns.get_indexer(["high"])] = np.nan  # holes: the cutoffs come in four runs
    made = prepared(recipe, {"A": table}, kind)
    got = fitted("ridge", made)
    assert got.strength == linear.STRENGTHS[int(np.argmin(got.errors))]
    for strength, error in zip(linear.STRENGTHS, got.errors, strict=True):
        forecast_NH, wanted = expected(
            lambda part: part.x_NLF.astype(float).reshape(len(part), -1),
            lambda part: level * part.anchor_N,
            made,
            strength,
        )
        assert error == pytest.approx(wanted, rel=1e-9)
        if strength == got.strength:
            np.testing.assert_allclose(linear.predict(got, made.splits.test), forecast_NH, rtol=1e-9, atol=1e-12)


def test_nlinear_takes_no_more_of_a_ridge_than_it_needs(recipe: Recipe, bars: Bars) -> None:
    made = prepared(recipe, {"A": bars(300)}, "close")
    got = fitted("nlinear", made)
    at = linear.STRENGTHS.index(got.strength)
    assert got.errors[at] <= 1.005 * min(got.errors)
    assert all(error > 1.005 * min(got.errors) for error in got.errors[:at])


def test_blocks_do_not_matter(recipe: Recipe, bars: Bars, monkeypatch: pytest.MonkeyPatch) -> None:
    made = prepared(recipe, {"A": bars(200)}, "close")
    for name in NAMES:
        whole = linear.predict(fitted(name, made), made.splits.test)
        with monkeypatch.context() as patch:
            patch.setattr(linear, "BLOCK", 20 * 7)
            np.testing.assert_allclose(linear.predict(fitted(name, made), made.splits.test), whole, rtol=1e-9)


@pytest.mark.parametrize("kind", ["close", "log_return"])
def test_nlinear_is_the_dense_solution(recipe: Recipe, bars: Bars, kind: str) -> None:
    table = bars(300)
    made = prepared(recipe, {"A": table}, kind)
    level = table["close"].to_numpy() if kind == "close" else np.log(table["close"].to_numpy())
    rows_L = np.arange(1, 10)
    got = fitted("nlinear", made)
    forecast_NH, _ = expected(
        lambda part: level[part.cutoff_row_N[:, None] - rows_L] - level[part.cutoff_row_N][:, None],
        lambda part: level[part.cutoff_row_N] * (kind == "close"),
        made,
        got.strength,
    )
    np.testing.assert_allclose(linear.predict(got, made.splits.test), forecast_NH, rtol=1e-9, atol=1e-12)


def test_nlinear_of_volatility_reads_what_was_seen_whole(recipe: Recipe, bars: Bars) -> None:
    made = prepared(recipe, {"A": bars(300)}, "volatility")
    seen = np.concatenate([np.full(3, np.nan), made.splits.train.rows.y_TH[:-3, 0]])  # by the row that ended it
    seen[:3] = seen[3]  # the first label is that of row 0, from the returns of rows 1, 2 and 3
    rows_L = np.arange(1, 10)
    got = fitted("nlinear", made)
    forecast_NH, wanted = expected(
        lambda part: seen[part.cutoff_row_N[:, None] - rows_L] - seen[part.cutoff_row_N][:, None],
        lambda part: seen[part.cutoff_row_N],
        made,
        got.strength,
    )
    assert got.errors[linear.STRENGTHS.index(got.strength)] == pytest.approx(wanted, rel=1e-9)
    np.testing.assert_allclose(linear.predict(got, made.splits.test), forecast_NH, rtol=1e-9)


def test_a_planted_line_is_found(recipe: Recipe, bars: Bars) -> None:
    rng, level = np.random.default_rng(0), np.zeros(1500)
    for t in range(2, 1500):
        level[t] = 1.2 * level[t - 1] - 0.6 * level[t - 2] + rng.normal(0, 1)
    table = bars(1500)
    table["close"] = 100 + level
    made = prepared(recipe, {"A": table}, "close", features=["column:close"])
    at = made.splits.test.cutoff_row_N
    truth = 100 + 1.2 * level[at] - 0.6 * level[at - 1]
    for name, most in (("ridge", 0.1), ("nlinear", 0.3)):  # NLinear has to guess the mean that ridge is told
        assert np.abs(linear.predict(fitted(name, made), made.splits.test)[:, 0] - truth).mean() < most, name


def test_symbols_share_one_map_in_their_own_units(recipe: Recipe, bars: Bars) -> None:
    a = bars(300)
    both = prepared(recipe, {"A": a, "B": 50 * a}, "close")
    alone = prepared(recipe, {"A": a}, "close")
    for name in NAMES:
        made_NH = linear.predict(fitted(name, both), both.splits.test)
        wanted_NH = linear.predict(fitted(name, alone), alone.splits.test)
        symbol_N = both.splits.test.symbol_N
        np.testing.assert_allclose(made_NH[symbol_N == 0], wanted_NH, rtol=1e-6)
        np.testing.assert_allclose(made_NH[symbol_N == 1], 50 * wanted_NH, rtol=1e-6)


@pytest.mark.parametrize("kind", TARGETS)
def test_nothing_after_the_cutoff_is_read(recipe: Recipe, bars: Bars, kind: str) -> None:
    table = bars(300)
    made = prepared(recipe, {"A": table}, kind)
    changed = table.copy()
    changed.iloc[251:] = changed.iloc[251:] * 1.7
    other = prepared(recipe, {"A": changed}, kind)
    one = made.splits.test.take(np.flatnonzero(made.splits.test.cutoff_row_N == 250))
    same = replace(one, rows=other.splits.test.rows)
    assert len(one) == 1
    for name in NAMES:
        got = fitted(name, made)
        forecast_NH = linear.predict(got, one)
        assert np.isfinite(forecast_NH).all()
        np.testing.assert_array_equal(linear.predict(got, same), forecast_NH)


@pytest.mark.parametrize("name", NAMES)
def test_probabilities_stay_probabilities(recipe: Recipe, bars: Bars, name: str) -> None:
    made = prepared(recipe, {"A": bars(200)}, "direction")
    forecast_NH = linear.predict(fitted(name, made), made.splits.test)
    assert ((forecast_NH >= 0) & (forecast_NH <= 1)).all()
    assert forecast_NH.std() > 0.01


def test_a_level_with_holes_holds_its_last_value(recipe: Recipe, bars: Bars) -> None:
    table = bars(300)
    table.iloc[100:103, table.columns.get_indexer(["close"])] = np.nan
    held = table.assign(close=table["close"].ffill())
    made, wanted = (prepared(recipe, {"A": t}, "close", features=["log_range"]) for t in (table, held))
    got = fitted("nlinear", made)
    np.testing.assert_array_equal(linear.predict(got, made.splits.test), linear.predict(got, wanted.splits.test))


def test_a_window_that_knows_nothing_of_the_target_has_no_forecast(recipe: Recipe, bars: Bars) -> None:
    made = prepared(recipe, {"A": bars(300)}, "volatility", features=["log_range"], window__lookback=2)
    first = made.splits.train.take(np.arange(5))
    known = first.cutoff_row_N >= 3 + int(np.argmax(np.isfinite(first.rows.y_TH[:, 0])))
    assert known.any() and not known.all()
    got = fitted("nlinear", made)
    np.testing.assert_array_equal(np.isfinite(linear.predict(got, first)[:, 0]), known)
    with pytest.raises(DataError, match=r"None of the \d+ training windows"):
        linear.fit("nlinear", first.take(np.flatnonzero(~known)), made.splits.val, made.kind)


def test_windows_that_are_not_whole_are_left_out(recipe: Recipe, bars: Bars) -> None:
    table = bars(300)
    table.iloc[90, table.columns.get_indexer(["high"])] = np.nan
    made = prepared(recipe, {"A": table, "B": bars(300, seed=1)}, "close")
    rows, second = made.splits.train.rows, 303  # B begins after A and its three sessions to come
    short = np.array([2, 95, second + 3])  # a young series, rows after a hole, a young second series
    young = replace(made.splits.train, cutoff_row_N=np.concatenate([short, made.splits.train.cutoff_row_N]))
    assert rows.symbol_T[second] == 1 and rows.symbol_T[second - 1] == 0
    got = linear.fit("ridge", young, made.splits.val, made.kind)
    np.testing.assert_array_equal(got.weight_DH, fitted("ridge", made).weight_DH)
    np.testing.assert_array_equal(np.isnan(linear.predict(got, young)[:, 0]), np.arange(len(young)) < 3)


def test_a_column_that_stands_still_is_left_alone(recipe: Recipe, bars: Bars) -> None:
    made = prepared(recipe, {"A": bars(200).assign(flat=3.0)}, "close", features=["return", "column:flat"])
    got = fitted("ridge", made)
    np.testing.assert_allclose(got.weight_DH.reshape(10, 2, 3)[:, 1], 0, atol=1e-12)
    without = prepared(recipe, {"A": bars(200)}, "close", features=["return"])
    np.testing.assert_allclose(
        linear.predict(got, made.splits.test), linear.predict(fitted("ridge", without), without.splits.test), rtol=1e-9
    )


def test_a_very_wide_window_gives_its_newest_rows(recipe: Recipe, bars: Bars, monkeypatch: pytest.MonkeyPatch) -> None:
    made = prepared(recipe, {"A": bars(200)}, "close")
    monkeypatch.setattr(linear, "MAX_INPUTS", 9)  # four rows of two features
    short = replace(
        made,
        splits=replace(
            made.splits, **{part: replace(getattr(made.splits, part), lookback=4) for part in ("train", "val", "test")}
        ),
    )
    got = fitted("ridge", made)
    assert len(got.weight_DH) == 8
    np.testing.assert_allclose(
        linear.predict(got, made.splits.test), linear.predict(fitted("ridge", short), short.splits.test), rtol=1e-12
    )
