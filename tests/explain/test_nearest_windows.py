"""The nearest windows against a brute-force search."""

import numpy as np

from core.explain.nearest_windows import distances, nearest
from core.types import Rows, Windows


def build_windows(count=40, lookback=4, features=2, symbols=1, seed=0):
    x_TF = np.random.default_rng(seed).normal(size=(count, features)).astype(np.float32)
    symbol_T = np.arange(count) * symbols // count
    rows = Rows(
        x_TF=x_TF,
        known_TK=x_TF[:, :0],
        y_TH=x_TF[:, :1],
        level_T=x_TF[:, 0],
        symbol_T=symbol_T,
        time_T=np.arange(count).astype("M8[D]"),
        label_end_T=np.arange(count),
        symbols=("A", "B")[:symbols],
        features=("a", "b")[:features],
        known=(),
        steps=(1,),
    )
    at = np.flatnonzero(symbol_T == np.concatenate([np.full(lookback - 1, -1), symbol_T[: 1 - lookback]]))
    return Windows(rows=rows, lookback=lookback, cutoff_row_N=at)


def test_distances_equal_those_of_copied_windows():
    windows, x_LF = build_windows(), build_windows(seed=1).x_NLF[0]
    distance_N = np.sqrt(np.square(windows.x_NLF.astype(float) - x_LF).mean(axis=(1, 2)))
    np.testing.assert_allclose(distances(windows, x_LF), distance_N, atol=1e-12)
    assert nearest(windows, x_LF, apart=1)[0].tolist() == np.argsort(distance_N)[:5].tolist()


def test_neighbours_of_one_symbol_keep_their_distance():
    windows = build_windows(symbols=2)
    at_K, distance_K = nearest(windows, windows.x_NLF[10], apart=6)
    row_K, symbol_K = windows.cutoff_row_N[at_K], windows.symbol_N[at_K]
    assert at_K[0] == 10 and distance_K[0] == 0 and (np.diff(distance_K) >= 0).all() and set(symbol_K) == {0, 1}
    near = (np.abs(row_K[:, None] - row_K) < 6) & (symbol_K[:, None] == symbol_K)
    assert near.sum() == len(row_K)


def test_a_constant_feature_and_fewer_windows_than_requested():
    windows = build_windows(count=6, features=1)
    windows.rows.x_TF[:] = 0
    at_K, distance_K = nearest(windows, windows.x_NLF[0], apart=2)
    assert at_K.tolist() == [0, 2] and not distance_K.any()
