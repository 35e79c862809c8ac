"""Data quality issues marked on the chart of a series: one trace per kind, which the legend can hide.

Axis letter: M marks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text
from core.evaluation.verdict import join_words
from core.language import message, shown, tr
from core.types import Floats, Times

MARK_STYLES = {  # kind: name, colour, symbol; in legend order
    "nonpositive": (message("zero or negative value"), style.BAD, "x"),
    "split": (message("suspected split"), style.BAD, "diamond"),
    "outlier": (message("outlier"), style.BAD, "circle-open"),
    "missing": (message("missing value"), style.NEUTRAL, "line-ns-open"),
    "gap": (message("gap"), style.REFERENCE, "square"),
    "stale": (message("stale period"), style.MODEL, "circle"),
    "absent": (message("missing row"), style.NEUTRAL, "triangle-up"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """All marks of one kind, each with its place and a note; for a point, start and end coincide.

    `count` is the number of issues, of which perhaps only the first are drawn. Levels in the user's units.
    """

    kind: str
    count: int
    time_M: Times
    end_M: Times
    level_M: Floats
    end_level_M: Floats
    note_M: tuple[str, ...]

    @property
    def caption(self) -> str:
        """The number of marks: 12 outliers; the first 2,000 of 5,113 missing values."""
        drawn = len(self.time_M)
        prefix = tr("the first {drawn} of ", drawn=f"{drawn:,}") if drawn < self.count else ""
        return prefix + text.pluralize(self.count, MARK_STYLES[self.kind][0])


def place(
    values: pd.Series, kind: str, count: int, times: Sequence[pd.Timestamp], ends: Sequence[pd.Timestamp] = ()
) -> Marks:
    """Marks at `times` on `values` (sorted by time), each at the last observed value up to its time."""
    observed = values.dropna()
    start, end = pd.DatetimeIndex(list(times)), pd.DatetimeIndex(list(ends or times))
    row_M, end_row_M = (np.maximum(observed.index.searchsorted(t, side="right") - 1, 0) for t in (start, end))
    level_T = observed.to_numpy(dtype=float)
    previous_M = level_T[np.maximum(row_M - 1, 0)]
    notes = tuple(
        _note(kind, *mark) for mark in zip(previous_M, level_T[row_M], start, end, end_row_M - row_M + 1, strict=True)
    )
    return Marks(
        kind=kind,
        count=count,
        time_M=start.to_numpy(),
        end_M=end.to_numpy(),
        level_M=level_T[row_M],
        end_level_M=level_T[end_row_M],
        note_M=notes,
    )


def summarize(groups: Sequence[Marks]) -> str:
    """One sentence that counts all marks, with a leading space; empty if there are none."""
    counts = [marks.caption for marks in _in_legend_order(groups)]
    if not counts:
        return ""
    return tr(" Marked on it: {marks}.", marks=join_words(counts, len(counts)))


def draw(figure: go.Figure, groups: Sequence[Marks]) -> go.Figure:
    """Add one trace per kind to `figure`: points, or lines from start to end; the legend shows and hides them."""
    for marks in _in_legend_order(groups):
        title, colour, symbol = MARK_STYLES[marks.kind]
        name = shown(title)
        has_segments = bool((marks.time_M != marks.end_M).any())
        x, y, notes = _segments(marks) if has_segments else (marks.time_M, marks.level_M, marks.note_M)
        figure.add_scatter(
            x=x,
            y=y,
            customdata=notes,
            mode="lines+markers" if has_segments else "markers",
            name=f"{name} ({marks.count:,})",
            showlegend=True,
            connectgaps=False,
            line={"color": colour, "width": 3},
            marker={
                "color": colour,
                "symbol": symbol,
                "size": 4 if has_segments else 9,
                "line": {"color": colour, "width": 1.6},
            },
            hovertemplate="%{customdata}<extra>" + name + "</extra>",
        )
    return figure.update_layout(showlegend=True)


def with_times(time_T: Times, groups: Sequence[Marks]) -> Times:
    """`time_T` and the times of all marks: an axis that leaves closed days out must not leave out a marked one."""
    return np.unique(np.concatenate([time_T, *(marks.time_M for marks in groups), *(marks.end_M for marks in groups)]))


def _in_legend_order(groups: Sequence[Marks]) -> list[Marks]:
    order = list(MARK_STYLES)
    return sorted(groups, key=lambda marks: order.index(marks.kind))


def _segments(marks: Marks) -> tuple[list[object], list[float | None], list[str]]:
    """All segments as one broken line: start, end, break."""
    x: list[object] = []
    y: list[float | None] = []
    notes: list[str] = []
    for start, end, start_level, end_level, note in zip(
        marks.time_M, marks.end_M, marks.level_M, marks.end_level_M, marks.note_M, strict=True
    ):
        x += [start, end, end]
        y += [start_level, end_level, None]
        notes += [note, note, note]
    return x, y, notes


def _note(kind: str, previous: float, level: float, start: pd.Timestamp, end: pd.Timestamp, rows: int) -> str:
    if kind in ("outlier", "split"):
        return tr(
            "{day}, from {previous} to {level}",
            day=_day(start),
            previous=text.number(previous),
            level=text.number(level),
        )
    if kind == "gap":
        return tr("no rows between {day} and {day_2}", day=_day(start), day_2=_day(end))
    if kind == "stale":
        return tr(
            "{level} in {rows} rows, from {day} to {day_2}",
            level=text.number(level),
            rows=f"{rows:,}",
            day=_day(start),
            day_2=_day(end),
        )
    return f"{_day(start)}, " + {"missing": tr("no value"), "absent": tr("no row")}.get(kind, text.number(level))


def _day(time: pd.Timestamp) -> str:
    return f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"
