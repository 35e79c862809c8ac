"""Folds lie in order, never forecast from one step twice, and no label of a split reaches into the next."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets import split
from core.errors import SpecError
from core.evaluation.backtest.plan import FoldLayout, Plan, layout_folds

BEFORE = ("train", "val", "calib")


def cutoffs(layout: FoldLayout, horizon: int, lookback: int = 2) -> dict[str, np.ndarray]:
    """The cutoffs of every split of a fold among all steps, as a training would find them."""
    days = pd.bdate_range("1990-01-01", periods=layout.end - layout.start)
    sizes = layout.split()
    bounds = split.compute_bounds(sizes, days)
    return {
        name: layout.start + split.cutoffs(name, bounds, days, lookback=lookback, reach=horizon, gap=sizes.gap)
        for name in split.SPLITS
    }


plans = st.builds(
    Plan,
    folds=st.integers(1, 12),
    window=st.sampled_from(["expanding", "rolling"]),
    stride=st.none() | st.integers(1, 120),
    test=st.none() | st.integers(1, 120),
    length=st.none() | st.integers(20, 900),
    val=st.floats(0.02, 0.4),
    calib=st.just(0.0) | st.floats(0.02, 0.4),
    purge=st.none() | st.integers(0, 60),
    embargo=st.integers(0, 40),
)


@given(plans, st.integers(100, 2000), st.integers(1, 30))
def test_no_label_reaches_into_the_next_split_and_no_step_is_forecast_from_twice(
    plan: Plan, steps: int, horizon: int
) -> None:
    try:
        folds = layout_folds(plan, steps, horizon)
    except SpecError as error:
        assert "plan." in str(error)
        return
    assert [fold.number for fold in folds] == list(range(1, plan.folds + 1))
    assert folds[-1].end == steps
    forecast_from = []
    for fold in folds:
        at = cutoffs(fold, horizon)
        assert fold.start >= 0 and all(len(at[name]) for name in ("train", "val", "test"))
        assert (fold.splits["calib"][1] > fold.splits["calib"][0]) <= (fold.number == 1)
        used = [name for name in split.SPLITS if len(at[name])]
        for name, following in itertools.pairwise(used):
            label_end, left_out = at[name][-1] + horizon, at[following][0] - at[name][-1] - 1
            assert label_end < at[following][0]
            assert left_out >= max(plan.purge or 0, horizon) + plan.embargo
        assert at["test"][-1] + horizon == fold.end - 1
        forecast_from.append(at["test"])
    for one, after in itertools.pairwise(forecast_from):
        assert one[-1] < after[0]
    if plan.test is None:
        together = np.concatenate(forecast_from)
        assert (np.diff(together) == 1).all()  # no step between two folds is left out


def test_an_expanding_window_begins_with_the_series_and_a_rolling_one_keeps_its_length() -> None:
    grown = layout_folds(Plan(folds=3, stride=100), 1000, 5)
    assert [fold.splits["test"] for fold in grown] == [(696, 800), (796, 900), (896, 1000)]
    assert {fold.start for fold in grown} == {0}
    rolled = layout_folds(Plan(folds=3, stride=100, window="rolling", length=400), 1000, 5)
    assert [fold.start for fold in rolled] == [296, 396, 496]
    assert [fold.splits["test"] for fold in rolled] == [fold.splits["test"] for fold in grown]
    assert layout_folds(Plan(folds=3, stride=100, window="rolling"), 1000, 5)[2].start == 200


def test_only_the_first_fold_has_a_calibration_split() -> None:
    first, *others = layout_folds(Plan(folds=3, stride=100, val=0.1, calib=0.1), 1000, 1)
    assert first.splits == {"train": (0, 560), "val": (560, 630), "calib": (630, 700), "test": (700, 800)}
    assert others[0].splits == {"train": (0, 720), "val": (720, 800), "calib": (800, 800), "test": (800, 900)}


def test_a_short_series_gives_validation_and_calibration_what_they_need() -> None:
    """Of 155 steps before the first fold 12 and 8 % are 19 and 12; 14 are needed to calibrate three steps ahead."""
    sizes = {name: end - start for name, (start, end) in layout_folds(Plan(), 309, 3)[0].splits.items()}
    assert (sizes["val"], sizes["calib"]) == (19, 14)
    assert sum(sizes[name] for name in ("train", "val", "calib")) == 155


def test_without_a_stride_the_folds_share_the_later_half() -> None:
    folds = layout_folds(Plan(folds=4), 1000, 1)
    assert [fold.splits["test"] for fold in folds] == [(500, 625), (625, 750), (750, 875), (875, 1000)]


@pytest.mark.parametrize(
    ("settings", "steps", "message"),
    [
        ({"stride": 50, "test": 60}, 1000, r"plan.test .60. is more than plan.stride .50."),
        ({"stride": 250}, 600, r"8 folds of 250 forecasts, 250 .* apart, take 2,004 .* has 600"),
        ({"folds": 1, "stride": 75}, 120, r"leave 14 .* to learn from .*; at least 16 are needed"),
        ({"purge": 900, "embargo": 900}, 5000, r"leave out 1800 cutoffs"),
    ],
)
def test_folds_that_do_not_fit_are_refused_with_their_numbers(settings: dict, steps: int, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        layout_folds(Plan(**settings), steps, 5)


@pytest.mark.parametrize(
    "settings", [{"folds": 0}, {"window": "sideways"}, {"val": 0.5, "calib": 0.45}, {"embargo": -1}]
)
def test_a_plan_out_of_range_is_refused(settings: dict) -> None:
    with pytest.raises(SpecError, match="plan"):
        Plan(**settings)


@given(
    st.integers(60, 400),
    st.integers(2, 20),
    st.integers(1, 20),
    st.none() | st.integers(0, 30),
    st.lists(st.floats(0.4, 1.0), min_size=2, max_size=3),
    st.integers(0, 99),
)
def test_no_label_of_any_symbol_reaches_into_the_next_split_of_a_run(
    rows: int, lookback: int, reach: int, gap: int | None, dense: list[float], seed: int
) -> None:
    """Symbols with sessions of their own: a label is known before the first cutoff of any symbol in a later split."""
    days, rng = pd.bdate_range("2015-01-01", periods=rows), np.random.default_rng(seed)
    symbols = [days[np.sort(rng.choice(rows, int(share * rows), replace=False))] for share in dense]
    sizes = split.Split(train=0.5, val=0.2, calib=0.1, test=0.2, gap=gap)
    bounds = split.compute_bounds(sizes, days)
    ends, begins = {name: [] for name in split.SPLITS}, {name: [] for name in split.SPLITS}
    for index in symbols:
        for name in split.SPLITS:
            at = split.cutoffs(name, bounds, index, lookback=lookback, reach=reach, gap=gap)
            if len(at):
                ends[name].append(index[at[-1] + reach])
                begins[name].append(index[at[0]])
    for name, later in itertools.combinations(split.SPLITS, 2):
        assert not ends[name] or not begins[later] or max(ends[name]) < min(begins[later])
