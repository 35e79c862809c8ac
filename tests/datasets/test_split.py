"""The borders between the parts: where they lie, and that no label crosses one."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets import split
from core.errors import DataError, SpecError
from core.spec import Split

DAYS = pd.bdate_range("2015-01-01", periods=400)


def cutoffs(part: str, sizes: Split, *, lookback: int = 5, reach: int = 3) -> np.ndarray:
    bounds = split.borders(sizes, DAYS)
    return split.cutoffs(part, bounds, DAYS, lookback=lookback, reach=reach, gap=sizes.gap)


def test_fractions_rows_and_dates_lay_the_same_borders() -> None:
    by_share = split.borders(Split(train=0.5, val=0.25, calib=0.0, test=0.25), DAYS)
    by_rows = split.borders(Split(train=200, val=100, calib=0, test=100), DAYS)
    dates = {
        "train": f"{DAYS[199]:%Y-%m-%d}",
        "val": f"{DAYS[299]:%Y-%m-%d}",
        "calib": 0,
        "test": f"{DAYS[399]:%Y-%m-%d}",
    }
    by_date = split.borders(Split(**dates), DAYS)
    assert by_share.end == by_rows.end == by_date.end == {"train": 200, "val": 300, "calib": 300, "test": 400}
    assert by_rows.start == {"train": 0, "val": 200, "calib": 300, "test": 300}


def test_a_date_means_the_whole_of_its_day() -> None:
    hours = pd.date_range("2020-01-01", periods=96, freq="h")
    assert split.borders(Split(train="2020-01-02", val=0, calib=0, test=0), hours).end["train"] == 48


@given(st.integers(50, 5000), st.lists(st.integers(1, 40), min_size=4, max_size=4))
def test_fractions_that_add_up_to_one_use_every_row_and_no_more(rows: int, parts: list[int]) -> None:
    train, val, calib, test = (part / sum(parts) for part in parts)
    index = pd.date_range("2000-01-01", periods=rows, freq="D")
    assert split.borders(Split(train=train, val=val, calib=calib, test=test), index).end["test"] == rows


def test_parts_that_do_not_fit_are_refused_with_both_numbers() -> None:
    with pytest.raises(SpecError, match=r"500 rows and the series has 400"):
        split.borders(Split(train=200, val=100, calib=100, test=100), DAYS)
    with pytest.raises(SpecError, match=r"1\.5"):
        split.borders(Split(train=1.5), DAYS)
    with pytest.raises(SpecError, match="not after the part before"):
        split.borders(Split(train=200, val="2015-01-05"), DAYS)


@pytest.mark.parametrize("text", ["", "NaT", "tomorrowish", "1500-01-01", "2015-02-30", "2015-06-01T00:00+02:00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match=r"split\.train takes a fraction"):
        split.borders(Split(train=text), DAYS)


def test_published_tables_count_windows_as_rows_less_horizon_plus_one() -> None:
    sizes = Split(train=200, val=100, calib=0, test=100)
    assert len(cutoffs("test", sizes, reach=3)) == 100 - 3 + 1
    # Where another part follows, one more is left out: a label is known before the first cutoff, not on it.
    assert len(cutoffs("val", sizes, reach=3)) == 100 - 3
    assert len(cutoffs("train", sizes, lookback=5, reach=3)) == 200 - 5 - 3


def test_the_first_label_and_the_last_lie_in_the_part() -> None:
    at = cutoffs("test", Split(train=200, val=100, calib=0, test=50), reach=3)
    assert (at[0] + 1, at[-1] + 3) == (300, 349)


def test_a_gap_leaves_out_at_least_that_many_cutoffs() -> None:
    for gap, left_out in ((None, 3), (0, 3), (3, 3), (10, 10)):
        sizes = Split(train=200, val=100, calib=50, test=50, gap=gap)
        for part, following in (("train", "val"), ("val", "calib"), ("calib", "test")):
            assert cutoffs(following, sizes)[0] - cutoffs(part, sizes)[-1] - 1 == left_out


@st.composite
def splits(draw: st.DrawFn) -> tuple[Split, pd.DatetimeIndex]:
    """A random split of a random calendar, each part a fraction, a number of rows or a date."""
    rows = draw(st.integers(40, 500))
    step = draw(st.sampled_from(["B", "D", "h"]))
    index = pd.date_range("2015-01-01", periods=rows, freq=step)
    keep = np.random.default_rng(draw(st.integers(0, 99))).random(rows) < draw(st.sampled_from([1.0, 0.8]))
    keep[0] = True
    index = index[keep]
    inner = sorted(draw(st.lists(st.integers(1, len(index)), min_size=4, max_size=4)))
    sizes: dict[str, float | int | str] = {}
    for part, start, end in zip(split.PARTS, [0, *inner], inner, strict=False):
        form = draw(st.sampled_from(["rows", "fraction", "date"]))
        sizes[part] = end - start
        if form == "fraction" and end - start < len(index):
            sizes[part] = (end - start) / len(index)
        elif form == "date" and end > start:
            sizes[part] = index[end - 1].isoformat(timespec="seconds")
    gap = draw(st.none() | st.integers(0, 40))
    return Split(**sizes, gap=gap), index


@given(splits(), st.integers(2, 40), st.integers(1, 40))
def test_the_last_label_of_a_part_is_known_before_the_first_cutoff_of_the_next(
    made: tuple[Split, pd.DatetimeIndex], lookback: int, reach: int
) -> None:
    sizes, index = made
    try:
        bounds = split.borders(sizes, index)
    except SpecError:  # a date that fell on the part before
        return
    at = {
        part: split.cutoffs(part, bounds, index, lookback=lookback, reach=reach, gap=sizes.gap) for part in split.PARTS
    }
    used = [part for part in split.PARTS if len(at[part])]
    for part in used:
        assert at[part][0] >= lookback - 1
        assert at[part][0] + 1 >= bounds.start[part]
        assert at[part][-1] + reach < bounds.end[part]
        assert (np.diff(at[part]) == 1).all()
    for part, following in itertools.pairwise(used):
        assert index[at[part][-1] + reach] < index[at[following][0]]
        assert at[following][0] - at[part][-1] > max(reach, sizes.gap or 0)


def test_a_symbol_with_other_sessions_gets_the_same_borders_in_time() -> None:
    bounds = split.borders(Split(train=200, val=100, calib=0, test=100), DAYS)
    sparse = DAYS[::3]
    start, end = bounds.local("val", sparse)
    assert sparse[start] >= DAYS[200] > sparse[start - 1]
    assert sparse[end - 1] < DAYS[300] <= sparse[end]
    assert bounds.local("test", sparse)[1] == len(sparse)


def test_too_few_windows_are_refused_with_the_numbers_behind_it() -> None:
    counts = {"train": 50, "val": 4, "calib": 0, "test": 9}
    sizes = {"train": 70, "val": 12, "calib": 0, "test": 17}
    with pytest.raises(
        DataError,
        match=r"val part has 12 usable rows, which give 4 windows of lookback 20 \+ horizon 8"
        r" \(3 windows.*at least 5 windows, about 13 rows",
    ):
        split.check_counts(counts, sizes, lookback=20, shortest=20, reach=8, dropped=3)
    split.check_counts(counts | {"val": 5}, sizes, lookback=20, shortest=20, reach=8, dropped=0)
