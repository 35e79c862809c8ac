"""Scalers are fitted on training rows only, can be inverted and leave constant columns alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.datasets import scaling
from core.datasets.scaling import fit

RNG = np.random.default_rng(0)
SYMBOL = np.repeat([0, 1], 50)
TRAIN = np.tile(np.arange(50) < 30, 2)
VALUE = RNG.normal([[3.0, -7.0]], [[2.0, 0.1]], (100, 2)) * (1 + 9 * SYMBOL[:, None])


METHODS = ("standard", "robust", "minmax", "none")
NUMBERS = arrays(float, (12, 2), elements=st.floats(1e-6, 1e9))


@given(NUMBERS, st.sampled_from(METHODS), st.sampled_from([None, (True, False), (True, True)]))
def test_every_scaling_is_inverted_with_and_without_logs(
    value: np.ndarray, method: str, log: tuple[bool, bool] | None
) -> None:
    symbol, train = np.repeat([0, 1], 6), np.tile([True, True, True, True, False, False], 2)
    log_C = None if log is None else np.array(log)
    scaler = fit(value, symbol, train, 2, method, log_C=log_C)
    inverted = scaler.invert(scaler.apply(value, symbol), symbol)
    # Adding and subtracting the centre loses digits of the centre's own size.
    loss = np.abs(scaler.center_SC[symbol]) + scaler.scale_SC[symbol]
    if log_C is not None:
        loss = np.where(log_C, value * (1 + loss), loss)
    assert (np.abs(inverted - value) <= 1e-13 * (value + loss)).all()


@given(NUMBERS, st.sampled_from(METHODS), st.booleans())
def test_inversion_returns_clipped_values_at_the_quantiles_and_others_unchanged(
    value: np.ndarray, method: str, log: bool
) -> None:
    symbol, train = np.zeros(12, int), np.arange(12) < 8
    scaler = fit(value, symbol, train, 1, method, clip_C=np.array([True, False]), log_C=np.array([log, False]))
    low, high = np.quantile(value[:8, 0], [0.005, 0.995])
    expected = np.column_stack([np.clip(value[:, 0], low, high), value[:, 1]])
    inverted = scaler.invert(scaler.apply(value, symbol), symbol)
    np.testing.assert_allclose(inverted, expected, rtol=1e-9, atol=1e-12 * value.max())


def test_winsorising_clips_at_the_training_quantiles() -> None:
    value = np.arange(1001.0)[:, None]
    value[1000], train = 1e6, value[:, 0] < 1000
    scaler = fit(value, np.zeros(1001, int), train, 1, "none", clip_C=np.array([True]))
    assert (scaler.low_SC, scaler.high_SC) == (pytest.approx(4.995), pytest.approx(994.005))
    np.testing.assert_allclose(
        scaler.apply(value, np.zeros(1001, int))[[0, 500, 999, 1000], 0], [4.995, 500, 994.005, 994.005]
    )


def test_a_column_without_values_is_not_clipped() -> None:
    scaler = fit(np.full((4, 1), np.nan), np.zeros(4, int), np.ones(4, bool), 1, "standard", clip_C=np.array([True]))
    assert (scaler.low_SC, scaler.high_SC) == (-np.inf, np.inf)


@pytest.mark.parametrize("log", [None, np.array([True, False])])
@pytest.mark.parametrize("clip", [None, np.array([False, True])])
def test_a_scaler_is_restored_from_its_state_bit_for_bit(log: np.ndarray | None, clip: np.ndarray | None) -> None:
    value = np.abs(VALUE)
    scaler = fit(value, SYMBOL, TRAIN, 2, "robust", log_C=log, clip_C=clip)
    state = scaler.state("x")
    assert all(isinstance(v, np.ndarray) and v.dtype == float for v in state.values())
    np.testing.assert_array_equal(scaling.restore(state, "x").apply(value, SYMBOL), scaler.apply(value, SYMBOL))
    assert len(state) == 2 + (log is not None) + 2 * (clip is not None)


def test_single_precision_is_the_rounded_double_precision() -> None:
    scaler = fit(VALUE, SYMBOL, TRAIN, 2, "standard")
    single = scaler.apply(VALUE, SYMBOL, np.float32)
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single, scaler.apply(VALUE, SYMBOL).astype(np.float32))


def test_standard_scaling_has_mean_zero_and_deviation_one_on_each_symbols_training_rows() -> None:
    scaled = fit(VALUE, SYMBOL, TRAIN, 2, "standard").apply(VALUE, SYMBOL)
    for s in (0, 1):
        train = scaled[(s == SYMBOL) & TRAIN]
        np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(train.std(axis=0), 1, rtol=1e-12)


def test_minmax_scaling_lies_between_zero_and_one_on_training_rows() -> None:
    train = fit(VALUE, SYMBOL, TRAIN, 2, "minmax").apply(VALUE, SYMBOL)[(SYMBOL == 1) & TRAIN]
    np.testing.assert_allclose([train.min(axis=0), train.max(axis=0)], [[0, 0], [1, 1]], atol=1e-12)


def test_robust_scaling_uses_the_median_and_the_interquartile_range() -> None:
    value = np.array([[0.0], [1.0], [2.0], [3.0], [1000.0]])
    scaler = fit(value, np.zeros(5, int), np.ones(5, bool), 1, "robust")
    assert (scaler.center_SC[0, 0], scaler.scale_SC[0, 0]) == pytest.approx((2.0, 2.0 / 1.349))


def test_missing_values_are_ignored() -> None:
    value = np.array([[1.0], [np.nan], [3.0]])
    scaler = fit(value, np.zeros(3, int), np.ones(3, bool), 1, "standard")
    assert (scaler.center_SC[0, 0], scaler.scale_SC[0, 0]) == (2.0, 1.0)


@pytest.mark.parametrize("method", ["standard", "robust", "minmax"])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e9])
def test_a_constant_column_keeps_scale_one(method: str, value: float) -> None:
    scaler = fit(np.full((7, 1), value), np.zeros(7, int), np.ones(7, bool), 1, method)
    assert scaler.scale_SC[0, 0] == 1.0


@given(st.integers(0, 2**32 - 1), st.sampled_from(["standard", "robust", "minmax"]))
def test_rows_outside_the_training_split_change_nothing(seed: int, method: str) -> None:
    other = VALUE.copy()
    other[~TRAIN] = np.random.default_rng(seed).normal(0, 1e6, other[~TRAIN].shape)
    before, after = (fit(v, SYMBOL, TRAIN, 2, method, clip_C=np.array([True, True])) for v in (VALUE, other))
    for name, values in before.state("x").items():
        np.testing.assert_array_equal(values, after.state("x")[name])
