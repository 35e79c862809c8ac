"""Windows shorter than the lookback: which there are, what they hold, and that only the training part has them."""

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


def test_the_first_rows_of_a_series_are_cutoffs_too(recipe: Recipe, bars: Bars) -> None:
    frame = frames.build({"A": bars()})
    whole, made = (prepare(recipe(**CLOSE, window__min_length=n), frame) for n in (None, 4))
    # Training rows are 0 to 329; the last cutoff leaves two rows for its labels and is known before row 329.
    assert whole.splits.train.cutoff_row_N.tolist() == list(range(9, 327))
    assert made.splits.train.cutoff_row_N.tolist() == list(range(3, 327))
    assert made.splits.train.length_N is not None
    assert made.splits.train.length_N.tolist() == [4, 5, 6, 7, 8, 9] + [10] * 318
    assert made.dropped == whole.dropped == 0
    for part in OTHERS:
        np.testing.assert_array_equal(getattr(made.splits, part).cutoff_row_N, getattr(whole.splits, part).cutoff_row_N)
        assert getattr(made.splits, part).length_N is None


def test_a_run_may_begin_after_a_hole_or_the_warm_up_of_a_feature(recipe: Recipe, bars: Bars) -> None:
    table = bars()
    table.loc[table.index[150], "close"] = np.nan
    spec = recipe(**CLOSE | {"features": ["column:close", "ma_ratio:20"]}, window__min_length=4)
    made = prepare(spec, frames.build({"A": table}))
    train = made.splits.train
    assert train.length_N is not None
    length = dict(zip(train.cutoff_row_N.tolist(), train.length_N.tolist(), strict=True))
    warm = 19  # the first row with a mean of 20
    assert [length.get(warm + n) for n in range(2, 11)] == [None, 4, 5, 6, 7, 8, 9, 10, 10]
    assert [length.get(row) for row in (147, 148, 149, 150)] == [10, None, None, None]
    assert [length.get(151 + n) for n in range(2, 11)] == [None, 4, 5, 6, 7, 8, 9, 10, 10]
    assert made.dropped == 2 + 1 + 3  # two would forecast the hole, one is it, three have too few rows since


def test_a_short_window_is_padded_at_its_front(recipe: Recipe, bars: Bars) -> None:
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
    some = train.take(np.array([5, 0]))
    assert some.length_N is not None
    assert some.length_N.tolist() == [8, 3]
    np.testing.assert_array_equal(some.x_NLF, x_NLF[[5, 0]])


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("shortest", [2, 7])
def test_no_label_of_a_short_window_reaches_the_validation_part(
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


def test_three_young_symbols_beside_a_long_one_take_part(recipe: Recipe, bars: Bars) -> None:
    tables = {
        "A": bars(),
        **{
            name: bars(seed=s).iloc[330 - rows :]
            for s, (name, rows) in enumerate({"B": 8, "C": 9, "D": 11}.items(), start=1)
        },
    }
    frame, values = frames.build(tables), CLOSE | {"data__symbols": list(tables)}
    with pytest.raises(DataError, match="B, C, D gives no window to the training part: that takes 12 rows"):
        prepare(recipe(**values), frame)
    train = prepare(recipe(**values, window__min_length=4), frame).splits.train
    # Of 8 rows the last three are labels, or known with the validation part; cutoffs have 4 and 5 rows, and so on.
    assert train.length_N is not None
    found = {name: train.length_N[train.symbol_N == s].tolist() for s, name in enumerate(tables)}
    assert {name: found[name] for name in "BCD"} == {"B": [4, 5], "C": [4, 5, 6], "D": [4, 5, 6, 7, 8]}
    assert len(found["A"]) == 324
    with pytest.raises(DataError, match="B gives no window to the training part: that takes 8 rows"):
        prepare(recipe(**values, window__min_length=6), frame)


def test_a_shortest_window_of_the_whole_length_changes_nothing(recipe: Recipe, bars: Bars) -> None:
    table = bars()
    table.loc[table.index[150], "close"] = np.nan
    frame = frames.build({"A": table, "B": bars(seed=1).iloc[200:]})
    whole, made = (prepare(recipe(**CLOSE, window__min_length=n, data__symbols=["A", "B"]), frame) for n in (None, 10))
    assert made.splits.train.length_N is None and made.dropped == whole.dropped > 0
    np.testing.assert_array_equal(made.splits.train.cutoff_row_N, whole.splits.train.cutoff_row_N)
    np.testing.assert_array_equal(made.splits.train.x_NLF, whole.splits.train.x_NLF)


def test_what_short_windows_cannot_mend_is_refused_with_numbers(recipe: Recipe, bars: Bars) -> None:
    sizes, counts = dict.fromkeys(split.PARTS, 30), dict.fromkeys(split.PARTS, 20)
    with pytest.raises(DataError, match=r"9 windows of lookback 20 \(at least 6\) \+ horizon 8; .* about 24 rows"):
        split.check_counts(counts | {"train": 9}, sizes, lookback=20, shortest=6, reach=8, dropped=0)
    with pytest.raises(DataError, match=r"4 windows of lookback 20 \+ horizon 8; .* about 13 rows"):
        split.check_counts(counts | {"val": 4}, sizes, lookback=20, shortest=6, reach=8, dropped=0)
    spec = recipe(
        **CLOSE,
        window__lookback=80,
        window__min_length=4,
        split__train=40,
        split__val=100,
        split__calib=60,
        split__test=100,
    )
    with pytest.raises(DataError, match=r"All 34 training windows are short: the longest has 37 rows, and .* from 80"):
        prepare(spec, frames.build({"A": bars(300)}))
