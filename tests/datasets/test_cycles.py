"""The cycles of the calendar in steps."""

import pandas as pd
import pytest

from core.datasets.cycles import cycles

US_HOURS = pd.DatetimeIndex(
    [day + pd.Timedelta(hours=9.5 + k) for day in pd.bdate_range("2019-01-01", periods=600) for k in range(7)]
)
WEEK = pd.date_range("2019-01-06 17:00", "2020-12-31", freq="h")
FX_HOURS = WEEK[((WEEK.dayofweek * 24 + WEEK.hour + 7) % 168) < 120]


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (pd.bdate_range("2015-01-01", periods=500), (1, 5, 22)),  # Corsi (2009)
        (pd.date_range("2015-01-01", periods=500), (1, 7, 30)),
        (pd.bdate_range("2015-01-01", periods=500, freq="C", weekmask="Sun Mon Tue Wed Thu"), (1, 5, 22)),
        (US_HOURS, (1, 7, 35, 152)),
        (FX_HOURS, (1, 20, 120, 522)),
        (pd.date_range("2015-01-01", periods=3000, freq="h"), (1, 24, 168, 730)),
        (pd.date_range("2015-01-01", periods=6000, freq="15min"), (1, 96, 672, 2922)),
        (pd.date_range("2015-01-01", periods=300, freq="W-FRI"), (1, 4, 13)),
        (pd.date_range("2015-01-01", periods=100, freq="MS"), (1, 3, 12)),
        (pd.date_range("2015-01-01", periods=40, freq="QS"), (1, 4)),
        (pd.date_range("1980-01-01", periods=30, freq="YS"), (1,)),
        (pd.DatetimeIndex(["2015-01-01"]), (1,)),
    ],
)
def test_they_follow_the_calendar_of_the_series(index: pd.DatetimeIndex, expected: tuple[int, ...]) -> None:
    assert cycles(index) == expected
