"""What is odd about a series, drawn on it: one trace for each kind, so that the legend can hide it.

Axis letter: M marks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text
from core.types import Floats, Times

LOOKS = {  # kind: name, colour, symbol; in the order of the legend
    "nonpositive": ("zero or negative value", style.BAD, "x"),
    "split": ("suspected split", style.BAD, "diamond"),
    "outlier": ("outlier", style.BAD, "circle-open"),
    "missing": ("missing value", style.NEUTRAL, "line-ns-open"),
    "gap": ("gap", style.OCHRE, "square"),
    "stale": ("stale stretch", style.MODEL, "circle"),
    "absent": ("absent session", style.NEUTRAL, "triangle-up"),
}
PLURALS = {"stale": "stale stretches"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """All marks of one kind: where each is and what it says; stretches have an end, points end where they are.

    `count` says how many there are, drawn or not. Levels in the user's units.
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
        """How many there are: 12 outliers; the first 2,000 of 5,113 missing values."""
        name = LOOKS[self.kind][0]
        plural = PLURALS.get(self.kind, name + "s")
        drawn = len(self.time_M)
        few = f"the first {drawn:,} of " if drawn < self.count else ""
        return f"{few}{self.count:,} {name if self.count == 1 else plural}"


def place(
    values: pd.Series, kind: str, count: int, times: Sequence[pd.Timestamp], ends: Sequence[pd.Timestamp] = ()
) -> Marks:
    """Marks at `times` on a series of values sorted by time, the last value known standing in where there is none."""
    seen = values.dropna()
    at, last = pd.DatetimeIndex(list(times)), pd.DatetimeIndex(list(ends or times))
    row_M, end_row_M = (np.maximum(seen.index.searchsorted(t, side="right") - 1, 0) for t in (at, last))
    level_T = seen.to_numpy(dtype=float)
    before_M = level_T[np.maximum(row_M - 1, 0)]
    notes = tuple(
        _note(kind, *each) for each in zip(before_M, level_T[row_M], at, last, end_row_M - row_M + 1, strict=True)
    )
    return Marks(
        kind=kind,
        count=count,
        time_M=at.to_numpy(),
        end_M=last.to_numpy(),
        level_M=level_T[row_M],
        end_level_M=level_T[end_row_M],
        note_M=notes,
    )


def listed(found: Sequence[Marks]) -> str:
    """All that is marked as one sentence; empty where nothing is."""
    parts = [marks.caption for marks in _ordered(found)]
    if not parts:
        return ""
    return f" Marked on it: {' and '.join(filter(None, [', '.join(parts[:-1]), parts[-1]]))}."


def draw(figure: go.Figure, found: Sequence[Marks]) -> go.Figure:
    """One trace for each kind onto `figure`: points, or lines over stretches; the legend shows and hides them."""
    for marks in _ordered(found):
        name, colour, symbol = LOOKS[marks.kind]
        stretch = bool((marks.time_M != marks.end_M).any())
        x, y, notes = _joined(marks) if stretch else (marks.time_M, marks.level_M, marks.note_M)
        figure.add_scatter(
            x=x,
            y=y,
            customdata=notes,
            mode="lines+markers" if stretch else "markers",
            name=f"{name} ({marks.count:,})",
            showlegend=True,
            connectgaps=False,
            line={"color": colour, "width": 3},
            marker={
                "color": colour,
                "symbol": symbol,
                "size": 4 if stretch else 9,
                "line": {"color": colour, "width": 1.6},
            },
            hovertemplate="%{customdata}<extra>" + name + "</extra>",
        )
    return figure.update_layout(showlegend=True)


def _ordered(found: Sequence[Marks]) -> list[Marks]:
    order = list(LOOKS)
    return sorted(found, key=lambda one: order.index(one.kind))


def _joined(marks: Marks) -> tuple[list[object], list[float | None], list[str]]:
    """Stretches as one broken line: begin, end, nothing."""
    x: list[object] = []
    y: list[float | None] = []
    notes: list[str] = []
    for start, end, low, high, note in zip(
        marks.time_M, marks.end_M, marks.level_M, marks.end_level_M, marks.note_M, strict=True
    ):
        x += [start, end, end]
        y += [low, high, None]
        notes += [note, note, note]
    return x, y, notes


def _note(kind: str, before: float, level: float, start: pd.Timestamp, end: pd.Timestamp, rows: int) -> str:
    if kind in ("outlier", "split"):
        return f"{_day(start)}, from {text.number(before)} to {text.number(level)}"
    if kind == "gap":
        return f"nothing from {_day(start)} to {_day(end)}"
    if kind == "stale":
        return f"{text.number(level)} in {rows:,} rows, from {_day(start)} to {_day(end)}"
    return f"{_day(start)}, " + {"missing": "no value", "absent": "no row"}.get(kind, text.number(level))


def _day(time: pd.Timestamp) -> str:
    return f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"
