"""Folds lie in order, never forecast from one session twice, and no label of a part reaches into the next."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets import split
from core.errors import SpecError
from core.evaluation.backtest.plan import Layout, Plan, lay

BEFORE = ("train", "val", "calib")


def cutoffs(layout: Layout, horizon: int, lookback: int = 2) -> dict[str, np.ndarray]:
    """The cutoffs of every part of a fold among all sessions, as a training would find them."""
    days = pd.bdate_range("1990-01-01", periods=layout.end - layout.start)
    sizes = layout.split()
    bounds = split.borders(sizes, days)
    return {
        part: layout.start + split.cutoffs(part, bounds, days, lookback=lookback, reach=horizon, gap=sizes.gap)
        for part in split.PARTS
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
def test_no_label_reaches_into_the_next_part_and_no_session_is_forecast_from_twice(
    plan: Plan, sessions: int, horizon: int
) -> None:
    try:
        folds = lay(plan, sessions, horizon)
    except SpecError as refused:
        assert "plan." in str(refused)
        return
    assert [fold.number for fold in folds] == list(range(1, plan.folds + 1))
    assert folds[-1].end == sessions
    forecast_from = []
    for fold in folds:
        at = cutoffs(fold, horizon)
        assert fold.start >= 0 and all(len(at[part]) for part in ("train", "val", "test"))
        assert (fold.parts["calib"][1] > fold.parts["calib"][0]) <= (fold.number == 1)
        used = [part for part in split.PARTS if len(at[part])]
        for part, following in itertools.pairwise(used):
            label_end, left_out = at[part][-1] + horizon, at[following][0] - at[part][-1] - 1
            assert label_end < at[following][0]
            assert left_out >= max(plan.purge or 0, horizon) + plan.embargo
        assert at["test"][-1] + horizon == fold.end - 1
        forecast_from.append(at["test"])
    for one, after in itertools.pairwise(forecast_from):
        assert one[-1] < after[0]
    if plan.test is None:
        together = np.concatenate(forecast_from)
        assert (np.diff(together) == 1).all()  # no session between two folds is left out


def test_an_expanding_window_begins_with_the_series_and_a_rolling_one_keeps_its_length() -> None:
    grown = lay(Plan(folds=3, stride=100), 1000, 5)
    assert [fold.parts["test"] for fold in grown] == [(696, 800), (796, 900), (896, 1000)]
    assert {fold.start for fold in grown} == {0}
    rolled = lay(Plan(folds=3, stride=100, window="rolling", length=400), 1000, 5)
    assert [fold.start for fold in rolled] == [296, 396, 496]
    assert [fold.parts["test"] for fold in rolled] == [fold.parts["test"] for fold in grown]
    assert lay(Plan(folds=3, stride=100, window="rolling"), 1000, 5)[2].start == 200


def test_the_first_fold_alone_has_a_calibration_part() -> None:
    first, *others = lay(Plan(folds=3, stride=100, val=0.1, calib=0.1), 1000, 1)
    assert first.parts == {"train": (0, 560), "val": (560, 630), "calib": (630, 700), "test": (700, 800)}
    assert others[0].parts == {"train": (0, 720), "val": (720, 800), "calib": (800, 800), "test": (800, 900)}


def test_without_a_stride_the_folds_share_the_later_half() -> None:
    folds = lay(Plan(folds=4), 1000, 1)
    assert [fold.parts["test"] for fold in folds] == [(500, 625), (625, 750), (750, 875), (875, 1000)]


@pytest.mark.parametrize(
    ("settings", "sessions", "says"),
    [
        ({"stride": 50, "test": 60}, 1000, r"plan.test .60. is more than plan.stride .50."),
        (
            {"stride": 250},
            600,
            r"8 folds of 250 forecasts, 250 sessions apart, take 2,004 sessions and the series has 600",
        ),
        (
            {"folds": 1, "stride": 50},
            120,
            r"leave \d sessions to the val part of the first one; at least 11 are needed",
        ),
        ({"purge": 900, "embargo": 900}, 5000, r"leave out 1800 cutoffs"),
    ],
)
def test_folds_that_do_not_fit_are_refused_with_their_numbers(settings: dict, sessions: int, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        lay(Plan(**settings), sessions, 5)


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
def test_no_label_of_any_symbol_reaches_into_the_next_part_of_an_ordinary_split(
    rows: int, lookback: int, reach: int, gap: int | None, dense: list[float], seed: int
) -> None:
    """Symbols with sessions of their own: a label is known before the first cutoff of any symbol in a later part."""
    days, rng = pd.bdate_range("2015-01-01", periods=rows), np.random.default_rng(seed)
    symbols = [days[np.sort(rng.choice(rows, int(share * rows), replace=False))] for share in dense]
    sizes = split.Split(train=0.5, val=0.2, calib=0.1, test=0.2, gap=gap)
    bounds = split.borders(sizes, days)
    ends, begins = {part: [] for part in split.PARTS}, {part: [] for part in split.PARTS}
    for index in symbols:
        for part in split.PARTS:
            at = split.cutoffs(part, bounds, index, lookback=lookback, reach=reach, gap=gap)
            if len(at):
                ends[part].append(index[at[-1] + reach])
                begins[part].append(index[at[0]])
    for part, later in itertools.combinations(split.PARTS, 2):
        assert not ends[part] or not begins[later] or max(ends[part]) < min(begins[later])
