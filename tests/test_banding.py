"""From quantiles to nested bands: what calibration may move, and what not."""

import numpy as np

from core import banding
from core.prepare.targets import KINDS
from core.records import Rows, Windows
from core.spec import Spec


def windows(first: int, count: int, rows: int = 400) -> Windows:
    """`count` windows one step ahead, all outcomes zero."""
    time_T = np.datetime64("2020-01-01", "ns") + np.arange(rows) * np.timedelta64(1, "D")
    made = Rows(x_TF=np.zeros((rows, 1), np.float32), known_TK=np.zeros((rows, 0), np.float32), level_T=np.ones(rows),
                y_TH=np.zeros((rows, 1)), time_T=time_T, symbol_T=np.zeros(rows, np.int64),
                label_end_T=np.arange(rows) + 1, symbols=("A",), features=("x",), known=(), steps=(1,))
    return Windows(rows=made, lookback=1, cutoff_row_N=np.arange(first, first + count))


MIDDLE = 4  # of the levels of the table


def test_calibration_leaves_the_median_where_it_is_and_the_bands_around_it_nested() -> None:
    # Far too wide and lopsided: every band shrinks to its middle, zero, beside the median.
    answer_NHQ = np.tile([-1.2, -1.1, -1.0, -0.8, 1.0, 1.1, 1.2], (300, 1, 1))
    made_NHL, (low_NH, high_NH) = banding.calibrate(Spec(), KINDS["log_return"], windows(0, 200), answer_NHQ[:200],
                                                    windows(200, 100), answer_NHQ[200:])
    assert made_NHL.shape == (100, 1, 9)
    assert (made_NHL[:, :, MIDDLE] == -0.8).all()
    assert (np.diff(made_NHL, axis=-1) >= 0).all()
    assert (low_NH <= -0.8).all() and (high_NH >= 0).all()
    np.testing.assert_array_equal(low_NH, made_NHL[:, :, 1])  # the wanted band is the one of 90 %
