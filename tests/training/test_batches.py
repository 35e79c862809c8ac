"""Batches: an epoch covers every cutoff, chunks have the right rows and labels, holes have no weight."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.data import frame as frames
from core.datasets import windows
from core.models import chunks
from core.spec import Spec
from core.training import batches
from core.types import Rows, Windows

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]


def windows_at(cutoffs: np.ndarray, symbol_T: np.ndarray, lookback: int) -> Windows:
    """Windows over rows whose only input is their number."""
    count = len(symbol_T)
    empty = np.zeros((count, 1), dtype=np.float32)
    rows = Rows(
        x_TF=np.arange(count, dtype=np.float32)[:, None],
        known_TK=empty[:, :0],
        y_TH=empty,
        level_T=np.zeros(count),
        time_T=np.arange(count).astype("M8[D]"),
        symbol_T=symbol_T,
        label_end_T=np.arange(count) + 1,
        symbols=("A", "B"),
        features=("x",),
        known=(),
        steps=(1,),
    )
    return Windows(rows=rows, lookback=lookback, cutoff_row_N=cutoffs)


@st.composite
def draw_windows(draw: st.DrawFn) -> Windows:
    """One or two symbols, each with a period of cutoffs, some of them missing."""
    lookback, start, cutoffs, symbol = draw(st.integers(2, 12)), 0, [], []
    for s in range(draw(st.integers(1, 2))):
        length = draw(st.integers(lookback + 1, 80))
        period = np.arange(start + lookback - 1, start + length)
        kept = period[
            np.random.default_rng(draw(st.integers(0, 99))).random(len(period)) < draw(st.sampled_from([1.0, 0.7, 0.1]))
        ]
        cutoffs.append(kept if len(kept) else period[:1])
        symbol.append(np.full(length + 3, s))
        start += length + 3
    return windows_at(np.concatenate(cutoffs), np.concatenate(symbol), lookback)


@given(draw_windows(), st.sampled_from(["every_step", "window"]), st.integers(1, 100), st.integers(0, 9))
def test_an_epoch_covers_every_cutoff_and_no_chunk_crosses_a_symbol(
    drawn: Windows, supervision: str, size: int, seed: int
) -> None:
    count = batches.chunk_length(drawn, supervision == "every_step")
    steps = batches.draw_epoch(drawn, count, size, np.random.default_rng(seed), "cpu")
    ends = torch.cat(steps).numpy()
    assert max(map(len, steps)) <= max(size, 3)
    assert len(ends) == 1 or size == 1 or min(map(len, steps)) > 1  # batch norm has something to compare
    covered = (ends[:, None] - np.arange(count)[None, :]).ravel()
    assert set(drawn.cutoff_row_N) <= set(covered)
    symbol_T = drawn.rows.symbol_T
    first_row = ends - (drawn.lookback + count - 2)
    assert (first_row >= 0).all()
    assert (symbol_T[first_row] == symbol_T[ends]).all()
    for end in ends:  # no chunk without a loss
        assert np.isin(np.arange(end - count + 1, end + 1), drawn.cutoff_row_N).any()
    if supervision == "window":
        assert sorted(ends) == sorted(drawn.cutoff_row_N)


@given(draw_windows(), st.integers(1, 20))
def test_tiles_have_every_cutoff_once_and_stay_within_its_symbol(parts: Windows, count: int) -> None:
    covered: list[int] = []
    for cutoffs, last_B in batches.tile(parts, count):
        assert cutoffs <= count
        row_BT = last_B.numpy()[:, None] + np.arange(2 - parts.lookback - cutoffs, 1)
        assert (row_BT >= 0).all() and (np.ptp(parts.rows.symbol_T[row_BT], axis=1) == 0).all()
        covered += np.intersect1d(row_BT[:, -cutoffs:], parts.cutoff_row_N).tolist()
        assert len(set(row_BT[:, -cutoffs:].ravel().tolist())) == len(last_B) * cutoffs
    assert sorted(covered) == parts.cutoff_row_N.tolist()


def test_a_step_has_about_batch_size_targets_and_the_order_changes() -> None:
    train = windows_at(np.arange(9, 409), np.zeros(420, int), 10)
    count = batches.chunk_length(train, True)
    assert count == 10
    assert chunks.chunks_per_step(64, count) == 6
    random = np.random.default_rng(0)
    first, second = ([b.tolist() for b in batches.draw_epoch(train, count, 6, random, "cpu")] for _ in range(2))
    assert {len(b) for b in first} <= {5, 6}
    assert first != second
    assert 400 <= 10 * sum(map(len, first)) <= 400 + 2 * 10  # each target once, but for the two ends


def prepare(recipe: Recipe, bars: Bars, **values: object) -> windows.Prepared:
    table = bars(300)
    table.loc[table.index[80], "close"] = np.nan
    frame = frames.build({"A": table, "B": bars(300, seed=1)})
    spec = recipe(data__symbols=["A", "B"], **{"features": ["column:close", "weekday"], **values})
    return windows.prepare(windows.resolve(spec, frame), frame)


@pytest.mark.parametrize(
    ("kind", "norm"), [("close", "none"), ("close", "last"), ("direction", "last"), ("log_return", "last")]
)
def test_chunks_have_the_rows_and_labels_of_their_windows(recipe: Recipe, bars: Bars, kind: str, norm: str) -> None:
    prepared = prepare(recipe, bars, target__kind=kind, target__horizon=3, model__norm=norm)
    train = prepared.splits.train
    data = batches.build_tensors(train, prepared, "cpu")
    count = 4
    last = train.cutoff_row_N[[30, 120, len(train) - 1]]
    batch = batches.gather(data, torch.from_numpy(last), count)
    assert batch.x_BTF.shape == (3, train.lookback + count - 1, 2)
    learned_NH = train.y_NH - train.anchor_N[:, None] if prepared.anchored else train.y_NH
    scaled_NH = prepared.y_scaler.apply(learned_NH, train.symbol_N)
    for b, end in enumerate(last):
        for s in range(count):
            n = np.flatnonzero(train.cutoff_row_N == end - count + 1 + s)
            assert len(n) == batch.weight_BS[b, s]
            if len(n):
                np.testing.assert_array_equal(batch.x_BTF[b, s : s + train.lookback], train.x_NLF[n[0]])
                np.testing.assert_array_equal(batch.known_BSHK[b, s], train.known_NHK[n[0]])
                np.testing.assert_allclose(batch.y_BSH[b, s], scaled_NH[n[0]], rtol=1e-6)


def test_windows_with_holes_have_no_weight_and_no_number_is_missing(recipe: Recipe, bars: Bars) -> None:
    prepared = prepare(recipe, bars, target__kind="close", target__horizon=3)
    data = batches.build_tensors(prepared.splits.train, prepared, "cpu")
    batch = batches.gather(data, torch.tensor([95]), 30)  # cutoffs 66 to 95; row 80 of A is missing
    without = set(range(77, 90))  # cutoffs that forecast the hole, then those whose windows contain it
    assert {66 + s for s in range(30) if batch.weight_BS[0, s] == 0} == without
    assert all(bool(torch.isfinite(part).all()) for part in (batch.x_BTF, batch.y_BSH, batch.known_BSHK))


def test_the_shortest_symbol_limits_the_chunk() -> None:
    train = windows_at(np.array([*range(9, 60), 109, 110, 111]), np.repeat([0, 1], [100, 20]), 10)
    assert batches.chunk_length(train, True) == 3


def test_a_batch_has_its_symbols_and_weight(recipe: Recipe, bars: Bars) -> None:
    prepared = prepare(recipe, bars, target__kind="close", target__horizon=3)
    train = prepared.splits.train
    data = batches.build_tensors(train, prepared, "cpu")
    batch = batches.gather(data, torch.from_numpy(train.cutoff_row_N[[30, len(train) - 1]]), 4)
    assert batch.symbol_B.tolist() == [0, 1]
    assert float(batch.weight) == float(batch.weight_BS.sum())


def test_single_windows_are_a_step_each() -> None:
    parts = windows_at(np.arange(5, 12), np.zeros(20, dtype=np.int64), 3)
    steps = batches.draw_epoch(parts, 1, 1, np.random.default_rng(0), "cpu")
    assert sorted(int(last_B[0]) for last_B in steps) == list(range(5, 12)) and len(steps) == 7
    assert [len(last_B) for last_B in batches.draw_epoch(parts, 1, 2, np.random.default_rng(0), "cpu")] == [3, 2, 2]
