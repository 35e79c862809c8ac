"""A forecast is picked by its day: in a box, by buttons and arrow keys that go through the days, or in the address."""

import re
from datetime import date

import numpy as np
import streamlit as st

from core.charts.text import day, iso
from core.language import tr
from core.types import Times
from ui import boxes, messages, session

FORM = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?")
ONE_DAY = np.timedelta64(1, "D")


def draw(cutoff_N: Times, name: str, label: str) -> str:
    """The chosen one of these cutoffs (in order of time, at least one), as an ISO string: the last one at first.

    `name` tells the boxes of different runs and symbols apart. Within a day there is a box for the time as well.
    """
    at, problem = _read_boxes(cutoff_N, name) or find(cutoff_N, session.cutoff())
    within = len(_of_day(cutoff_N, at)) > 1 or iso(cutoff_N[at : at + 1])[0].find("T") > 0
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"pick-{name}"):
        _draw_step(cutoff_N, at, -1, name)
        _draw_boxes(cutoff_N, at, name, label, within)
        _draw_step(cutoff_N, at, 1, name)
    if problem:
        messages.info(problem, icon=":material/event_busy:")
    return iso(cutoff_N[at : at + 1])[0]


def find(cutoff_N: Times, wanted: str | None) -> tuple[int, str]:
    """The position of the wanted ISO cutoff and no words; of another one to show instead, and why."""
    last = len(cutoff_N) - 1
    if not wanted:
        return last, ""
    try:
        time = np.datetime64(wanted) if FORM.fullmatch(wanted) else None
    except ValueError:  # the 31st of June
        time = None
    if time is None:
        words = tr(
            "“{wanted}” in the address is no day. Here is the latest one, {day}.", wanted=wanted, day=day(cutoff_N[-1])
        )
        return last, words
    if time in cutoff_N:
        return int(np.searchsorted(cutoff_N, time)), ""
    at = last_on(cutoff_N, time.astype("M8[D]").item())
    if cutoff_N[at].astype("M8[D]") == time:  # a day, of which there are several times
        return at, ""
    return at, tr(
        "There is no forecast from {day}. Here is the one from {other}.", day=day(time), other=day(cutoff_N[at])
    )


def last_on(cutoff_N: Times, chosen: date) -> int:
    """The position of the last cutoff on or before this day; the first if there is none."""
    return max(0, int(np.searchsorted(cutoff_N, np.datetime64(chosen) + ONE_DAY)) - 1)


def _read_boxes(cutoff_N: Times, name: str) -> tuple[int, str] | None:
    """The cutoff that the visitor has just chosen in a box; None if they have not."""
    typed, time = boxes.choice(f"{name}-day"), boxes.choice(f"{name}-time")
    if typed is not None:
        at = last_on(cutoff_N, typed)
    elif time is not None:
        at = find(cutoff_N, time)[0]
    else:
        return None
    session.choose_cutoff(iso(cutoff_N[at : at + 1])[0])
    return at, ""


def _draw_boxes(cutoff_N: Times, at: int, name: str, label: str, within: bool) -> None:
    shown = _date(cutoff_N[at])
    st.date_input(
        label,
        value=shown,
        min_value=_date(cutoff_N[0]),
        max_value=_date(cutoff_N[-1]),
        key=boxes.key(f"{name}-day", shown),
        help=tr("On a day without a forecast: the last one before. The keys ← and → go through the days."),
        width=180,
    )
    if within:
        times, chosen = iso(_of_day(cutoff_N, at)), iso(cutoff_N[at : at + 1])[0]
        st.selectbox(
            tr("At"),
            times,
            index=times.index(chosen),
            key=boxes.key(f"{name}-time", chosen),
            format_func=_time_of_day,
            width=120,
        )


def _draw_step(cutoff_N: Times, at: int, by: int, name: str) -> None:
    """The button to the cutoff before (−1) or after (1)."""
    icon, shortcut = ("chevron_left", "Left") if by < 0 else ("chevron_right", "Right")
    st.button(
        tr("Previous") if by < 0 else tr("Next"),
        icon=f":material/{icon}:",
        icon_position="left" if by < 0 else "right",
        key=f"{name}-{'previous' if by < 0 else 'next'}",
        shortcut=shortcut,
        disabled=not 0 <= at + by < len(cutoff_N),
        on_click=_step,
        args=(cutoff_N, by),
    )


def _step(cutoff_N: Times, by: int) -> None:
    """From the cutoff that is chosen at the click: of two quick ones the second goes on from the first."""
    at = min(max(find(cutoff_N, session.cutoff())[0] + by, 0), len(cutoff_N) - 1)
    session.choose_cutoff(iso(cutoff_N[at : at + 1])[0])


def _of_day(cutoff_N: Times, at: int) -> Times:
    """All cutoffs of the same day."""
    return cutoff_N[cutoff_N.astype("M8[D]") == cutoff_N[at].astype("M8[D]")]


def _date(time: np.datetime64) -> date:
    return time.astype("M8[D]").item()


def _time_of_day(cutoff: str) -> str:
    return cutoff.partition("T")[2] or "00:00"
