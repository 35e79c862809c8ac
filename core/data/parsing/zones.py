"""Times that come with a time zone: one clock for all rows of a column."""

import re
import zoneinfo

import numpy as np
import pandas as pd

from core.language import message

HOURS = {  # ahead of UTC, by abbreviation
    **{"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2},
    **{"EEST": 3, "MSK": 3, "TRT": 3, "IST": 5.5, "ICT": 7, "WIB": 7, "HKT": 8, "SGT": 8, "AWST": 8, "KST": 9},
    **{"JST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "AST": -4, "ADT": -3},
    **{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8},
    **{"HST": -10, "BRT": -3, "ART": -3, "CLT": -4, "CLST": -3},
}
REGIONS = {"CET": "Europe/Berlin", "MEZ": "Europe/Berlin", "EET": "Europe/Athens", "WET": "Europe/Lisbon"}
REGIONS |= {"EST": "US/Eastern", "CST": "US/Central", "MST": "US/Mountain", "PST": "US/Pacific"}  # of CET/CEST and such

CHANGING = ("Europe/Berlin", "Europe/London", "Europe/Athens", "US/Eastern", "Australia/Sydney")  # at other hours

_IN_HEADING = re.compile(r"\b([A-Z]{3}/[A-Z]{3,4}|(?:Europe|America|Asia|Australia|US)/[A-Za-z_]+)\b")  # MTU (CET/CEST)
_NUMERIC = re.compile(r"(?:UTC|GMT)?([+\-−])(\d{1,2}):?(\d{2})?")


def on_one_clock(time_T: pd.Series, zone_T: pd.Series | None) -> tuple[pd.Series, list[str]]:
    """Return wall-clock times on one clock, and a sentence on it; `zone_T` names the zone of each row, "" for none.

    The clock time of each row is kept, as exchanges and days need it, unless the clock of the column changes with
    summer time and its hours are told apart only by their zones: then all times are put on its clock of winter, that of
    the smallest offset, on which no hour is doubled or skipped. That is so if the times of one place (whose offset
    changes at most twice a year) have more different times, or more often their usual step, on that clock. With None,
    hours that occur twice show the zone: they are those at which summer time ends there.
    """
    is_guess = zone_T is None
    zone_T = _of_doubled_hours(time_T) if zone_T is None else zone_T
    names = sorted({*zone_T} - {""})
    if not names:
        return time_T, []
    several = (
        message("time zones ({zones})", zones=", ".join(names[:4]))
        if len(names) > 1
        else message("a time zone ({first})", first=names[0])
    )
    offset_T = _offsets(time_T, zone_T)
    dated = time_T.notna()
    if offset_T[dated].notna().all() and offset_T[dated].nunique() > 1 and _is_one_place(time_T, offset_T):
        winter = offset_T.min()
        fixed_T = time_T - offset_T + winter
        if _regularity(fixed_T) > _regularity(time_T):
            clock = _offset_name(winter)
            note = (
                message(
                    "Hours occur twice where summer time ends in {first}; all times were put on one clock, "
                    "{clock}, so that no hour is doubled or missing.",
                    first=names[0],
                    clock=clock,
                )
                if is_guess
                else message(
                    "The dates have {several} whose clock changes with summer time; all times were put on one "
                    "clock, {clock}, so that no hour is doubled or missing.",
                    several=several,
                    clock=clock,
                )
            )
            return fixed_T, [note]
    if is_guess:
        return time_T, []
    return time_T, [
        message("The dates have {several}; the clock time of each row was kept and the zone dropped.", several=several)
    ]


def of_heading(heading: str) -> str:
    """Return the zone of changing clocks that the heading of a column names, like CET/CEST; empty for none."""
    named = _IN_HEADING.search(heading)
    return named[1] if named else ""


def _of_doubled_hours(time_T: pd.Series) -> pd.Series:
    """Return the zone in which the hours that occur twice are those at which summer time ends; "" if there is none."""
    doubled_T = time_T[time_T.duplicated() & time_T.notna()]
    zone = ""
    if len(doubled_T) and not doubled_T.duplicated().any():
        zone = next((region for region in CHANGING if _ends_summer(doubled_T, region)), "")
    return pd.Series(zone, index=time_T.index)


def _ends_summer(time_T: pd.Series, region: str) -> bool:
    return bool(time_T.dt.tz_localize(region, ambiguous="NaT", nonexistent="shift_forward").isna().all())


def _offsets(time_T: pd.Series, zone_T: pd.Series) -> pd.Series:
    """Return how far the clock of each row is ahead of UTC, NaT where the zone is unknown."""
    fixed = {name: _fixed_offset(name) for name in {*zone_T} - {""}}
    offset_T = pd.to_timedelta(zone_T.map(fixed))
    for name in (name for name, offset in fixed.items() if offset is None):
        rows = (zone_T == name) & time_T.notna()
        offset_T[rows] = _region_offsets(time_T[rows], name)
    return offset_T


def _fixed_offset(zone: str) -> pd.Timedelta | None:
    """Return the offset of a zone like +02:00, GMT+9 or CEST; None for a region and an unknown one."""
    numeric = _NUMERIC.fullmatch(zone)
    if numeric:
        sign, hours, minutes = numeric.groups()
        return pd.Timedelta(minutes=(1 if sign == "+" else -1) * (60 * int(hours) + int(minutes or 0)))
    return pd.Timedelta(hours=HOURS[zone]) if zone in HOURS else None


def _region_offsets(time_T: pd.Series, region: str) -> pd.Series:
    """Return the offsets of a region like Europe/Berlin; a doubled hour is told apart by the order of the rows."""
    nothing = pd.Series(pd.NaT, index=time_T.index, dtype="timedelta64[ns]")
    known = zoneinfo.available_timezones()
    name = region if region in known else REGIONS.get(region.split("/")[0], "")
    if name not in known:
        return nothing
    if time_T.value_counts().max() > 2:  # several series: which of their rows belong together is unknown
        return nothing
    newest_first = len(time_T) > 1 and time_T.iloc[0] > time_T.iloc[-1]
    first_T = ~time_T.duplicated(keep="last" if newest_first else "first").to_numpy()
    zoned_T = time_T.dt.tz_localize(name, ambiguous=first_T, nonexistent="NaT")  # the first is in summer time
    return time_T - zoned_T.dt.tz_convert("UTC").dt.tz_localize(None)


def _is_one_place(time_T: pd.Series, offset_T: pd.Series) -> bool:
    """Return whether the offset changes at most twice a year, as the clocks of one place do."""
    order = np.argsort((time_T - offset_T).to_numpy(), kind="stable")
    offsets = offset_T.to_numpy()[order][: time_T.notna().sum()]
    years = (time_T.max() - time_T.min()) / pd.Timedelta(days=365.25)
    return bool((offsets[1:] != offsets[:-1]).sum() <= 2 * years + 2)


def _regularity(time_T: pd.Series) -> tuple[int, int]:
    """Return how many different times there are, and how many steps between them are the usual one."""
    times = np.unique(time_T.dropna().to_numpy())
    steps = np.diff(times)
    return len(times), int((steps == np.sort(steps)[len(steps) // 2]).sum()) if len(steps) else 0


def _offset_name(offset: pd.Timedelta) -> str:
    minutes = round(offset / pd.Timedelta(minutes=1))
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
