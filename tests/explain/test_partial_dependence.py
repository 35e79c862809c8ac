"""Partial dependence of a function with a closed form."""

import numpy as np

from core.explain.partial_dependence import choose_grid, compute_curves
from tests.explain.games import windows


def test_curves_change_only_the_newest_rows():
    x_NLF, known_NHK = windows(4)
    before = x_NLF.copy()

    def predict(x, known):
        return (2 * x[:, -2:, 1].sum(axis=1) * x[:, 0, 0])[:, None] + known[:, :, 0]

    value_M = np.array([-1.0, 0.0, 3.0])
    curve_NMH = compute_curves(predict, x_NLF, known_NHK, 1, value_M, rows=2)
    np.testing.assert_allclose(
        curve_NMH, (4 * value_M * x_NLF[:, :1, 0])[:, :, None] + known_NHK[:, None, :, 0], atol=1e-5
    )
    np.testing.assert_array_equal(x_NLF, before)


def test_the_grid_has_quantiles_or_the_single_value_of_a_constant():
    np.testing.assert_allclose(choose_grid(np.append(np.arange(101.0), np.nan))[[0, 7, -1]], [2.0, 50.0, 98.0])
    assert choose_grid(np.full(9, 3.5)).tolist() == [3.5]
