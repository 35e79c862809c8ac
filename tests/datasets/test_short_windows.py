"""Training windows shorter than the lookback: which there are, what they contain, and that other splits have none."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.data import frame as frames
from core.datasets import split, windows
from core.datasets.targets import TARGETS
from core.errors import DataError
from core.spec import Spec

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
OTHERS = ("val", "calib", "test", "live")
CLOSE = {"target__kind": "close", "target__horizon": 2, "features": ["column:close", "weekday"]}


def prepare(spec: Spec, frame: pd.DataFrame) -> windows.Prepared:
    return windows.prepare(windows.resolve(spec, frame), frame)


def test_the_first_rows_of_a_series_are_cutoffs(recipe: Recipe, bars: Bars) -> None:
    frame = frames.build({"A": bars()})
    full, short = (prepare(recipe(**CLOSE, window__min_length=n), frame) for n in (None, 4))
    # Training rows are 0 to 329; the last cutoff leaves two rows for its labels, which are known before row 329.
    assert full.splits.train.cutoff_row_N.tolist() == list(range(9, 327))
    assert short.splits.train.cutoff_row_N.tolist() == list(range(3, 327))
    assert short.splits.train.length_N is not None
    assert short.splits.train.length_N.tolist() == [4, 5, 6, 7, 8, 9] + [10] * 318
    assert short.dropped == full.dropped == 0
    for name in OTHERS:
        windows_of_short, windows_of_full = getattr(short.splits, name), getattr(full.splits, name)
        np.testing.assert_array_equal(windows_of_short.cutoff_row_N, windows_of_full.cutoff_row_N)
        assert windows_of_short.length_N is None


def test_short_windows_begin_after_gaps_and_after_the_warm_up_of_features(recipe: Recipe, bars: Bars) -> None:
    table = bars()
    table.loc[table.index[150], "close"] = np.nan
    spec = recipe(**CLOSE | {"features": ["column:close", "ma_ratio:20"]}, window__min_length=4)
    prepared = prepare(spec, frames.build({"A": table}))
    train = prepared.splits.train
    assert train.length_N is not None
    length = dict(zip(train.cutoff_row_N.tolist(), train.length_N.tolist(), strict=True))
    warm_up = 19  # rows before the first mean of 20
    assert [length.get(warm_up + n) for n in range(2, 11)] == [None, 4, 5, 6, 7, 8, 9, 10, 10]
    assert [length.get(row) for row in (147, 148, 149, 150)] == [10, None, None, None]
    assert [length.get(151 + n) for n in range(2, 11)] == [None, 4, 5, 6, 7, 8, 9, 10, 10]
    # Two windows would forecast the gap, one ends with it, and three have too few rows since.
    assert prepared.dropped == 2 + 1 + 3


def test_short_windows_are_padded_in_front(recipe: Recipe, bars: Bars) -> None:
    table = bars()
    table.loc[table.index[150], "close"] = np.nan
    frame = frames.build({"A": table, "B": bars(seed=1).iloc[100:]})
    train = prepare(recipe(**CLOSE, window__min_length=3, data__symbols=["A", "B"]), frame).splits.train
    assert train.length_N is not None
    x_NLF = train.x_NLF
    assert x_NLF.shape == (len(train), 10, 2) and x_NLF.dtype == np.float32
    for n, (row, length) in enumerate(zip(train.cutoff_row_N, train.length_N, strict=True)):
        assert not x_NLF[n, : 10 - length].any()
        np.testing.assert_array_equal(x_NLF[n, 10 - length :], train.rows.x_TF[row - length + 1 : row + 1])
    assert np.isfinite(x_NLF).all()
    assert np.unique(train.symbol_N[train.length_N < 10]).tolist() == [0, 1]
    assert (train.rows.symbol_T[train.cutoff_row_N - train.length_N + 1] == train.symbol_N).all()
    taken = train.take(np.array([5, 0]))
    assert taken.length_N is not None
    assert taken.length_N.tolist() == [8, 3]
    np.testing.assert_array_equal(taken.x_NLF, x_NLF[[5, 0]])


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("shortest", [2, 7])
def test_no_label_of_a_short_window_reaches_the_validation_split(
    recipe: Recipe, bars: Bars, kind: str, shortest: int
) -> None:
    tables = {"A": bars(seed=0), "B": bars(seed=1).iloc[300:], "C": bars(seed=2).iloc[312:]}
    spec = recipe(
        target__kind=kind,
        target__column="close",
        target__horizon=6,
        window__min_length=shortest,
        data__symbols=list(tables),
        features=["return", "column:volume"],
    )
    splits = prepare(spec, frames.build(tables)).splits
    train = splits.train
    assert np.unique(train.symbol_N).tolist() == [0, 1, 2]
    known_N = train.rows.label_end_T[train.cutoff_row_N]
    assert train.rows.time_T[known_N].max() < splits.val.cutoff_N.min()
    assert np.isfinite(train.y_NH).all()


def test_three_symbols_with_little_history_have_training_windows(recipe: Recipe, bars: Bars) -> None:
    tables = {
        "A": bars(),
        **{
            name: bars(seed=s).iloc[330 - rows :]
            for s, (name, rows) in enumerate({"B": 8, "C": 9, "D": 11}.items(), start=1)
        },
    }
    frame, values = frames.build(tables), CLOSE | {"data__symbols": list(tables)}
    with pytest.raises(DataError, match="B, C, D have no training window, which takes 12 consecutive rows"):
        prepare(recipe(**values), frame)
    train = prepare(recipe(**values, window__min_length=4), frame).splits.train
    # Of 8 rows the last three are labels or known only with the validation split; cutoffs have 4 and 5 rows, and so on.
    assert train.length_N is not None
    lengths = {name: train.length_N[train.symbol_N == s].tolist() for s, name in enumerate(tables)}
    assert {name: lengths[name] for name in "BCD"} == {"B": [4, 5], "C": [4, 5, 6], "D": [4, 5, 6, 7, 8]}
    assert len(lengths["A"]) == 324
    with pytest.raises(DataError, match="B has no training window, which takes 8 consecutive rows"):
        prepare(recipe(**values, window__min_length=6), frame)


def test_a_minimum_of_the_full_length_changes_nothing(recipe: Recipe, bars: Bars) -> None:
    table = bars()
    table.loc[table.index[150], "close"] = np.nan
    frame = frames.build({"A": table, "B": bars(seed=1).iloc[200:]})
    full, same = (prepare(recipe(**CLOSE, window__min_length=n, data__symbols=["A", "B"]), frame) for n in (None, 10))
    assert same.splits.train.length_N is None and same.dropped == full.dropped > 0
    np.testing.assert_array_equal(same.splits.train.cutoff_row_N, full.splits.train.cutoff_row_N)
    np.testing.assert_array_equal(same.splits.train.x_NLF, full.splits.train.x_NLF)


def test_too_few_or_only_short_windows_are_rejected_with_the_numbers(recipe: Recipe, bars: Bars) -> None:
    sizes, counts = dict.fromkeys(split.SPLITS, 30), dict.fromkeys(split.SPLITS, 20)
    with pytest.raises(DataError, match=r"9 windows of lookback 20 \(at least 6\) \+ horizon 8; .* Fill the gaps"):
        split.check_counts(counts | {"train": 9}, sizes, lookback=20, shortest=6, reach=8, dropped=0, train_rows=60)
    with pytest.raises(DataError, match=r"4 windows of lookback 20 \+ horizon 8; .* Fill the gaps"):
        split.check_counts(counts | {"val": 4}, sizes, lookback=20, shortest=6, reach=8, dropped=0, train_rows=60)
    spec = recipe(
        **CLOSE,
        window__lookback=80,
        window__min_length=4,
        split__train=40,
        split__val=100,
        split__calib=60,
        split__test=100,
    )
    with pytest.raises(DataError, match=r"None of the 34 training windows is full: the longest has 37 rows.* 80"):
        prepare(spec, frames.build({"A": bars(300)}))
