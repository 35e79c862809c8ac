"""Short series train by default, and a refusal names settings that work."""

import re

import numpy as np
import pandas as pd
import pytest

from core.data import frame as frames
from core.datasets import windows
from core.datasets.split import MIN_WINDOWS, SPLITS
from core.errors import DataError
from core.spec import Spec, Split, assign, with_values


def series(rows: int, frequency: str = "MS") -> pd.DataFrame:
    index = pd.date_range("1949-01-01", periods=rows, freq=frequency, name="time")
    value = 100 + np.arange(rows) + 10 * np.sin(np.arange(rows) * np.pi / 6)
    return frames.build({"A": pd.DataFrame({"x": value}, index=index)})


def recipe(horizon: int, **values: object) -> Spec:
    target = {"target.kind": "column", "target.column": "x", "target.horizon": horizon}
    return with_values(
        Spec(), {"data.symbols": ["A"], **target} | {name.replace("__", "."): value for name, value in values.items()}
    )


@pytest.mark.parametrize("kind", ["lstm", "segment", "transformer"])
@pytest.mark.parametrize(("rows", "horizon"), [(72, 12), (100, 5), (144, 12), (200, 12), (257, 12), (300, 24)])
def test_72_to_300_rows_have_enough_windows_by_default(kind, rows, horizon):
    spec = windows.resolve(recipe(horizon, model__kind=kind), series(rows))
    prepared = windows.prepare(spec, series(rows))
    counts = {name: len(getattr(prepared.splits, name)) for name in SPLITS}
    assert all(counts[name] >= MIN_WINDOWS[name] for name in ("train", "val", "test"))
    assert counts["calib"] >= MIN_WINDOWS["calib"] or prepared.calibrated_on == "val"
    assert spec.window.lookback <= 60 and windows.resolve(spec, series(rows)) == spec


def test_the_splits_of_a_short_series_by_hand():
    """Validation and test get what eight windows of a horizon need, at least 15 and 20 % of the rows."""
    for horizon, val, test in ((12, 21, 29), (20, 28, 29)):
        for gap in (None, 3):
            split = windows.resolve(recipe(horizon, split__gap=gap), series(144)).split
            assert (split.train, split.val, split.calib, split.test) == (144 - val - test, val, 0, test)
    assert windows.resolve(recipe(12, split__gap=22), series(144)).split.val == 5 + 3 + 22


def test_a_window_of_a_short_series_holds_two_seasons():
    assert windows.resolve(recipe(12), series(144)).window.lookback == 24
    assert windows.resolve(recipe(4), series(107, "QS")).window.lookback == 8


@pytest.mark.parametrize("values", [{"split__train": 0.6}, {"split__calib": 0.0}, {"split__test": 28}])
def test_splits_that_were_chosen_stay(values):
    spec = windows.resolve(recipe(12, **values), series(144))
    assert spec.window.lookback == 24 and spec.split == recipe(12, **values).split


def test_a_window_that_was_chosen_by_hand_stays():
    assert windows.resolve(recipe(12, window__lookback=36), series(144)).window.lookback == 36
    frame, refused = series(144), windows.resolve(recipe(12, window__lookback=130), series(144))
    assert refused.split == Split()  # no split would do: the one that a person knows is named
    with pytest.raises(DataError, match=r"lookback 130.*window.lookback to at most"):
        windows.prepare(refused, frame)


def test_a_series_that_is_long_enough_keeps_the_defaults():
    spec = windows.resolve(recipe(12), series(600))
    assert (spec.split, spec.window.lookback) == (Split(), 24)


@pytest.mark.parametrize(
    "values",
    [
        {"split__train": 0.6},
        {"split__train": 60, "split__val": 30, "split__calib": 20, "split__test": 34},
        {"split__train": 0.5, "split__val": 0.2, "split__calib": 0.0, "split__test": 0.1},
        {"split__gap": 15, "split__train": 0.6},
        {"split__train": 0.6, "window__lookback": 20},
    ],
)
def test_the_advice_of_a_refusal_works(values):
    frame, refused = series(144), recipe(12, **values)
    with pytest.raises(DataError) as refusal:
        windows.prepare(windows.resolve(refused, frame), frame)
    settings = re.findall(r"(split\.\w+|window\.lookback) to (?:at most )?(\d+)", str(refusal.value))
    assert settings, str(refusal.value)
    windows.prepare(windows.resolve(assign(refused, [f"{path}={value}" for path, value in settings]), frame), frame)


def test_where_no_settings_would_do_the_rows_that_would_are_named():
    frame = series(30)
    with pytest.raises(
        DataError, match=r"Choose a shorter target.horizon, or load more history: about (\d+)"
    ) as refusal:
        windows.prepare(windows.resolve(recipe(12), frame), frame)
    enough = series(int(re.search(r"about (\d+)", str(refusal.value))[1]))
    windows.prepare(windows.resolve(recipe(12), enough), enough)
