"""The bounds of the splits: where they lie, and that no label crosses one."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets import split
from core.errors import DataError, SpecError
from core.spec import Split

DAYS = pd.bdate_range("2015-01-01", periods=400)


def cutoffs(name: str, sizes: Split, *, lookback: int = 5, reach: int = 3) -> np.ndarray:
    bounds = split.compute_bounds(sizes, DAYS)
    return split.cutoffs(name, bounds, DAYS, lookback=lookback, reach=reach, gap=sizes.gap)


def test_fractions_row_counts_and_dates_give_the_same_bounds() -> None:
    by_fraction = split.compute_bounds(Split(train=0.5, val=0.25, calib=0.0, test=0.25), DAYS)
    by_rows = split.compute_bounds(Split(train=200, val=100, calib=0, test=100), DAYS)
    dates = {
        "train": f"{DAYS[199]:%Y-%m-%d}",
        "val": f"{DAYS[299]:%Y-%m-%d}",
        "calib": 0,
        "test": f"{DAYS[399]:%Y-%m-%d}",
    }
    by_date = split.compute_bounds(Split(**dates), DAYS)
    assert by_fraction.end == by_rows.end == by_date.end == {"train": 200, "val": 300, "calib": 300, "test": 400}
    assert by_rows.start == {"train": 0, "val": 200, "calib": 300, "test": 300}


def test_a_date_includes_its_whole_day() -> None:
    hours = pd.date_range("2020-01-01", periods=96, freq="h")
    assert split.compute_bounds(Split(train="2020-01-02", val=0, calib=0, test=0), hours).end["train"] == 48


@given(st.integers(50, 5000), st.lists(st.integers(1, 40), min_size=4, max_size=4))
def test_fractions_with_a_sum_of_one_use_every_row(rows: int, weights: list[int]) -> None:
    train, val, calib, test = (weight / sum(weights) for weight in weights)
    index = pd.date_range("2000-01-01", periods=rows, freq="D")
    assert split.compute_bounds(Split(train=train, val=val, calib=calib, test=test), index).end["test"] == rows


def test_splits_that_do_not_fit_are_rejected_with_the_numbers() -> None:
    with pytest.raises(SpecError, match=r"500 rows .* 400"):
        split.compute_bounds(Split(train=200, val=100, calib=100, test=100), DAYS)
    with pytest.raises(SpecError, match=r"1\.5"):
        split.compute_bounds(Split(train=1.5), DAYS)
    with pytest.raises(SpecError, match=r"split\.val ends on 2015-01-05"):
        split.compute_bounds(Split(train=200, val="2015-01-05"), DAYS)


@pytest.mark.parametrize("text", ["", "NaT", "tomorrowish", "1500-01-01", "2015-02-30", "2015-06-01T00:00+02:00"])
def test_invalid_dates_are_rejected(text: str) -> None:
    with pytest.raises(SpecError, match=rf"split\.train is {re.escape(repr(text))}.* date such as"):
        split.compute_bounds(Split(train=text), DAYS)


def test_window_counts_follow_the_published_convention() -> None:
    sizes = Split(train=200, val=100, calib=0, test=100)
    assert len(cutoffs("test", sizes, reach=3)) == 100 - 3 + 1
    # If another split follows, one more is left out: its first cutoff comes after the last label, not with it.
    assert len(cutoffs("val", sizes, reach=3)) == 100 - 3
    assert len(cutoffs("train", sizes, lookback=5, reach=3)) == 200 - 5 - 3


def test_the_first_and_the_last_label_lie_in_the_split() -> None:
    row_N = cutoffs("test", Split(train=200, val=100, calib=0, test=50), reach=3)
    assert (row_N[0] + 1, row_N[-1] + 3) == (300, 349)


def test_the_gap_is_the_least_number_of_cutoffs_left_out() -> None:
    for gap, left_out in ((None, 3), (0, 3), (3, 3), (10, 10)):
        sizes = Split(train=200, val=100, calib=50, test=50, gap=gap)
        for name, following in (("train", "val"), ("val", "calib"), ("calib", "test")):
            assert cutoffs(following, sizes)[0] - cutoffs(name, sizes)[-1] - 1 == left_out


@st.composite
def splits(draw: st.DrawFn) -> tuple[Split, pd.DatetimeIndex]:
    """A random calendar, and random sizes of its splits: each a fraction, a number of rows or a date."""
    rows = draw(st.integers(40, 500))
    step = draw(st.sampled_from(["B", "D", "h"]))
    index = pd.date_range("2015-01-01", periods=rows, freq=step)
    keep = np.random.default_rng(draw(st.integers(0, 99))).random(rows) < draw(st.sampled_from([1.0, 0.8]))
    keep[0] = True
    index = index[keep]
    inner = sorted(draw(st.lists(st.integers(1, len(index)), min_size=4, max_size=4)))
    sizes: dict[str, float | int | str] = {}
    for name, start, end in zip(split.SPLITS, [0, *inner], inner, strict=False):
        form = draw(st.sampled_from(["rows", "fraction", "date"]))
        sizes[name] = end - start
        if form == "fraction" and end - start < len(index):
            sizes[name] = (end - start) / len(index)
        elif form == "date" and end > start:
            sizes[name] = index[end - 1].isoformat(timespec="seconds")
    gap = draw(st.none() | st.integers(0, 40))
    return Split(**sizes, gap=gap), index


@given(splits(), st.integers(2, 40), st.integers(1, 40))
def test_the_last_label_of_a_split_is_known_before_the_first_cutoff_of_the_next(
    case: tuple[Split, pd.DatetimeIndex], lookback: int, reach: int
) -> None:
    sizes, index = case
    try:
        bounds = split.compute_bounds(sizes, index)
    except SpecError:  # a date that lies in the split before
        return
    rows = {
        name: split.cutoffs(name, bounds, index, lookback=lookback, reach=reach, gap=sizes.gap) for name in split.SPLITS
    }
    used = [name for name in split.SPLITS if len(rows[name])]
    for name in used:
        assert rows[name][0] >= lookback - 1
        assert rows[name][0] + 1 >= bounds.start[name]
        assert rows[name][-1] + reach < bounds.end[name]
        assert (np.diff(rows[name]) == 1).all()
    for name, following in itertools.pairwise(used):
        assert index[rows[name][-1] + reach] < index[rows[following][0]]
        assert rows[following][0] - rows[name][-1] > max(reach, sizes.gap or 0)


def test_a_symbol_with_other_times_has_the_same_bounds_in_time() -> None:
    bounds = split.compute_bounds(Split(train=200, val=100, calib=0, test=100), DAYS)
    sparse = DAYS[::3]
    start, end = bounds.positions("val", sparse)
    assert sparse[start] >= DAYS[200] > sparse[start - 1]
    assert sparse[end - 1] < DAYS[300] <= sparse[end]
    assert bounds.positions("test", sparse)[1] == len(sparse)


def test_too_few_windows_are_rejected_with_the_numbers() -> None:
    counts = {"train": 50, "val": 4, "calib": 0, "test": 9}
    sizes = {"train": 70, "val": 12, "calib": 0, "test": 17}
    with pytest.raises(
        DataError,
        match=r"validation split has 12 usable rows, which give 4 windows of lookback 20 \+ horizon 8"
        r" \(3 windows.*at least 5 windows are needed. Set split.val to 13 and split.train to 59, or load",
    ):
        split.check_counts(counts, sizes, lookback=20, shortest=20, reach=8, dropped=3, train_rows=60)
    split.check_counts(counts | {"val": 5}, sizes, lookback=20, shortest=20, reach=8, dropped=0, train_rows=60)
