import numpy as np
import pandas as pd
import pytest

from core.features import compute
from tests.features.conftest import bars

DAYS = pd.DatetimeIndex(["2024-02-26", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-04"])
LATER = pd.DatetimeIndex(["2024-03-05", "2024-03-06", "2024-03-31"])


def values(text, index=DAYS, future=LATER):
    table = pd.DataFrame({"close": np.ones(len(index))}, index=index)
    return compute(table, (text,), "close", future)[text].to_numpy()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("weekday", [-1, -1 / 3, 0, 1 / 3, -1, -2 / 3, -1 / 3, 1]),
        ("month_sin", [0.5, 0.5, 0.5, *[np.sqrt(0.75)] * 5]),
        ("month_cos", [*[np.sqrt(0.75)] * 3, *[0.5] * 5]),
        ("month_end", [3 / 29, 1 / 29, 0, 30 / 31, 27 / 31, 26 / 31, 25 / 31, 0]),
        ("turn_of_month", [0, 0, 1, 1, 1, 1, 0, 1]),
        ("gap_days", [np.nan, 2, 1, 1, 3, 1, 1, 25]),
        ("hour_sin", [0] * 8),
        ("hour_cos", [1] * 8),
        ("week_sin:1", np.sin(2 * np.pi * np.array([0, 2, 3, 4, 0, 1, 2, 6]) / 7)),
        ("week_cos:2", np.cos(4 * np.pi * np.array([0, 2, 3, 4, 0, 1, 2, 6]) / 7)),
        ("year_sin:1", np.sin(2 * np.pi * np.array([56, 58, 59, 60, 63, 64, 65, 90]) / 366)),
        ("day_cos:2", [1] * 8),
    ],
)
def test_values_by_hand_in_past_and_future(text, expected):
    np.testing.assert_allclose(values(text), expected, atol=1e-12)


def test_hours_are_on_the_clock_of_the_exchange():
    hours = pd.DatetimeIndex(["2024-03-01 06:00", "2024-03-01 12:00", "2024-03-01 13:30"])
    none = hours[:0]
    expected = [1, 0, np.sin(2 * np.pi * 13.5 / 24)]
    np.testing.assert_allclose(values("hour_sin", hours, none), expected, atol=1e-12)
    zoned = hours.tz_localize("America/New_York")
    np.testing.assert_allclose(values("hour_sin", zoned, none.tz_localize("America/New_York")), expected, atol=1e-12)


def test_five_day_weeks_have_four_turn_days_a_month():
    table = bars(0, 261 * 4)
    turns = compute(table, ("turn_of_month",), "close", table.index[:0])["turn_of_month"]
    inside = turns["2015-02":"2018-11"]
    assert (inside.groupby([inside.index.year, inside.index.month]).sum() == 4).all()
