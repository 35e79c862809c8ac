"""Whether a level is learned as its log: chosen on the training split, for series whose spread grows with the level."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from core.baselines import registry as baselines
from core.data import frame as frames
from core.datasets import log_scale, row_notes, windows
from core.spec import Spec, with_values


def monthly(rows: int = 240, multiplicative: bool = True, seed: int = 0) -> pd.Series:
    """Growth of 1 % a month, a season, and noise: multiplied, or added up."""
    month, rng = np.arange(rows), np.random.default_rng(seed)
    log = 4.0 + 0.01 * month + 0.25 * np.sin(2 * np.pi * month / 12) + 0.05 * rng.normal(size=rows)
    added = 50 + 1.5 * month + 15 * np.sin(2 * np.pi * month / 12) + 3 * rng.normal(size=rows)
    index = pd.date_range("2000-01-01", periods=rows, freq="MS", name="time")
    return pd.Series(np.exp(log) if multiplicative else added, index=index)


def build(**columns: pd.Series) -> pd.DataFrame:
    return frames.build({"A": pd.DataFrame(columns).rename_axis("time")})


def resolve(frame: pd.DataFrame, **changes) -> Spec:
    recipe = {
        "data.source": "file",
        "data.symbols": list(dict.fromkeys(frame.columns.get_level_values(0))),
        "target.kind": "column",
        "target.column": "x",
        "target.horizon": 6,
    }
    return windows.resolve(with_values(Spec(), recipe | changes), frame)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("multiplicative", "expected"), [(True, True), (False, False)])
def test_the_log_is_taken_of_what_multiplies(multiplicative, expected, seed):
    assert resolve(build(x=monthly(multiplicative=multiplicative, seed=seed))).window.log is expected


def test_the_power_is_the_slope_of_spread_on_level():
    value = monthly(rows=120)
    year_B = value.to_numpy().reshape(10, 12)
    design = sm.add_constant(np.log(year_B.mean(axis=1)))
    oracle = sm.OLS(np.log(year_B.std(axis=1)), design).fit()
    found = log_scale.growth(value)
    assert found.power == pytest.approx(oracle.params[1])
    assert found.p_value == pytest.approx(oracle.pvalues[1] / 2)
    assert found.power == pytest.approx(1.0, abs=0.1) and found.evened


def test_noise_whose_spread_does_not_grow_is_seldom_logged():
    chosen = [resolve(build(x=monthly(multiplicative=False, seed=seed))).window.log for seed in range(60)]
    assert np.mean(chosen) <= 0.1  # the test is one of 5 %


@pytest.mark.parametrize(
    "value",
    [
        monthly().where(np.arange(240) != 30, 0.0),
        monthly().where(np.arange(240) != 239, -1.0),  # of a value after the training split there is no log either
        monthly() - monthly().iloc[:150].mean(),
        2000 + monthly(),  # hardly varies: its log is a straight line
        monthly(rows=90),  # too few years in the training split
    ],
)
def test_of_other_series_no_log_is_taken(value):
    assert resolve(build(x=value)).window.log is False


def test_what_comes_after_the_training_split_does_not_matter():
    added = monthly(multiplicative=False)
    assert resolve(build(x=added.where(np.arange(240) < 156, monthly(seed=3) ** 2))).window.log is False
    assert resolve(build(x=monthly().where(np.arange(240) < 156, 100.0 + np.arange(240) % 2))).window.log is True


def test_most_symbols_decide_and_all_must_be_positive():
    added, grown = monthly(multiplicative=False), [monthly(seed=seed) for seed in (1, 2)]
    tables = {name: x.to_frame("x") for name, x in zip("ABC", [added, *grown], strict=True)}
    assert resolve(frames.build(tables)).window.log is True
    assert resolve(frames.build({**tables, "B": added.to_frame("x") + 1})).window.log is False
    assert resolve(frames.build({**tables, "B": tables["B"] - 100})).window.log is False


def test_a_raw_input_without_logs_keeps_the_level_as_it_is():
    temperature = pd.Series(np.sin(np.arange(240) / 2), index=monthly().index)
    frame = build(x=monthly(), temperature=temperature)
    assert resolve(frame, features=["column:x", "column:temperature"]).window.log is False
    assert resolve(frame, features=["column:x", "change:temperature"]).window.log is True


def test_a_price_or_a_choice_by_hand_is_kept():
    close = build(close=monthly())
    price = with_values(Spec(), {"data.source": "file", "data.symbols": ["A"], "target.kind": "close"})
    assert windows.resolve(price, close).window.log is False
    for log in (True, False):
        assert resolve(build(x=monthly()), **{"window.log": log}).window.log is log
    resolved = resolve(build(x=monthly(multiplicative=False)))
    assert windows.resolve(resolved, build(x=monthly())).window.log is False  # a saved recipe stays what it was


def test_a_sentence_says_that_the_log_is_taken_and_why():
    frame = build(x=monthly())
    (note,) = [note for note in row_notes.describe(resolve(frame), frame) if "log" in note]
    assert note == (
        "'x' is learned as its log, for its spread grows with its level in the training rows (to the power 1.0); "
        "forecasts and errors are in its own units."
    )
    by_hand = build(x=monthly(multiplicative=False))
    (note,) = [n for n in row_notes.describe(resolve(by_hand, **{"window.log": True}), by_hand) if "log" in n]
    assert note == "'x' is learned as its log; forecasts and errors are in its own units."
    assert not any("log" in note for note in row_notes.describe(resolve(by_hand), by_hand))


def relative_errors(frame: pd.DataFrame, log: bool | None) -> dict[str, float]:
    """The root mean squared relative error of the linear models on test windows, in the user's units."""
    spec = resolve(frame, **{"window.log": log})
    prepared = windows.prepare(spec, frame)
    forecasts, to_user = baselines.forecasts(spec, prepared, ("test",)).by_baseline, prepared.kind.to_user
    actual_NH = to_user(prepared.splits.test.y_NH)
    return {
        name: float(np.sqrt(np.mean((to_user(forecasts[name]["test"]) / actual_NH - 1) ** 2)))
        for name in ("ridge", "nlinear")
    }


def test_on_multiplicative_series_linear_models_err_less_on_the_log():
    """Noise of 5 % is what no forecast knows."""
    frames_ = [build(x=monthly(seed=seed)) for seed in range(3)]
    logged, plain = ([relative_errors(frame, log) for frame in frames_] for log in (None, False))
    mean = {name: [np.mean([each[name] for each in errors]) for errors in (logged, plain)] for name in logged[0]}
    assert mean["nlinear"][0] < 0.9 * mean["nlinear"][1] and mean["ridge"][0] < mean["ridge"][1]
    assert 0.05 < mean["nlinear"][0] < 0.065


def test_the_change_of_a_logged_level_is_relative():
    assert resolve(build(x=monthly())).features[:2] == ("column:x", "return")
    assert resolve(build(x=monthly(multiplicative=False))).features[:2] == ("column:x", "change:x")


def test_windows_of_a_logged_level_are_those_of_the_log():
    frame = build(x=monthly())
    spec = resolve(frame)
    prepared = windows.prepare(spec, frame)
    by_hand = windows.prepare(replace(spec, window=replace(spec.window, log=True)), frame)
    np.testing.assert_array_equal(prepared.splits.train.y_NH, by_hand.splits.train.y_NH)
    np.testing.assert_allclose(
        prepared.kind.to_user(prepared.splits.train.anchor_N), monthly().to_numpy()[prepared.splits.train.cutoff_row_N]
    )


def test_a_series_that_touches_zero_has_no_log_and_one_that_hardly_varies_needs_none():
    value = monthly()
    assert resolve(build(x=value)).window.log and not resolve(build(x=value.where(value > value.min(), 0.0))).window.log
    grown = log_scale.Growth(power=1.0, p_value=0.01, largest=log_scale.LEAST_RANGE, evened=True)
    assert grown.asks_for_log and not replace(grown, largest=log_scale.LEAST_RANGE - 0.01).asks_for_log
    assert not replace(grown, p_value=log_scale.SIGNIFICANT).asks_for_log
    assert not replace(grown, evened=False).asks_for_log
