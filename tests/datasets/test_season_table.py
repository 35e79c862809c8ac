"""For every frequency: the calendar terms, the season of the seasonal baseline, and the window that holds two of it."""

import numpy as np
import pandas as pd
import pytest

from core.data import frame as frames
from core.datasets import frequency, windows
from core.spec import Spec, with_values


def cycles(spec: Spec) -> set[str]:
    return {name.split("_")[0] for name in spec.features if name.startswith(("day_", "week_", "year_"))}


def resolve(index: pd.DatetimeIndex) -> Spec:
    values = 10 + np.random.default_rng(0).normal(size=len(index))
    frame = frames.build({"A": pd.DataFrame({"x": values}, index=index.rename("time"))})
    recipe = {"data.source": "file", "data.symbols": ["A"], "target.kind": "column", "target.column": "x"}
    return windows.resolve(with_values(Spec(), recipe), frame)


@pytest.mark.parametrize(
    ("step", "rows", "expected", "season", "lookback"),
    [  # the training split is the first 65 % of the rows
        ("5min", 288 * 14, {"day"}, 288, 60),  # nine days: not two weeks; two days are too long a window
        ("5min", 288 * 25, {"day", "week"}, 288, 60),
        ("15min", 96 * 25, {"day", "week"}, 96, 60),
        ("h", 24 * 14, {"day"}, 24, 60),
        ("h", 24 * 120, {"day", "week"}, 24, 48),
        ("h", 24 * 366 * 4, {"day", "week", "year"}, 24, 48),
        ("D", 500, {"week"}, 7, 24),
        ("D", 1200, {"week", "year"}, 7, 24),
        ("B", 900, {"week", "year"}, 5, 24),
        ("W-SUN", 150, set(), 52, 46),  # 97 weeks: not two years, and too few rows for longer windows
        ("W-SUN", 1300, {"year"}, 52, 104),
        ("MS", 30, set(), 12, 24),
        ("MS", 300, {"year"}, 12, 24),
        ("QS", 120, {"year"}, 4, 8),
        ("YS", 200, set(), 1, 24),
    ],
)
def test_seasons_are_those_of_which_the_training_split_holds_two(step, rows, expected, season, lookback):
    index = pd.date_range("2001-01-01", periods=rows, freq=step)
    spec = resolve(index)
    assert cycles(spec) == expected
    assert frequency.season(index) == season
    assert spec.window.lookback == lookback


def test_an_irregular_series_has_the_seasons_of_its_usual_step():
    rng = np.random.default_rng(0)
    hours = pd.date_range("2001-01-01", periods=24 * 120, freq="h")
    kept = hours[rng.random(len(hours)) > 0.2]
    spec = resolve(kept + pd.to_timedelta(rng.integers(0, 600, len(kept)), unit="s"))
    assert cycles(spec) == {"day", "week"}
