"""Features that depend on the calendar alone, and so are known in the future."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from core.features.feature import Feature, Parameter, Values, one_row


def weekday(inputs: pd.DataFrame, _: None = None) -> Values:
    """(d − 3) / 3 with d the day of the week: −1 on Monday, 1/3 on Friday, 1 on Sunday."""
    return _series((_times(inputs).dayofweek - 3) / 3, inputs)


def month_sin(inputs: pd.DataFrame, _: None = None) -> Values:
    """sin(2π (m − 1) / 12) with m the month, 1 to 12."""
    return _series(np.sin(2 * np.pi * (_times(inputs).month - 1) / 12), inputs)


def month_cos(inputs: pd.DataFrame, _: None = None) -> Values:
    """cos(2π (m − 1) / 12) with m the month, 1 to 12."""
    return _series(np.cos(2 * np.pi * (_times(inputs).month - 1) / 12), inputs)


def month_end(inputs: pd.DataFrame, _: None = None) -> Values:
    """(D − d) / D with d the day of the month and D its length: calendar days left, 0 on the last day."""
    times = _times(inputs)
    return _series((times.days_in_month - times.day) / times.days_in_month, inputs)


def turn_of_month(inputs: pd.DataFrame, _: None = None) -> Values:
    """1 on the last weekday (Monday to Friday) of a month and the first three of the next, else 0.

    Holidays are not looked up, so that the value of a day does not depend on the rows after it.
    Source: Lakonishok & Smidt 1988, days −1 to +3.
    """
    days = _times(inputs).to_numpy().astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    before = np.busday_count(months.astype("datetime64[D]"), days)
    left = np.busday_count(days, (months + 1).astype("datetime64[D]"))
    return _series((before < 3) | (left <= 1), inputs)


def hour_sin(inputs: pd.DataFrame, _: None = None) -> Values:
    """sin(2π h / 24) with h the hour of the day, minutes as a fraction; 0 for daily data."""
    return _series(np.sin(2 * np.pi * _hour(inputs) / 24), inputs)


def hour_cos(inputs: pd.DataFrame, _: None = None) -> Values:
    """cos(2π h / 24) with h the hour of the day, minutes as a fraction; 1 for daily data."""
    return _series(np.cos(2 * np.pi * _hour(inputs) / 24), inputs)


def _fourier(
    share: Callable[[pd.DatetimeIndex], Any], wave: Callable[[Any], Any], formula: str
) -> Callable[..., Values]:
    """The k-th harmonic of a cycle; `share` is how much of it has passed at each time, from 0 to 1."""

    def harmonic(inputs: pd.DataFrame, k: int) -> Values:
        return _series(wave(2 * np.pi * k * share(_times(inputs))), inputs)

    harmonic.__doc__ = formula
    return harmonic


def _of_day(times: pd.DatetimeIndex) -> "pd.Index[float]":
    return (times - times.normalize()) / pd.Timedelta(days=1)


def _of_week(times: pd.DatetimeIndex) -> "pd.Index[float]":
    return (times.dayofweek + _of_day(times)) / 7


def _of_year(times: pd.DatetimeIndex) -> "pd.Index[float]":
    return (times.dayofyear - 1 + _of_day(times)) / (365 + times.is_leap_year)


def gap_days(inputs: pd.DataFrame, _: None = None) -> Values:
    """Calendar days since the previous row: 1 on a usual Tuesday, 3 on a usual Monday; NaN in row 0."""
    times = _times(inputs).to_series(index=inputs.index)
    return (times.diff() / pd.Timedelta(days=1)).astype(float)


def _times(inputs: pd.DataFrame) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(inputs.index).tz_localize(None)  # on the clock of the exchange


def _hour(inputs: pd.DataFrame) -> "pd.Index[float]":
    times = _times(inputs)
    return times.hour + times.minute / 60


def _series(values: object, inputs: pd.DataFrame) -> Values:
    return pd.Series(np.asarray(values, dtype=np.float64), index=inputs.index)


CYCLES = {"day": _of_day, "week": _of_week, "year": _of_year}
HARMONICS = Parameter(default=1, low=1, high=12)


def _harmonic(cycle: str, wave: str) -> Feature:
    """One Fourier term of a cycle of the calendar, and the number of its harmonic as parameter."""
    word = "sine" if wave == "sin" else "cosine"
    return Feature(
        name=f"{cycle}_{wave}",
        title=f"Time of the {cycle}, {word}",
        family="calendar",
        kind="known",
        function=_fourier(CYCLES[cycle], getattr(np, wave), f"{wave}(2π k s) with s the share of the {cycle} passed."),
        parameter=HARMONICS,
        text=f"{word.capitalize()} of k times the angle of the time in its {cycle}: a Fourier term.",
    )


FEATURES = (
    *(_harmonic(cycle, wave) for cycle in CYCLES for wave in ("sin", "cos")),
    Feature(
        name="weekday",
        title="Day of the week",
        family="calendar",
        kind="known",
        function=weekday,
        text="Day of the week, from −1 (Monday) to 1 (Sunday).",
    ),
    Feature(
        name="month_sin",
        title="Month, sine",
        family="calendar",
        kind="known",
        function=month_sin,
        text="Sine of the month's angle in the year.",
    ),
    Feature(
        name="month_cos",
        title="Month, cosine",
        family="calendar",
        kind="known",
        function=month_cos,
        text="Cosine of the month's angle in the year.",
    ),
    Feature(
        name="month_end",
        title="Days to the end of the month",
        family="calendar",
        kind="known",
        function=month_end,
        text="Share of the month's calendar days that are left.",
    ),
    Feature(
        name="turn_of_month",
        title="Turn of the month",
        family="calendar",
        kind="known",
        function=turn_of_month,
        text="1 on the last weekday of a month and the first three of the next, else 0.",
    ),
    Feature(
        name="hour_sin",
        title="Hour, sine",
        family="calendar",
        kind="known",
        function=hour_sin,
        text="Sine of the hour's angle in the day.",
    ),
    Feature(
        name="hour_cos",
        title="Hour, cosine",
        family="calendar",
        kind="known",
        function=hour_cos,
        text="Cosine of the hour's angle in the day.",
    ),
    Feature(
        name="gap_days",
        title="Days since the previous row",
        family="calendar",
        kind="known",
        function=gap_days,
        rows=one_row,
        text="Calendar days since the previous row.",
    ),
)
