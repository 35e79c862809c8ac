"""The times that a date axis leaves out, because the series is never observed then: weekends, nights, holidays.

Axis letters: N times, S slots of the series' own step, D days.
"""

from typing import Any

import numpy as np

from core.types import Ints, Times

DAY = 86_400
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_HOLIDAYS = 150  # more are thinner than a pixel together, and each costs the browser time
LONGEST_HOLIDAY = 10  # open days in a row; a longer gap is a hole in the data, which stays visible
LARGEST_SHARE = 0.12  # of the open days that are holidays; beyond it the days are not an exchange's
LEAST_NIGHT = 3600  # seconds
NIGHTS = 2  # nights without a time, for a night to be one


def closed_times(time_N: Times) -> list[dict[str, Any]]:
    """Plotly rangebreaks (weekends and nights as bounds, holidays as days) that `time_N` itself shows; [] for most
    series, which are observed around the clock, or by the week or month.

    A weekend is closed if the series steps by days or less and no time lies on one although the times pass it; a night
    likewise, twice. A single missing day is a holiday only for a series with closed weekends: else it is a hole.
    """
    second_N = np.unique(np.asarray(time_N).astype("M8[s]").astype(np.int64))
    if len(second_N) < 3:
        return []
    step = _usual_step(second_N)
    if step > DAY:
        return []
    day_D = np.unique(second_N // DAY)
    night = _night(second_N, step) if step < DAY else None
    return [*([night] if night else []), *_closed_days(day_D)]


def _usual_step(second_N: Ints) -> int:
    steps, counts = np.unique(np.diff(second_N), return_counts=True)
    return int(steps[counts.argmax()])


def _night(second_N: Ints, step: int) -> dict[str, Any] | None:
    """The longest part of the day without any time, from the end of the last step in it to the first time after it."""
    first = second_N[0] % step
    slot_S = np.unique((second_N - first) // step)
    run = _longest_closed(slot_S, DAY // step, NIGHTS)
    if run is None or DAY % step or run[1] * step < LEAST_NIGHT:
        return None
    start, length = run
    hours = [float((at * step + first) % DAY) / 3600 for at in (start, start + length)]
    return {"pattern": "hour", "bounds": hours}


def _closed_days(day_D: Ints) -> list[dict[str, Any]]:
    weekday_D = day_D + 3  # 1970-01-01 was a Thursday
    run = _longest_closed(weekday_D, 7, 1)
    if run is None:
        return []
    start, length = run
    if length < 2 and _longest_closed(weekday_D, 7, NIGHTS) is None:
        return []
    open_D = np.arange(day_D[0], day_D[-1] + 1)
    open_D = open_D[(open_D + 3 - start) % 7 >= length]
    missing_D = np.setdiff1d(open_D, day_D)
    if len(missing_D) > max(1, LARGEST_SHARE * len(open_D)):
        return []
    weekend = {"bounds": [WEEK[start], WEEK[(start + length) % 7]]}
    number_D = np.searchsorted(open_D, missing_D)  # a run over a weekend is one
    runs = np.split(missing_D, np.flatnonzero(np.diff(number_D) != 1) + 1)
    holidays = [day for run_D in runs if len(run_D) <= LONGEST_HOLIDAY for day in run_D.tolist()]
    if not holidays or len(holidays) > MAX_HOLIDAYS:
        return [weekend]
    return [weekend, {"values": np.array(holidays).astype("M8[D]").astype(str).tolist()}]


def _longest_closed(slot_S: Ints, cycle: int, least: int) -> tuple[int, int] | None:
    """First phase and length of the longest run of phases of a `cycle` that `slot_S` (sorted) passes at least `least`
    times and never stands on; None if there is no such run, or nothing else."""
    if cycle < 2 or len(slot_S) < 2:
        return None
    passed = np.bincount(np.arange(slot_S[0], slot_S[-1] + 1) % cycle, minlength=cycle)
    closed = (passed >= least) & (np.bincount(slot_S % cycle, minlength=cycle) == 0)
    if not closed.any() or closed.all():
        return None
    first_open = int(np.flatnonzero(~closed)[0])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.roll(closed, -first_open).astype(int), [0]])))
    starts, lengths = edges[::2], np.diff(edges)[::2]
    longest = int(lengths.argmax())
    return (int(starts[longest]) + first_open) % cycle, int(lengths[longest])
