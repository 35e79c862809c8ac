"""Scales are fitted on the rows they are given, undo themselves and survive constant columns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.prepare import scale

RNG = np.random.default_rng(0)
SYMBOL = np.repeat([0, 1], 50)
TRAIN = np.tile(np.arange(50) < 30, 2)
VALUE = RNG.normal([[3.0, -7.0]], [[2.0, 0.1]], (100, 2)) * (1 + 9 * SYMBOL[:, None])


@pytest.mark.parametrize("scaling", ["standard", "robust", "minmax", "none"])
def test_scaling_is_undone_exactly_enough(scaling: str) -> None:
    made = scale.fit(VALUE, SYMBOL, TRAIN, 2, scaling)
    np.testing.assert_allclose(made.invert(made.apply(VALUE, SYMBOL), SYMBOL), VALUE, rtol=1e-12)


def test_standard_has_mean_zero_and_deviation_one_on_training_rows_of_each_symbol() -> None:
    scaled = scale.fit(VALUE, SYMBOL, TRAIN, 2, "standard").apply(VALUE, SYMBOL)
    for s in (0, 1):
        part = scaled[(s == SYMBOL) & TRAIN]
        np.testing.assert_allclose(part.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(part.std(axis=0), 1, rtol=1e-12)


def test_minmax_lies_between_zero_and_one_on_training_rows() -> None:
    part = scale.fit(VALUE, SYMBOL, TRAIN, 2, "minmax").apply(VALUE, SYMBOL)[(SYMBOL == 1) & TRAIN]
    np.testing.assert_allclose([part.min(axis=0), part.max(axis=0)], [[0, 0], [1, 1]], atol=1e-12)


def test_robust_by_hand() -> None:
    value = np.array([[0.0], [1.0], [2.0], [3.0], [1000.0]])
    made = scale.fit(value, np.zeros(5, int), np.ones(5, bool), 1, "robust")
    assert (made.center_SC[0, 0], made.scale_SC[0, 0]) == pytest.approx((2.0, 2.0 / 1.349))


def test_holes_are_passed_over() -> None:
    value = np.array([[1.0], [np.nan], [3.0]])
    made = scale.fit(value, np.zeros(3, int), np.ones(3, bool), 1, "standard")
    assert (made.center_SC[0, 0], made.scale_SC[0, 0]) == (2.0, 1.0)


@pytest.mark.parametrize("scaling", ["standard", "robust", "minmax"])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e9])
def test_a_constant_column_keeps_scale_one(scaling: str, value: float) -> None:
    made = scale.fit(np.full((7, 1), value), np.zeros(7, int), np.ones(7, bool), 1, scaling)
    assert made.scale_SC[0, 0] == 1.0


@given(st.integers(0, 2**32 - 1), st.sampled_from(["standard", "robust", "minmax"]))
def test_rows_outside_training_never_matter(seed: int, scaling: str) -> None:
    other = VALUE.copy()
    other[~TRAIN] = np.random.default_rng(seed).normal(0, 1e6, other[~TRAIN].shape)
    before, after = scale.fit(VALUE, SYMBOL, TRAIN, 2, scaling), scale.fit(other, SYMBOL, TRAIN, 2, scaling)
    np.testing.assert_array_equal(before.center_SC, after.center_SC)
    np.testing.assert_array_equal(before.scale_SC, after.scale_SC)
