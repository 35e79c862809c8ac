"""From a network's answers to the table: what calibration may move, and what not."""

import numpy as np

from core import forecast
from core.records import Rows, Windows
from core.spec import Spec


def windows(first: int, count: int, rows: int = 400) -> Windows:
    """`count` windows one step ahead, all outcomes zero."""
    time_T = np.datetime64("2020-01-01", "ns") + np.arange(rows) * np.timedelta64(1, "D")
    made = Rows(x_TF=np.zeros((rows, 1), np.float32), known_TK=np.zeros((rows, 0), np.float32), level_T=np.ones(rows),
                y_TH=np.zeros((rows, 1)), time_T=time_T, symbol_T=np.zeros(rows, np.int64),
                label_end_T=np.arange(rows) + 1, symbols=("A",), features=("x",), known=(), steps=(1,))
    return Windows(rows=made, lookback=1, cutoff_row_N=np.arange(first, first + count))


def test_calibration_leaves_the_median_where_it_is_and_the_band_around_it() -> None:
    # Far too wide and lopsided: every band shrinks to its middle, zero, beside the median.
    answer_NHQ = np.tile([-1.2, -1.1, -1.0, -0.8, 1.0, 1.1, 1.2], (300, 1, 1))
    made_NHQ, (low_NH, high_NH) = forecast._calibrate(Spec(), windows(0, 200), answer_NHQ[:200], windows(200, 100),
                                                      answer_NHQ[200:])
    assert (made_NHQ[:, :, forecast.MEDIAN] == -0.8).all()
    assert (np.diff(made_NHQ, axis=-1) >= 0).all()
    assert (low_NH <= -0.8).all() and (high_NH >= 0).all()
